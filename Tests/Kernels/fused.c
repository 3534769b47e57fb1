// The fused loop's functions, each against the C library in double precision, and what they make of special values.

#include "support.h"

static double sign(double x) { return (x > 0) - (x < 0); }
static double rsqrt(double x) { return 1 / sqrt(x); }
static double reciprocal(double x) { return 1 / x; }
static double negate(double x) { return -x; }
static double square(double x) { return x * x; }
static double relu(double x) { return x > 0 ? x : 0; }
static double not(double x) { return x == 0; }
static double sigmoid(double x) { return 1 / (1 + exp(-x)); }
static double softplus(double x) { return fmax(x, 0) + log1p(exp(-fabs(x))); }

static double digamma(double x) {
    double sum = 0;
    for (; x < 20; x++) sum -= 1 / x;
    double z = 1 / (x * x);
    return sum + log(x) - 0.5 / x - z * (1. / 12 - z * (1. / 120 - z * (1. / 252 - z * (1. / 240 - z / 132))));
}

static double remainder_of(double a, double b) { return a - floor(a / b) * b; }
static double floor_divide(double a, double b) { return floor(a / b); }
static double add(double a, double b) { return a + b; }
static double subtract(double a, double b) { return a - b; }
static double multiply(double a, double b) { return a * b; }
static double divide(double a, double b) { return a / b; }
static double equal(double a, double b) { return a == b; }
static double not_equal(double a, double b) { return a != b; }
static double less(double a, double b) { return a < b; }
static double less_equal(double a, double b) { return a <= b; }
static double greater(double a, double b) { return a > b; }
static double greater_equal(double a, double b) { return a >= b; }
static double and(double a, double b) { return a != 0 && b != 0; }
static double or(double a, double b) { return a != 0 || b != 0; }
static double xor(double a, double b) { return (a != 0) != (b != 0); }
static double bit_and(double a, double b) { return (double)((int64_t)a & (int64_t)b); }
static double bit_or(double a, double b) { return (double)((int64_t)a | (int64_t)b); }
static double bit_xor(double a, double b) { return (double)((int64_t)a ^ (int64_t)b); }
static double shift_left(double a, double b) {
    return b < 0 || b > 63 ? 0 : (double)(int64_t)((uint64_t)(int64_t)a << (int64_t)b);
}
static double shift_right(double a, double b) {
    return (double)((int64_t)a >> (b < 0 || b > 63 ? 63 : (int64_t)b));
}
static double maximum(double a, double b) { return a != a || b != b ? NAN : fmax(a, b); }
static double minimum(double a, double b) { return a != a || b != b ? NAN : fmin(a, b); }

enum { REALS = 1, INTEGERS = 2, WHOLE = 4, BOTH = REALS | INTEGERS };

static const struct {
    int op;
    double (*function)(double);
    double low, high;
    int spaces;
    double single, wide;  // tolerances beside the usual ones, 0 for those
} unary[] = {
    {APUS_NEGATE, negate, -100, 100, BOTH, 0, 0},   {APUS_ABS, fabs, -100, 100, BOTH, 0, 0},
    {APUS_SIGN, sign, -3, 3, BOTH, 0, 0},           {APUS_FLOOR, floor, -100, 100, REALS, 0, 0},
    {APUS_CEIL, ceil, -100, 100, REALS, 0, 0},      {APUS_ROUND, rint, -100, 100, REALS, 0, 0},
    {APUS_ROUND, rint, -8, 8, REALS | WHOLE, 0, 0}, {APUS_TRUNCATE, trunc, -100, 100, REALS, 0, 0},
    {APUS_EXP, exp, -80, 80, REALS, 0, 0},          {APUS_EXPM1, expm1, -5, 5, REALS, 0, 0},
    {APUS_LOG, log, 1e-3, 100, REALS, 0, 0},        {APUS_LOG1P, log1p, -0.9, 10, REALS, 0, 0},
    {APUS_SQRT, sqrt, 0, 100, REALS, 0, 0},         {APUS_RSQRT, rsqrt, 0.01, 100, REALS, 0, 0},
    {APUS_RECIPROCAL, reciprocal, 0.1, 10, REALS, 0, 0}, {APUS_SIN, sin, -100, 100, REALS, 0, 0},
    {APUS_COS, cos, -100, 100, REALS, 0, 0},        {APUS_TAN, tan, -1.5, 1.5, REALS, 0, 0},
    {APUS_ASIN, asin, -1, 1, REALS, 0, 0},          {APUS_ACOS, acos, -1, 1, REALS, 0, 0},
    {APUS_ATAN, atan, -50, 50, REALS, 0, 0},        {APUS_SINH, sinh, -8, 8, REALS, 0, 0},
    {APUS_COSH, cosh, -8, 8, REALS, 0, 0},          {APUS_TANH, tanh, -10, 10, REALS, 0, 0},
    {APUS_ASINH, asinh, -50, 50, REALS, 0, 0},      {APUS_ACOSH, acosh, 1, 50, REALS, 0, 0},
    {APUS_ATANH, atanh, -0.99, 0.99, REALS, 0, 0},  {APUS_ERF, erf, -5, 5, REALS, 0, 0},
    {APUS_ERFC, erfc, -4, 8, REALS, 0, 0},          {APUS_LGAMMA, lgamma, 0.1, 50, REALS, 0, 1e-12},
    {APUS_DIGAMMA, digamma, 0.1, 50, REALS, 0, 1e-12}, {APUS_SIGMOID, sigmoid, -60, 60, REALS, 0, 0},
    {APUS_SOFTPLUS, softplus, -60, 60, REALS, 0, 0}, {APUS_RELU, relu, -10, 10, BOTH, 0, 0},
    {APUS_NOT, not, -2, 2, BOTH | WHOLE, 0, 0},     {APUS_SQUARE, square, -10, 10, BOTH, 0, 0},
};

static const struct {
    int op;
    double (*function)(double, double);
    double low, high, low_b, high_b;
    int spaces;
} binary[] = {
    {APUS_ADD, add, -10, 10, -10, 10, BOTH},
    {APUS_SUBTRACT, subtract, -10, 10, -10, 10, BOTH},
    {APUS_MULTIPLY, multiply, -10, 10, -10, 10, BOTH},
    {APUS_DIVIDE, divide, -10, 10, 0.5, 10, REALS},
    {APUS_POWER, pow, 0.1, 5, -4, 4, REALS},
    {APUS_POWER, pow, -5, 5, 0, 5, BOTH | WHOLE},
    {APUS_MAXIMUM, maximum, -10, 10, -10, 10, BOTH},
    {APUS_MINIMUM, minimum, -10, 10, -10, 10, BOTH},
    {APUS_REMAINDER, remainder_of, -20, 20, 1, 7, BOTH | WHOLE},
    {APUS_REMAINDER, remainder_of, -20, 20, -7, -1, BOTH | WHOLE},
    {APUS_FLOOR_DIVIDE, floor_divide, -20, 20, 1, 7, BOTH | WHOLE},
    {APUS_FLOOR_DIVIDE, floor_divide, -20, 20, -7, -1, BOTH | WHOLE},
    {APUS_ATAN2, atan2, -10, 10, -10, 10, REALS},
    {APUS_EQUAL, equal, -2, 2, -2, 2, BOTH | WHOLE},
    {APUS_NOT_EQUAL, not_equal, -2, 2, -2, 2, BOTH | WHOLE},
    {APUS_LESS, less, -2, 2, -2, 2, BOTH | WHOLE},
    {APUS_LESS_EQUAL, less_equal, -2, 2, -2, 2, BOTH | WHOLE},
    {APUS_GREATER, greater, -2, 2, -2, 2, BOTH | WHOLE},
    {APUS_GREATER_EQUAL, greater_equal, -2, 2, -2, 2, BOTH | WHOLE},
    {APUS_AND, and, 0, 1, 0, 1, BOTH | WHOLE},
    {APUS_OR, or, 0, 1, 0, 1, BOTH | WHOLE},
    {APUS_XOR, xor, 0, 1, 0, 1, BOTH | WHOLE},
    {APUS_BIT_AND, bit_and, -20, 20, -20, 20, INTEGERS},
    {APUS_BIT_OR, bit_or, -20, 20, -20, 20, INTEGERS},
    {APUS_BIT_XOR, bit_xor, -20, 20, -20, 20, INTEGERS},
    {APUS_SHIFT_LEFT, shift_left, 0, 20, -3, 70, INTEGERS},
    {APUS_SHIFT_RIGHT, shift_right, -900, 900, -3, 70, INTEGERS},
};

static const int space_dtype[] = {APUS_F32, APUS_F64, APUS_I64};

/// out = op(a, b) over a row of a few vectors and a bit.
static void run_function(int op, int arity, buffer a, buffer b, buffer out, int space) {
    apus_fused args = {.compute = space, .dims = 1, .extent = {a.count}, .operands = 3, .instructions = arity + 2};
    buffer buffers[] = {a, b, out};
    for (int o = 0; o < 3; o++) {
        args.operand[o] = (apus_operand){.data = buffers[o].data, .stride = {1}, .dtype = buffers[o].dtype};
    }
    for (int i = 0; i < arity; i++) {
        args.code[i] = (apus_instruction){.op = APUS_LOAD, .dst = (uint8_t)i, .a = (uint8_t)i};
    }
    args.code[arity] = (apus_instruction){.op = (uint8_t)op, .dst = 5, .a = 0, .b = 1};
    args.code[arity + 1] = (apus_instruction){.op = APUS_STORE, .dst = 2, .a = 5};
    apus_plan plan;
    apus_fused_plan(&args, &plan);
    char what[100];
    snprintf(what, sizeof what, "function %d", op);
    run_plan(&plan, &args, &args.workspace, out, what);
}

static void test_function(int op, double (*one)(double), double (*two)(double, double), const double *range, int whole,
                          int space, double tolerance) {
    int dtype = space_dtype[space], integers = space == APUS_COMPUTE_I64;
    long count = random_long(200, 300);
    buffer a = buffer_new(count, dtype), b = buffer_new(count, dtype), out = buffer_new(count, dtype);
    if (whole || integers) {
        buffer_fill_whole(a, (long)ceil(range[0]), (long)floor(range[1]));
        buffer_fill_whole(b, (long)ceil(range[2]), (long)floor(range[3]));
    } else {
        buffer_fill(a, range[0], range[1]);
        buffer_fill(b, range[2], range[3]);
    }
    run_function(op, one ? 1 : 2, a, b, out, space);
    double *want = calloc((size_t)count, sizeof *want);
    for (long i = 0; i < count; i++) {
        double x = element(a.data, dtype, i), y = element(b.data, dtype, i);
        want[i] = one ? one(x) : two(x, y);
    }
    char what[100];
    snprintf(what, sizeof what, "function %d in space %d", op, space);
    compare(out, want, NULL, tolerance, what);
    free(want);
    buffer_free(a, what);
    buffer_free(b, what);
    buffer_free(out, what);
}

static void test_special_values(int space) {
    static const double values[] = {NAN, INFINITY, -INFINITY, 0, -1, 2};
    enum { COUNT = 36 };
    int dtype = space_dtype[space];
    buffer a = buffer_new(COUNT, dtype), b = buffer_new(COUNT, dtype), out = buffer_new(COUNT, dtype);
    for (int i = 0; i < COUNT; i++) {
        set_element(a.data, dtype, i, values[i / 6]);
        set_element(b.data, dtype, i, values[i % 6]);
    }
    static const struct { int op; double (*function)(double, double); } pairs[] = {
        {APUS_MAXIMUM, maximum}, {APUS_MINIMUM, minimum}, {APUS_EQUAL, equal}, {APUS_NOT_EQUAL, not_equal},
        {APUS_LESS, less}, {APUS_LESS_EQUAL, less_equal}, {APUS_GREATER, greater}, {APUS_ADD, add},
    };
    double want[COUNT];
    for (size_t p = 0; p < sizeof pairs / sizeof pairs[0]; p++) {
        run_function(pairs[p].op, 2, a, b, out, space);
        for (int i = 0; i < COUNT; i++) want[i] = pairs[p].function(values[i / 6], values[i % 6]);
        char what[100];
        snprintf(what, sizeof what, "special values of function %d in space %d", pairs[p].op, space);
        compare(out, want, NULL, 0, what);
    }
    run_function(APUS_IS_NAN, 1, a, b, out, space);
    for (int i = 0; i < COUNT; i++) want[i] = isnan(values[i / 6]);
    compare(out, want, NULL, 0, "is nan");
    run_function(APUS_IS_FINITE, 1, a, b, out, space);
    for (int i = 0; i < COUNT; i++) want[i] = isfinite(values[i / 6]) != 0;
    compare(out, want, NULL, 0, "is finite");
    static const struct { int op; double (*function)(double); } singles[] = {
        {APUS_EXP, exp}, {APUS_LOG, log}, {APUS_TANH, tanh}, {APUS_SIGMOID, sigmoid}, {APUS_SQRT, sqrt},
        {APUS_ERF, erf}, {APUS_EXPM1, expm1}, {APUS_LOG1P, log1p}, {APUS_FLOOR, floor},
    };
    for (size_t p = 0; p < sizeof singles / sizeof singles[0]; p++) {
        run_function(singles[p].op, 1, a, b, out, space);
        for (int i = 0; i < COUNT; i++) want[i] = singles[p].function(values[i / 6]);
        char what[100];
        snprintf(what, sizeof what, "special values of function %d in space %d", singles[p].op, space);
        compare(out, want, NULL, space == APUS_COMPUTE_F32 ? 3e-6 : 1e-13, what);
    }
    buffer_free(a, "special values");
    buffer_free(b, "special values");
    buffer_free(out, "special values");
}

/// Every type read as every other, for values that all of them hold.
static void test_conversions(void) {
    for (int from = APUS_F32; from <= APUS_BOOL; from++) {
        for (int to = APUS_F32; to <= APUS_BOOL; to++) {
            for (int space = 0; space < 3; space++) {
                long count = random_long(1, 70);
                buffer a = buffer_new(count, from), out = buffer_new(count, to);
                buffer_fill_whole(a, 0, from == APUS_BOOL ? 1 : 100);
                double *want = calloc((size_t)count, sizeof *want);
                for (long i = 0; i < count; i++) want[i] = rounded(element(a.data, from, i), to);
                apus_fused args = {
                    .compute = space, .dims = 1, .extent = {count}, .operands = 2, .instructions = 2,
                    .operand = {{.data = a.data, .stride = {1}, .dtype = from},
                                {.data = out.data, .stride = {1}, .dtype = to}},
                    .code = {{.op = APUS_LOAD}, {.op = APUS_STORE, .dst = 1}},
                };
                apus_plan plan;
                apus_fused_plan(&args, &plan);
                char what[100];
                snprintf(what, sizeof what, "conversion from %d to %d in space %d", from, to, space);
                run_plan(&plan, &args, &args.workspace, out, what);
                compare(out, want, NULL, 0, what);
                free(want);
                buffer_free(a, what);
                buffer_free(out, what);
            }
        }
    }
}

void test_fused_programs(void);
void test_fused_joined(void);

void test_fused(void) {
    for (int space = APUS_COMPUTE_F32; space <= APUS_COMPUTE_I64; space++) {
        int kind = space == APUS_COMPUTE_I64 ? INTEGERS : REALS;
        double usual = space == APUS_COMPUTE_F32 ? 3e-6 : space == APUS_COMPUTE_F64 ? 1e-13 : 0;
        for (size_t f = 0; f < sizeof unary / sizeof unary[0]; f++) {
            if (!(unary[f].spaces & kind)) continue;
            double range[] = {unary[f].low, unary[f].high, 0, 0};
            double own = space == APUS_COMPUTE_F32 ? unary[f].single : unary[f].wide;
            test_function(unary[f].op, unary[f].function, NULL, range, unary[f].spaces & WHOLE, space,
                          own > 0 ? own : usual);
        }
        for (size_t f = 0; f < sizeof binary / sizeof binary[0]; f++) {
            if (!(binary[f].spaces & kind)) continue;
            double range[] = {binary[f].low, binary[f].high, binary[f].low_b, binary[f].high_b};
            test_function(binary[f].op, NULL, binary[f].function, range, binary[f].spaces & WHOLE, space, usual);
        }
        if (space != APUS_COMPUTE_I64) test_special_values(space);
    }
    test_conversions();
    test_fused_programs();
    test_fused_joined();
}
