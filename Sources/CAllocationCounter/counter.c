#include "include/CAllocationCounter.h"

#include <stddef.h>
#include <stdlib.h>  // also tells whether this is glibc

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || __has_feature(memory_sanitizer)
#define SANITIZED 1  // they have a malloc of their own
#endif
#endif

#if defined(__GLIBC__) && !defined(SANITIZED)

#include <errno.h>
#include <stdatomic.h>

// The C library's own implementations, which stay reachable under these names.
extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *block, size_t size);
extern void *__libc_memalign(size_t alignment, size_t size);
extern void __libc_free(void *block);

static atomic_long allocations;

static _Thread_local size_t largest;

static void count_one(size_t size) {
    atomic_fetch_add_explicit(&allocations, 1, memory_order_relaxed);
    if (size > largest) largest = size;
}

long allocation_counter_value(void) { return atomic_load_explicit(&allocations, memory_order_relaxed); }

long allocation_counter_take_largest(void) {
    long taken = (long)largest;
    largest = 0;
    return taken;
}

void *malloc(size_t size) {
    count_one(size);
    return __libc_malloc(size);
}

void *calloc(size_t count, size_t size) {
    count_one(size != 0 && count > (size_t)-1 / size ? (size_t)-1 : count * size);
    return __libc_calloc(count, size);
}

void *realloc(void *block, size_t size) {
    count_one(size);
    return __libc_realloc(block, size);
}

void *memalign(size_t alignment, size_t size) {
    count_one(size);
    return __libc_memalign(alignment, size);
}

void *aligned_alloc(size_t alignment, size_t size) { return memalign(alignment, size); }

int posix_memalign(void **block, size_t alignment, size_t size) {
    if (alignment < sizeof(void *) || (alignment & (alignment - 1)) != 0) return EINVAL;
    int saved = errno;
    void *new_block = memalign(alignment, size);
    errno = saved;
    if (!new_block) return ENOMEM;
    *block = new_block;
    return 0;
}

void free(void *block) { __libc_free(block); }

#else

long allocation_counter_value(void) { return -1; }

long allocation_counter_take_largest(void) { return -1; }

#endif
