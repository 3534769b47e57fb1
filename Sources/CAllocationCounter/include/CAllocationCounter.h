// Counts heap allocations. Link this target into tests and benchmarks only: it replaces malloc and its relatives.

#ifndef C_ALLOCATION_COUNTER_H
#define C_ALLOCATION_COUNTER_H

#ifdef __cplusplus
extern "C" {
#endif

/// Heap allocations made by this process since its start, or -1 where they cannot be counted.
long allocation_counter_value(void);

/// The bytes of the largest heap allocation that this thread has asked for since it last asked for this number, or -1
/// where they cannot be counted.
long allocation_counter_take_largest(void);

#ifdef __cplusplus
}
#endif
#endif
