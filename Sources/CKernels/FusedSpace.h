// The iteration space of a fused loop, brought into the form in which it runs: dimensions collapsed and ordered, rows
// grouped into tiles, tiles into units of work. It depends on the program and its shape alone.

#ifndef APUS_FUSED_SPACE_H
#define APUS_FUSED_SPACE_H

#include "Isa.h"

/// Rows up to half of this many elements share a tile; longer ones are cut into chunks of about as many.
enum { FUSED_TILE_SINGLE = 1024, FUSED_TILE_DOUBLE = 512 };

enum {
    FUSED_MAP,            // no reduction
    FUSED_FOLD_ROWS,      // each row, short enough for a tile, folds into a value of its own
    FUSED_FOLD_ALL,       // all rows of a kept index fold into one value
    FUSED_FOLD_COLUMNS,   // the rows of a kept index fold into one row
};

/// Dimensions `0 ..< kept` are kept apart: each of their indices is a unit with its own results. The rest are rows,
/// numbered through, of `length` elements.
typedef struct {
    int dims, kept, kind;
    int one_row;      // a tile is a chunk of one row, else `tile_rows` whole rows
    int rectangle;    // operands of several rows are used in place with their own row strides
    int blocked;      // a tile is `tile_rows` rows of one index of the outer dimensions, `chunk` elements of each
    int row_values;   // the program has row registers
    long extent[APUS_DIMS];
    long kept_count, rows, length;
    long tile_rows, chunk, chunks;
    long period;      // FOLD_COLUMNS: accumulators, a multiple of the row
    long groups;      // units that differ in their results: kept indices, and chunks if these are folded separately
    long group_tiles; // tiles of one group
    long pieces;      // into how many units each group is cut
    long grain;       // tiles that stay together in a piece
    long task_units, tasks;
    char *data[APUS_OPERANDS];
    long stride[APUS_OPERANDS][APUS_DIMS];
    // An epilogue's region: the task that gathers its reductions, where its columns begin, and how many there are in all.
    long slot, first_column, columns;
} fused_space;

static const uint8_t fused_size[8] = {4, 8, 2, 2, 4, 8, 1, 1};
static const uint8_t fused_native[3] = {APUS_F32, APUS_F64, APUS_I64};

static inline int fused_arity(int op) {
    if (op >= APUS_REDUCE_SUM || op == APUS_STORE) return 1;
    if (op >= APUS_ROW_SUM) return 1;
    if (op >= APUS_SELECT) return 3;
    if (op >= APUS_ADD) return 2;
    return op >= APUS_EXPAND;
}

typedef struct {
    long rows, columns, first_row, first_column, slot;
} fused_rectangle;

/// Reads extents and strides; REDUCE operands get strides over all dimensions, 0 for the folded ones.
static void fused_read(fused_space *space, const apus_fused *args, const fused_rectangle *part, unsigned reduced) {
    int dims = args->dims > 0 ? args->dims : 1;
    space->dims = dims;
    for (int d = 0; d < dims; d++) space->extent[d] = args->dims > 0 ? args->extent[d] : 1;
    long first[2] = {0, 0};
    if (part) {
        space->extent[0] = part->rows;
        space->extent[1] = part->columns;
        first[0] = part->first_row;
        first[1] = part->first_column;
    }
    for (int o = 0; o < args->operands; o++) {
        const apus_operand *operand = &args->operand[o];
        long *stride = space->stride[o];
        space->data[o] = operand->data;
        if (reduced >> o & 1) {
            int from = 0;
            for (int d = 0; d < dims; d++)
                stride[d] = d >= args->reduced[0] && d < args->reduced[1] ? 0 : operand->stride[from++];
        } else {
            for (int d = 0; d < dims; d++) stride[d] = args->dims > 0 ? operand->stride[d] : 0;
        }
        if (part)
            space->data[o] += (first[0] * stride[0] + first[1] * stride[1]) * fused_size[operand->dtype];
        for (int d = 0; d < dims; d++)
            if (space->extent[d] == 1) stride[d] = 0;
    }
}

static inline int fused_mergeable(const fused_space *space, int operands, int outer, int inner) {
    long extent = space->extent[inner];
    for (int o = 0; o < operands; o++)
        if (space->stride[o][outer] != space->stride[o][inner] * extent) return 0;
    return 1;
}

static inline void fused_move(fused_space *space, int operands, int from, int to) {
    if (from == to) return;
    space->extent[to] = space->extent[from];
    for (int o = 0; o < operands; o++) space->stride[o][to] = space->stride[o][from];
}

/// Drops dimensions of extent 1 and merges neighbours whose elements follow each other in every operand.
/// `group[d]` tells dimensions before, among and behind the folded ones apart.
static void fused_collapse(fused_space *space, int operands, int *group) {
    int dims = space->dims, last = dims - 1, used = 0, nothing = 0;
    for (int d = 0; d < dims; d++) nothing |= space->extent[d] == 0;
    for (int d = 0; d < dims; d++) {
        int fixed = d == last && space->row_values;
        if (space->extent[d] == 1 && !fixed) continue;
        if (used && !fixed && !nothing && group[used - 1] == group[d] &&
            fused_mergeable(space, operands, used - 1, d)) {
            long extent = space->extent[used - 1];
            fused_move(space, operands, d, used - 1);
            space->extent[used - 1] *= extent;
            continue;
        }
        fused_move(space, operands, d, used);
        group[used++] = group[d];
    }
    if (!used) {
        space->extent[0] = 1;
        for (int o = 0; o < operands; o++) space->stride[o][0] = 0;
        group[used++] = 0;
    }
    space->dims = used;
}

/// Orders the dimensions: kept ones, folded ones, the row; and names the kind of reduction.
static void fused_order(fused_space *space, int operands, const int *group) {
    int dims = space->dims, last = dims - 1, order[APUS_DIMS], count = 0;
    for (int d = 0; d < last; d++)
        if (group[d] != 1) order[count++] = d;
    space->kept = count;
    for (int d = 0; d < last; d++)
        if (group[d] == 1) order[count++] = d;
    int moved = 0;
    for (int d = 0; d < last; d++) moved |= order[d] != d;
    if (moved) {
        long extent[APUS_DIMS];
        memcpy(extent, space->extent, sizeof extent);
        for (int d = 0; d < last; d++) space->extent[d] = extent[order[d]];
        for (int o = 0; o < operands; o++) {
            long stride[APUS_DIMS];
            memcpy(stride, space->stride[o], sizeof stride);
            for (int d = 0; d < last; d++) space->stride[o][d] = stride[order[d]];
        }
    }
    if (group[last] != 1) {
        space->kind = FUSED_FOLD_COLUMNS;
    } else if (space->kept == last && space->extent[last] > 0 && space->extent[last] <= APUS_FUSED_ROW) {
        space->kind = FUSED_FOLD_ROWS;
        space->kept = 0;
    } else {
        space->kind = FUSED_FOLD_ALL;
    }
}

/// Whether rows of this operand follow each other without gaps, so that several are one long run.
static inline int fused_contiguous(const fused_space *space, int o) {
    long expected = 1;
    for (int d = space->dims - 1; d >= space->kept; d--) {
        if (space->extent[d] != 1 && space->stride[o][d] != expected) return 0;
        expected *= space->extent[d];
    }
    return 1;
}

static inline int fused_repeats_row(const fused_space *space, int o) {
    int last = space->dims - 1;
    if (space->stride[o][last] != 1) return 0;
    for (int d = space->kept; d < last; d++)
        if (space->stride[o][d] != 0) return 0;
    return 1;
}

/// The dimension along which an operand lies closer together than along the row, if there is one.
static int fused_transposed(const fused_space *space, int operands) {
    int last = space->dims - 1;
    for (int o = 0; o < operands; o++) {
        const long *stride = space->stride[o];
        if (labs(stride[last]) < 8) continue;
        for (int d = 0; d < last; d++)
            if (stride[d] != 0 && labs(stride[d]) < 8 && labs(stride[d]) < labs(stride[last]) && space->extent[d] >= 4)
                return d;
    }
    return -1;
}

/// A transposition touches whole cache lines on both sides if its tiles are blocks.
static int fused_block(fused_space *space, const apus_fused *args) {
    int last = space->dims - 1;
    if (space->kind != FUSED_MAP || space->row_values || space->length < 16) return 0;
    int near = fused_transposed(space, args->operands);
    if (near < 0) return 0;
    long extent = space->extent[near];  // becomes the dimension before the last
    for (int d = near; d < last - 1; d++) space->extent[d] = space->extent[d + 1];
    space->extent[last - 1] = extent;
    for (int o = 0; o < args->operands; o++) {
        long *stride = space->stride[o], moved = stride[near];
        for (int d = near; d < last - 1; d++) stride[d] = stride[d + 1];
        stride[last - 1] = moved;
    }
    space->blocked = space->rectangle = 1;
    space->one_row = 0;
    space->chunk = 64;
    space->chunks = apus_divide_up(space->length, 64);
    space->tile_rows = args->compute == APUS_COMPUTE_F32 ? 16 : 8;  // a cache line along them
    return 1;
}

static void fused_tiles(fused_space *space, const apus_fused *args) {
    space->blocked = 0;
    if (fused_block(space, args)) return;
    int last = space->dims - 1, single = args->compute == APUS_COMPUTE_F32;
    long tile = single ? FUSED_TILE_SINGLE : FUSED_TILE_DOUBLE, lanes = single ? 16 : 8;
    long length = space->length;
    // Operands of the native type whose rows stand apart are better used in place than copied together.
    int apart = 0;
    for (int o = 0; o < args->operands; o++)
        apart |= args->operand[o].dtype == fused_native[args->compute] && space->stride[o][last] == 1 &&
                 !fused_contiguous(space, o) && !fused_repeats_row(space, o);
    int outer = last - space->kept;
    space->one_row = length > tile / 2 || space->rows <= 1 || (apart && outer > 1 && length >= 128);
    space->rectangle = !space->one_row && apart && outer == 1 && length >= lanes;
    space->tile_rows = 1;
    space->chunk = length;
    space->chunks = 1;
    space->period = length;
    if (!space->one_row) {
        long whole = length ? lanes / apus_min(length & -length, lanes) : 1;  // this many rows fill whole vectors
        long rows = tile / apus_max(length, 1);
        if (whole <= rows) {
            rows -= rows % whole;
            if (!space->rectangle && length * whole <= tile / 2) space->period = length * whole;
        }
        space->tile_rows = rows;
    } else if (length > tile && !(length <= APUS_FUSED_ROW && (space->row_values || space->kind == FUSED_FOLD_ROWS))) {
        space->chunks = apus_divide_up(length, tile);
        space->chunk = apus_divide_up(apus_divide_up(length, space->chunks), 64) * 64;
        space->chunks = apus_divide_up(length, space->chunk);
        space->period = space->chunk;
    }
}

/// Rough nanoseconds per element, in sixteenths.
static long fused_cost(const apus_fused *args) {
    enum { VECTOR = 4, POWER = 15, LIBM = 99 };  // beyond 1
    static const uint8_t more[APUS_REDUCE_PRODUCT + 1] = {
        [APUS_LOAD] = 1, [APUS_STORE] = 1, [APUS_POWER] = POWER,
        [APUS_EXP] = VECTOR, [APUS_EXPM1] = VECTOR, [APUS_LOG] = VECTOR, [APUS_LOG1P] = VECTOR, [APUS_SIN] = VECTOR,
        [APUS_COS] = VECTOR, [APUS_TAN] = VECTOR, [APUS_TANH] = VECTOR, [APUS_ERF] = VECTOR, [APUS_SIGMOID] = VECTOR,
        [APUS_SOFTPLUS] = VECTOR, [APUS_ASIN] = LIBM, [APUS_ACOS] = LIBM, [APUS_ATAN] = LIBM, [APUS_SINH] = LIBM,
        [APUS_COSH] = LIBM, [APUS_ASINH] = LIBM, [APUS_ACOSH] = LIBM, [APUS_ATANH] = LIBM, [APUS_ERFC] = LIBM,
        [APUS_LGAMMA] = LIBM, [APUS_DIGAMMA] = LIBM, [APUS_REMAINDER] = LIBM, [APUS_FLOOR_DIVIDE] = LIBM,
        [APUS_ATAN2] = LIBM,
    };
    long cost = 0;
    for (int i = 0; i < args->instructions; i++)
        if (!args->code[i].row) cost += 1 + more[args->code[i].op];
    return apus_max(args->compute == APUS_COMPUTE_F32 ? cost : 2 * cost, 1);
}

static long fused_group_tiles(const fused_space *space, int separate) {
    if (space->length == 0) return 0;
    if (space->one_row) return space->rows * (separate ? 1 : space->chunks);
    if (!space->blocked) return apus_divide_up(space->rows, space->tile_rows);
    long inner = space->extent[space->dims - 2];
    return space->rows == 0 ? 0 : space->rows / inner * apus_divide_up(inner, space->tile_rows) * space->chunks;
}

/// Cuts the work into units of about 20 microseconds or more.
static void fused_units(fused_space *space, const apus_fused *args) {
    int separate = space->kind == FUSED_FOLD_COLUMNS && space->one_row;
    space->groups = space->kept_count * (separate ? space->chunks : 1);
    space->group_tiles = fused_group_tiles(space, separate);
    long elements = space->kept_count * space->rows * space->length;
    long target = apus_max(apus_min(20000 * 16 / fused_cost(args), 65536), 1024);
    long wanted = apus_max(elements / target, 1);
    space->pieces = space->grain = 1;
    // A row's values are stored with its last chunk, which must not overtake the others.
    if (space->row_values && space->one_row && !separate) space->grain = space->chunks;
    long limit = space->group_tiles / space->grain;
    if (space->kind == FUSED_MAP || space->kind == FUSED_FOLD_ROWS) {
        space->pieces = apus_max(apus_min(wanted, limit), 1);
    } else if (space->groups > 0 && wanted > space->groups) {
        // Partial results must stay few beside what they sum up.
        if (space->kind == FUSED_FOLD_COLUMNS) limit = apus_min(limit, space->rows / 32);
        space->pieces = apus_max(apus_min(apus_min(apus_divide_up(wanted, space->groups), 64), limit), 1);
    }
    space->task_units = apus_max(space->groups * space->pieces / wanted, 1);
    space->tasks = apus_max(apus_divide_up(space->groups * space->pieces, space->task_units), 1);
}

/// The last instruction that reads what instruction `i` computes.
static int fused_last_use(const apus_fused *args, int i) {
    int from = args->code[i].dst, last = i;
    for (int k = i + 1; k < args->instructions; k++) {
        const apus_instruction *in = &args->code[k];
        int arity = fused_arity(in->op);
        if ((arity > 0 && in->a == from) || (arity > 1 && in->b == from) || (arity > 2 && in->c == from)) last = k;
        if (in->dst == from && in->op != APUS_STORE && in->op < APUS_REDUCE_SUM) break;
    }
    return last;
}

static inline int fused_has_row_values(const apus_instruction *in) {
    return in->row || in->op == APUS_EXPAND || (in->op >= APUS_ROW_SUM && in->op <= APUS_ROW_PRODUCT);
}

static void fused_build(fused_space *space, const apus_fused *args, const fused_rectangle *part) {
    unsigned reduced = 0;
    space->row_values = 0;
    for (int i = 0; i < args->instructions; i++) {
        const apus_instruction *in = &args->code[i];
        if (in->op >= APUS_REDUCE_SUM) reduced |= 1u << in->dst;
        space->row_values |= fused_has_row_values(in);
    }
    fused_read(space, args, part, reduced);
    int group[APUS_DIMS];
    for (int d = 0; d < space->dims; d++)
        group[d] = !reduced ? 0 : d < args->reduced[0] ? 0 : d < args->reduced[1] ? 1 : 2;
    fused_collapse(space, args->operands, group);
    if (reduced) {
        fused_order(space, args->operands, group);
        // A single column of an epilogue is gathered like several.
        if (args->slots && space->kind == FUSED_FOLD_ROWS) space->kind = FUSED_FOLD_ALL;
    } else {
        space->kind = FUSED_MAP;
        space->kept = 0;
    }
    space->kept_count = space->rows = 1;
    for (int d = 0; d < space->kept; d++) space->kept_count *= space->extent[d];
    for (int d = space->kept; d < space->dims - 1; d++) space->rows *= space->extent[d];
    space->length = space->extent[space->dims - 1];
    fused_tiles(space, args);
    if (part) {
        int separate = space->kind == FUSED_FOLD_COLUMNS && space->one_row;
        space->groups = separate ? space->chunks : 1;
        space->pieces = space->grain = 1;
        space->group_tiles = fused_group_tiles(space, separate);
        space->slot = part->slot;
        space->first_column = part->first_column;
        space->columns = args->extent[1];
    } else {
        fused_units(space, args);
        if (args->slots) space->pieces = args->slots;
    }
}

/// Elements of one result of a reduction, all kept indices together.
static inline long fused_results(const fused_space *space) {
    return space->kept_count * (space->kind == FUSED_FOLD_COLUMNS ? space->length : 1);
}

/// Bytes of one reduction's accumulators: blocks and totals of a tile's width.
#define FUSED_ACCUMULATOR (APUS_FUSED_ROW * 16)

enum { FUSED_COMBINE = 4096 };  // results per task of the second phase

static inline long fused_combine_tasks(const fused_space *space) {
    return apus_max(apus_divide_up(fused_results(space), FUSED_COMBINE), 1);
}

static inline int fused_reductions(const apus_fused *args) {
    int count = 0;
    for (int i = 0; i < args->instructions; i++) count += args->code[i].op >= APUS_REDUCE_SUM;
    return count;
}

#endif
