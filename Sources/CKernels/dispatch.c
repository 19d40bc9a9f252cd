// Chooses each kernel table once: the widest instruction set that the processor and the operating system both support.
//
// AISLE_KERNELS=scalar (or another table's name) overrides the choice, to compare results on one machine.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tables.h"

#if defined(__x86_64__)
// The builtins ask the operating system too (XGETBV): without saved wide registers the instructions are not reported.
static int has_avx2(void) {
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("f16c");
}

static int has_avx512(void) {
    return has_avx2() && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
           __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
}

static int has_bfloat16(void) { return has_avx512() && __builtin_cpu_supports("avx512bf16"); }

static int has_int8(void) { return has_avx512() && __builtin_cpu_supports("avx512vnni"); }
#endif

int aisle_has_bfloat16(void) {
#if defined(__x86_64__)
    return has_bfloat16();
#else
    return 0;
#endif
}

/// Defines a family's `_available` and its chooser. A table's first member is its name.
#if defined(__x86_64__)
#define WIDE_TABLES(family, has_widest)                       \
    if (has_avx2()) available[count++] = &family##_avx2;      \
    if (has_widest()) available[count++] = &family##_avx512;
#else
#define WIDE_TABLES(family, has_widest)
#endif

#define FAMILY(type, family, chooser, listing, has_widest)                                                        \
    const type *listing(size_t index) {                                                                           \
        const type *available[3];                                                                                 \
        size_t count = 0;                                                                                         \
        available[count++] = &family##_scalar;                                                                    \
        WIDE_TABLES(family, has_widest)                                                                           \
        return index < count ? available[index] : NULL;                                                           \
    }                                                                                                             \
                                                                                                                  \
    const type *chooser(void) {                                                                                   \
        /* Two threads that race here compute the same pointer, and a pointer store is atomic everywhere. */      \
        static const type *chosen;                                                                                \
        const type *table = __atomic_load_n(&chosen, __ATOMIC_ACQUIRE);                                           \
        if (table != NULL) return table;                                                                          \
        const char *wanted = getenv("AISLE_KERNELS");                                                             \
        for (size_t i = 0; listing(i) != NULL; i++) {                                                             \
            table = listing(i);                                                                                   \
            if (wanted != NULL && strcmp(wanted, table->name) == 0) break;                                        \
        }                                                                                                         \
        if (wanted != NULL && strcmp(wanted, table->name) != 0)                                                   \
            fprintf(stderr, "aisle: AISLE_KERNELS=%s is not to be had here; using %s\n", wanted, table->name);    \
        __atomic_store_n(&chosen, table, __ATOMIC_RELEASE);                                                       \
        return table;                                                                                             \
    }

FAMILY(aisle_kernel_table, aisle_kernels, aisle_kernels, aisle_kernels_available, has_avx512)
FAMILY(aisle_bfloat16_table, aisle_bfloat16, aisle_bfloat16_kernels, aisle_bfloat16_kernels_available, has_bfloat16)
FAMILY(aisle_int8_table, aisle_int8, aisle_int8_kernels, aisle_int8_kernels_available, has_int8)
FAMILY(aisle_code_table, aisle_code, aisle_code_kernels, aisle_code_kernels_available, has_int8)
FAMILY(aisle_float16_table, aisle_float16, aisle_float16_kernels, aisle_float16_kernels_available, has_avx512)
