// Where the largest and smallest elements are, and stable sorts.
//
// Every element type is mapped to integer keys that are ordered as its values are, NaN being the largest, so there is
// one algorithm for all of them. Minima and descending sorts turn the keys around first.

#include "Isa.h"

enum {
    ORDER_BLOCK = 512,           // elements whose keys are made at a time
    ORDER_LANES = 64,            // columns that are searched together
    ORDER_SERIAL_BYTES = 128 << 10,
    ORDER_TASK_BYTES = 64 << 10,
    ORDER_MOST_TASKS = 64,
    SORT_RUN = 12,               // elements that are sorted by insertion
    SORT_LONG_ROW = 32 << 10,    // rows that are sorted by several threads
    SORT_PARTS = 16,             // of such a row, which are merged in pairs, four times
    SORT_LEVELS = 4,
    SORT_MERGE_TASKS = 32,       // of a long row, per level
};

typedef struct {
    int64_t key, position;
} apus_sort_item;

// ---- Keys ------------------------------------------------------------------------------------------------------

/// From the bits of a floating-point number; both zeros are the same.
APUS_INLINE int64_t apus_key_of_bits(uint64_t bits, int width, uint64_t infinity) {
    uint64_t sign = 1ull << (width - 1), magnitude = bits & (sign - 1);
    if (magnitude > infinity) return INT64_MAX;
    return bits & sign ? -(int64_t)magnitude : (int64_t)magnitude;
}

APUS_INLINE int64_t apus_key_turn(int64_t key, int turned) {
    return turned && key != INT64_MAX ? ~key : key;
}

/// The keys of `count` elements, `stride` apart. INT64_MAX stands for NaN; 64-bit integers have none.
APUS_INLINE void apus_keys(const void *x, int dtype, long first, long stride, long count, int turned, int64_t *keys) {
#define EACH_KEY(type, key)                                     \
    for (long i = 0; i < count; i++) {                          \
        type value = ((const type *)x)[first + i * stride];     \
        keys[i] = apus_key_turn(key, turned);                   \
    }                                                           \
    break
    switch (dtype) {
    case APUS_F32: EACH_KEY(uint32_t, apus_key_of_bits(value, 32, 0x7f800000));
    case APUS_F64: EACH_KEY(uint64_t, apus_key_of_bits(value, 64, 0x7ff0000000000000));
    case APUS_BF16: EACH_KEY(uint16_t, apus_key_of_bits(value, 16, 0x7f80));
    case APUS_F16: EACH_KEY(uint16_t, apus_key_of_bits(value, 16, 0x7c00));
    case APUS_I32: EACH_KEY(int32_t, value);
    case APUS_I64:
        for (long i = 0; i < count; i++) {
            int64_t value = ((const int64_t *)x)[first + i * stride];
            keys[i] = turned ? ~value : value;
        }
        break;
    default: EACH_KEY(uint8_t, value);
    }
#undef EACH_KEY
}

static long apus_order_tasks(long rows, long bytes_per_row) {
    double bytes = (double)rows * (double)bytes_per_row;
    if (rows == 0) return 0;
    if (bytes < ORDER_SERIAL_BYTES) return 1;
    return apus_min(rows, apus_min((long)(bytes / ORDER_TASK_BYTES) + 1, ORDER_MOST_TASKS));
}

// ---- The largest -----------------------------------------------------------------------------------------------

/// Columns are searched ORDER_LANES at a time where there are several, else in blocks along the row.
static long apus_arg_units(const apus_order *args) {
    return args->outer * (args->inner == 0 ? 0 : apus_divide_up(args->inner, ORDER_LANES));
}

static long apus_arg_tasks(const apus_order *args) {
    return apus_order_tasks(apus_arg_units(args), apus_min(args->inner, ORDER_LANES) * (args->extent + 1) * 16);
}

#define APUS_SOURCE "Order.inc"
#include "EachIsa.h"

// ---- Sorting ---------------------------------------------------------------------------------------------------

/// Merges a and b into `to`; of equal keys those of a come first.
static void apus_sort_merge(const apus_sort_item *a, long a_count, const apus_sort_item *b, long b_count,
                            apus_sort_item *to) {
    const apus_sort_item *a_end = a + a_count, *b_end = b + b_count;
    while (a < a_end && b < b_end) {
        int second = b->key < a->key;
        *to++ = *(second ? b : a);
        a += !second;
        b += second;
    }
    memcpy(to, a, (size_t)(a_end - a) * sizeof *a);
    memcpy(to + (a_end - a), b, (size_t)(b_end - b) * sizeof *b);
}

/// Sorts `items`; `other` is as large. Returns which of them has the result.
static apus_sort_item *apus_sort(apus_sort_item *items, apus_sort_item *other, long count) {
    for (long begin = 0; begin < count; begin += SORT_RUN) {
        long end = apus_min(begin + SORT_RUN, count);
        for (long i = begin + 1; i < end; i++) {
            apus_sort_item item = items[i];
            long j = i;
            for (; j > begin && items[j - 1].key > item.key; j--) items[j] = items[j - 1];
            items[j] = item;
        }
    }
    for (long run = SORT_RUN; run < count; run *= 2) {
        for (long begin = 0; begin < count; begin += 2 * run) {
            long middle = apus_min(begin + run, count), end = apus_min(begin + 2 * run, count);
            apus_sort_merge(items + begin, middle - begin, items + middle, end - middle, other + begin);
        }
        apus_sort_item *swap = items;
        items = other;
        other = swap;
    }
    return items;
}

/// Items `begin ..< end` of a row.
static void apus_sort_load(const apus_order *args, long row, long begin, long end, apus_sort_item *items) {
    long outer = row / args->inner, column = row % args->inner;
    long first = outer * args->extent * args->inner + column;
    for (long at = begin; at < end; at += ORDER_BLOCK) {
        int64_t keys[ORDER_BLOCK];
        long count = apus_min(ORDER_BLOCK, end - at);
        apus_keys(args->x, args->dtype, first + at * args->inner, args->inner, count,
                  args->kind == APUS_ARG_SORT_DESCENDING, keys);
        for (long i = 0; i < count; i++) items[at - begin + i] = (apus_sort_item){keys[i], at + i};
    }
}

static void apus_sort_store(const apus_order *args, long row, long begin, long end, const apus_sort_item *items) {
    long outer = row / args->inner, column = row % args->inner;
    int64_t *out = args->out + outer * args->extent * args->inner + column;
    for (long i = begin; i < end; i++) out[i * args->inner] = items[i - begin].position;
}

static long apus_sort_tasks(const apus_order *args) {
    return args->extent == 0 ? 0 : apus_order_tasks(args->outer * args->inner, args->extent * 64);
}

static void apus_sort_rows(const void *pointer, long begin, long end, void *scratch) {
    const apus_order *args = pointer;
    long rows = args->outer * args->inner, tasks = apus_sort_tasks(args);
    apus_sort_item *items = scratch;
    for (long row = rows * begin / tasks; row < rows * end / tasks; row++) {
        apus_sort_load(args, row, 0, args->extent, items);
        apus_sort_store(args, row, 0, args->extent, apus_sort(items, items + args->extent, args->extent));
    }
}

// Long rows: sixteen parts, then merges in pairs, each merge cut into pieces of the same size by its output. The two
// halves of the workspace take turns.

static apus_sort_item *apus_sort_half(const apus_order *args, int half) {
    return (apus_sort_item *)args->workspace + half * args->outer * args->inner * args->extent;
}

static long apus_sort_bound(const apus_order *args, long part, long parts) { return args->extent * part / parts; }

static void apus_sort_parts(const void *pointer, long begin, long end, void *scratch) {
    (void)scratch;
    const apus_order *args = pointer;
    for (long task = begin; task < end; task++) {
        long row = task / SORT_PARTS, part = task % SORT_PARTS;
        long low = apus_sort_bound(args, part, SORT_PARTS), high = apus_sort_bound(args, part + 1, SORT_PARTS);
        apus_sort_item *items = apus_sort_half(args, 0) + row * args->extent + low;
        apus_sort_item *other = apus_sort_half(args, 1) + row * args->extent + low;
        apus_sort_load(args, row, low, high, items);
        apus_sort_item *sorted = apus_sort(items, other, high - low);
        if (sorted != items) memcpy(items, sorted, (size_t)(high - low) * sizeof *items);
    }
}

/// How many of the first `count` merged items come from a.
static long apus_sort_share(const apus_sort_item *a, long a_count, const apus_sort_item *b, long b_count, long count) {
    long low = apus_max(0, count - b_count), high = apus_min(count, a_count);
    while (low < high) {
        long middle = (low + high) / 2;
        if (a[middle].key <= b[count - middle - 1].key) low = middle + 1; else high = middle;
    }
    return low;
}

static void apus_sort_level(const apus_order *args, int level, long begin, long end) {
    long merges = SORT_PARTS >> (level + 1), pieces = SORT_MERGE_TASKS / merges;
    const apus_sort_item *from = apus_sort_half(args, level % 2);
    apus_sort_item *to = apus_sort_half(args, 1 - level % 2);
    for (long task = begin; task < end; task++) {
        long row = task / SORT_MERGE_TASKS, merge = task % SORT_MERGE_TASKS / pieces, piece = task % pieces;
        long low = apus_sort_bound(args, 2 * merge, 2 * merges), middle = apus_sort_bound(args, 2 * merge + 1, 2 * merges);
        long high = apus_sort_bound(args, 2 * merge + 2, 2 * merges);
        const apus_sort_item *a = from + row * args->extent + low, *b = from + row * args->extent + middle;
        long a_count = middle - low, b_count = high - middle;
        long first = (a_count + b_count) * piece / pieces, last = (a_count + b_count) * (piece + 1) / pieces;
        long a_first = apus_sort_share(a, a_count, b, b_count, first);
        long a_last = apus_sort_share(a, a_count, b, b_count, last);
        apus_sort_item *out = to + row * args->extent + low + first;
        apus_sort_merge(a + a_first, a_last - a_first, b + first - a_first, last - a_last - (first - a_first), out);
        if (level == SORT_LEVELS - 1) apus_sort_store(args, row, low + first, low + last, out);
    }
}

#define SORT_LEVEL(level)                                                                                \
    static void apus_sort_level_##level(const void *args, long begin, long end, void *scratch) {         \
        (void)scratch;                                                                                   \
        apus_sort_level(args, level, begin, end);                                                        \
    }
SORT_LEVEL(0)
SORT_LEVEL(1)
SORT_LEVEL(2)
SORT_LEVEL(3)

void apus_order_plan(const apus_order *args, apus_plan *plan) {
    long rows = args->outer * args->inner;
    if (args->kind == APUS_ARG_MAX || args->kind == APUS_ARG_MIN) {
        *plan = (apus_plan){.name = "arg", .phases = 1, .phase = {{APUS_DISPATCH(apus_arg), apus_arg_tasks(args)}}};
    } else if (args->extent >= SORT_LONG_ROW && rows < SORT_PARTS) {
        long merge_tasks = rows * SORT_MERGE_TASKS;
        *plan = (apus_plan){
            .name = "sort long rows",
            .phases = 1 + SORT_LEVELS,
            .phase = {{apus_sort_parts, rows * SORT_PARTS}, {apus_sort_level_0, merge_tasks},
                      {apus_sort_level_1, merge_tasks}, {apus_sort_level_2, merge_tasks},
                      {apus_sort_level_3, merge_tasks}},
            .workspace = 2 * (size_t)(rows * args->extent) * sizeof(apus_sort_item),
        };
    } else {
        *plan = (apus_plan){
            .name = "sort",
            .phases = 1,
            .phase = {{apus_sort_rows, apus_sort_tasks(args)}},
            .scratch = 2 * (size_t)args->extent * sizeof(apus_sort_item),
        };
    }
}
