// The kernel interface: everything that Swift sees of the C floor, on one page.
//
// A kernel is planned once and run often. `apus_*_plan` looks at a shape, chooses an algorithm, and says how many
// phases it has, into how many independent tasks each phase is cut, and how much memory it wants. The cut depends on
// the shape alone, never on the number of threads, so results are the same bits on any number of threads.
//
// All tensors are row-major; images are channels-last. Strides and extents are counted in elements.

#ifndef APUS_CKERNELS_H
#define APUS_CKERNELS_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// ---- Instruction sets ------------------------------------------------------------------------------------------

enum { APUS_PLAIN = 0, APUS_NEON = 1, APUS_AVX2 = 2, APUS_AVX512 = 3 };

/// The instruction set in use: the best one of this machine, or what the environment variable APUS_ISA
/// (plain, neon, avx2, avx512) asks for if the machine has it.
int apus_isa(void);
/// Its name; the name of any other set, or NULL.
const char *apus_isa_name(int isa);
/// Whether this build and this machine can run the set.
int apus_isa_available(int isa);
/// Changes the set for plans made from now on (tests compare several in one process). Returns 0 if unavailable.
int apus_isa_select(int isa);

// ---- Element types ---------------------------------------------------------------------------------------------

enum { APUS_F32 = 0, APUS_F64 = 1, APUS_BF16 = 2, APUS_F16 = 3, APUS_I32 = 4, APUS_I64 = 5, APUS_U8 = 6, APUS_BOOL = 7 };

// ---- Plans and programs ----------------------------------------------------------------------------------------

/// Runs tasks `begin ..< end` of a phase. `scratch` belongs to the calling thread and is 64-byte aligned.
typedef void (*apus_kernel)(const void *args, long begin, long end, void *scratch);

typedef struct {
    apus_kernel run;
    long tasks;  // independent pieces; 1 = run on the calling thread
} apus_phase;

#define APUS_PHASES 6

typedef struct {
    const char *name;          // the algorithm, for profiles and snapshots: "gemm", "winograd4x4", ...
    int phases;                // run in order, each after the one before has ended
    int first_phases;          // so many of them need not run again while an operand that is held stays the same
    apus_phase phase[APUS_PHASES];
    size_t workspace;          // bytes behind the arguments' `workspace`, shared by all phases
    size_t scratch;            // bytes of scratch per thread
} apus_plan;

/// One entry of a program.
typedef struct {
    apus_kernel run;
    const void *args;
    long tasks;
} apus_call;

/// Runs `calls` in order on `threads` threads (the calling one included). `scratch_bytes` is the largest of the plans'.
/// Steady state: no allocation, no lock. Denormals are flushed while it runs. Calls from several threads take turns.
void apus_run(const apus_call *calls, long count, size_t scratch_bytes, int threads);
/// Runs one kernel on `threads` threads; tasks are handed out one by one.
void apus_parallel(apus_kernel run, const void *args, long tasks, size_t scratch_bytes, int threads);

/// Where a loop writes an address before each step: `bases[base] + offset + position * stride`, with
/// position = step - lag, modulo `ring` if that is over 0; in the first step `bases[first]` if `first` >= 0.
typedef struct {
    void **field;
    long first, base;
    long field_offset;     // added in either case
    long offset, stride;   // in bytes
    long lag, ring;
} apus_loop_pointer;

/// Bytes that a loop copies when its last step is done.
typedef struct {
    long from, from_offset, to, to_offset, bytes;  // `from` and `to` are indices of bases
} apus_loop_copy;

/// A list of calls that is run again and again while pointers move: the steps of a recurrence.
typedef struct {
    long steps, count, pointers, copies;
    const apus_call *calls;
    const apus_loop_pointer *pointer;
    const apus_loop_copy *copy;
    void *const *bases;
} apus_loop;

/// A kernel whose argument is an `apus_loop`. As an entry of a program (with one task) the loop's calls run in parallel
/// like the program's own; loops may hold loops.
void apus_loop_run(const void *args, long begin, long end, void *scratch);

/// The number of processors this process may use.
int apus_processors(void);
/// Current and peak resident memory in bytes, or -1.
long apus_resident_bytes(void);
long apus_peak_resident_bytes(void);
/// Bytes of memory that this process may use: the machine's, or its control group's limit if that is less; or -1.
long apus_memory_bytes(void);

// ---- The fused loop --------------------------------------------------------------------------------------------
//
// A small register machine that runs a whole elementwise expression tile by tile. The iteration space is
// `extent[0] x ... x extent[dims-1]`; the last dimension is the row. Registers are either full (a value per element)
// or row registers (a value per row).

#define APUS_DIMS 6
#define APUS_OPERANDS 24
#define APUS_INSTRUCTIONS 96
#define APUS_REGISTERS 16
#define APUS_CONSTANTS 24
/// Scratch that any fused loop or epilogue is content with, whatever its program.
#define APUS_FUSED_SCRATCH (APUS_REGISTERS * 1024 * 8 + 4096)
/// Rows that are reduced and expanded again within one loop may not be longer than this.
#define APUS_FUSED_ROW 1024

/// Where an operand's elements are. `stride[d]` counts elements of the operand's own type; 0 repeats.
/// An operand whose last stride is 0 (and extent of the row is over 1) has one value per row.
typedef struct {
    void *data;
    long stride[APUS_DIMS];
    int dtype;
    int reserved;
} apus_operand;

/// `dst`, `a`, `b`, `c` are registers, except: LOAD reads operand `a`; STORE writes register `a` to operand `dst`;
/// CONSTANT reads constant `a`; REDUCE_* write register `a` to operand `dst`.
typedef struct {
    uint8_t op, dst, a, b, c;
    uint8_t row;  // 1: the result is a row register (its inputs then are row registers too, but for ROW_*)
    uint8_t reserved[2];
} apus_instruction;

enum {
    APUS_LOAD, APUS_STORE, APUS_CONSTANT,
    APUS_EXPAND,  // full register dst from row register a
    // unary: dst = f(a)
    APUS_NEGATE, APUS_ABS, APUS_SIGN, APUS_FLOOR, APUS_CEIL, APUS_ROUND /* half to even */, APUS_TRUNCATE,
    APUS_EXP, APUS_EXPM1, APUS_LOG, APUS_LOG1P, APUS_SQRT, APUS_RSQRT, APUS_RECIPROCAL,
    APUS_SIN, APUS_COS, APUS_TAN, APUS_ASIN, APUS_ACOS, APUS_ATAN, APUS_SINH, APUS_COSH, APUS_TANH,
    APUS_ASINH, APUS_ACOSH, APUS_ATANH, APUS_ERF, APUS_ERFC, APUS_LGAMMA, APUS_DIGAMMA,
    APUS_SIGMOID, APUS_SOFTPLUS, APUS_RELU, APUS_NOT, APUS_IS_NAN, APUS_IS_FINITE, APUS_SQUARE,
    // binary: dst = f(a, b); comparisons and logic give 1 or 0
    APUS_ADD, APUS_SUBTRACT, APUS_MULTIPLY, APUS_DIVIDE, APUS_POWER, APUS_MAXIMUM, APUS_MINIMUM, // NaN wins in both
    APUS_REMAINDER /* sign of b */, APUS_FLOOR_DIVIDE, APUS_ATAN2,
    APUS_EQUAL, APUS_NOT_EQUAL, APUS_LESS, APUS_LESS_EQUAL, APUS_GREATER, APUS_GREATER_EQUAL,
    APUS_AND, APUS_OR, APUS_XOR, APUS_BIT_AND, APUS_BIT_OR, APUS_BIT_XOR, APUS_SHIFT_LEFT, APUS_SHIFT_RIGHT,
    // ternary
    APUS_SELECT /* a != 0 ? b : c */,
    APUS_FMA /* a * b + c */, APUS_FMS /* a * b - c */, APUS_FNMA /* c - a * b */,
    APUS_SELECT_POSITIVE /* a > 0 ? b : c */,
    // row register dst from full register a
    APUS_ROW_SUM, APUS_ROW_MAX, APUS_ROW_MIN, APUS_ROW_PRODUCT,
    // reductions that leave the loop: register a into operand dst, over the rows (see apus_fused.reduced)
    APUS_REDUCE_SUM, APUS_REDUCE_MAX, APUS_REDUCE_MIN, APUS_REDUCE_PRODUCT,
};

/// The space in which a program computes. Operands of other types are converted as they are loaded and stored:
/// f32 for float32, bfloat16, float16, uint8, bool; f64 for float64; i64 for the integers, uint8 and bool.
enum { APUS_COMPUTE_F32 = 0, APUS_COMPUTE_F64 = 1, APUS_COMPUTE_I64 = 2 };

typedef struct {
    int compute;
    int dims;
    long extent[APUS_DIMS];
    /// REDUCE_*: the dimensions `reduced[0] ..< reduced[1]` are folded; the operand holds the other dimensions in
    /// order. `reduced[1] == dims` folds the rows as well (their length may exceed APUS_FUSED_ROW).
    int reduced[2];
    int operands, instructions, constants;
    apus_operand operand[APUS_OPERANDS];
    apus_instruction code[APUS_INSTRUCTIONS];
    double constant[APUS_CONSTANTS];
    void *workspace;
    /// An epilogue with reductions over its rows: the tasks of its kernel, each of which gathers in a place of its own.
    long slots;
} apus_fused;

void apus_fused_plan(const apus_fused *args, apus_plan *plan);

/// Prepares reductions over the rows of an epilogue for a kernel of up to `slots` tasks: `before` is to run before the
/// kernel, `after` after it, both with `args`. Returns how much scratch the kernel needs beyond its plan's.
/// `before.workspace` is for `args`. float32 and float64.
size_t apus_fused_gathering_plan(apus_fused *args, long slots, apus_plan *before, apus_plan *after);

/// Many fused loops as one call (the optimizer's step over all parameters): tasks are numbered through.
typedef struct {
    long count;
    const apus_fused *const *loops;
    const apus_phase *phases;  // of each loop: only plans of one phase can be joined
    const long *first_task;    // count + 1 entries
} apus_fused_group;
void apus_fused_group_run(const void *args, long begin, long end, void *scratch);

// ---- Matrix products -------------------------------------------------------------------------------------------

/// c[i] = a[i] b[i] for every batch index i; c is row-major with row stride `ldc`. float32 and float64.
/// `epilogue`, if any, is a fused loop without reductions over [batch * m, n] (dims == 2) that runs on each finished
/// block of c; it reads c as an operand of its own like any other.
typedef struct {
    const void *a, *b;
    void *c;
    long batch, m, n, k;
    long a_row, a_column, a_batch;
    long b_row, b_column, b_batch;
    long ldc, c_batch;
    const apus_fused *epilogue;
    void *workspace;
    /// 0, or: the batch is runs of so many, whose elements are a_batch and b_batch apart and the runs a_outer and b_outer.
    long batch_inner, a_outer, b_outer;
    /// 1: b stays the same over many runs. It may then be packed by phases of its own, the plan's `first_phases`.
    int b_is_held;
} apus_gemm;

void apus_gemm_plan(const apus_gemm *args, int dtype, apus_plan *plan);

// ---- Convolutions ----------------------------------------------------------------------------------------------

/// x [batch, in0, in1, in2, channels], w [k0, k1, k2, channels / groups, maps], y [batch, out0, out1, out2, maps];
/// fewer spatial dimensions have leading extents of 1. `pad` is the padding before; what stands behind follows.
typedef struct {
    long batch, in[3], out[3], kernel[3], stride[3], dilation[3], pad[3];
    long channels, maps, groups;
} apus_convolution_shape;

enum {
    APUS_FORWARD = 0,          // x, w -> y
    APUS_INPUT_GRADIENT = 1,   // y, w -> x   (also the transposed convolution's forward)
    APUS_KERNEL_GRADIENT = 2,  // x, y -> w
};

enum {
    APUS_NO_WINOGRAD = 1,     // precision forbids it
    APUS_FORCE_DIRECT = 2,    // for tests: the algorithm to use where it applies
    APUS_FORCE_WINOGRAD4 = 4,
    APUS_FORCE_WINOGRAD2 = 8,
    APUS_FORCE_GENERAL = 16,  // plain loops, any shape
};

/// The epilogue is as in apus_gemm, over [pixels of the output, channels of the output].
typedef struct {
    apus_convolution_shape shape;
    const void *x, *w, *y;  // the direction says which of them is written
    const apus_fused *epilogue;
    void *workspace;
    int direction, dtype;
    long parameter[8];      // the plan's own
} apus_convolution;

/// May write `args->parameter`.
void apus_convolution_plan(apus_convolution *args, unsigned flags, apus_plan *plan);

// ---- Pooling ---------------------------------------------------------------------------------------------------

enum {
    APUS_POOL_MAX = 0,            // x -> y; NaN wins; padding never does
    APUS_POOL_SUM = 1,            // x -> y
    APUS_POOL_MAX_GRADIENT = 2,   // x, dy -> dx: dy added where the window's maximum is (the first, if several)
    APUS_POOL_SUM_GRADIENT = 3,   // dy -> dx
    APUS_POOL_MAX_SELECT = 4,     // x, z -> y: z where the window's maximum of x is (the adjoint of MAX_GRADIENT)
};

/// `shape.channels == shape.maps`; groups is ignored.
typedef struct {
    apus_convolution_shape shape;
    const void *x;      // MAX, SUM: the input; MAX_GRADIENT, MAX_SELECT: where the maxima are sought
    const void *z;      // the gradients: [out]; MAX_SELECT: [in]
    void *y;
    int kind, dtype;
    double scale;       // SUM and SUM_GRADIENT: factor of every sum (an average over fixed windows)
    const apus_fused *epilogue;  // as for convolutions
    void *workspace;
} apus_pool;

void apus_pool_plan(const apus_pool *args, apus_plan *plan);

// ---- Indices ---------------------------------------------------------------------------------------------------

/// Where a kernel meets an index out of range it stores 1 + that index's position here (the smallest, if several)
/// and goes on as if the index were 0.
typedef struct {
    int64_t position, value;
} apus_index_error;

/// Stores a report in `error` (NULL: nowhere) unless it has one of a smaller position; from any thread.
void apus_index_report(apus_index_error *error, int64_t position, int64_t value);

enum {
    APUS_INDEX_SHARED = 0,  // index [count]:               out[o, j, i] = data[o, index[j], i]
    APUS_INDEX_ALONG = 1,   // index [outer, count, inner]: out[o, j, i] = data[o, index[o, j, i], i]
};

enum {
    APUS_SCATTER_ONTO_ZEROS = 0,  // data is overwritten
    APUS_SCATTER_ONTO_BASE = 1,   // data begins as a copy of base
    APUS_SCATTER_IN_PLACE = 2,    // data keeps what it holds
};

/// data [outer, extent, inner], out [outer, count, inner]. Negative indices are out of range.
/// gather: reads data, writes out. scatter_add: adds out's elements into data, in order of j; `start` says what data
/// begins as.
typedef struct {
    void *data, *out;
    const void *index, *base;
    long outer, extent, count, inner;
    int mode, dtype, index_dtype, start;
    apus_index_error *error;
    void *workspace;
} apus_index;

void apus_gather_plan(const apus_index *args, apus_plan *plan);
void apus_scatter_add_plan(const apus_index *args, apus_plan *plan);

// ---- Order -----------------------------------------------------------------------------------------------------

enum { APUS_ARG_MAX = 0, APUS_ARG_MIN = 1, APUS_ARG_SORT = 2, APUS_ARG_SORT_DESCENDING = 3 };

/// x [outer, extent, inner] -> int64 indices: [outer, inner] for ARG_MAX and ARG_MIN (the first, if several; NaN counts
/// as the largest / smallest), [outer, extent, inner] for the stable sorts (NaN last).
typedef struct {
    const void *x;
    int64_t *out;
    long outer, extent, inner;
    int kind, dtype;
    void *workspace;
} apus_order;

void apus_order_plan(const apus_order *args, apus_plan *plan);

/// out[o, j, i] = fold of x[o, 0...j, i]: running sums, products, maxima, minima (0, 1, 2, 3).
typedef struct {
    const void *x;
    void *out;
    long outer, extent, inner;
    int kind, dtype, reverse, exclusive;
    void *workspace;
} apus_cumulative;

void apus_cumulative_plan(const apus_cumulative *args, apus_plan *plan);

// ---- Random numbers --------------------------------------------------------------------------------------------

enum { APUS_RANDOM_BITS = 0 /* int64 or int32 */, APUS_RANDOM_UNIFORM = 1 /* [0, 1) */, APUS_RANDOM_NORMAL = 2 };

/// Philox 4x32-10: element i depends only on (key[0] = seed, key[1] = step, stream, i).
typedef struct {
    void *out;
    const int64_t *key;  // 2 values
    uint64_t stream;
    long count;
    int kind, dtype;
    void *workspace;
} apus_random;

void apus_random_plan(const apus_random *args, apus_plan *plan);
/// The generator itself: 4 words from a 128-bit counter and a 64-bit key.
void apus_philox(const uint32_t counter[4], const uint32_t key[2], uint32_t out[4]);

// ---- Measuring the machine -------------------------------------------------------------------------------------

/// Fused-multiply-adds per second times two that `threads` threads reach in registers (float32 or float64).
double apus_peak_flops(int dtype, int threads);
/// Bytes per second that `threads` threads read and write when they copy `bytes` bytes.
double apus_copy_bandwidth(size_t bytes, int threads);

#ifdef __cplusplus
}
#endif
#endif
