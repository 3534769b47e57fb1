// What the machine can do at best: the yardstick of every benchmark.

#include <time.h>

#include "Isa.h"

enum { APUS_PEAK_SINK = 16 /* doubles from one thread's result to the next */, APUS_PEAK_REPEATS = 7 };

typedef struct {
    long steps;
    double *sink;
} apus_peak;

APUS_DECLARE(void, apus_peak_f32, const void *args, long begin, long end, void *scratch)
APUS_DECLARE(void, apus_peak_f64, const void *args, long begin, long end, void *scratch)
APUS_DECLARE(long, apus_peak_f32_flops, void)
APUS_DECLARE(long, apus_peak_f64_flops, void)

#define APUS_SOURCE "Peak.inc"
#include "EachIsa.h"

static double seconds(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

/// The shortest of several times, each of them of one call with a task per thread.
static double shortest(apus_kernel run, const void *args, int threads) {
    apus_parallel(run, args, threads, 0, threads);
    double best = INFINITY;
    for (int repeat = 0; repeat < APUS_PEAK_REPEATS; repeat++) {
        double start = seconds();
        apus_parallel(run, args, threads, 0, threads);
        best = fmin(best, seconds() - start);
    }
    return best;
}

double apus_peak_flops(int dtype, int threads) {
    threads = threads < 1 ? 1 : threads;
    apus_peak peak = {.steps = 1 << 19, .sink = calloc((size_t)threads * APUS_PEAK_SINK, sizeof(double))};
    if (!peak.sink) return 0;
    apus_kernel run = dtype == APUS_F64 ? APUS_DISPATCH(apus_peak_f64) : APUS_DISPATCH(apus_peak_f32);
    long flops = dtype == APUS_F64 ? APUS_DISPATCH(apus_peak_f64_flops)() : APUS_DISPATCH(apus_peak_f32_flops)();
    double time = shortest(run, &peak, threads);
    free(peak.sink);
    return (double)flops * (double)peak.steps * threads / time;
}

typedef struct {
    const char *from;
    char *to;
    size_t bytes;
    long pieces;
} copying;

static void copy_piece(const void *args, long begin, long end, void *scratch) {
    (void)scratch;
    const copying *all = args;
    for (long piece = begin; piece < end; piece++) {
        size_t first = all->bytes / (size_t)all->pieces * (size_t)piece;
        size_t next = piece + 1 == all->pieces ? all->bytes : first + all->bytes / (size_t)all->pieces;
        memcpy(all->to + first, all->from + first, next - first);
    }
}

double apus_copy_bandwidth(size_t bytes, int threads) {
    threads = threads < 1 ? 1 : threads;
    char *from = malloc(bytes), *to = malloc(bytes);
    double time = INFINITY;
    if (from && to) {
        memset(from, 1, bytes);
        memset(to, 0, bytes);
        copying all = {from, to, bytes, threads};
        time = shortest(copy_piece, &all, threads);
    }
    free(from);
    free(to);
    return 2.0 * (double)bytes / time;
}
