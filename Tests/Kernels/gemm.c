// Matrix products: random strides, batches and epilogues.

#include "support.h"

static void test_product(int dtype, long m, long n, long k, long batch, int a_turned, long a_gap) {
    int b_turned = one_in(2), with_epilogue = one_in(3), b_shared = one_in(3);
    long b_gap = one_in(3) ? random_long(1, 9) : 0;
    long c_gap = one_in(3) ? random_long(1, 9) : 0;
    long a_row = a_turned ? 1 : k + a_gap, a_column = a_turned ? m + a_gap : 1;
    long b_row = b_turned ? 1 : n + b_gap, b_column = b_turned ? k + b_gap : 1;
    long a_batch = a_turned ? (m + a_gap) * k : (k + a_gap) * m;
    long b_batch = b_shared ? 0 : b_turned ? (k + b_gap) * n : (n + b_gap) * k;
    long b_count = b_turned ? (k + b_gap) * n : (n + b_gap) * k;
    long ldc = n + c_gap, c_batch = m * ldc;
    // Runs of batch elements may be turned against the batch, as heads of attention are.
    long inner = batch % 2 == 0 && one_in(2) ? 2 : 0, a_outer = a_batch, b_outer = b_batch;
    if (inner) a_batch *= batch / inner, b_batch *= batch / inner;
    buffer a = buffer_new(batch * (inner ? a_outer : a_batch), dtype);
    buffer b = buffer_new(b_shared ? b_count : batch * b_count, dtype);
    buffer c = buffer_new(batch * c_batch, dtype), bias = buffer_new(n, dtype);
    buffer_fill(a, -1, 1);
    buffer_fill(b, -1, 1);
    buffer_fill(bias, -1, 1);
    buffer_fill(c, 5, 6);

    double *want = calloc((size_t)c.count + 1, sizeof *want), *scale = calloc((size_t)c.count + 1, sizeof *scale);
    for (long i = 0; i < c.count; i++) want[i] = element(c.data, dtype, i);
    for (long s = 0; s < batch; s++) {
        long a_start = inner ? s / inner * a_outer + s % inner * a_batch : s * a_batch;
        long b_start = inner ? s / inner * b_outer + s % inner * b_batch : s * b_batch;
        for (long i = 0; i < m; i++) {
            for (long j = 0; j < n; j++) {
                double sum = 0, size = 1;
                for (long l = 0; l < k; l++) {
                    double product = element(a.data, dtype, a_start + i * a_row + l * a_column) *
                                     element(b.data, dtype, b_start + l * b_row + j * b_column);
                    sum += product;
                    size += fabs(product);
                }
                if (with_epilogue) sum = fmax(0, sum + element(bias.data, dtype, j));
                want[s * c_batch + i * ldc + j] = sum;
                scale[s * c_batch + i * ldc + j] = size;
            }
        }
    }
    apus_fused epilogue = epilogue_relu(c, ldc, bias, batch * m, n);
    apus_gemm args = {a.data, b.data, c.data, batch, m, n, k, a_row, a_column, a_batch, b_row, b_column, b_batch,
                      ldc, c_batch, with_epilogue ? &epilogue : NULL, NULL, inner, a_outer, b_outer, one_in(4)};
    apus_plan plan;
    apus_gemm_plan(&args, dtype, &plan);
    char what[200];
    snprintf(what, sizeof what, "%s f%d %ld (%ld) x (%ld, %ld, %ld) turned %d %d gaps %ld %ld %ld epilogue %d", plan.name,
             dtype == APUS_F64 ? 64 : 32, batch, inner, m, n, k, a_turned, b_turned, a_gap, b_gap, c_gap, with_epilogue);
    // Sums of columns ask for rows that follow each other through all batches.
    if (with_epilogue && n > 0 && batch * m > 0 && c_batch == m * ldc && one_in(2)) gather_columns(&epilogue, &plan);
    run_plan(&plan, &args, &args.workspace, c, what);
    gather_check(c, ldc, what);
    compare(c, want, scale, dtype == APUS_F64 ? 1e-14 : 2e-6, what);
    free(want);
    free(scale);
    buffer_free(a, what);
    buffer_free(b, what);
    buffer_free(c, what);
    buffer_free(bias, what);
}

static void test_one(int dtype, long most, int big) {
    long m = random_long(0, most), n = random_long(0, most), k = random_long(0, most), batch = big ? 1 : random_long(1, 6);
    // Rows may stand further apart than they are long.
    test_product(dtype, m, n, k, batch, one_in(2), one_in(3) ? random_long(1, 9) : 0);
}

void test_gemm(void) {
    // Steps of k that are a page apart; a k so long that tasks divide it.
    test_product(APUS_F32, 30, 300, 600, 1, 1, 1024 - 30);
    test_product(APUS_F64, 30, 150, 600, 1, 1, 512 - 30);
    test_product(APUS_F32, 60, 70, 2100, 1, 1, 0);
    test_product(APUS_F64, 60, 70, 2100, 1, 0, 3);
    for (int i = 0; i < 150; i++) test_one(i % 3 == 2 ? APUS_F64 : APUS_F32, i % 2 ? 12 : 70, 0);
    for (int i = 0; i < 6; i++) test_one(i % 2 ? APUS_F64 : APUS_F32, 300, 1);
}
