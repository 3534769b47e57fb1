// The float32 multiply-add peak of one core, in GFLOP/s: twelve independent chains of the widest vectors.
// cc -O2 -march=native -ffp-contract=fast -o fma_peak fma_peak.c

#include <stdio.h>
#include <time.h>

#if defined(__AVX512F__)
#define LANES 16
#elif defined(__AVX__)
#define LANES 8
#else
#define LANES 4
#endif
#if defined(__aarch64__)
#define REGISTER(x) "+w"(x)
#elif defined(__AVX512F__)
#define REGISTER(x) "+v"(x)
#else
#define REGISTER(x) "+x"(x)
#endif
#define CHAINS 12
#define REPEATS 2000000

// The empty statement keeps the compiler from computing the whole chain beforehand.
#define STEP(x) (x) = (x) * factor + factor; __asm__ volatile("" : REGISTER(x))

typedef float vector __attribute__((vector_size(4 * LANES)));

static double seconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

int main(void) {
    vector factor = {0};
    factor += 0.999f;
    // Separate variables, not an array, so that every compiler keeps them in registers.
    vector a = factor, b = factor, c = factor, d = factor, e = factor, f = factor;
    vector g = factor, h = factor, i = factor, j = factor, k = factor, l = factor;
    double best = 0;
    for (int attempt = 0; attempt < 7; attempt++) {
        double start = seconds();
        for (int repeat = 0; repeat < REPEATS; repeat++) {
            STEP(a); STEP(b); STEP(c); STEP(d); STEP(e); STEP(f);
            STEP(g); STEP(h); STEP(i); STEP(j); STEP(k); STEP(l);
        }
        double rate = 2.0 * LANES * CHAINS * REPEATS / (seconds() - start) * 1e-9;
        if (rate > best) best = rate;
    }
    printf("%.1f\n", best);
    return 0;
}
