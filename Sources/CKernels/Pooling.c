// Pooling in up to three dimensions, channels last: maxima and sums over windows, and their gradients.
//
// Work is cut into units: a row of the output (or of the input, where that is gathered), or a segment of a long row.
// Windows that do not overlap share out the input among themselves, so a gradient is written where its window is
// visited. Overlapping ones are gathered: every element of the input adds up its windows, and for maxima a first phase
// notes which tap of each window won.

#include "Isa.h"

typedef struct {
    long first;       // of the kernel's taps or of the output's extent
    long count;
    long step, tap_step;
    long tap;         // the kernel's tap that belongs to `first`
} apus_pool_span;

/// How a tensor's rows are cut.
typedef struct {
    long extent[3];   // of the tensor whose rows are the units
    long channels;
    long segment;     // pixels
    long segments;    // per row
    long units, tasks;
} apus_pool_cut;

enum {
    POOL_SEGMENT_BYTES = 32 << 10,  // of the larger tensor, per unit: stays in cache for the epilogue
    POOL_TASK_BYTES = 64 << 10,
    POOL_SERIAL_BYTES = 256 << 10,
    POOL_MOST_TASKS = 256,
};

/// The taps of window `o` that are inside the input.
static __attribute__((noinline)) apus_pool_span apus_pool_taps(const apus_convolution_shape *s, int d, long o) {
    long start = o * s->stride[d] - s->pad[d], dilation = s->dilation[d];
    long first = start < 0 ? apus_divide_up(-start, dilation) : 0;
    long room = s->in[d] - start;
    long end = room <= 0 ? 0 : apus_min(s->kernel[d], apus_divide_up(room, dilation));
    return (apus_pool_span){start + first * dilation, apus_max(0, end - first), dilation, 1, first};
}

/// The windows that input element `i` is in, from the last to the first.
static __attribute__((noinline)) apus_pool_span apus_pool_windows(const apus_convolution_shape *s, int d, long i) {
    long stride = s->stride[d], dilation = s->dilation[d], position = i + s->pad[d];
    apus_pool_span span = {0, 0, 1, stride, 0};
    if (dilation == 1) {
        span.first = (long)((unsigned long)position / (unsigned long)stride);
        span.tap = position - span.first * stride;
    } else {
        while (span.tap < s->kernel[d] && (position - span.tap * dilation) % stride != 0) span.tap++;
        if (span.tap >= s->kernel[d] || span.tap * dilation > position) return span;
        span.first = (position - span.tap * dilation) / stride;
        long common = stride, rest = dilation;
        while (rest) {
            long next = common % rest;
            common = rest;
            rest = next;
        }
        span.step = dilation / common;
        span.tap_step = stride / common;
    }
    if (span.first >= s->out[d]) {
        long skipped = apus_divide_up(span.first - s->out[d] + 1, span.step);
        span.first -= skipped * span.step;
        span.tap += skipped * span.tap_step;
    }
    if (span.first < 0 || span.tap >= s->kernel[d]) return span;
    span.count = apus_min(span.first / span.step, (s->kernel[d] - 1 - span.tap) / span.tap_step) + 1;
    return span;
}

/// The part of the input that window `o` has for itself if windows do not overlap.
static long apus_pool_slab_begin(const apus_convolution_shape *s, int d, long o) {
    if (o == 0) return 0;
    if (o == s->out[d]) return s->in[d];
    return apus_min(s->in[d], apus_max(0, o * s->stride[d] - s->pad[d]));
}

static int apus_pool_is_disjoint(const apus_convolution_shape *s) {
    for (int d = 0; d < 3; d++) {
        if (s->out[d] == 0) return 0;
        if (s->out[d] > 1 && (s->kernel[d] - 1) * s->dilation[d] >= s->stride[d]) return 0;
    }
    return 1;
}

/// Whether disjoint windows leave no element of the input out.
static int apus_pool_is_covering(const apus_convolution_shape *s) {
    for (int d = 0; d < 3; d++) {
        long reach = s->out[d] == 1 ? s->kernel[d] : s->out[d] * s->stride[d];
        int gaps = s->out[d] > 1 && s->kernel[d] < s->stride[d];
        if (s->pad[d] != 0 || s->dilation[d] != 1 || gaps || reach < s->in[d]) return 0;
    }
    return 1;
}

/// Whether windows of 2 x 2 share out an image, without padding.
static __attribute__((unused)) int apus_pool_in_pairs(const apus_pool *args) {
    const apus_convolution_shape *s = &args->shape;
    if (s->kernel[0] != 1 || s->in[0] != s->out[0] || s->stride[0] != 1 || s->pad[0] != 0) return 0;
    for (int d = 1; d < 3; d++)
        if (s->kernel[d] != 2 || s->stride[d] != 2 || s->dilation[d] != 1 || s->pad[d] != 0 || s->in[d] != 2 * s->out[d])
            return 0;
    return s->out[2] > 0;
}

static apus_pool_cut apus_pool_cut_rows(const apus_pool *args, int rows_of_input) {
    const apus_convolution_shape *s = &args->shape;
    const long *extent = rows_of_input ? s->in : s->out;
    apus_pool_cut cut = {{extent[0], extent[1], extent[2]}, s->channels, 0, 0, 0, 0};
    long size = args->dtype == APUS_F64 ? 8 : 4;
    long rows = s->batch * extent[0] * extent[1];
    long taps = s->kernel[0] * s->kernel[1] * s->kernel[2];
    if (rows * extent[2] * s->channels == 0) return cut;

    long windows = s->batch * s->out[0] * s->out[1] * s->out[2];
    long in_elements = s->batch * s->in[0] * s->in[1] * s->in[2];
    double bytes = (double)size * (double)s->channels * ((double)windows * (double)taps + (double)in_elements);
    double pixel_bytes = bytes / ((double)rows * (double)extent[2]);
    long segment = (long)(POOL_SEGMENT_BYTES / pixel_bytes);
    cut.segments = apus_divide_up(extent[2], apus_max(1, apus_min(segment, extent[2])));
    cut.segment = apus_divide_up(extent[2], cut.segments);
    cut.segments = apus_divide_up(extent[2], cut.segment);
    cut.units = rows * cut.segments;
    long tasks = bytes < POOL_SERIAL_BYTES ? 1 : (long)apus_min((long)(bytes / POOL_TASK_BYTES), POOL_MOST_TASKS);
    cut.tasks = apus_max(1, apus_min(tasks, cut.units));
    return cut;
}

/// Pixels whose epilogue has not run yet.
typedef struct {
    long begin, end;
} apus_pool_pending;

/// Where a unit is in its tensor.
typedef struct {
    long image, row[2], begin, end;  // pixels begin ..< end of the row
    long pixel;                      // number of pixel `begin` in the whole tensor
} apus_pool_unit;

static apus_pool_unit apus_pool_unit_at(const apus_pool_cut *cut, long unit) {
    long row = unit / cut->segments, segment = unit % cut->segments;
    long plane = row / cut->extent[1];
    apus_pool_unit at;
    at.image = plane / cut->extent[0];
    at.row[0] = plane % cut->extent[0];
    at.row[1] = row % cut->extent[1];
    at.begin = segment * cut->segment;
    at.end = apus_min(at.begin + cut->segment, cut->extent[2]);
    at.pixel = row * cut->extent[2] + at.begin;
    return at;
}

#define APUS_SOURCE "Pooling.inc"
#include "EachIsa.h"

void apus_pool_plan(const apus_pool *args, apus_plan *plan) { APUS_DISPATCH(apus_pool_plan)(args, plan); }
