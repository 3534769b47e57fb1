// Random numbers by counter: Philox 4x32-10 (Salmon, Moraes, Dror, Shaw 2011).
//
// Seed, step and stream are mixed by one call of the generator into a key and the upper half of the counter; the lower
// half is the block's number. Sixteen blocks give a group of 64 words, all first words, then all second ones, and so
// on, which is how vectors produce them: word w of the group's block b is element 16 w + b. An element of 64 bits is
// made of words 0 and 1, or 2 and 3, of a block; two normals are made of a pair of uniforms.

#include "Isa.h"

enum {
    PHILOX_ROUNDS = 10,
    GROUP_BLOCKS = 16,
    GROUP_WORDS = 64,
    RANDOM_TASK_GROUPS = 128,
    RANDOM_SERIAL_GROUPS = 256,
};

#define PHILOX_MULTIPLIER_0 0xD2511F53u
#define PHILOX_MULTIPLIER_1 0xCD9E8D57u
#define PHILOX_WEYL_0 0x9E3779B9u
#define PHILOX_WEYL_1 0xBB67AE85u

void apus_philox(const uint32_t counter[4], const uint32_t key[2], uint32_t out[4]) {
    uint32_t c[4] = {counter[0], counter[1], counter[2], counter[3]}, k[2] = {key[0], key[1]};
    for (int round = 0; round < PHILOX_ROUNDS; round++) {
        uint64_t product0 = (uint64_t)c[0] * PHILOX_MULTIPLIER_0, product1 = (uint64_t)c[2] * PHILOX_MULTIPLIER_1;
        uint32_t next[4] = {(uint32_t)(product1 >> 32) ^ c[1] ^ k[0], (uint32_t)product1,
                            (uint32_t)(product0 >> 32) ^ c[3] ^ k[1], (uint32_t)product0};
        memcpy(c, next, sizeof c);
        k[0] += PHILOX_WEYL_0;
        k[1] += PHILOX_WEYL_1;
    }
    memcpy(out, c, sizeof c);
}

/// The key and the counter's upper half of a call.
typedef struct {
    uint32_t key[2], high[2];
} apus_random_state;

static apus_random_state apus_random_begin(const apus_random *args) {
    uint64_t seed = (uint64_t)args->key[0], step = (uint64_t)args->key[1];
    uint32_t counter[4] = {(uint32_t)step, (uint32_t)(step >> 32), (uint32_t)args->stream,
                           (uint32_t)(args->stream >> 32)};
    uint32_t key[2] = {(uint32_t)seed, (uint32_t)(seed >> 32)}, mixed[4];
    apus_philox(counter, key, mixed);
    return (apus_random_state){{mixed[0], mixed[1]}, {mixed[2], mixed[3]}};
}

static int apus_random_is_wide(const apus_random *args) { return args->dtype == APUS_F64 || args->dtype == APUS_I64; }

#define APUS_SOURCE "Random.inc"
#include "EachIsa.h"

void apus_random_plan(const apus_random *args, apus_plan *plan) {
    long per_group = apus_random_is_wide(args) ? GROUP_WORDS / 2 : GROUP_WORDS;
    long groups = apus_divide_up(args->count, per_group);
    long tasks = groups <= RANDOM_SERIAL_GROUPS ? groups > 0 : apus_divide_up(groups, RANDOM_TASK_GROUPS);
    apus_kernel run = APUS_DISPATCH(apus_random_run);
    *plan = (apus_plan){.name = "random", .phases = 1, .phase = {{run, tasks}}};
}
