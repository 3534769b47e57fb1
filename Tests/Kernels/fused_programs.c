// Random programs of the fused loop: layouts, broadcasts, row registers, reductions over any dimensions.

#include "support.h"

enum { REGISTERS = 12, MOST_ELEMENTS = 30000 };

typedef struct {
    apus_fused args;
    buffer memory[APUS_OPERANDS];
    int written[APUS_OPERANDS], is_row[REGISTERS], registers;
} program;

/// A value, and the sum of the magnitudes that it was made of, by which rounding errors are judged.
typedef struct {
    double value, size;
} number;

// ---- Making them -----------------------------------------------------------------------------------------------

static int add_operand(program *p, int dtype, const long *extent, int dims, const long *stride, long count) {
    int o = p->args.operands++;
    p->memory[o] = buffer_new(count, dtype);
    p->args.operand[o] = (apus_operand){.data = p->memory[o].data, .dtype = dtype};
    for (int d = 0; d < dims; d++) p->args.operand[o].stride[d] = extent[d] == 1 && one_in(2) ? 7 : stride[d];
    return o;
}

static int input_dtype(int compute) {
    static const int reals[] = {APUS_F32, APUS_F32, APUS_F32, APUS_F32, APUS_BF16, APUS_F16, APUS_U8, APUS_BOOL, APUS_I32};
    static const int integers[] = {APUS_I64, APUS_I64, APUS_I32, APUS_U8, APUS_BOOL};
    if (compute == APUS_COMPUTE_F64) return one_in(4) ? APUS_F32 : APUS_F64;
    return compute == APUS_COMPUTE_F32 ? reals[random_long(0, 8)] : integers[random_long(0, 4)];
}

/// Contiguous, with gaps, in another order, or repeated along some dimensions; `per_row`: one value per row.
static int add_input(program *p, int per_row) {
    apus_fused *args = &p->args;
    int dims = args->dims, order[APUS_DIMS], layout = (int)random_long(0, 3);
    for (int d = 0; d < dims; d++) order[d] = d;
    for (int d = dims - 1; d > 0 && layout == 2; d--) {
        int other = (int)random_long(0, d), swap = order[d];
        order[d] = order[other];
        order[other] = swap;
    }
    long stride[APUS_DIMS], count = 1;
    for (int i = dims - 1; i >= 0; i--) {
        int d = order[i];
        int repeats = (layout == 3 && one_in(2)) || (per_row && d == dims - 1);
        stride[d] = repeats ? 0 : count;
        if (!repeats) count *= args->extent[d] + (layout == 1 && i == dims - 1 ? random_long(0, 5) : 0);
    }
    int o = add_operand(p, input_dtype(args->compute), args->extent, dims, stride, count);
    buffer b = p->memory[o];
    if (b.dtype == APUS_F32 || b.dtype == APUS_F64 || b.dtype == APUS_BF16 || b.dtype == APUS_F16) buffer_fill(b, -1, 1);
    else buffer_fill_whole(b, b.dtype == APUS_BOOL || b.dtype == APUS_U8 ? 0 : -3, b.dtype == APUS_BOOL ? 1 : 3);
    return o;
}

static int output_dtype(int compute) {
    return compute == APUS_COMPUTE_F64 ? APUS_F64 : compute == APUS_COMPUTE_I64 ? APUS_I64
           : one_in(4) ? APUS_BF16 : APUS_F32;
}

/// A dense output over all dimensions, or over those that are not folded.
static int add_output(program *p, int folded, int per_row) {
    const apus_fused *args = &p->args;
    long extent[APUS_DIMS], stride[APUS_DIMS], count = 1;
    int dims = 0;
    for (int d = 0; d < args->dims; d++) {
        if (folded && d >= args->reduced[0] && d < args->reduced[1]) continue;
        extent[dims++] = per_row && d == args->dims - 1 ? 1 : args->extent[d];
    }
    for (int d = dims - 1; d >= 0; d--) {
        stride[d] = per_row && d == args->dims - 1 ? 0 : count;
        count *= extent[d];
    }
    int o = add_operand(p, output_dtype(args->compute), args->extent, 0, stride, count);
    for (int d = 0; d < dims; d++) p->args.operand[o].stride[d] = stride[d];
    p->written[o] = 1;
    return o;
}

static void emit(program *p, int op, int dst, int a, int b, int c, int row) {
    p->args.code[p->args.instructions++] =
        (apus_instruction){(uint8_t)op, (uint8_t)dst, (uint8_t)a, (uint8_t)b, (uint8_t)c, (uint8_t)row, {0, 0}};
}

static int any_register(const program *p, int row) {
    for (;;) {
        int r = (int)random_long(0, p->registers - 1);
        if (p->is_row[r] == row) return r;
    }
}

static void add_computation(program *p, int row) {
    // Arc tangents take so long that even small loops are cut into tasks.
    static const int functions[] = {APUS_ADD, APUS_SUBTRACT, APUS_MULTIPLY, APUS_MAXIMUM, APUS_MINIMUM, APUS_NEGATE,
                                    APUS_ABS, APUS_RELU, APUS_SELECT, APUS_FMA, APUS_FMS, APUS_FNMA, APUS_SELECT_POSITIVE,
                                    APUS_SQUARE, APUS_ATAN, APUS_ATAN};
    int op = functions[random_long(0, p->args.compute == APUS_COMPUTE_I64 ? 12 : 15)];
    int a = any_register(p, row), b = any_register(p, row), c = any_register(p, row), dst = p->registers++;
    int selects = op == APUS_SELECT || op == APUS_SELECT_POSITIVE;
    if (selects && row) op = APUS_ADD;
    if (selects && !row) a = 0;  // loaded, not computed: rounding must not change the choice
    p->is_row[dst] = row;
    emit(p, op, dst, a, b, c, row);
}

static program program_new(void) {
    program p = {.registers = 0};
    apus_fused *args = &p.args;
    args->compute = one_in(2) ? APUS_COMPUTE_F32 : (int)random_long(0, 2);
    args->dims = (int)random_long(1, APUS_DIMS);
    int with_rows = one_in(3), reduces = one_in(2);
    long room = MOST_ELEMENTS;
    for (int d = args->dims - 1; d >= 0; d--) {
        long most = d == args->dims - 1 && one_in(3) ? (with_rows ? APUS_FUSED_ROW : 3000) : random_long(1, 40);
        args->extent[d] = random_long(1, most < room ? most : room);
        room /= args->extent[d];
    }
    if (one_in(4)) args->extent[0] = random_long(1, room < 3000 ? room : 3000);
    if (with_rows && args->extent[args->dims - 1] > APUS_FUSED_ROW) args->extent[args->dims - 1] = APUS_FUSED_ROW;
    args->reduced[0] = (int)random_long(0, args->dims - 1);
    args->reduced[1] = (int)random_long(args->reduced[0] + 1, args->dims);

    for (long i = random_long(1, 3); i > 0; i--) {
        emit(&p, APUS_LOAD, p.registers, add_input(&p, 0), 0, 0, 0);
        p.is_row[p.registers++] = 0;
    }
    args->constant[args->constants++] = (double)random_long(-2, 2);
    emit(&p, APUS_CONSTANT, p.registers, 0, 0, 0, 0);
    p.is_row[p.registers++] = 0;
    if (with_rows) {
        static const int folds[] = {APUS_ROW_SUM, APUS_ROW_MAX, APUS_ROW_MIN};
        emit(&p, folds[random_long(0, 2)], p.registers, any_register(&p, 0), 0, 0, 1);
        p.is_row[p.registers++] = 1;
        if (one_in(2)) {
            emit(&p, APUS_LOAD, p.registers, add_input(&p, 1), 0, 0, 1);
            p.is_row[p.registers++] = 1;
        }
        add_computation(&p, 1);
        emit(&p, APUS_EXPAND, p.registers, any_register(&p, 1), 0, 0, 0);
        p.is_row[p.registers++] = 0;
        if (one_in(2)) emit(&p, APUS_STORE, add_output(&p, 0, 1), any_register(&p, 1), 0, 0, 1);
    }
    for (long i = random_long(1, 3); i > 0; i--) add_computation(&p, 0);
    if (!reduces || one_in(3)) emit(&p, APUS_STORE, add_output(&p, 0, 0), p.registers - 1, 0, 0, 0);
    for (long i = reduces ? random_long(1, 2) : 0; i > 0; i--) {
        static const int folds[] = {APUS_REDUCE_SUM, APUS_REDUCE_SUM, APUS_REDUCE_MAX, APUS_REDUCE_MIN};
        emit(&p, folds[random_long(0, 3)], add_output(&p, 1, 0), any_register(&p, 0), 0, 0, 0);
    }
    return p;
}

// ---- Naive evaluation ------------------------------------------------------------------------------------------

static number compute(int op, number a, number b, number c) {
    switch (op) {
    case APUS_ADD: return (number){a.value + b.value, a.size + b.size};
    case APUS_SUBTRACT: return (number){a.value - b.value, a.size + b.size};
    case APUS_MULTIPLY: return (number){a.value * b.value, a.size * b.size};
    case APUS_MAXIMUM: return (number){fmax(a.value, b.value), fmax(a.size, b.size)};
    case APUS_MINIMUM: return (number){fmin(a.value, b.value), fmax(a.size, b.size)};
    case APUS_NEGATE: return (number){-a.value, a.size};
    case APUS_ABS: return (number){fabs(a.value), a.size};
    case APUS_RELU: return (number){fmax(a.value, 0), a.size};
    case APUS_SQUARE: return (number){a.value * a.value, a.size * a.size};
    case APUS_ATAN: return (number){atan(a.value), a.size};
    case APUS_SELECT: return (number){a.value != 0 ? b.value : c.value, fmax(b.size, c.size)};
    case APUS_SELECT_POSITIVE: return (number){a.value > 0 ? b.value : c.value, fmax(b.size, c.size)};
    case APUS_FMS: return (number){a.value * b.value - c.value, a.size * b.size + c.size};
    case APUS_FNMA: return (number){c.value - a.value * b.value, a.size * b.size + c.size};
    default: return (number){a.value * b.value + c.value, a.size * b.size + c.size};
    }
}

static long offset_of(const program *p, int o, const long *index, int folded) {
    long offset = 0;
    int from = 0;
    for (int d = 0; d < p->args.dims; d++) {
        if (folded && d >= p->args.reduced[0] && d < p->args.reduced[1]) continue;
        offset += index[d] * p->args.operand[o].stride[from++];
    }
    return offset;
}

static void fold(int op, number *into, number with) {
    int sum = op == APUS_ROW_SUM || op == APUS_REDUCE_SUM, largest = op == APUS_ROW_MAX || op == APUS_REDUCE_MAX;
    if (sum) into->value += with.value;
    else into->value = largest ? fmax(into->value, with.value) : fmin(into->value, with.value);
    into->size = sum ? into->size + with.size : fmax(into->size, with.size);
}

static number neutral_of(int op) {
    if (op == APUS_ROW_SUM || op == APUS_REDUCE_SUM) return (number){0, 0};
    return (number){op == APUS_ROW_MAX || op == APUS_REDUCE_MAX ? -INFINITY : INFINITY, 0};
}

/// Instruction `in` for row `index`, whose last element is not used.
static void evaluate(const program *p, apus_instruction in, long *index, number **full, number *row, number **results) {
    int last = p->args.dims - 1;
    long length = in.row && in.op < APUS_ROW_SUM ? 1 : p->args.extent[last];
    if (in.op >= APUS_ROW_SUM && in.op <= APUS_ROW_PRODUCT) row[in.dst] = neutral_of(in.op);
    for (long i = 0; i < length; i++) {
        index[last] = i;
        number *to = in.row ? &row[in.dst] : &full[in.dst][i];
        if (in.op == APUS_LOAD) {
            buffer b = p->memory[in.a];
            to->value = element(b.data, b.dtype, offset_of(p, in.a, index, 0));
            to->size = fabs(to->value);
        } else if (in.op == APUS_CONSTANT) {
            *to = (number){p->args.constant[in.a], fabs(p->args.constant[in.a])};
        } else if (in.op == APUS_EXPAND) {
            *to = row[in.a];
        } else if (in.op == APUS_STORE) {
            results[in.dst][offset_of(p, in.dst, index, 0)] = in.row ? row[in.a] : full[in.a][i];
        } else if (in.op >= APUS_REDUCE_SUM) {
            fold(in.op, &results[in.dst][offset_of(p, in.dst, index, 1)], full[in.a][i]);
        } else if (in.op >= APUS_ROW_SUM) {
            fold(in.op, &row[in.dst], full[in.a][i]);
        } else if (in.row) {
            *to = compute(in.op, row[in.a], row[in.b], row[in.c]);
        } else {
            *to = compute(in.op, full[in.a][i], full[in.b][i], full[in.c][i]);
        }
    }
    index[last] = 0;
}

static void reference(const program *p, number **results) {
    const apus_fused *args = &p->args;
    int last = args->dims - 1;
    number *full[REGISTERS], row[REGISTERS];
    memset(row, 0, sizeof row);
    for (int r = 0; r < REGISTERS; r++) full[r] = calloc((size_t)args->extent[last] + 1, sizeof **full);
    for (int i = 0; i < args->instructions; i++) {
        apus_instruction in = args->code[i];
        for (long e = 0; in.op >= APUS_REDUCE_SUM && e < p->memory[in.dst].count; e++) {
            results[in.dst][e] = neutral_of(in.op);
        }
    }
    long rows = 1;
    for (int d = 0; d < last; d++) rows *= args->extent[d];
    for (long r = 0; r < rows; r++) {
        long index[APUS_DIMS] = {0}, rest = r;
        for (int d = last - 1; d >= 0; rest /= args->extent[d], d--) index[d] = rest % args->extent[d];
        for (int i = 0; i < args->instructions; i++) evaluate(p, args->code[i], index, full, row, results);
    }
    for (int r = 0; r < REGISTERS; r++) free(full[r]);
}

static void describe(const program *p, char *what, size_t room) {
    int used = snprintf(what, room, "fused space %d [", p->args.compute);
    for (int d = 0; d < p->args.dims; d++) used += snprintf(what + used, room - (size_t)used, " %ld", p->args.extent[d]);
    used += snprintf(what + used, room - (size_t)used, " ] reduced %d..<%d code", p->args.reduced[0], p->args.reduced[1]);
    for (int i = 0; i < p->args.instructions; i++) {
        apus_instruction in = p->args.code[i];
        used += snprintf(what + used, room - (size_t)used, " %d%s:%d,%d,%d,%d", in.op, in.row ? "r" : "", in.dst, in.a,
                         in.b, in.c);
    }
}

static void test_one(void) {
    program p = program_new();
    number *results[APUS_OPERANDS] = {0};
    for (int o = 0; o < p.args.operands; o++) results[o] = calloc((size_t)p.memory[o].count + 1, sizeof *results[o]);
    reference(&p, results);
    char what[600];
    describe(&p, what, sizeof what);
    apus_plan plan;
    apus_fused_plan(&p.args, &plan);
    for (int o = 0; o < p.args.operands; o++) {
        if (!p.written[o]) continue;
        buffer out = p.memory[o];
        double *want = calloc((size_t)out.count + 1, sizeof *want), *scale = calloc((size_t)out.count + 1, sizeof *scale);
        for (long i = 0; i < out.count; i++) {
            want[i] = rounded(results[o][i].value, out.dtype);
            scale[i] = results[o][i].size + 1e-3;
        }
        run_plan(&plan, &p.args, &p.args.workspace, out, what);
        double tolerance = out.dtype == APUS_BF16 ? 8e-3 : out.dtype == APUS_F32 ? 2e-6 : 1e-13;
        compare(out, want, scale, tolerance, what);
        free(want);
        free(scale);
    }
    for (int o = 0; o < p.args.operands; o++) {
        free(results[o]);
        buffer_free(p.memory[o], what);
    }
}

void test_fused_programs(void);

void test_fused_programs(void) {
    for (int i = 0; i < 250; i++) test_one();
}
