// The thread pool: every task runs once, in programs, alone, nested, and from several threads at once.

#include "support.h"

#include <pthread.h>
#include <unistd.h>

typedef struct {
    int *hits;
    long tasks;
} counted;

static void count_task(const void *pointer, long begin, long end, void *scratch) {
    const counted *args = pointer;
    memset(scratch, 1, 1000);
    for (long i = begin; i < end; i++) args->hits[i] += (uintptr_t)scratch % 64 == 0 ? 1 : 1000;
}

static void nested_task(const void *pointer, long begin, long end, void *scratch) {
    const counted *args = pointer;
    (void)scratch;
    for (long i = begin; i < end; i++) {
        counted inner = {args->hits + i * 10, 10};
        apus_parallel(count_task, &inner, inner.tasks, 1000, 4);
    }
}

static void denormal_task(const void *pointer, long begin, long end, void *scratch) {
    (void)scratch;
    double *const *products = pointer;
    volatile double tiny = 1e-300;
    for (long i = begin; i < end; i++) (*products)[i] = tiny * 1e-15;
}

// Loops: y[step] = y[step - 1] + x[step], each element a task; the first step reads a beginning of its own.

typedef struct {
    const int *x, *before;
    int *y;
} added;

static void add_task(const void *pointer, long begin, long end, void *scratch) {
    const added *args = pointer;
    (void)scratch;
    for (long i = begin; i < end; i++) args->y[i] = args->before[i] + args->x[i];
}

static int loop_adds(long steps, long width, int threads, int nested) {
    int *x = calloc((size_t)(steps * width), sizeof *x), *y = calloc((size_t)(steps * width), sizeof *y);
    int *first = calloc((size_t)width, sizeof *first), *last = calloc((size_t)width, sizeof *last);
    for (long i = 0; i < steps * width; i++) x[i] = (int)random_long(0, 9);
    for (long i = 0; i < width; i++) first[i] = (int)random_long(0, 9);
    added args = {0};
    const long row = width * (long)sizeof *x;
    void *bases[] = {x, y, first, last};
    // x from the last position to the first, y forwards.
    const apus_loop_pointer pointers[] = {{(void **)&args.x, -1, 0, 0, (steps - 1) * row, -row, 0, 0},
                                          {(void **)&args.before, 2, 1, 0, 0, row, 1, 0},
                                          {(void **)&args.y, -1, 1, 0, 0, row, 0, 0}};
    const apus_loop_copy copy = {1, (steps - 1) * row, 3, 0, row};
    const apus_call call = {add_task, &args, width};
    const apus_loop loop = {steps, 1, 3, 1, &call, pointers, &copy, bases};
    const apus_call program = {apus_loop_run, &loop, 1};
    const apus_loop outer = {2, 1, 0, 0, &program, NULL, NULL, NULL};
    const apus_call twice = {apus_loop_run, &outer, 1};
    apus_run(nested ? &twice : &program, 1, 64, threads);
    int good = 1;
    for (long i = 0; i < width; i++) {
        int sum = first[i];
        for (long step = 0; step < steps; step++) {
            sum += x[(steps - 1 - step) * width + i];
            good &= y[step * width + i] == sum;
        }
        good &= last[i] == sum;
    }
    free(x), free(y), free(first), free(last);
    return good;
}

static int all_equal(const int *hits, long count, int expected) {
    for (long i = 0; i < count; i++) {
        if (hits[i] != expected) return 0;
    }
    return 1;
}

static void *run_many(void *pointer) {
    int *hits = calloc(100, sizeof *hits), good = 1;
    for (long i = 0; i < 300; i++) {
        counted args = {hits, 1 + i % 50};
        memset(hits, 0, 100 * sizeof *hits);
        apus_parallel(count_task, &args, args.tasks, 1000, 1 + (int)(i % 3));
        good &= all_equal(hits, args.tasks, 1);
    }
    free(hits);
    *(int *)pointer = good;
    return NULL;
}

void test_threads(void) {
    int *hits = calloc(60000, sizeof *hits);
    for (int i = 0; i < 200; i++) {
        counted args = {hits, i % 50 == 0 ? 50000 : random_long(0, 200)};
        int threads = (int)random_long(1, 5);
        memset(hits, 0, 60000 * sizeof *hits);
        apus_call calls[] = {{count_task, &args, args.tasks}, {count_task, &args, args.tasks > 0}, {count_task, &args, 0},
                             {count_task, &args, args.tasks}};
        apus_run(calls, 4, 1000 + 4096 * (size_t)(i % 3), threads);
        check(all_equal(hits + 1, args.tasks - 1, 2) && hits[0] == (args.tasks > 0 ? 3 : 0) && hits[args.tasks] == 0,
              "a program of %ld tasks on %d threads", args.tasks, threads);
        if (i % 40 == 0) usleep(1000);  // the workers fall asleep
    }
    memset(hits, 0, 60000 * sizeof *hits);
    counted outer = {hits, 20};
    apus_parallel(nested_task, &outer, outer.tasks, 0, 3);
    check(all_equal(hits, 200, 1), "nested calls");

    double products[8];
    double *pointer = products;
    memset(products, 1, sizeof products);
    apus_parallel(denormal_task, &pointer, 8, 0, 2);
    int zero = 1;
    for (int i = 0; i < 8; i++) zero &= products[i] == 0;
    volatile double tiny = 1e-300;
    int flushes = 0;
#if defined(__x86_64__) || defined(__aarch64__)
    flushes = 1;
#endif
    check(zero == flushes, "denormals within a task");
    check(tiny * 1e-15 != 0, "denormals after a run");

    for (int i = 0; i < 60; i++) {
        long steps = random_long(1, 20), width = random_long(1, 40);
        int count = (int)random_long(1, 4);
        check(loop_adds(steps, width, count, i % 3 == 0), "a loop of %ld steps of %ld tasks on %d threads", steps, width,
              count);
    }

    pthread_t threads[3];
    int good[3];
    for (int i = 0; i < 3; i++) pthread_create(&threads[i], NULL, run_many, &good[i]);
    for (int i = 0; i < 3; i++) pthread_join(threads[i], NULL);
    check(good[0] && good[1] && good[2], "calls from several threads");
    free(hits);
}
