#include "CImageCodecs.h"

#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

// The interface of libjpeg 6b, as far as it is used; the library checks its version and the size of the decoder.

struct decoder;

struct error_manager {
    void (*error_exit)(struct decoder *);
    void (*emit_message)(struct decoder *, int);
    void (*output_message)(struct decoder *);
    void (*format_message)(struct decoder *, char *);
    void (*reset)(struct decoder *);
    int code;
    union {
        int numbers[8];
        char text[80];
    } parameters;
    int trace_level;
    long warnings;
    const char *const *messages;
    int last_message;
    const char *const *addon_messages;
    int first_addon, last_addon;
};

struct decoder {
    struct error_manager *errors;
    void *memory, *progress, *client;
    int is_decompressor, state;
    void *source;
    unsigned width, height;
    int components, file_colours, colours;
    unsigned scale_numerator, scale_denominator;
    double gamma;
    int buffered, raw, transform, fancy_upsampling, block_smoothing;
    int quantize, dither, two_pass, colour_count, one_pass, external, two_pass_enabled;
    unsigned output_width, output_height;
    int output_colours, output_components, buffer_height, actual_colours;
    void *colour_map;
    unsigned scanline;
};

// The size of the whole decoder in version 62 where pointers have 64 bits.
enum { version = 62, decoder_size = 656 };

struct job {
    struct error_manager errors;
    jmp_buf leave;
    union {
        struct decoder decoder;
        char room[1024];
    } own;
};

static void leave(struct decoder *decoder) { longjmp(((struct job *)decoder->errors)->leave, 1); }

static void quiet(struct decoder *decoder) { (void)decoder; }

static void count_warning(struct decoder *decoder, int level) {
    if (level < 0) decoder->errors->warnings++;
}

int apus_jpeg_region(
    const apus_jpeg_functions *functions, const uint8_t *bytes, size_t count, int eighths, uint32_t x, uint32_t y,
    uint32_t width, uint32_t height, int channels, uint8_t *pixels, char message[200], long *warnings) {
    struct error_manager *(*standard_error)(struct error_manager *) =
        (struct error_manager * (*)(struct error_manager *)) functions->standard_error;
    void (*create)(struct decoder *, int, size_t) = (void (*)(struct decoder *, int, size_t))functions->create;
    void (*memory_source)(struct decoder *, const unsigned char *, unsigned long) =
        (void (*)(struct decoder *, const unsigned char *, unsigned long))functions->memory_source;
    int (*read_header)(struct decoder *, int) = (int (*)(struct decoder *, int))functions->read_header;
    int (*start)(struct decoder *) = (int (*)(struct decoder *))functions->start;
    void (*crop)(struct decoder *, unsigned *, unsigned *) =
        (void (*)(struct decoder *, unsigned *, unsigned *))functions->crop;
    unsigned (*skip)(struct decoder *, unsigned) = (unsigned (*)(struct decoder *, unsigned))functions->skip;
    unsigned (*read)(struct decoder *, unsigned char **, unsigned) =
        (unsigned (*)(struct decoder *, unsigned char **, unsigned))functions->read;
    void (*destroy)(struct decoder *) = (void (*)(struct decoder *))functions->destroy;

    message[0] = 0;
    *warnings = 0;
    struct job *job = calloc(1, sizeof *job);
    if (!job) {
        strcpy(message, "no memory");
        return 2;
    }
    struct decoder *decoder = &job->own.decoder;
    unsigned char *volatile row = NULL;
    volatile int stage = 1;
    decoder->errors = standard_error(&job->errors);
    job->errors.error_exit = leave;
    job->errors.output_message = quiet;
    job->errors.emit_message = count_warning;
    if (setjmp(job->leave)) {
        job->errors.format_message(decoder, message);
        if (stage == 2) destroy(decoder);
        free(row);
        free(job);
        return stage;
    }
    // A library of another layout refuses the size, and leaves the decoder alone.
    create(decoder, version, decoder_size);
    stage = 2;
    memory_source(decoder, bytes, count);
    read_header(decoder, 1);
    decoder->scale_numerator = (unsigned)eighths;
    decoder->scale_denominator = 8;
    decoder->colours = channels == 1 ? 1 : channels == 3 ? 2 : 4;
    start(decoder);
    if (x > decoder->output_width || width > decoder->output_width - x || y > decoder->output_height ||
        height > decoder->output_height - y || decoder->output_components != channels) {
        strcpy(message, "the rectangle is outside the picture");
        destroy(decoder);
        free(job);
        return 1;
    }
    // The library begins at a block's edge.
    unsigned first = x, wide = width;
    if (width < decoder->output_width) crop(decoder, &first, &wide);
    row = malloc((size_t)decoder->output_width * (size_t)channels);
    if (!row || first > x || first + wide < x + width) {
        strcpy(message, row ? "the library crops otherwise than it should" : "no memory");
        destroy(decoder);
        free(row);
        free(job);
        return row ? 1 : 2;
    }
    if (y > 0) skip(decoder, y);
    for (uint32_t line = 0; line < height; line++) {
        unsigned char *rows[1] = {row};
        if (read(decoder, rows, 1) != 1) {
            strcpy(message, "a row is missing");
            destroy(decoder);
            free(row);
            free(job);
            return 2;
        }
        memcpy(
            pixels + (size_t)line * width * (size_t)channels, row + (size_t)(x - first) * (size_t)channels,
            (size_t)width * (size_t)channels);
    }
    *warnings = job->errors.warnings;
    destroy(decoder);
    free(row);
    free(job);
    return 0;
}
