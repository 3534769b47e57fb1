// Fused loops joined to one call, and products, whose factors are signs here so that they are exact.

#include "support.h"

void test_fused_joined(void);

static apus_fused doubling(buffer b) {
    apus_fused args = {
        .compute = APUS_COMPUTE_F32, .dims = 1, .extent = {b.count}, .operands = 1, .instructions = 3,
        .operand = {{.data = b.data, .stride = {1}, .dtype = b.dtype}},
        .code = {{.op = APUS_LOAD}, {.op = APUS_ADD, .dst = 1}, {.op = APUS_STORE, .a = 1}},
    };
    return args;
}

static void test_group(void) {
    enum { LOOPS = 5 };
    static const long counts[LOOPS] = {3, 200000, 1, 17, 150000};
    buffer buffers[LOOPS];
    apus_fused loops[LOOPS];
    const apus_fused *pointers[LOOPS];
    apus_phase phases[LOOPS];
    long first_task[LOOPS + 1] = {0};
    size_t scratch = 0;
    for (int i = 0; i < LOOPS; i++) {
        buffers[i] = buffer_new(counts[i], APUS_F32);
        buffer_fill_whole(buffers[i], -9, 9);
        loops[i] = doubling(buffers[i]);
        pointers[i] = &loops[i];
        apus_plan plan;
        apus_fused_plan(&loops[i], &plan);
        phases[i] = plan.phase[0];
        first_task[i + 1] = first_task[i] + plan.phase[0].tasks;
        scratch = plan.scratch > scratch ? plan.scratch : scratch;
    }
    float *before = malloc(sizeof *before * (size_t)counts[1]);
    memcpy(before, buffers[1].data, buffers[1].bytes);
    apus_fused_group group = {LOOPS, pointers, phases, first_task};
    apus_call call = {apus_fused_group_run, &group, first_task[LOOPS]};
    float small = ((float *)buffers[2].data)[0];
    apus_run(&call, 1, scratch, 3);
    int doubled = ((float *)buffers[2].data)[0] == 2 * small;
    for (long i = 0; i < counts[1]; i++) doubled &= ((float *)buffers[1].data)[i] == 2 * before[i];
    check(doubled, "five loops in one call");
    free(before);
    for (int i = 0; i < LOOPS; i++) buffer_free(buffers[i], "five loops in one call");
}

static void test_products(int dtype, int compute) {
    enum { ROWS = 9, COLUMNS = 37 };
    buffer x = buffer_new(ROWS * COLUMNS, dtype), rows = buffer_new(ROWS, dtype), columns = buffer_new(COLUMNS, dtype);
    double row_wants[ROWS], column_wants[COLUMNS];
    for (int i = 0; i < ROWS; i++) row_wants[i] = 1;
    for (int i = 0; i < COLUMNS; i++) column_wants[i] = 1;
    for (int i = 0; i < ROWS * COLUMNS; i++) {
        double factor = one_in(2) ? 1 : -1;
        set_element(x.data, dtype, i, factor);
        row_wants[i / COLUMNS] *= factor;
        column_wants[i % COLUMNS] *= factor;
    }
    apus_fused args = {
        .compute = compute, .dims = 2, .extent = {ROWS, COLUMNS}, .reduced = {0, 1}, .operands = 3, .instructions = 4,
        .operand = {{.data = x.data, .stride = {COLUMNS, 1}, .dtype = dtype},
                    {.data = rows.data, .stride = {1, 0}, .dtype = dtype},
                    {.data = columns.data, .stride = {1}, .dtype = dtype}},
        .code = {{.op = APUS_LOAD}, {.op = APUS_ROW_PRODUCT, .dst = 1, .row = 1},
                 {.op = APUS_STORE, .dst = 1, .a = 1, .row = 1}, {.op = APUS_REDUCE_PRODUCT, .dst = 2, .a = 0}},
    };
    apus_plan plan;
    apus_fused_plan(&args, &plan);
    run_plan(&plan, &args, &args.workspace, rows, "products");
    compare(rows, row_wants, NULL, 0, "products of rows");
    compare(columns, column_wants, NULL, 0, "products of columns");
    buffer_free(x, "products");
    buffer_free(rows, "products");
    buffer_free(columns, "products");
}

void test_fused_joined(void) {
    test_group();
    test_products(APUS_F32, APUS_COMPUTE_F32);
    test_products(APUS_F64, APUS_COMPUTE_F64);
    test_products(APUS_I64, APUS_COMPUTE_I64);
}
