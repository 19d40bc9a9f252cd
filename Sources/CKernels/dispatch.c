// Chooses the kernel table once: the widest instruction set that the processor and the operating system both support.
//
// AISLE_KERNELS=scalar (or another table's name) overrides the choice, to compare results on one machine.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tables.h"

const aisle_kernel_table *aisle_kernels_available(size_t index) {
    const aisle_kernel_table *available[2];
    size_t count = 0;
    available[count++] = &aisle_kernels_scalar;
#if defined(__x86_64__)
    // The builtin asks the operating system too (XGETBV): without saved YMM registers "avx2" is not reported.
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) available[count++] = &aisle_kernels_avx2;
#endif
    return index < count ? available[index] : NULL;
}

int aisle_has_bfloat16(void) {
#if defined(__x86_64__)
    return __builtin_cpu_supports("avx512bf16") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl");
#else
    return 0;
#endif
}

static const aisle_kernel_table *choose(void) {
    const char *wanted = getenv("AISLE_KERNELS");
    const aisle_kernel_table *best = &aisle_kernels_scalar;
    for (size_t i = 0; aisle_kernels_available(i) != NULL; i++) {
        const aisle_kernel_table *table = aisle_kernels_available(i);
        if (wanted != NULL && strcmp(wanted, table->name) == 0) return table;
        best = table;
    }
    if (wanted != NULL) fprintf(stderr, "aisle: AISLE_KERNELS=%s is not to be had here; using %s\n", wanted, best->name);
    return best;
}

const aisle_kernel_table *aisle_kernels(void) {
    // Two threads that race here compute the same pointer, and a pointer store is atomic on every supported machine.
    static const aisle_kernel_table *chosen;
    const aisle_kernel_table *table = __atomic_load_n(&chosen, __ATOMIC_ACQUIRE);
    if (table == NULL) {
        table = choose();
        __atomic_store_n(&chosen, table, __ATOMIC_RELEASE);
    }
    return table;
}
