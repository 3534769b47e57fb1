// Gather and scatter-add: both modes, every element type, indices out of range.

#include "support.h"

static void test_one(int scatter, int mode, int big) {
    static const int summed[] = {APUS_F32, APUS_F64, APUS_I32, APUS_I64};
    apus_index args = {
        .outer = random_long(0, 3), .extent = random_long(0, 30), .count = random_long(0, 20),
        .inner = one_in(3) ? random_long(1, 200) : random_long(1, 9), .mode = mode,
        .dtype = scatter ? summed[random_long(0, 3)] : (int)random_long(0, 7),
        .index_dtype = one_in(2) ? APUS_I64 : APUS_I32,
    };
    if (big) args.extent = random_long(1, 3000), args.count = random_long(100, 1000), args.inner = random_long(1, 200);
    long elements = args.outer * args.count * args.inner;
    buffer data = buffer_new(args.outer * args.extent * args.inner, args.dtype), out = buffer_new(elements, args.dtype);
    buffer index = buffer_new(mode == APUS_INDEX_ALONG ? elements : args.count, args.index_dtype);
    buffer_fill_whole(data, 0, 100);
    buffer_fill_whole(out, 0, 100);
    buffer_fill_whole(index, 0, args.extent > 0 ? args.extent - 1 : 0);
    for (int i = 0; i < 3 && one_in(2) && index.count > 0; i++) {
        double wrong = (double)(one_in(2) ? -random_long(1, 5) : args.extent + random_long(0, 5));
        set_element(index.data, index.dtype, random_long(0, index.count - 1), wrong);
    }
    buffer written = scatter ? data : out;
    double *want = calloc((size_t)written.count + 1, sizeof *want);
    args.start = scatter && one_in(2) ? APUS_SCATTER_ONTO_BASE : APUS_SCATTER_ONTO_ZEROS;
    buffer base = buffer_new(written.count, written.dtype);
    buffer_fill_whole(base, 0, 100);
    args.base = base.data;
    for (long e = 0; e < written.count && args.start == APUS_SCATTER_ONTO_BASE; e++) {
        want[e] = element(base.data, base.dtype, e);
    }
    apus_index_error expected = {0, 0}, error = {0, 0};
    for (long e = 0; e < elements; e++) {
        long i = e % args.inner, j = e / args.inner % args.count, o = e / args.inner / args.count;
        long position = mode == APUS_INDEX_ALONG ? e : j, at = (long)element(index.data, index.dtype, position);
        if (at < 0 || at >= args.extent) {
            if (expected.position == 0) expected = (apus_index_error){position + 1, at};
            at = 0;
        }
        if (args.extent == 0) continue;
        long d = (o * args.extent + at) * args.inner + i;
        if (scatter) want[d] += element(out.data, out.dtype, e);
        else want[e] = element(data.data, data.dtype, d);
    }
    char what[200];
    snprintf(what, sizeof what, "%s mode %d dtype %d [%ld, %ld -> %ld, %ld]", scatter ? "scatter-add" : "gather", mode,
             args.dtype, args.outer, args.extent, args.count, args.inner);
    args.data = data.data;
    args.out = out.data;
    args.index = index.data;
    args.error = &error;
    apus_plan plan;
    (scatter ? apus_scatter_add_plan : apus_gather_plan)(&args, &plan);
    run_plan(&plan, &args, &args.workspace, written, what);
    compare(written, want, NULL, 1e-6, what);
    check(error.position == expected.position && error.value == expected.value,
          "%s: the error is at %lld, not %lld", what, (long long)error.position, (long long)expected.position);
    free(want);
    buffer_free(data, what);
    buffer_free(out, what);
    buffer_free(index, what);
    buffer_free(base, what);
}

/// Adding in place touches nothing else, and adds to what is there.
static void test_in_place(void) {
    long extent = random_long(1, 400), count = random_long(1, 300), inner = random_long(1, 200);
    buffer data = buffer_new(extent * inner, APUS_F32), out = buffer_new(count * inner, APUS_F32);
    buffer index = buffer_new(count, APUS_I64);
    buffer_fill_whole(data, 0, 100);
    buffer_fill_whole(out, 0, 100);
    buffer_fill_whole(index, 0, extent - 1);
    double *want = calloc((size_t)data.count, sizeof *want);
    for (long e = 0; e < data.count; e++) want[e] = element(data.data, data.dtype, e);
    for (long e = 0; e < out.count; e++) {
        want[(long)element(index.data, index.dtype, e / inner) * inner + e % inner] += element(out.data, out.dtype, e);
    }
    apus_index args = {
        .data = data.data, .out = out.data, .index = index.data, .outer = 1, .extent = extent, .count = count,
        .inner = inner, .mode = APUS_INDEX_SHARED, .dtype = APUS_F32, .index_dtype = APUS_I64,
        .start = APUS_SCATTER_IN_PLACE,
    };
    apus_plan plan;
    apus_scatter_add_plan(&args, &plan);
    for (int phase = 0; phase < plan.phases; phase++) plan.phase[phase].run(&args, 0, plan.phase[phase].tasks, NULL);
    char what[100];
    snprintf(what, sizeof what, "scatter-add in place [%ld, %ld, %ld]", extent, count, inner);
    compare(data, want, NULL, 1e-6, what);
    free(want);
    buffer_free(data, what);
    buffer_free(out, what);
    buffer_free(index, what);
}

void test_indexing(void) {
    for (int i = 0; i < 40; i++) test_in_place();
    for (int i = 0; i < 300; i++) test_one(i % 2, i / 2 % 2, i % 50 < 4);
}
