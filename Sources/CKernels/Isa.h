// Compiles one source once per instruction set.
//
// A subject `X.c` says `#define APUS_SOURCE "X.inc"` and includes EachIsa.h, which includes X.inc once per set with
// APUS_VECTOR_BYTES and APUS_NAME(f) (f_avx512, f_avx2, ...) defined and the right target attribute on every function.
// System headers must be included before. `APUS_DISPATCH(f)` picks the function of the set in use.

#ifndef APUS_ISA_H
#define APUS_ISA_H

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "include/CKernels.h"

#define APUS_CONCATENATE_(a, b) a##_##b
#define APUS_CONCATENATE(a, b) APUS_CONCATENATE_(a, b)
#define APUS_NAME(f) APUS_CONCATENATE(f, APUS_SUFFIX)

#define APUS_UNROLL _Pragma("clang loop unroll(full)")
#define APUS_INLINE static inline __attribute__((always_inline, unused))
#define APUS_RESTRICT __restrict__

#if defined(__x86_64__)
#define APUS_DISPATCH(f)                                                                                  \
    (apus_isa() == APUS_AVX512 ? f##_avx512 : apus_isa() == APUS_AVX2 ? f##_avx2 : f##_plain)
#define APUS_DECLARE(type, f, ...) type f##_avx512(__VA_ARGS__); type f##_avx2(__VA_ARGS__); type f##_plain(__VA_ARGS__);
#elif defined(__aarch64__)
#define APUS_DISPATCH(f) (apus_isa() == APUS_NEON ? f##_neon : f##_plain)
#define APUS_DECLARE(type, f, ...) type f##_neon(__VA_ARGS__); type f##_plain(__VA_ARGS__);
#else
#define APUS_DISPATCH(f) (f##_plain)
#define APUS_DECLARE(type, f, ...) type f##_plain(__VA_ARGS__);
#endif

/// Runs an epilogue (a fused loop with dims == 2) on rows `row_begin ..< row_end` and columns
/// `column_begin ..< column_end`. `scratch` has APUS_FUSED_SCRATCH bytes. `slot` is the task, where reductions of the
/// epilogue are gathered. Defined in Fused.inc.
APUS_DECLARE(void, apus_fused_region, const apus_fused *fused, long row_begin, long row_end, long column_begin,
             long column_end, long slot, void *scratch)

/// At the head of a kernel that runs many tasks in one go: one after another, if the epilogue gathers by task.
#define APUS_TASK_BY_TASK(run)                                                                \
    if (args->epilogue && args->epilogue->slots && end - begin > 1) {                         \
        for (long task = begin; task < end; task++) run(arguments, task, task + 1, scratch);  \
        return;                                                                               \
    }

APUS_INLINE long apus_min(long a, long b) { return a < b ? a : b; }
APUS_INLINE long apus_max(long a, long b) { return a > b ? a : b; }
APUS_INLINE long apus_divide_up(long a, long b) { return (a + b - 1) / b; }

#endif
