// Vectors stored as IEEE 754 binary16: half of float32's memory, 11 significant bits, for values of magnitude 65,504 at most.
//
// A unit vector's similarity to a float32 query is off by about 0.00001 when its values are rounded so. Values go as uint16_t, because not
// every compiler has a type for them. float16_*.c hold one implementation each; dispatch.c chooses.
#ifndef AISLE_FLOAT16_KERNELS_H
#define AISLE_FLOAT16_KERNELS_H

#include <stddef.h>
#include <stdint.h>

typedef struct {
    /// Instruction set: "scalar", "avx2", "avx512".
    const char *_Nonnull name;

    /// out[r] = sum of query[i] rows[r][i] over `count` values, summed in float32. Each result is the same whatever rows stand beside it.
    void (*_Nonnull dot_rows)(const float *_Nonnull query, const uint16_t *_Nonnull const *_Nonnull rows, size_t row_count, size_t count,
                              float *_Nonnull out);

    /// Rounds to the nearest, ties to even; what is too large becomes infinite. The same in every table, but for a NaN's payload.
    void (*_Nonnull narrow)(const float *_Nonnull x, size_t count, uint16_t *_Nonnull out);

    /// The same values in float32, exactly.
    void (*_Nonnull widen)(const uint16_t *_Nonnull x, size_t count, float *_Nonnull out);
} aisle_float16_table;

/// The best table this processor runs; the same one for the life of the process.
const aisle_float16_table *_Nonnull aisle_float16_kernels(void);

/// Every table this processor runs, the scalar one first; NULL past the last.
const aisle_float16_table *_Nullable aisle_float16_kernels_available(size_t index);

#endif
