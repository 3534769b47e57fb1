// Fused loops: plans, and the choice of the instruction set.

#include "Isa.h"
#include "FusedSpace.h"
#include "FusedScalar.h"

APUS_DECLARE(void, apus_fused_run, const void *args, long begin, long end, void *scratch)
APUS_DECLARE(void, apus_fused_combine, const void *args, long begin, long end, void *scratch)

static void fused_run_i64_plain(const apus_fused *args, const fused_space *space, long begin, long end, void *scratch);
static void fused_combine_i64_plain(const apus_fused *args, const fused_space *space, long begin, long end);
static void fused_region_i64_plain(const apus_fused *args, const fused_space *space, void *scratch);

#define APUS_SOURCE "Fused.inc"
#include "EachIsa.h"

void apus_fused_plan(const apus_fused *args, apus_plan *plan) {
    fused_space space;
    fused_build(&space, args, NULL);
    int reductions = fused_reductions(args);
    memset(plan, 0, sizeof *plan);
    plan->name = "fused";
    plan->phases = 1;
    plan->phase[0].run = APUS_DISPATCH(apus_fused_run);
    plan->phase[0].tasks = space.tasks;
    plan->scratch = APUS_FUSED_SCRATCH + (size_t)reductions * FUSED_ACCUMULATOR;
    if (reductions && space.pieces > 1 && space.kind >= FUSED_FOLD_ALL) {
        plan->phases = 2;
        plan->phase[1].run = APUS_DISPATCH(apus_fused_combine);
        plan->phase[1].tasks = fused_combine_tasks(&space);
        plan->workspace = (size_t)(reductions * space.pieces * fused_results(&space)) * sizeof(double);
    }
}

/// Empties every slot.
static void fused_gathering_begin(const void *arguments, long begin, long end, void *scratch) {
    (void)scratch;
    if (begin >= end) return;
    const apus_fused *args = arguments;
    double *slot = args->workspace;
    long count = args->slots * args->extent[1];
    for (int i = 0; i < args->instructions; i++) {
        double empty;
        switch (args->code[i].op) {
        case APUS_REDUCE_SUM: empty = 0; break;
        case APUS_REDUCE_MAX: empty = -(double)INFINITY; break;
        case APUS_REDUCE_MIN: empty = (double)INFINITY; break;
        case APUS_REDUCE_PRODUCT: empty = 1; break;
        default: continue;
        }
        for (long j = 0; j < count; j++) slot[j] = empty;
        slot += count;
    }
}

size_t apus_fused_gathering_plan(apus_fused *args, long slots, apus_plan *before, apus_plan *after) {
    args->slots = slots;
    long reductions = fused_reductions(args);
    fused_space space;
    fused_build(&space, args, NULL);
    *before = (apus_plan){.name = "fused", .phases = 1, .phase[0] = {fused_gathering_begin, 1}};
    before->workspace = (size_t)(reductions * slots * args->extent[1]) * sizeof(double);
    *after = (apus_plan){.name = "fused", .phases = 1, .phase[0] = {APUS_DISPATCH(apus_fused_combine), 1}};
    after->phase[0].tasks = fused_combine_tasks(&space);
    return (size_t)reductions * FUSED_ACCUMULATOR;
}

void apus_fused_group_run(const void *args, long begin, long end, void *scratch) {
    const apus_fused_group *group = args;
    long low = 0, high = group->count;
    while (high - low > 1) {  // the last loop that starts at or before `begin`
        long middle = (low + high) / 2;
        if (group->first_task[middle] <= begin) low = middle;
        else high = middle;
    }
    for (long loop = low; loop < group->count && group->first_task[loop] < end; loop++) {
        long first = group->first_task[loop];
        long from = apus_max(begin, first), to = apus_min(end, group->first_task[loop + 1]);
        if (from < to) group->phases[loop].run(group->loops[loop], from - first, to - first, scratch);
    }
}
