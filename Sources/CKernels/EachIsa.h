// Includes APUS_SOURCE once per instruction set of this architecture; see Isa.h.

#if defined(__x86_64__)

#define APUS_SUFFIX avx512
#define APUS_VECTOR_BYTES 64
#pragma clang attribute push(__attribute__((target("avx512f,avx512vl,avx512bw,avx512dq,avx2,fma,f16c"))), apply_to = function)
#include APUS_SOURCE
#pragma clang attribute pop
#undef APUS_SUFFIX
#undef APUS_VECTOR_BYTES

#define APUS_SUFFIX avx2
#define APUS_VECTOR_BYTES 32
#pragma clang attribute push(__attribute__((target("avx2,fma,f16c"))), apply_to = function)
#include APUS_SOURCE
#pragma clang attribute pop
#undef APUS_SUFFIX
#undef APUS_VECTOR_BYTES

#elif defined(__aarch64__)

#define APUS_SUFFIX neon
#define APUS_VECTOR_BYTES 16
#include APUS_SOURCE
#undef APUS_SUFFIX
#undef APUS_VECTOR_BYTES

#endif

#define APUS_SUFFIX plain
#define APUS_VECTOR_BYTES 16
#define APUS_IS_PLAIN 1
#include APUS_SOURCE
#undef APUS_IS_PLAIN
#undef APUS_SUFFIX
#undef APUS_VECTOR_BYTES
