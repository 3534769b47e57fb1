// Which instruction set runs, and what this process may use of the machine.

#if defined(__linux__)
#define _GNU_SOURCE
#include <fcntl.h>
#include <sched.h>
#endif
#include <stdatomic.h>
#include <sys/resource.h>
#include <unistd.h>
#if defined(__APPLE__)
#include <mach/mach.h>
#include <sys/sysctl.h>
#endif

#include "Isa.h"

static const char *const apus_isa_names[] = {"plain", "neon", "avx2", "avx512"};
enum { APUS_ISA_COUNT = sizeof apus_isa_names / sizeof apus_isa_names[0], APUS_ISA_UNKNOWN = -1 };

static atomic_int apus_isa_chosen = APUS_ISA_UNKNOWN;

const char *apus_isa_name(int isa) {
    return isa >= 0 && isa < APUS_ISA_COUNT ? apus_isa_names[isa] : NULL;
}

int apus_isa_available(int isa) {
    switch (isa) {
    case APUS_PLAIN: return 1;
#if defined(__aarch64__)
    case APUS_NEON: return 1;
#elif defined(__x86_64__)
    // These also ask whether the operating system saves the wide registers.
    case APUS_AVX2:
        __builtin_cpu_init();
        return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("f16c");
    case APUS_AVX512:
        return apus_isa_available(APUS_AVX2) && __builtin_cpu_supports("avx512f") &&
               __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512bw") &&
               __builtin_cpu_supports("avx512dq");
#endif
    default: return 0;
    }
}

static int apus_isa_choose(void) {
    const char *wanted = getenv("APUS_ISA");
    if (wanted) {
        for (int isa = 0; isa < APUS_ISA_COUNT; isa++) {
            if (strcmp(wanted, apus_isa_names[isa]) == 0 && apus_isa_available(isa)) return isa;
        }
    }
    for (int isa = APUS_ISA_COUNT - 1; isa > APUS_PLAIN; isa--) {
        if (apus_isa_available(isa)) return isa;
    }
    return APUS_PLAIN;
}

int apus_isa(void) {
    int isa = atomic_load_explicit(&apus_isa_chosen, memory_order_relaxed);
    if (isa == APUS_ISA_UNKNOWN) {
        // Several threads may get here at once; all of them choose the same.
        isa = apus_isa_choose();
        atomic_store_explicit(&apus_isa_chosen, isa, memory_order_relaxed);
    }
    return isa;
}

int apus_isa_select(int isa) {
    if (!apus_isa_available(isa)) return 0;
    atomic_store_explicit(&apus_isa_chosen, isa, memory_order_relaxed);
    return 1;
}

int apus_processors(void) {
#if defined(__linux__)
    unsigned long mask[128] = {0};  // 8192 processors
    if (sched_getaffinity(0, sizeof mask, (cpu_set_t *)mask) == 0) {
        int count = 0;
        for (size_t i = 0; i < sizeof mask / sizeof mask[0]; i++) count += __builtin_popcountl(mask[i]);
        if (count > 0) return count;
    }
#endif
    long online = sysconf(_SC_NPROCESSORS_ONLN);
    return online > 0 ? (int)online : 1;
}

#if defined(__linux__)
// Reads a small file without touching the heap.
static long apus_read_file(const char *path, char *text, size_t capacity) {
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0) return -1;
    ssize_t length = read(file, text, capacity - 1);
    close(file);
    if (length < 0) return -1;
    text[length] = 0;
    return (long)length;
}
#endif

long apus_resident_bytes(void) {
#if defined(__linux__)
    char text[256];
    if (apus_read_file("/proc/self/statm", text, sizeof text) <= 0) return -1;
    const char *resident = strchr(text, ' ');
    return resident ? strtol(resident, NULL, 10) * sysconf(_SC_PAGESIZE) : -1;
#elif defined(__APPLE__)
    mach_task_basic_info_data_t info;
    mach_msg_type_number_t count = MACH_TASK_BASIC_INFO_COUNT;
    if (task_info(mach_task_self(), MACH_TASK_BASIC_INFO, (task_info_t)&info, &count) != KERN_SUCCESS) return -1;
    return (long)info.resident_size;
#else
    return -1;
#endif
}

long apus_memory_bytes(void) {
#if defined(__APPLE__)
    int64_t bytes = 0;
    size_t size = sizeof bytes;
    return sysctlbyname("hw.memsize", &bytes, &size, NULL, 0) == 0 && bytes > 0 ? (long)bytes : -1;
#else
    long pages = sysconf(_SC_PHYS_PAGES);
    long bytes = pages > 0 ? pages * sysconf(_SC_PAGESIZE) : -1;
#if defined(__linux__)
    char text[64];
    if (apus_read_file("/sys/fs/cgroup/memory.max", text, sizeof text) > 0) {
        long limit = strtol(text, NULL, 10);  // 0 for "max"
        if (limit > 0 && (bytes < 0 || limit < bytes)) bytes = limit;
    }
#endif
    return bytes;
#endif
}

long apus_peak_resident_bytes(void) {
#if defined(__linux__)
    // getrusage would also count the program that this process was before exec.
    char text[4096];
    if (apus_read_file("/proc/self/status", text, sizeof text) > 0) {
        const char *peak = strstr(text, "VmHWM:");
        if (peak) return strtol(peak + strlen("VmHWM:"), NULL, 10) * 1024;
    }
#endif
    struct rusage usage;
    if (getrusage(RUSAGE_SELF, &usage) != 0) return -1;
#if defined(__APPLE__)
    return (long)usage.ru_maxrss;
#else
    return (long)usage.ru_maxrss * 1024;
#endif
}
