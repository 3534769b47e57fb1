// The thread pool: fork and join per call, at well under a microsecond while a program runs.
//
// A call is published as one number: minus the count of its pieces. Whoever adds one to it and finds it was negative
// owns the piece of that number; a count of zero or more means that nothing is left. A call cannot end, and the next
// one not begin, before each of its pieces has been reported as done, so a description read by the owner of a piece
// is always the right one, and a worker that comes late finds either nothing or a piece of the call that now runs.
// Nobody waits for a worker that owns nothing.
//
// Workers spin between the calls of a program and a little beyond its end, then sleep on a condition variable.

#if defined(__linux__)
#define _GNU_SOURCE
#endif
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#if defined(__APPLE__)
#include <pthread/qos.h>
#endif

#include "include/CKernels.h"

enum {
    MOST_THREADS = 256,
    STACK_BYTES = 4 << 20,
    CACHE_LINE = 128,       // two, as processors fetch them in pairs
    PIECES_PER_THREAD = 32, // what a call with very many tasks is handed out in
    POLLS_PER_CLOCK = 16,
    NANOSECONDS_BEFORE_YIELD = 10000,
    NANOSECONDS_IDLE = 40000,         // before a worker sleeps when no program runs
    NANOSECONDS_WITHIN_RUN = 300000,  // the same, while one runs: it may be in a short call of a single task
};

typedef struct {
    void *memory;  // as allocated
    size_t capacity;
} scratch_memory;

typedef struct {
    _Alignas(CACHE_LINE) atomic_int asleep;  // changed under `mutex`
    int index;
    scratch_memory scratch;
    pthread_mutex_t mutex;
    pthread_cond_t wake;
} worker;

static struct {
    // The call that runs. `claims` and the description share a line: whoever takes a piece needs both.
    _Alignas(CACHE_LINE) atomic_long claims;
    long pieces, tasks, tasks_per_piece;
    apus_kernel run;
    const void *args;
    size_t scratch_bytes;

    _Alignas(CACHE_LINE) atomic_long done;  // pieces that workers have finished

    _Alignas(CACHE_LINE) atomic_uint runs;  // begun plus ended: odd while a program runs
    atomic_int invited;                     // workers that may take part in it

    _Alignas(CACHE_LINE) pthread_mutex_t turn;  // held by the thread whose program runs
    int workers;
    worker *worker[MOST_THREADS];
} pool = {.turn = PTHREAD_MUTEX_INITIALIZER};

static _Thread_local int thread_is_running;            // a task or a program of tasks
static _Thread_local scratch_memory *thread_scratch;   // of a thread that is not a worker
static pthread_key_t thread_scratch_key;
static pthread_once_t pool_once = PTHREAD_ONCE_INIT;

// ---- The processor ---------------------------------------------------------------------------------------------

static inline void relax(void) {
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("isb");  // `yield` is over at once on most processors
#endif
}

static inline uint64_t nanoseconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/// Makes denormals zero, as results and as inputs; returns what to restore.
static inline uint64_t flush_denormals(void) {
#if defined(__x86_64__)
    unsigned int before = __builtin_ia32_stmxcsr();
    __builtin_ia32_ldmxcsr(before | 0x8040);
    return before;
#elif defined(__aarch64__)
    uint64_t before;
    __asm__ volatile("mrs %0, fpcr" : "=r"(before));
    __asm__ volatile("msr fpcr, %0" : : "r"(before | 1u << 24));
    return before;
#else
    return 0;
#endif
}

static inline void restore_denormals(uint64_t before) {
#if defined(__x86_64__)
    __builtin_ia32_ldmxcsr((unsigned int)before);
#elif defined(__aarch64__)
    __asm__ volatile("msr fpcr, %0" : : "r"(before));
#else
    (void)before;
#endif
}

// ---- Scratch ---------------------------------------------------------------------------------------------------

static void *scratch_grow(scratch_memory *scratch, size_t bytes) {
    size_t capacity = (bytes + 4095) & ~(size_t)4095;
    free(scratch->memory);
    if (posix_memalign(&scratch->memory, 64, capacity) != 0) abort();
    scratch->capacity = capacity;
    return scratch->memory;
}

static inline void *scratch_of(scratch_memory *scratch, size_t bytes) {
    return bytes <= scratch->capacity ? scratch->memory : scratch_grow(scratch, bytes);
}

static void scratch_free(void *pointer) {
    scratch_memory *scratch = pointer;
    free(scratch->memory);
    free(scratch);
    thread_scratch = NULL;
}

static void *scratch_of_this_thread(size_t bytes) {
    if (!thread_scratch) {
        thread_scratch = calloc(1, sizeof *thread_scratch);
        if (!thread_scratch) abort();
        pthread_setspecific(thread_scratch_key, thread_scratch);
    }
    return scratch_of(thread_scratch, bytes);
}

// ---- Workers ---------------------------------------------------------------------------------------------------

/// Runs pieces of the published call until none is left; returns how many.
static long take_part(scratch_memory *scratch) {
    long finished = 0;
    void *memory = NULL;
    // Looking before adding keeps idle threads from fighting over the line.
    while (atomic_load_explicit(&pool.claims, memory_order_relaxed) < 0) {
        long claim = atomic_fetch_add_explicit(&pool.claims, 1, memory_order_acquire);
        if (claim >= 0) break;
        if (finished == 0) memory = scratch_of(scratch, pool.scratch_bytes);
        long begin = (pool.pieces + claim) * pool.tasks_per_piece;
        long end = begin + pool.tasks_per_piece;
        pool.run(pool.args, begin, end < pool.tasks ? end : pool.tasks, memory);
        finished++;
    }
    return finished;
}

static void sleep_until_woken(worker *self) {
    pthread_mutex_lock(&self->mutex);
    // Either this sees a call that was just published, or its publisher sees that this worker sleeps.
    atomic_store(&self->asleep, 1);
    if (atomic_load(&pool.claims) < 0 && self->index < atomic_load(&pool.invited)) atomic_store(&self->asleep, 0);
    while (atomic_load(&self->asleep)) pthread_cond_wait(&self->wake, &self->mutex);
    pthread_mutex_unlock(&self->mutex);
}

static void *work(void *pointer) {
    worker *self = pointer;
    thread_is_running = 1;
    flush_denormals();
#if defined(__APPLE__)
    pthread_set_qos_class_self_np(QOS_CLASS_USER_INITIATED, 0);
#endif
    unsigned int runs = 0;
    uint64_t idle_since = nanoseconds();
    for (unsigned int polls = 0;;) {
        int invited = self->index < atomic_load_explicit(&pool.invited, memory_order_relaxed);
        if (invited && atomic_load_explicit(&pool.claims, memory_order_relaxed) < 0) {
            long finished = take_part(&self->scratch);
            if (finished > 0) {
                atomic_fetch_add_explicit(&pool.done, finished, memory_order_release);
                polls = 0;
                idle_since = 0;
            }
            continue;
        }
        relax();
        if (++polls % POLLS_PER_CLOCK != 0) continue;
        uint64_t now = nanoseconds();
        unsigned int runs_now = atomic_load_explicit(&pool.runs, memory_order_relaxed);
        if (idle_since == 0 || runs_now != runs) {
            idle_since = now;
            runs = runs_now;
        }
        uint64_t idle = now - idle_since;
        if (idle > (invited && runs % 2 != 0 ? NANOSECONDS_WITHIN_RUN : NANOSECONDS_IDLE)) {
            sleep_until_woken(self);
            idle_since = 0;
        } else if (idle > NANOSECONDS_BEFORE_YIELD) {
            sched_yield();
        }
    }
    return NULL;
}

static void wake(worker *sleeper) {
    pthread_mutex_lock(&sleeper->mutex);
    int asleep = atomic_load(&sleeper->asleep);
    atomic_store(&sleeper->asleep, 0);
    pthread_mutex_unlock(&sleeper->mutex);
    if (asleep) pthread_cond_signal(&sleeper->wake);
}

/// Wakes those of the first `count` workers that sleep.
static inline void wake_workers(long count) {
    for (long i = 0; i < count; i++) {
        if (atomic_load(&pool.worker[i]->asleep)) wake(pool.worker[i]);
    }
}

/// Starts workers until there are `count`, or as many as the system allows.
static void start_workers(int count) {
    if (pool.workers >= count) return;
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);  // signals are for the program's own threads
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, STACK_BYTES);
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    while (pool.workers < count) {
        worker *new_worker;
        if (posix_memalign((void **)&new_worker, CACHE_LINE, sizeof *new_worker) != 0) break;
        *new_worker = (worker){.index = pool.workers};
        pthread_mutex_init(&new_worker->mutex, NULL);
        pthread_cond_init(&new_worker->wake, NULL);
        pthread_t thread;
        if (pthread_create(&thread, &attributes, work, new_worker) != 0) {
            free(new_worker);
            break;
        }
        pool.worker[pool.workers++] = new_worker;
    }
    pthread_attr_destroy(&attributes);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
}

/// A child process has one thread, whatever the others were doing.
static void forget_workers(void) {
    pthread_mutex_init(&pool.turn, NULL);
    pool.workers = 0;
    atomic_store(&pool.claims, 0);
    atomic_store(&pool.invited, 0);
    atomic_store(&pool.runs, 0);
}

static void prepare_pool(void) {
    pthread_key_create(&thread_scratch_key, scratch_free);
    pthread_atfork(NULL, NULL, forget_workers);
}

// ---- Running ---------------------------------------------------------------------------------------------------

static void fork_and_join(const apus_call *call, long tasks_per_piece, int workers, size_t scratch_bytes) {
    long pieces = (call->tasks + tasks_per_piece - 1) / tasks_per_piece;
    pool.pieces = pieces;
    pool.tasks = call->tasks;
    pool.tasks_per_piece = tasks_per_piece;
    pool.run = call->run;
    pool.args = call->args;
    pool.scratch_bytes = scratch_bytes;
    atomic_store_explicit(&pool.done, 0, memory_order_relaxed);
    atomic_store(&pool.claims, -pieces);
    wake_workers(workers < pieces - 1 ? workers : pieces - 1);

    long by_others = pieces - take_part(thread_scratch);
    uint64_t since = 0;
    for (unsigned int polls = 1; atomic_load_explicit(&pool.done, memory_order_acquire) != by_others; polls++) {
        relax();
        if (polls % POLLS_PER_CLOCK != 0) continue;
        uint64_t now = nanoseconds();
        if (since == 0) since = now;
        if (now - since > NANOSECONDS_BEFORE_YIELD) sched_yield();  // the last owner may need this processor
    }
}

// ---- Loops -----------------------------------------------------------------------------------------------------

static void loop_point(const apus_loop *loop, long step) {
    for (long i = 0; i < loop->pointers; i++) {
        const apus_loop_pointer *p = &loop->pointer[i];
        char *address;
        if (step == 0 && p->first >= 0) {
            address = loop->bases[p->first];
        } else {
            long position = step - p->lag;
            if (p->ring > 0) position %= p->ring;
            address = (char *)loop->bases[p->base] + p->offset + position * p->stride;
        }
        *p->field = address + p->field_offset;
    }
}

static void loop_finish(const apus_loop *loop) {
    for (long i = 0; i < loop->copies; i++) {
        const apus_loop_copy *c = &loop->copy[i];
        memcpy((char *)loop->bases[c->to] + c->to_offset, (const char *)loop->bases[c->from] + c->from_offset,
               (size_t)c->bytes);
    }
}

static void run_serially(const apus_call *calls, long count, void *scratch);

void apus_loop_run(const void *args, long begin, long end, void *scratch) {
    (void)begin, (void)end;
    const apus_loop *loop = args;
    for (long step = 0; step < loop->steps; step++) {
        loop_point(loop, step);
        run_serially(loop->calls, loop->count, scratch);
    }
    loop_finish(loop);
}

/// The tasks of the largest call, those within loops included.
static long most_tasks_of(const apus_call *calls, long count) {
    long most = 1;
    for (long i = 0; i < count; i++) {
        long tasks = calls[i].tasks;
        if (calls[i].run == apus_loop_run) {
            const apus_loop *loop = calls[i].args;
            tasks = most_tasks_of(loop->calls, loop->count);
        }
        if (tasks > most) most = tasks;
    }
    return most;
}

// ---- Lists of calls --------------------------------------------------------------------------------------------

static void run_serially(const apus_call *calls, long count, void *scratch) {
    for (long i = 0; i < count; i++) {
        if (calls[i].tasks > 0) calls[i].run(calls[i].args, 0, calls[i].tasks, scratch);
    }
}

static void run_list(const apus_call *calls, long count, size_t scratch_bytes, int threads, int workers,
                     int one_by_one, void *scratch) {
    for (long i = 0; i < count; i++) {
        if (calls[i].run == apus_loop_run) {
            const apus_loop *loop = calls[i].args;
            for (long step = 0; step < loop->steps; step++) {
                loop_point(loop, step);
                run_list(loop->calls, loop->count, scratch_bytes, threads, workers, one_by_one, scratch);
            }
            loop_finish(loop);
        } else if (calls[i].tasks > 1) {
            long tasks_per_piece = calls[i].tasks / ((long)threads * PIECES_PER_THREAD);
            if (one_by_one || tasks_per_piece < 1) tasks_per_piece = 1;
            fork_and_join(&calls[i], tasks_per_piece, workers, scratch_bytes);
        } else {
            run_serially(&calls[i], 1, scratch);
        }
    }
}

static void run_in_parallel(const apus_call *calls, long count, size_t scratch_bytes, int threads, int one_by_one,
                            long most_tasks, void *scratch) {
    pthread_mutex_lock(&pool.turn);
    start_workers(threads - 1);
    // Nobody owns a piece now: whoever joins later, however late, finds its scratch ready.
    for (int i = 0; i < pool.workers; i++) scratch_of(&pool.worker[i]->scratch, scratch_bytes);
    int workers = pool.workers < threads - 1 ? pool.workers : threads - 1;
    atomic_store(&pool.invited, workers);
    atomic_fetch_add_explicit(&pool.runs, 1, memory_order_relaxed);
    wake_workers(workers < most_tasks - 1 ? workers : most_tasks - 1);  // while the first calls run
    run_list(calls, count, scratch_bytes, threads, workers, one_by_one, scratch);
    atomic_fetch_add_explicit(&pool.runs, 1, memory_order_relaxed);
    pthread_mutex_unlock(&pool.turn);
}

static void run_calls(const apus_call *calls, long count, size_t scratch_bytes, int threads, int one_by_one) {
    if (count <= 0) return;
    if (thread_is_running) {
        // Called from within a task, whose scratch must stay as it is.
        scratch_memory scratch = {NULL, 0};
        run_serially(calls, count, scratch_of(&scratch, scratch_bytes));
        free(scratch.memory);
        return;
    }
    pthread_once(&pool_once, prepare_pool);
    void *scratch = scratch_of_this_thread(scratch_bytes);
    if (threads > MOST_THREADS) threads = MOST_THREADS;
    long most_tasks = most_tasks_of(calls, count);
    thread_is_running = 1;
    uint64_t denormals = flush_denormals();
    if (threads <= 1 || most_tasks <= 1) {
        run_serially(calls, count, scratch);
    } else {
        run_in_parallel(calls, count, scratch_bytes, threads, one_by_one, most_tasks, scratch);
    }
    restore_denormals(denormals);
    thread_is_running = 0;
}

void apus_run(const apus_call *calls, long count, size_t scratch_bytes, int threads) {
    run_calls(calls, count, scratch_bytes, threads, 0);
}

void apus_parallel(apus_kernel run, const void *args, long tasks, size_t scratch_bytes, int threads) {
    apus_call call = {run, args, tasks};
    run_calls(&call, 1, scratch_bytes, threads, 1);
}
