// How a matrix product is cut into tasks and which operands are packed: chosen from the shape alone.

#ifndef APUS_GEMM_CUT_H
#define APUS_GEMM_CUT_H

#include "Isa.h"

enum { APUS_GEMM_IN_PLACE, APUS_GEMM_PACK_PER_TASK, APUS_GEMM_PACK_ONCE };

/// The register tile of an instruction set and element type.
typedef struct {
    long rows, columns, lanes, bytes;
} apus_gemm_tile;

typedef struct {
    apus_gemm shape;  // with batches merged into rows where that is the same product
    long strips, panels;             // of each batch element: tiles above and beside each other
    long row_blocks, column_blocks;  // the same in tasks
    long k_blocks;    // tasks along k: if several, each leaves a partial product in the workspace
    long batches;     // whole batch elements per task, if they are not cut
    long tasks;
    long chunk;       // steps of k between stores to c
    int pack_b;
    int pack_a;       // whether each strip is copied before it is used: never if steps of k are 1
} apus_gemm_cut;

/// What one step of k costs a block, in multiplications.
static inline double apus_gemm_block_cost(const apus_gemm_cut *cut, const apus_gemm_tile *tile, int pack_a, long rows,
                                          long columns) {
    // It multiplies rows x columns, fetches rows + columns from a far cache, and packs some of them.
    double fetched = (double)(rows + columns), packed = 0, products = (double)rows * (double)columns;
    if (pack_a) packed += 1.5 * (double)rows;
    if (cut->pack_b == APUS_GEMM_PACK_PER_TASK) packed += (double)columns;
    // Rows side by side touch two lines per step of k, on a page and in a set of the cache of their own.
    if (!pack_a && cut->shape.a_column != 1) products *= 1.3;
    return products + (double)tile->lanes * (1.5 * fetched + packed);
}

/// Where a batch element of an operand begins.
static inline long apus_gemm_offset(long batch, long inner, long step, long outer) {
    return inner > 0 ? batch / inner * outer + batch % inner * step : batch * step;
}

static inline void apus_gemm_merge_batches(apus_gemm *g) {
    if (g->batch > 1 && g->batch_inner == 0 && g->b_batch == 0 && g->a_batch == g->m * g->a_row && g->c_batch == g->m * g->ldc) {
        g->m *= g->batch;
        g->batch = 1;
    }
    // Steps that are never taken do not matter, so they may as well be the convenient ones.
    if (g->k == 1) g->a_column = 1;
    if (g->m == 1 && g->a_column != 1) g->a_row = 1;
    if (g->n == 1) g->b_column = 1;
}

static inline void apus_gemm_choose(const apus_gemm *args, const apus_gemm_tile *tile, apus_gemm_cut *cut) {
    cut->shape = *args;
    apus_gemm *g = &cut->shape;
    apus_gemm_merge_batches(g);
    long panels = cut->panels = apus_divide_up(g->n, tile->columns);
    long strips = cut->strips = apus_divide_up(g->m, tile->rows);
    double work = 2.0 * (double)g->m * (double)g->n * (double)g->k;

    // In place, a tile's rows of b are far apart: fine while they are few, but then caches and pages run out.
    if (g->b_column == 1 && (strips <= 10 || (strips <= 80 && g->b_row * tile->bytes <= 2048))) {
        cut->pack_b = APUS_GEMM_IN_PLACE;
    } else {
        cut->pack_b = g->batch == 1 && strips > 20 ? APUS_GEMM_PACK_ONCE : APUS_GEMM_PACK_PER_TASK;
    }
    // Packing that serves many runs is free.
    if (g->b_is_held && g->batch == 1) cut->pack_b = APUS_GEMM_PACK_ONCE;

    double all = work * (double)g->batch;
    long wanted = all < 1e6 ? 1 : all < 4e6 ? 2 : all < 8e6 ? 4 : all < 16e6 ? 8 : all < 2e8 ? 16 : all < 2e9 ? 32 :
                  all < 8e9 ? 64 : 128;
    cut->batches = 1;
    cut->row_blocks = cut->column_blocks = 1;
    if (g->batch >= wanted) {
        cut->batches = apus_max(g->batch / wanted, 1);
        cut->tasks = apus_divide_up(g->batch, cut->batches);
    } else {
        wanted = apus_divide_up(wanted, g->batch);
    }
    long widest = apus_max(2048 / tile->bytes / tile->columns, 1);
    double best = INFINITY;
    for (long blocks = apus_divide_up(panels, widest);; blocks *= 2) {
        blocks = apus_min(blocks, panels);
        long rows_wanted = cut->batches > 1 ? 1 : apus_min(apus_divide_up(wanted, blocks), strips);
        double tasks = (double)(blocks * rows_wanted);
        // Without a step of 1 a must be packed; where its rows lie side by side it may be.
        for (int pack_a = g->a_column != 1 && g->a_row != 1; pack_a <= (g->a_column != 1); pack_a++) {
            double cost = apus_gemm_block_cost(cut, tile, pack_a, apus_divide_up(g->m, rows_wanted),
                                               apus_divide_up(panels, blocks) * tile->columns);
            // Two threads, or the wanted number of them, whichever ends later.
            cost *= apus_max((long)(tasks + 1) / 2 * 2, wanted);
            if (cost >= best) continue;
            best = cost;
            cut->row_blocks = rows_wanted;
            cut->column_blocks = blocks;
            cut->pack_a = pack_a;
        }
        // An epilogue streams through matrices of its own: long rows, if there are enough of them.
        if (blocks >= panels || (g->epilogue && strips >= wanted)) break;
    }
    // In place, steps of whole pages all fall into the same few sets of a cache.
    long steps = g->a_column == 1 || cut->pack_a ? 384 : g->a_column * tile->bytes % 4096 ? 256 : 128;
    long chunks = apus_max(apus_divide_up(g->k, steps), 1);
    cut->chunk = apus_max(apus_divide_up(apus_divide_up(g->k, chunks), 8) * 8, 1);
    // A small result of a long k: blocks of c alone would each fetch nearly all of a and b.
    cut->k_blocks = 1;
    long size = g->m * g->n;
    if (g->batch == 1 && cut->pack_b != APUS_GEMM_PACK_ONCE && wanted >= 8 && g->k >= 4 * apus_max(g->m, g->n) &&
        g->k >= 2048 && size <= 1 << 18) {
        cut->row_blocks = cut->column_blocks = 1;
        cut->k_blocks = apus_min(wanted / 2, g->k / (size <= 1 << 17 ? 512 : 1024)) / 2 * 2;
        cut->chunk = apus_divide_up(apus_divide_up(g->k, cut->k_blocks), apus_divide_up(g->k / cut->k_blocks, 384));
    }
    cut->strips = apus_divide_up(strips, cut->row_blocks) * cut->row_blocks;
    cut->tasks = apus_divide_up(g->batch, cut->batches) * cut->row_blocks * cut->column_blocks * cut->k_blocks;
}

#endif
