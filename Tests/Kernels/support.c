#include "support.h"

#include <stdarg.h>
#include <sys/mman.h>
#include <unistd.h>

enum { MARGIN = 64, MARGIN_BYTE = 0xa5, SCRIBBLE_BYTE = 0xf7, FAILURES_SHOWN = 40 };

long checks_passed, checks_failed;

int check(int passed, const char *format, ...) {
    if (passed) {
        checks_passed++;
        return 1;
    }
    if (checks_failed++ < FAILURES_SHOWN) {
        va_list arguments;
        va_start(arguments, format);
        printf("failed (%s): ", apus_isa_name(apus_isa()));
        vprintf(format, arguments);
        printf("\n");
        fflush(stdout);
        va_end(arguments);
    }
    return 0;
}

// ---- Random numbers --------------------------------------------------------------------------------------------

static uint64_t random_state;

void random_seed(uint64_t seed) { random_state = seed; }

static uint64_t random_bits(void) {
    uint64_t z = random_state += 0x9e3779b97f4a7c15;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
    z = (z ^ z >> 27) * 0x94d049bb133111eb;
    return z ^ z >> 31;
}

long random_long(long low, long high) { return low + (long)(random_bits() % (uint64_t)(high - low + 1)); }
double random_real(double low, double high) { return low + (high - low) * (double)(random_bits() >> 11) * 0x1p-53; }
int one_in(long n) { return random_long(1, n) == 1; }

// ---- Memory ----------------------------------------------------------------------------------------------------

size_t element_bytes(int dtype) {
    static const size_t bytes[] = {4, 8, 2, 2, 4, 8, 1, 1};
    return bytes[dtype];
}

static buffer buffer_map(size_t bytes, size_t alignment) {
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    size_t mapped = (bytes + alignment + MARGIN + page - 1) / page * page + page;
    char *mapping = mmap(NULL, mapped, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANON, -1, 0);
    if (mapping == MAP_FAILED || mprotect(mapping + mapped - page, page, PROT_NONE) != 0) abort();
    memset(mapping, MARGIN_BYTE, mapped - page);
    size_t start = (mapped - page - bytes) / alignment * alignment;
    buffer b = {mapping + start, 0, APUS_U8, bytes, mapped, mapping};
    buffer_scribble(b);
    return b;
}

buffer buffer_new(long count, int dtype) {
    buffer b = buffer_map((size_t)count * element_bytes(dtype), element_bytes(dtype));
    b.count = count;
    b.dtype = dtype;
    return b;
}

buffer buffer_of_bytes(size_t bytes) { return buffer_map(bytes, 64); }

void buffer_scribble(buffer b) { memset(b.data, SCRIBBLE_BYTE, b.bytes); }

void buffer_fill(buffer b, double low, double high) {
    for (long i = 0; i < b.count; i++) set_element(b.data, b.dtype, i, random_real(low, high));
}

void buffer_fill_whole(buffer b, long low, long high) {
    for (long i = 0; i < b.count; i++) set_element(b.data, b.dtype, i, (double)random_long(low, high));
}

void buffer_free(buffer b, const char *what) {
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    int whole = 1;
    for (char *p = b.mapping; p < b.mapping + b.mapped - page; p++) {
        if (p == (char *)b.data) p += b.bytes;
        if (p < b.mapping + b.mapped - page) whole &= (unsigned char)*p == MARGIN_BYTE;
    }
    check(whole, "%s writes outside of its memory", what);
    munmap(b.mapping, b.mapped);
}

static uint16_t bfloat_of(double value) {
    float single = (float)value;
    uint32_t bits;
    memcpy(&bits, &single, sizeof bits);
    if (single != single) return 0x7fc0;
    return (uint16_t)((bits + 0x7fff + (bits >> 16 & 1)) >> 16);
}

double element(const void *data, int dtype, long i) {
    switch (dtype) {
    case APUS_F32: return ((const float *)data)[i];
    case APUS_F64: return ((const double *)data)[i];
    case APUS_I32: return ((const int32_t *)data)[i];
    case APUS_I64: return (double)((const int64_t *)data)[i];
    case APUS_F16: return (double)((const _Float16 *)data)[i];
    case APUS_BF16: {
        uint32_t bits = (uint32_t)((const uint16_t *)data)[i] << 16;
        float single;
        memcpy(&single, &bits, sizeof single);
        return single;
    }
    default: return ((const uint8_t *)data)[i];
    }
}

void set_element(void *data, int dtype, long i, double value) {
    switch (dtype) {
    case APUS_F32: ((float *)data)[i] = (float)value; break;
    case APUS_F64: ((double *)data)[i] = value; break;
    case APUS_I32: ((int32_t *)data)[i] = (int32_t)value; break;
    case APUS_I64: ((int64_t *)data)[i] = (int64_t)value; break;
    case APUS_F16: ((_Float16 *)data)[i] = (_Float16)value; break;
    case APUS_BF16: ((uint16_t *)data)[i] = bfloat_of(value); break;
    case APUS_BOOL: ((uint8_t *)data)[i] = value != 0; break;
    default: ((uint8_t *)data)[i] = (uint8_t)value; break;
    }
}

double rounded(double value, int dtype) {
    int64_t space;
    set_element(&space, dtype, 0, value);
    return element(&space, dtype, 0);
}

// ---- Running ---------------------------------------------------------------------------------------------------

void run_plan(const apus_plan *plan, const void *args, void **workspace, buffer out, const char *what) {
    buffer space = buffer_of_bytes(plan->workspace), scratch = buffer_of_bytes(plan->scratch);
    if (workspace) *workspace = space.data;
    check(plan->phases >= 0 && plan->phases <= APUS_PHASES, "%s has %d phases", what, plan->phases);
    void *before = malloc(out.bytes + 1), *alone = malloc(out.bytes + 1);
    memcpy(before, out.data, out.bytes);
    apus_call calls[APUS_PHASES];
    for (int p = 0; p < plan->phases; p++) {
        for (long task = plan->phase[p].tasks - 1; task >= 0; task--) {
            plan->phase[p].run(args, task, task + 1, scratch.data);
        }
        calls[p] = (apus_call){plan->phase[p].run, args, plan->phase[p].tasks};
    }
    memcpy(alone, out.data, out.bytes);
    memcpy(out.data, before, out.bytes);
    buffer_scribble(space);
    apus_run(calls, plan->phases, plan->scratch, 2);
    check(memcmp(alone, out.data, out.bytes) == 0, "%s depends on the threads", what);
    free(before);
    free(alone);
    buffer_free(space, what);
    buffer_free(scratch, what);
}

void compare(buffer out, const double *want, const double *scale, double tolerance, const char *what) {
    for (long i = 0; i < out.count; i++) {
        double got = element(out.data, out.dtype, i);
        double room = tolerance * (scale ? scale[i] : 1 + fabs(want[i]));
        int same = got == want[i] || (got != got && want[i] != want[i]) || fabs(got - want[i]) <= room;
        if (!same) {
            check(0, "%s: element %ld of %ld is %.9g, not %.9g", what, i, out.count, got, want[i]);
            return;
        }
    }
    check(1, "%s", what);
}

apus_fused epilogue_relu(buffer c, long row, buffer bias, long rows, long columns) {
    apus_fused fused = {
        .compute = c.dtype == APUS_F64 ? APUS_COMPUTE_F64 : APUS_COMPUTE_F32,
        .dims = 2,
        .extent = {rows, columns},
        .operands = 2,
        .operand = {{.data = c.data, .stride = {row, 1}, .dtype = c.dtype},
                    {.data = bias.data, .stride = {0, 1}, .dtype = bias.dtype}},
        .instructions = 5,
        .code = {{.op = APUS_LOAD, .dst = 0, .a = 0}, {.op = APUS_LOAD, .dst = 1, .a = 1},
                 {.op = APUS_ADD, .dst = 2, .a = 0, .b = 1}, {.op = APUS_RELU, .dst = 3, .a = 2},
                 {.op = APUS_STORE, .dst = 0, .a = 3}},
    };
    return fused;
}
