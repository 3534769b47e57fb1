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

// ---- Epilogues with reductions ---------------------------------------------------------------------------------

static struct {
    apus_fused *epilogue;  // NULL: none
    apus_plan before, after;
    buffer space, result[2];
    long columns;
} gathering;

static void gathering_begin(const void *args, long begin, long end, void *scratch) {
    (void)args;
    gathering.before.phase[0].run(gathering.epilogue, begin, end, scratch);
}

static void gathering_end(const void *args, long begin, long end, void *scratch) {
    (void)args;
    gathering.after.phase[0].run(gathering.epilogue, begin, end, scratch);
}

void gather_columns(apus_fused *epilogue, apus_plan *plan) {
    if (plan->phases == 0 || plan->phases + 2 > APUS_PHASES) return;
    long tasks = 1, columns = epilogue->extent[1];
    for (int p = 0; p < plan->phases; p++) tasks = plan->phase[p].tasks > tasks ? plan->phase[p].tasks : tasks;
    int dtype = epilogue->operand[0].dtype;
    for (int i = 0; i < 2; i++) {
        gathering.result[i] = buffer_new(columns, dtype);
        epilogue->operand[epilogue->operands] =
            (apus_operand){.data = gathering.result[i].data, .stride = {1}, .dtype = dtype};
        epilogue->code[epilogue->instructions++] =
            (apus_instruction){.op = i ? APUS_REDUCE_MAX : APUS_REDUCE_SUM, .dst = (uint8_t)epilogue->operands++, .a = 3};
    }
    epilogue->reduced[0] = 0;
    epilogue->reduced[1] = 1;
    gathering.epilogue = epilogue;
    gathering.columns = columns;
    plan->scratch += apus_fused_gathering_plan(epilogue, tasks, &gathering.before, &gathering.after);
    gathering.space = buffer_of_bytes(gathering.before.workspace);
    epilogue->workspace = gathering.space.data;
    for (int p = plan->phases; p > 0; p--) plan->phase[p] = plan->phase[p - 1];
    plan->phase[0] = (apus_phase){gathering_begin, 1};
    plan->phase[plan->phases + 1] = (apus_phase){gathering_end, gathering.after.phase[0].tasks};
    plan->phases += 2;
}

void gather_check(buffer out, long row, const char *what) {
    if (!gathering.epilogue) return;
    long rows = gathering.epilogue->extent[0], columns = gathering.columns;
    double *sum = calloc((size_t)columns, sizeof *sum), *most = calloc((size_t)columns, sizeof *most);
    for (long j = 0; j < columns; j++) {
        most[j] = rows ? 0 : -INFINITY;  // of what relu gives
        for (long i = 0; i < rows; i++) {
            double value = element(out.data, out.dtype, i * row + j);
            sum[j] += value;
            if (!(value <= most[j])) most[j] = value;
        }
    }
    compare(gathering.result[0], sum, NULL, out.dtype == APUS_F64 ? 1e-12 : 1e-5, what);
    compare(gathering.result[1], most, NULL, 0, what);
    free(sum);
    free(most);
    for (int i = 0; i < 2; i++) buffer_free(gathering.result[i], what);
    buffer_free(gathering.space, what);
    // As it was, for the next kernel.
    gathering.epilogue->operands -= 2;
    gathering.epilogue->instructions -= 2;
    gathering.epilogue->slots = 0;
    gathering.epilogue = NULL;
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
    buffer sums = gathering.result[0];
    void *sums_alone = gathering.epilogue ? memcpy(malloc(sums.bytes + 1), sums.data, sums.bytes) : NULL;
    apus_run(calls, plan->phases, plan->scratch, 2);
    check(memcmp(alone, out.data, out.bytes) == 0, "%s depends on the threads", what);
    if (sums_alone) check(memcmp(sums_alone, sums.data, sums.bytes) == 0, "sums of %s depend on the threads", what);
    free(sums_alone);
    // What the first phases left serves further runs.
    if (plan->first_phases > 0 && !gathering.epilogue) {
        memcpy(out.data, before, out.bytes);
        apus_run(calls + plan->first_phases, plan->phases - plan->first_phases, plan->scratch, 2);
        check(memcmp(alone, out.data, out.bytes) == 0, "%s does not run again without its first phases", what);
    }
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
