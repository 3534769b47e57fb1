// Arguments of extrema, stable sorts, running folds.

#include "support.h"

/// NaN is the last, whatever the direction.
static int comes_before(double a, double b, int descending) {
    if (a != a || b != b) return a == a && b != b;
    return descending ? a > b : a < b;
}

static void check_column(const apus_order *args, const double *x, const int64_t *out, const char *what) {
    long extent = args->extent, inner = args->inner;
    if (args->kind == APUS_ARG_MAX || args->kind == APUS_ARG_MIN) {
        long best = 0;
        for (long e = 1; e < extent; e++) {
            double value = x[e * inner], record = x[best * inner];
            if (record == record && (value != value || comes_before(value, record, args->kind == APUS_ARG_MAX))) best = e;
        }
        check(*out == best, "%s finds %lld, not %ld", what, (long long)*out, best);
        return;
    }
    char *seen = calloc((size_t)extent + 1, 1);
    int sorted = 1, descending = args->kind == APUS_ARG_SORT_DESCENDING;
    for (long e = 0; e < extent && sorted; e++) {
        int64_t at = out[e * inner], last = e > 0 ? out[(e - 1) * inner] : 0;
        sorted &= at >= 0 && at < extent && !seen[at];
        if (!sorted) break;
        seen[at] = 1;
        if (e == 0) continue;
        double value = x[at * inner], before = x[last * inner];
        sorted &= comes_before(before, value, descending) || (!comes_before(value, before, descending) && last < at);
    }
    check(sorted, "%s is not a stable order", what);
    free(seen);
}

static void test_order_of(int kind, int dtype, int big) {
    apus_order args = {.outer = random_long(0, 3), .extent = random_long(1, one_in(5) ? 1500 : 40),
                       .inner = one_in(4) ? random_long(1, 140) : random_long(1, 4), .kind = kind, .dtype = dtype};
    if (big) args.outer = 1, args.extent = random_long(32768, 40000), args.inner = random_long(1, 2);
    long elements = args.outer * args.extent * args.inner, columns = args.outer * args.inner;
    int arg = kind == APUS_ARG_MAX || kind == APUS_ARG_MIN;
    buffer x = buffer_new(elements, dtype), out = buffer_new(arg ? columns : elements, APUS_I64);
    buffer_fill_whole(x, dtype >= APUS_U8 ? 0 : -20, dtype == APUS_BOOL ? 1 : 20);
    static const double special[] = {NAN, -0.0, 0.0, INFINITY, -INFINITY};
    for (long i = 0; i < elements && dtype <= APUS_F16; i++) {
        if (one_in(10)) set_element(x.data, dtype, i, special[random_long(0, 4)]);
    }
    args.x = x.data;
    args.out = out.data;
    apus_plan plan;
    apus_order_plan(&args, &plan);
    char what[200];
    snprintf(what, sizeof what, "order kind %d dtype %d [%ld, %ld, %ld]", kind, dtype, args.outer, args.extent, args.inner);
    run_plan(&plan, &args, &args.workspace, out, what);
    double *values = calloc((size_t)elements + 1, sizeof *values);
    for (long i = 0; i < elements; i++) values[i] = element(x.data, dtype, i);
    for (long c = 0; c < columns; c++) {
        long o = c / args.inner, i = c % args.inner;
        const int64_t *column = args.out + (arg ? c : o * args.extent * args.inner + i);
        check_column(&args, values + o * args.extent * args.inner + i, column, what);
    }
    free(values);
    buffer_free(x, what);
    buffer_free(out, what);
}

static void test_cumulative_of(int kind, int dtype) {
    apus_cumulative args = {.outer = random_long(0, 3), .extent = random_long(0, 60),
                            .inner = one_in(3) ? random_long(1, 300) : random_long(1, 5), .kind = kind, .dtype = dtype,
                            .reverse = one_in(2), .exclusive = one_in(2)};
    int whole = dtype == APUS_I32 || dtype == APUS_I64;
    double lowest = dtype == APUS_I32 ? INT32_MIN : dtype == APUS_I64 ? -0x1p63 : -INFINITY;
    double highest = dtype == APUS_I32 ? INT32_MAX : dtype == APUS_I64 ? 0x1p63 : INFINITY;
    double neutral = kind == 0 ? 0 : kind == 1 ? 1 : kind == 2 ? lowest : highest;
    buffer x = buffer_new(args.outer * args.extent * args.inner, dtype), out = buffer_new(x.count, dtype);
    for (long i = 0; i < x.count; i++) {
        double value = kind == 1 ? (one_in(9) ? -1 : 1) : (double)random_long(-20, 20);
        set_element(x.data, dtype, i, kind >= 2 && !whole && one_in(40) ? NAN : value);
    }
    double *want = calloc((size_t)x.count + 1, sizeof *want);
    for (long c = 0; c < args.outer * args.inner; c++) {
        double running = neutral;
        for (long step = 0; step < args.extent; step++) {
            long e = args.reverse ? args.extent - 1 - step : step;
            long at = (c / args.inner * args.extent + e) * args.inner + c % args.inner;
            double value = element(x.data, dtype, at), before = running;
            if (kind == 0) running += value;
            else if (kind == 1) running *= value;
            else if (running == running) {
                running = value != value || (kind == 2 ? value > running : value < running) ? value : running;
            }
            want[at] = args.exclusive ? before : running;
        }
    }
    args.x = x.data;
    args.out = out.data;
    apus_plan plan;
    apus_cumulative_plan(&args, &plan);
    char what[200];
    snprintf(what, sizeof what, "cumulative kind %d dtype %d [%ld, %ld, %ld] reverse %d exclusive %d", kind, dtype,
             args.outer, args.extent, args.inner, args.reverse, args.exclusive);
    run_plan(&plan, &args, &args.workspace, out, what);
    compare(out, want, NULL, 1e-6, what);
    free(want);
    buffer_free(x, what);
    buffer_free(out, what);
}

void test_order(void) {
    static const int folded[] = {APUS_F32, APUS_F64, APUS_I32, APUS_I64};
    for (int i = 0; i < 160; i++) test_order_of(i % 4, i / 4 % 8, 0);
    for (int i = 0; i < 4; i++) test_order_of(2 + i % 2, i < 2 ? APUS_F32 : APUS_I64, 1);
    for (int i = 0; i < 160; i++) test_cumulative_of(i % 4, folded[i / 4 % 4]);
}
