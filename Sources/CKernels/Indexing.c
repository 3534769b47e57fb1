// Gather, and its adjoint: adding into the places that indices name.
//
// Gather cuts the output. Adding cuts the destination, so that every element has one owner that meets the indices in
// their order: the sums are the same for any number of threads, and nothing is atomic but the record of an error.

#include <stdatomic.h>

#include "Isa.h"

enum {
    INDEX_SERIAL_BYTES = 256 << 10,
    INDEX_TASK_BYTES = 64 << 10,
    INDEX_MOST_TASKS = 64,
    INDEX_SEGMENT = 64,      // elements: inner dimensions are cut in multiples of it
    INDEX_FEWEST_SCANS = 4,  // cutting the extent makes every task look at all indices
};

static long apus_element_bytes(int dtype) {
    switch (dtype) {
    case APUS_F64: case APUS_I64: return 8;
    case APUS_F32: case APUS_I32: return 4;
    case APUS_BF16: case APUS_F16: return 2;
    default: return 1;
    }
}

void apus_index_report(apus_index_error *error, int64_t position, int64_t value) {
    static atomic_flag busy = ATOMIC_FLAG_INIT;
    if (!error) return;
    while (atomic_flag_test_and_set_explicit(&busy, memory_order_acquire)) {}
    if (error->position == 0 || position + 1 < error->position) *error = (apus_index_error){position + 1, value};
    atomic_flag_clear_explicit(&busy, memory_order_release);
}

/// The index at `position`, or 0 if that is out of range.
APUS_INLINE long apus_index_at(const apus_index *args, long position) {
    int64_t value;
    switch (args->index_dtype) {
    case APUS_I64: value = ((const int64_t *)args->index)[position]; break;
    case APUS_I32: value = ((const int32_t *)args->index)[position]; break;
    default: value = ((const uint8_t *)args->index)[position]; break;
    }
    if (__builtin_expect((uint64_t)value >= (uint64_t)args->extent, 0)) {
        apus_index_report(args->error, position, value);
        return 0;
    }
    return (long)value;
}

// ---- Gather ----------------------------------------------------------------------------------------------------

static long apus_gather_tasks(const apus_index *args) {
    long elements = args->outer * args->count * args->inner;
    double bytes = (double)elements * (double)(2 * apus_element_bytes(args->dtype) + 2);
    if (elements == 0) return 0;
    return bytes < INDEX_SERIAL_BYTES ? 1 : apus_min((long)(bytes / INDEX_TASK_BYTES), INDEX_MOST_TASKS);
}

/// Elements `begin ..< end` of the output, for rows that share an index.
APUS_INLINE void apus_gather_rows(const apus_index *args, long begin, long end, long bytes) {
    long inner = args->inner;
    char *out = (char *)args->out + begin * bytes;
    long row = begin / inner, first = begin % inner;
    long outer = row / args->count, j = row % args->count;
    while (begin < end) {
        long length = apus_min(inner - first, end - begin);
        long index = apus_index_at(args, j);
        if (args->extent > 0) {
            const char *data = (const char *)args->data + ((outer * args->extent + index) * inner + first) * bytes;
            memcpy(out, data, (size_t)(length * bytes));
        } else {
            memset(out, 0, (size_t)(length * bytes));
        }
        out += length * bytes;
        begin += length;
        first = 0;
        if (++j == args->count) {
            j = 0;
            outer++;
        }
    }
}

/// The same, with an index per element.
APUS_INLINE void apus_gather_elements(const apus_index *args, long begin, long end, long bytes) {
    long inner = args->inner, per_outer = args->count * inner;
    long outer = begin / per_outer, i = begin % inner, left = per_outer - begin % per_outer;
    for (long position = begin; position < end; position++) {
        long index = apus_index_at(args, position);
        char *out = (char *)args->out + position * bytes;
        if (args->extent > 0) {
            memcpy(out, (const char *)args->data + ((outer * args->extent + index) * inner + i) * bytes, (size_t)bytes);
        } else {
            memset(out, 0, (size_t)bytes);
        }
        if (++i == inner) i = 0;
        if (--left == 0) {
            left = per_outer;
            outer++;
        }
    }
}

static void apus_gather(const void *pointer, long begin, long end, void *scratch) {
    (void)scratch;
    const apus_index *args = pointer;
    long elements = args->outer * args->count * args->inner, tasks = apus_gather_tasks(args);
    long bytes = apus_element_bytes(args->dtype);
    long first = (long)((double)elements / (double)tasks * (double)begin);
    long last = end == tasks ? elements : (long)((double)elements / (double)tasks * (double)end);
    // Copies of a known size are a move, not a call.
    int along = args->mode == APUS_INDEX_ALONG || args->inner == 1;
    if (args->mode == APUS_INDEX_SHARED && args->inner == 1 && args->outer > 1) along = 0;
    switch (along ? bytes : 0) {
    case 8: apus_gather_elements(args, first, last, 8); break;
    case 4: apus_gather_elements(args, first, last, 4); break;
    case 2: apus_gather_elements(args, first, last, 2); break;
    case 1: apus_gather_elements(args, first, last, 1); break;
    default: apus_gather_rows(args, first, last, bytes); break;
    }
}

void apus_gather_plan(const apus_index *args, apus_plan *plan) {
    *plan = (apus_plan){.name = "gather", .phases = 1, .phase = {{apus_gather, apus_gather_tasks(args)}}};
}

// ---- Scatter-add -----------------------------------------------------------------------------------------------

/// The destination [outer, extent, inner] in pieces of one outer index, a range of the extent, a segment of the inner.
typedef struct {
    long ranges, segments, tasks;
} apus_scatter_cut;

static apus_scatter_cut apus_scatter_cut_of(const apus_index *args) {
    long size = apus_element_bytes(args->dtype);
    double in = (double)args->outer * (double)args->extent * (double)args->inner * (args->start != APUS_SCATTER_IN_PLACE);
    double out = (double)args->outer * (double)args->count * (double)args->inner;
    double bytes = (in + 3 * out) * (double)size;
    apus_scatter_cut cut = {1, 1, 0};
    if (args->outer == 0 || args->inner == 0) return cut;
    long pieces = bytes < INDEX_SERIAL_BYTES ? 1 : apus_min((long)(bytes / INDEX_TASK_BYTES), INDEX_MOST_TASKS);
    pieces = apus_divide_up(pieces, args->outer);
    long most_segments = apus_divide_up(args->inner, INDEX_SEGMENT);
    long most_ranges = INDEX_FEWEST_SCANS;
    // Segments first where nothing but the rows that indices name is touched, as some are named by most indices; also
    // where indices differ along the inner: nobody looks at all of them.
    int segments_first = args->mode == APUS_INDEX_ALONG || args->start == APUS_SCATTER_IN_PLACE;
    if (args->mode == APUS_INDEX_SHARED && !segments_first) {
        most_ranges = apus_max(most_ranges, args->inner * size / 8);
    }
    if (segments_first) cut.segments = apus_min(pieces, most_segments);
    cut.ranges = apus_max(1, apus_min(apus_min(apus_divide_up(pieces, cut.segments), most_ranges), args->extent));
    if (!segments_first) cut.segments = apus_min(apus_divide_up(pieces, cut.ranges), most_segments);
    cut.tasks = args->outer * cut.ranges * cut.segments;
    return cut;
}

typedef struct {
    long outer;
    long low, high;    // of the extent
    long begin, end;   // of the inner
} apus_scatter_piece;

static apus_scatter_piece apus_scatter_piece_at(const apus_index *args, apus_scatter_cut cut, long task) {
    long segment = task % cut.segments, range = task / cut.segments % cut.ranges;
    long width = apus_divide_up(apus_divide_up(args->inner, INDEX_SEGMENT), cut.segments) * INDEX_SEGMENT;
    return (apus_scatter_piece){
        task / cut.segments / cut.ranges,
        args->extent * range / cut.ranges,
        args->extent * (range + 1) / cut.ranges,
        apus_min(segment * width, args->inner),
        apus_min((segment + 1) * width, args->inner),
    };
}

/// What a piece of the destination begins as.
static void apus_scatter_start(const apus_index *args, apus_scatter_piece piece) {
    if (args->start == APUS_SCATTER_IN_PLACE) return;
    long size = apus_element_bytes(args->dtype), width = piece.end - piece.begin;
    // Rows that lie one behind the other are one.
    long rows = width == args->inner ? 1 : piece.high - piece.low;
    size_t bytes = (size_t)((width == args->inner ? piece.high - piece.low : 1) * width * size);
    long offset = ((piece.outer * args->extent + piece.low) * args->inner + piece.begin) * size;
    if (bytes == 0) return;
    for (long row = 0; row < rows; row++, offset += args->inner * size) {
        char *to = (char *)args->data + offset;
        if (args->start == APUS_SCATTER_ONTO_BASE) {
            memcpy(to, (const char *)args->base + offset, bytes);
        } else {
            memset(to, 0, bytes);
        }
    }
}

#define APUS_SOURCE "Indexing.inc"
#include "EachIsa.h"

#define APUS_SCATTER(type) APUS_DISPATCH(apus_scatter_add_##type)

void apus_scatter_add_plan(const apus_index *args, apus_plan *plan) {
    apus_kernel run = NULL;
    switch (args->dtype) {
    case APUS_F32: run = APUS_SCATTER(float); break;
    case APUS_F64: run = APUS_SCATTER(double); break;
    case APUS_I32: run = APUS_SCATTER(uint32_t); break;  // sums of integers wrap
    case APUS_I64: run = APUS_SCATTER(uint64_t); break;
    }
    *plan = (apus_plan){.name = "scatter-add", .phases = 1, .phase = {{run, apus_scatter_cut_of(args).tasks}}};
}
