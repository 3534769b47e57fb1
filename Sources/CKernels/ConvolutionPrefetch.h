// Fetches what the next region reads into the second-level cache while the present one is computed.

#ifndef APUS_CONVOLUTION_PREFETCH_H
#define APUS_CONVOLUTION_PREFETCH_H

#include "ConvolutionWindow.h"

#define APUS_CACHE_LINE 64

/// Memory that is fetched in steps: `rows` pieces of `bytes`, `stride` bytes apart.
typedef struct {
    const char *at, *end;   // within the present piece
    long rows, bytes, stride;
    long lines;             // fetched per step
} apus_prefetch;

/// Fetches elements `first ..< first + count` of each of `rows` rows within `steps` steps.
APUS_INLINE apus_prefetch apus_prefetch_make(const void *start, long rows, long row_bytes, long bytes, long steps) {
    apus_prefetch p = {start, (const char *)start + bytes, rows, bytes, row_bytes, 0};
    if (bytes + APUS_CACHE_LINE > row_bytes) {  // nearly everything: one piece
        p.bytes = rows * row_bytes;
        p.rows = 1;
        p.end = p.at + p.bytes;
    }
    if (p.rows <= 0 || p.bytes <= 0) return (apus_prefetch){0};
    p.lines = apus_divide_up(p.rows * (p.bytes / APUS_CACHE_LINE + 1), apus_max(1, steps));
    return p;
}

APUS_INLINE void apus_prefetch_step(apus_prefetch *p) {
    for (long i = 0; i < p->lines; i++) {
        __builtin_prefetch(p->at, 0, 2);
        p->at += APUS_CACHE_LINE;
        if (p->at < p->end) continue;
        if (--p->rows <= 0) {
            p->lines = 0;
            return;
        }
        p->end += p->stride;
        p->at = p->end - p->bytes;
    }
}

/// The source pixels that a region reads, as one stretch: the first of them and their number.
/// (Of a 3-d image, only those of the kernel's first plane.)
APUS_INLINE long apus_region_source(const apus_window *w, const apus_region *r, long *first) {
    long slice = r->slice, image = slice / w->target[0], plane = slice % w->target[0];
    plane = w->transposed ? (plane + w->pad[0]) / w->stride[0] : plane * w->stride[0] - w->pad[0];
    plane = apus_max(0, apus_min(plane, w->source[0] - 1));
    long low = apus_max(0, r->row_low), columns = w->source[2], column = 0;
    long high = apus_min(w->source[1], apus_window_high(w, 1, r->row + r->rows)), rows = high - low;
    if (r->slices > 1) {
        low = 0;
        rows = w->source[1] * apus_divide_up(r->slices * w->source[0], w->target[0]);
    } else if (w->column_blocks > 1 && w->source[1] == 1) {
        column = apus_max(0, r->column_low);
        columns = apus_min(w->source[2], apus_window_high(w, 2, r->column + r->columns)) - column;
    }
    long total = w->batch * apus_volume(w->source);
    *first = ((image * w->source[0] + plane) * w->source[1] + low) * w->source[2] + column;
    return apus_max(0, apus_min(rows * columns, total - *first));
}

#endif
