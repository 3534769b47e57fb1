// What a Winograd convolution computes and how it is cut, whatever the instruction set.

#ifndef APUS_WINOGRAD_PROBLEM_H
#define APUS_WINOGRAD_PROBLEM_H

#include "Convolution.h"

/// A forward problem, or what an input gradient is as a forward problem, or a kernel gradient (written to the filters).
typedef struct {
    const float *image;  // [batch, height, width, channels]
    float *result;       // [batch, result_height, result_width, maps]; the kernel gradient reads it
    float *filter;       // [3, 3, channels, maps]; if rotated [3, 3, maps, channels]
    long batch, height, width, channels;
    long result_height, result_width, maps;
    long pad_height, pad_width;
    int rotated;
    int tile, edge, frequencies;
    long tile_rows, tile_columns;  // of one image
} winograd_problem;

static winograd_problem winograd_describe(const apus_convolution *args, int tile) {
    const apus_convolution_shape *s = &args->shape;
    const int gradient = args->direction == APUS_INPUT_GRADIENT;
    const long *in = gradient ? s->out : s->in, *out = gradient ? s->in : s->out;
    winograd_problem p = {
        .image = gradient ? args->y : args->x,
        .result = (float *)(gradient ? args->x : args->y),
        .filter = (float *)args->w,
        .batch = s->batch, .height = in[1], .width = in[2], .channels = gradient ? s->maps : s->channels,
        .result_height = out[1], .result_width = out[2], .maps = gradient ? s->channels : s->maps,
        .pad_height = gradient ? 2 - s->pad[1] : s->pad[1], .pad_width = gradient ? 2 - s->pad[2] : s->pad[2],
        .rotated = gradient, .tile = tile, .edge = tile + 2, .frequencies = (tile + 2) * (tile + 2),
        .tile_rows = apus_divide_up(out[1], tile), .tile_columns = apus_divide_up(out[2], tile),
    };
    return p;
}

static long winograd_tiles(const winograd_problem *p) { return p->batch * p->tile_rows * p->tile_columns; }

/// The smallest odd number of cache lines, in floats, that holds `count`: planes at such strides do not share sets.
static long winograd_odd_lines(long count) { return (apus_divide_up(count, 16) | 1) * 16; }

/// A row's length in floats: whole cache lines; an odd number of them where many rows would share few sets.
static long winograd_row(long count) {
    return count < 512 ? apus_divide_up(count, 16) * 16 : winograd_odd_lines(count);
}

static int winograd_applies(const apus_convolution_shape *s) {
    for (int i = 0; i < 3; i++) {
        const int spatial = i > 0;
        if (s->kernel[i] != (spatial ? 3 : 1) || s->stride[i] != 1 || s->dilation[i] != 1) return 0;
        if (s->pad[i] < 0 || s->pad[i] > (spatial ? 2 : 0) || s->in[i] < 1 || s->out[i] < 1) return 0;
    }
    return s->in[0] == 1 && s->out[0] == 1 && s->groups == 1 && s->batch > 0 && s->channels > 0 && s->maps > 0;
}

// Sizes that suit a second-level cache of 1 MB and a third-level cache of some tens of MB.
#define WINOGRAD_CACHE (640l << 10)     // bytes of the tiles that a task has at once
#define WINOGRAD_NEAR (1l << 20)        // bytes of transformed filters that stay in the second-level cache
#define WINOGRAD_RESIDENT (16l << 20)   // ... in the third-level cache
#define WINOGRAD_FEW 140                // tiles that are too few to send filters through the third-level cache
#define WINOGRAD_GROUP 70               // streamed: tiles at once
#define WINOGRAD_CHANNEL_BLOCK 64       // streamed: channels at once
#define WINOGRAD_SQUARE 64              // kernel gradient: channels and maps at once
#define WINOGRAD_DEEP 28                // kernel gradient: tiles at once

#define WINOGRAD_TASKS 32               // enough to keep many threads busy
#define WINOGRAD_SMALL 80000            // cycles of a task that is not worth cutting

/// What apus_convolution.parameter holds for forward convolutions and input gradients, and for kernel gradients.
enum {
    WINOGRAD_TILE_SIZE,      // 4 or 2
    WINOGRAD_STREAMED,
    WINOGRAD_TASK,           // resident: tile rows of a task; streamed: tiles of a group
    WINOGRAD_BLOCK,          // resident: most tiles at once; streamed: most channels at once
    WINOGRAD_FILTER_TASK,    // resident: channels, over all panels, of filter tasks; streamed: tiles of image tasks
};
enum {
    WINOGRAD_SPLITS = 1,     // 0 is the tile size
    WINOGRAD_CHANNELS,       // channels of a block
    WINOGRAD_PANELS,         // panels of a block
    WINOGRAD_DEPTH,          // most tiles at once
    WINOGRAD_SUM_TASK,       // elements of a task of the last phase
};

#endif
