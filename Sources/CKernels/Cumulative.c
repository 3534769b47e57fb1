// Running sums, products, maxima and minima.
//
// Columns beside each other run together, in vectors; a single column is a chain of its own.

#include "Isa.h"

enum {
    CUMULATIVE_LANES = 128,  // columns whose running values are kept together
    CUMULATIVE_SERIAL_BYTES = 128 << 10,
    CUMULATIVE_TASK_BYTES = 64 << 10,
    CUMULATIVE_MOST_TASKS = 64,
};
enum { CUMULATIVE_SUM = 0, CUMULATIVE_PRODUCT = 1, CUMULATIVE_MAXIMUM = 2, CUMULATIVE_MINIMUM = 3 };

static long apus_cumulative_units(const apus_cumulative *args) {
    return args->outer * (args->inner == 0 ? 0 : apus_divide_up(args->inner, CUMULATIVE_LANES));
}

static long apus_cumulative_tasks(const apus_cumulative *args) {
    long units = apus_cumulative_units(args);
    double bytes = (double)args->outer * (double)args->extent * (double)args->inner * 16;
    if (units == 0 || args->extent == 0) return 0;
    if (bytes < CUMULATIVE_SERIAL_BYTES) return 1;
    return apus_min(units, apus_min((long)(bytes / CUMULATIVE_TASK_BYTES), CUMULATIVE_MOST_TASKS));
}

#define APUS_SOURCE "Cumulative.inc"
#include "EachIsa.h"

#define APUS_CUMULATE(type) APUS_DISPATCH(apus_cumulate_##type)

void apus_cumulative_plan(const apus_cumulative *args, apus_plan *plan) {
    apus_kernel run = NULL;
    switch (args->dtype) {
    case APUS_F32: run = APUS_CUMULATE(float); break;
    case APUS_F64: run = APUS_CUMULATE(double); break;
    case APUS_I32: run = APUS_CUMULATE(int32_t); break;
    case APUS_I64: run = APUS_CUMULATE(int64_t); break;
    }
    *plan = (apus_plan){.name = "cumulative", .phases = 1, .phase = {{run, apus_cumulative_tasks(args)}}};
}
