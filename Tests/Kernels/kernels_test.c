// Compares every kernel with naive loops in double precision, on every instruction set of this machine, at random odd
// shapes from fixed seeds. Memory around inputs, outputs, scratch and workspace is guarded.
//
//     Tests/Kernels/run.sh          natively
//     Tests/Kernels/neon.sh         for AArch64, under qemu

#include "support.h"

static const struct {
    const char *name;
    void (*run)(void);
} families[] = {
    {"threads", test_threads},   {"gemm", test_gemm},         {"convolution", test_convolution},
    {"pooling", test_pooling},   {"fused", test_fused},       {"indexing", test_indexing},
    {"order", test_order},       {"random", test_random},
};

int main(int count, char **names) {
    for (int isa = APUS_PLAIN; isa <= APUS_AVX512; isa++) {
        if (!apus_isa_select(isa)) continue;
        for (size_t f = 0; f < sizeof families / sizeof families[0]; f++) {
            int wanted = count == 1;
            for (int i = 1; i < count; i++) wanted |= strcmp(names[i], families[f].name) == 0;
            if (!wanted) continue;
            long passed = checks_passed, failed = checks_failed;
            random_seed(f + 1);
            families[f].run();
            printf("%-8s %-12s %6ld passed, %ld failed\n", apus_isa_name(isa), families[f].name,
                   checks_passed - passed, checks_failed - failed);
            fflush(stdout);
        }
    }
    printf("%ld passed, %ld failed\n", checks_passed, checks_failed);
    return checks_failed != 0;
}
