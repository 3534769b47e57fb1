// Where a convolution's pixels read: the geometry that all its algorithms share.
//
// A `target` pixel reads the `source` image through the kernel. In the forward direction and for the kernel's gradient
// the source is x and the target y; for the input's gradient (`transposed`) the source is y and the target x, and a
// target pixel meets only the kernel positions (taps) of its class, which is its remainder by the stride.
//
// The target is cut into regions of consecutive pixels: whole slices (an image, or a plane of a 3-d image), or rows of
// one slice, or pixels of one row. Where padding is read, a region's part of the source is copied with its padding into
// a tile; all taps then are constant distances in the tile.

#ifndef APUS_CONVOLUTION_WINDOW_H
#define APUS_CONVOLUTION_WINDOW_H

#include "Convolution.h"

typedef struct {
    long batch, source[3], target[3], kernel[3], stride[3], dilation[3], pad[3];
    int transposed, tiled;
    long slices, rows, columns;                      // of a region
    long slice_blocks, row_blocks, column_blocks;    // regions in each direction
    long tile_rows, tile_columns, tile_pixels;       // of a tile, which holds kernel[0] planes per slice
} apus_window;

typedef struct {
    long slice, row, column;      // first
    long slices, rows, columns;   // counts
    long pixel, pixels;           // first target pixel, count
    long row_low, column_low;     // the source position at the tile's origin
} apus_region;

APUS_INLINE long apus_floor_divide(long a, long b) { return a >= 0 ? a / b : -((b - 1 - a) / b); }

/// The source position that target position `i` reads at tap `k` of dimension `d`; 0 if the tap is of another class.
APUS_INLINE int apus_window_position(const apus_window *w, int d, long i, long k, long *position) {
    long at = i * w->stride[d] - w->pad[d] + k * w->dilation[d];
    if (w->transposed) {
        at = i + w->pad[d] - k * w->dilation[d];
        if (at % w->stride[d]) return 0;
        at = apus_floor_divide(at, w->stride[d]);
    }
    *position = at;
    return 1;
}

/// The lowest source position that target positions from `first` on read.
APUS_INLINE long apus_window_low(const apus_window *w, int d, long first) {
    if (!w->transposed) return first * w->stride[d] - w->pad[d];
    return apus_floor_divide(first + w->pad[d] - (w->kernel[d] - 1) * w->dilation[d], w->stride[d]);
}

/// The position after the highest one that target positions before `last` read.
APUS_INLINE long apus_window_high(const apus_window *w, int d, long last) {
    if (!w->transposed) return (last - 1) * w->stride[d] - w->pad[d] + (w->kernel[d] - 1) * w->dilation[d] + 1;
    return apus_floor_divide(last - 1 + w->pad[d], w->stride[d]) + 1;
}

/// Source positions that `count` neighbouring target positions span at most.
APUS_INLINE long apus_window_span(const apus_window *w, int d, long count) {
    long reach = (w->kernel[d] - 1) * w->dilation[d];
    return w->transposed ? (count - 1 + reach) / w->stride[d] + 2 : (count - 1) * w->stride[d] + reach + 1;
}

/// Classes of target positions in dimension `d`, and the class of one.
APUS_INLINE long apus_window_classes(const apus_window *w, int d) { return w->transposed ? w->stride[d] : 1; }
APUS_INLINE long apus_window_class(const apus_window *w, int d, long i) {
    return w->transposed ? (i + w->pad[d]) % w->stride[d] : 0;
}

/// Sets everything but the regions.
APUS_INLINE apus_window apus_window_make(const apus_convolution *args) {
    const apus_convolution_shape *s = &args->shape;
    apus_window w = {.batch = s->batch, .transposed = args->direction == APUS_INPUT_GRADIENT};
    int flat = 1;
    for (int d = 0; d < 3; d++) {
        w.source[d] = w.transposed ? s->out[d] : s->in[d];
        w.target[d] = w.transposed ? s->in[d] : s->out[d];
        w.kernel[d] = s->kernel[d];
        w.stride[d] = s->stride[d];
        w.dilation[d] = s->dilation[d];
        w.pad[d] = s->pad[d];
        flat &= s->kernel[d] == 1 && s->stride[d] == 1 && s->pad[d] == 0 && s->in[d] == s->out[d];
    }
    if (flat) {  // a matrix product: one long row
        w.target[2] = w.source[2] = w.batch * apus_volume(w.target);
        w.batch = w.target[0] = w.target[1] = w.source[0] = w.source[1] = 1;
    }
    return w;
}

APUS_INLINE long apus_window_pixels(const apus_window *w) { return w->batch * apus_volume(w->target); }
APUS_INLINE long apus_window_regions(const apus_window *w) {
    return w->slice_blocks * w->row_blocks * w->column_blocks;
}

APUS_INLINE void apus_window_set_regions(apus_window *w, long slices, long rows, long columns) {
    w->slices = slices;
    w->rows = rows;
    w->columns = columns;
    w->slice_blocks = apus_divide_up(w->batch * w->target[0], slices);
    w->row_blocks = apus_divide_up(w->target[1], rows);
    w->column_blocks = apus_divide_up(w->target[2], columns);
    w->tile_rows = apus_window_span(w, 1, rows);
    w->tile_columns = apus_window_span(w, 2, columns);
    w->tile_pixels = w->tiled ? slices * w->kernel[0] * w->tile_rows * w->tile_columns : 0;
}

/// Whether some tap of some target pixel lies outside the source.
APUS_INLINE int apus_window_reads_padding(const apus_window *w) {
    for (int d = 0; d < 3; d++)
        for (long k = 0; k < w->kernel[d]; k++) {
            // The first and the last pixel of every class are the extreme ones.
            for (long c = 0; c < apus_min(w->target[d], apus_window_classes(w, d)); c++) {
                long low, high;
                if (apus_window_position(w, d, c, k, &low) && low < 0) return 1;
                if (apus_window_position(w, d, w->target[d] - 1 - c, k, &high) && high >= w->source[d]) return 1;
            }
        }
    return 0;
}

/// Chooses regions of about `pixels` pixels, in multiples of `granule` where rows are cut, whose tiles have at most
/// `tile_pixels` source pixels if that is possible.
APUS_INLINE void apus_window_choose_regions(apus_window *w, long pixels, long granule, long tile_pixels) {
    w->tiled = apus_window_reads_padding(w);
    long row = w->target[2], slice = row * w->target[1], slices = w->batch * w->target[0];
    long row_tile = w->kernel[0] * apus_window_span(w, 2, row);
    if (row > pixels + pixels / 2 || (w->tiled && row > granule && row_tile * apus_window_span(w, 1, 1) > tile_pixels)) {
        long columns = apus_max(granule, pixels / granule * granule);
        while (w->tiled && columns > granule &&
               w->kernel[0] * apus_window_span(w, 1, 1) * apus_window_span(w, 2, columns) > tile_pixels)
            columns -= granule;
        columns = apus_divide_up(row, apus_divide_up(row, columns));
        apus_window_set_regions(w, 1, 1, apus_divide_up(columns, granule) * granule);
    } else if (slice > pixels) {
        long rows = apus_max(1, apus_min(w->target[1], (pixels + row / 2) / row));
        while (w->tiled && rows > 1 && row_tile * apus_window_span(w, 1, rows) > tile_pixels) rows--;
        rows = apus_divide_up(w->target[1], apus_divide_up(w->target[1], rows));
        apus_window_set_regions(w, 1, rows, row);
    } else {
        long count = apus_max(1, apus_min(slices, pixels / apus_max(1, slice)));
        long slice_tile = row_tile * apus_window_span(w, 1, w->target[1]);
        if (w->tiled) count = apus_max(1, apus_min(count, tile_pixels / apus_max(1, slice_tile)));
        count = apus_divide_up(slices, apus_divide_up(slices, count));
        apus_window_set_regions(w, apus_max(1, count), apus_max(1, w->target[1]), apus_max(1, row));
    }
}

APUS_INLINE apus_region apus_window_region(const apus_window *w, long index) {
    apus_region r;
    r.column = index % w->column_blocks * w->columns;
    r.row = index / w->column_blocks % w->row_blocks * w->rows;
    r.slice = index / w->column_blocks / w->row_blocks * w->slices;
    r.columns = apus_min(w->columns, w->target[2] - r.column);
    r.rows = apus_min(w->rows, w->target[1] - r.row);
    r.slices = apus_min(w->slices, w->batch * w->target[0] - r.slice);
    r.pixel = (r.slice * w->target[1] + r.row) * w->target[2] + r.column;
    r.pixels = r.slices * r.rows * r.columns;
    r.row_low = apus_window_low(w, 1, r.row);
    r.column_low = apus_window_low(w, 2, r.column);
    return r;
}

/// How far tap (k0, k1, k2) of a class is from its pixel's origin, in source pixels of the tile or of the source.
APUS_INLINE long apus_window_tap(const apus_window *w, long k0, long k1, long k2) {
    long rows = w->tiled ? w->tile_rows : w->source[1], columns = w->tiled ? w->tile_columns : w->source[2];
    long k[3] = {k0, k1, k2}, at[3];
    for (int d = 0; d < 3; d++) at[d] = w->transposed ? -(k[d] * w->dilation[d] / w->stride[d]) : k[d] * w->dilation[d];
    if (w->tiled) at[0] = k0;
    return (at[0] * rows + at[1]) * columns + at[2];
}

/// The origin of the pixels of row `row` of slice `slice`, at column 0, in source pixels of the tile or of the source.
APUS_INLINE long apus_window_origin(const apus_window *w, const apus_region *r, long slice, long row) {
    long at = w->transposed ? (row + w->pad[1]) / w->stride[1] : row * w->stride[1] - w->pad[1];
    if (w->tiled)
        return ((slice - r->slice) * w->kernel[0] * w->tile_rows + at - r->row_low) * w->tile_columns - r->column_low;
    long plane = slice % w->target[0];
    plane = w->transposed ? (plane + w->pad[0]) / w->stride[0] : plane * w->stride[0] - w->pad[0];
    return ((slice / w->target[0] * w->source[0] + plane) * w->source[1] + at) * w->source[2];
}

/// The origin of column `column` within its row.
APUS_INLINE long apus_window_column(const apus_window *w, long column) {
    return w->transposed ? (column + w->pad[2]) / w->stride[2] : column * w->stride[2] - w->pad[2];
}

#endif
