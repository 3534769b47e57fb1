// Random numbers: the published vectors of Philox, the definition element by element, the normal's moments.

#include "support.h"

static void test_vectors(void) {
    static const struct { uint32_t counter[4], key[2], out[4]; } known[] = {
        {{0, 0, 0, 0}, {0, 0}, {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}},
        {{~0u, ~0u, ~0u, ~0u}, {~0u, ~0u}, {0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}},
        {{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0},
         {0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}},
    };
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        uint32_t out[4];
        apus_philox(known[i].counter, known[i].key, out);
        check(memcmp(out, known[i].out, sizeof out) == 0, "philox vector %zu", i);
    }
}

/// Words of the block that element `i` is made of.
static void words_of(const apus_random *args, long i, int wide, uint32_t words[4], long *number) {
    uint64_t seed = (uint64_t)args->key[0], step = (uint64_t)args->key[1];
    uint32_t counter[4] = {(uint32_t)step, (uint32_t)(step >> 32), (uint32_t)args->stream, (uint32_t)(args->stream >> 32)};
    uint32_t key[2] = {(uint32_t)seed, (uint32_t)(seed >> 32)}, mixed[4];
    apus_philox(counter, key, mixed);
    long per_group = wide ? 32 : 64;
    uint64_t block = (uint64_t)(i / per_group * 16 + i % 16);
    uint32_t block_counter[4] = {(uint32_t)block, (uint32_t)(block >> 32), mixed[2], mixed[3]};
    apus_philox(block_counter, mixed, words);
    *number = i % per_group / 16;
}

static double reference(const apus_random *args, long i, int wide) {
    uint32_t w[4];
    long number;
    words_of(args, i, wide, w, &number);
    uint64_t pair[2] = {(uint64_t)w[1] << 32 | w[0], (uint64_t)w[3] << 32 | w[2]};
    if (args->kind == APUS_RANDOM_BITS) return wide ? (double)(int64_t)pair[number] : (double)(int32_t)w[number];
    if (args->kind == APUS_RANDOM_UNIFORM) {
        return wide ? (double)(pair[number] >> 11) * 0x1p-53 : (double)(w[number] >> 8) * 0x1p-24;
    }
    double u = wide ? ((double)(pair[0] >> 1) + 0.5) * 0x1p-63 : ((double)w[number / 2 * 2] + 0.5) * 0x1p-32;
    double turn = wide ? (double)(pair[1] >> 2) * 0x1p-62 : (double)w[number / 2 * 2 + 1] * 0x1p-32;
    double radius = sqrt(-2 * log(u)), angle = turn * 6.283185307179586;
    return radius * (number % 2 ? sin(angle) : cos(angle));
}

static void test_one(int kind, int wide) {
    int64_t key[2] = {random_long(0, 1L << 40), random_long(0, 1000)};
    apus_random args = {.key = key, .stream = (uint64_t)random_long(0, 1L << 40), .kind = kind,
                        .count = one_in(10) ? random_long(20000, 40000) : random_long(0, 300),
                        .dtype = kind == APUS_RANDOM_BITS ? (wide ? APUS_I64 : APUS_I32) : wide ? APUS_F64 : APUS_F32};
    buffer out = buffer_new(args.count, args.dtype);
    args.out = out.data;
    apus_plan plan;
    apus_random_plan(&args, &plan);
    char what[100];
    snprintf(what, sizeof what, "random kind %d dtype %d count %ld", kind, args.dtype, args.count);
    run_plan(&plan, &args, &args.workspace, out, what);
    double *want = calloc((size_t)args.count + 1, sizeof *want);
    for (long i = 0; i < args.count; i++) want[i] = reference(&args, i, wide);
    compare(out, want, NULL, kind != APUS_RANDOM_NORMAL ? 0 : wide ? 1e-13 : 2e-5, what);
    free(want);
    buffer_free(out, what);
}

static void test_moments(int dtype) {
    int64_t key[2] = {3, 5};
    buffer out = buffer_new(200000, dtype);
    apus_random args = {.out = out.data, .key = key, .count = out.count, .kind = APUS_RANDOM_NORMAL, .dtype = dtype};
    apus_plan plan;
    apus_random_plan(&args, &plan);
    run_plan(&plan, &args, &args.workspace, out, "normal");
    double moment[5] = {0};
    for (long i = 0; i < out.count; i++) {
        double value = element(out.data, dtype, i), power = 1;
        for (int m = 0; m < 5; m++, power *= value) moment[m] += power / (double)out.count;
    }
    check(fabs(moment[1]) < 0.01 && fabs(moment[2] - 1) < 0.015 && fabs(moment[3]) < 0.03 && fabs(moment[4] - 3) < 0.1,
          "moments of the normal are %g, %g, %g, %g", moment[1], moment[2], moment[3], moment[4]);
    buffer_free(out, "normal");
}

void test_random(void) {
    test_vectors();
    for (int i = 0; i < 90; i++) test_one(i % 3, i / 3 % 2);
    test_moments(APUS_F32);
    test_moments(APUS_F64);
}
