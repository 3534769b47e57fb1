// What the kernel tests share: checks, fixed random numbers, guarded memory, and ways to run a plan.

#ifndef KERNELS_TEST_SUPPORT_H
#define KERNELS_TEST_SUPPORT_H

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "CKernels.h"

// ---- Checks ----------------------------------------------------------------------------------------------------

/// Counts one check; prints the first failures.
int check(int passed, const char *format, ...) __attribute__((format(printf, 2, 3)));
extern long checks_passed, checks_failed;

// ---- Random numbers --------------------------------------------------------------------------------------------

void random_seed(uint64_t seed);
/// In `low ... high`.
long random_long(long low, long high);
/// In `low ..< high`.
double random_real(double low, double high);
int one_in(long n);

// ---- Memory ----------------------------------------------------------------------------------------------------

/// Elements that end at a page nobody may touch, behind a margin whose bytes are checked.
typedef struct {
    void *data;
    long count;
    int dtype;
    size_t bytes, mapped;
    char *mapping;
} buffer;

size_t element_bytes(int dtype);
buffer buffer_new(long count, int dtype);
/// Bytes that begin at a multiple of 64.
buffer buffer_of_bytes(size_t bytes);
void buffer_fill(buffer b, double low, double high);
/// Whole numbers, in `low ... high`.
void buffer_fill_whole(buffer b, long low, long high);
/// Fills with a pattern that no kernel writes.
void buffer_scribble(buffer b);
/// Checks the margins.
void buffer_free(buffer b, const char *what);

double element(const void *data, int dtype, long i);
void set_element(void *data, int dtype, long i, double value);
/// The value as an element of this type would hold it.
double rounded(double value, int dtype);

// ---- Running ---------------------------------------------------------------------------------------------------

/// Runs a plan twice, as single tasks in reverse order with guarded scratch and then by the thread pool, and checks
/// that the output is the same bits. `workspace` is where the arguments keep theirs.
void run_plan(const apus_plan *plan, const void *args, void **workspace, buffer out, const char *what);

/// Compares with a reference within `tolerance * (scale[i] or 1 + |want|)`.
void compare(buffer out, const double *want, const double *scale, double tolerance, const char *what);

/// relu(c + bias) in place, for kernels with epilogues; operand 0 is c, with `row` elements from row to row.
apus_fused epilogue_relu(buffer c, long row, buffer bias, long rows, long columns);
/// Has that epilogue gather the sum and the maximum of each column, around the kernel of `plan`.
void gather_columns(apus_fused *epilogue, apus_plan *plan);
/// Compares them, if they were gathered, with those of what is in `out`.
void gather_check(buffer out, long row, const char *what);

// ---- The families ----------------------------------------------------------------------------------------------

void test_gemm(void);
void test_convolution(void);
void test_pooling(void);
void test_fused(void);
void test_indexing(void);
void test_order(void);
void test_random(void);
void test_threads(void);

#endif
