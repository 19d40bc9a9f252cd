// The tables that the files of this module define; which of them exist depends on the architecture compiled for.
#ifndef AISLE_TABLES_H
#define AISLE_TABLES_H

#include <math.h>

#include "CKernels.h"

extern const aisle_kernel_table aisle_kernels_scalar;
extern const aisle_bfloat16_table aisle_bfloat16_scalar;
extern const aisle_int8_table aisle_int8_scalar;
extern const aisle_code_table aisle_code_scalar;
extern const aisle_float16_table aisle_float16_scalar;
#if defined(__x86_64__)
extern const aisle_kernel_table aisle_kernels_avx2, aisle_kernels_avx512;
extern const aisle_bfloat16_table aisle_bfloat16_avx2, aisle_bfloat16_avx512;
extern const aisle_int8_table aisle_int8_avx2, aisle_int8_avx512;
extern const aisle_code_table aisle_code_avx2, aisle_code_avx512;
extern const aisle_float16_table aisle_float16_avx2, aisle_float16_avx512;
#endif

/// Steps of a row that is rounded to 8 bits: x = scale (u - zero).
typedef struct {
    float scale, inverse;
    int32_t zero;
} aisle_int8_steps;

/// 256 steps from `low` <= 0 to `high` >= 0; every implementation takes this one, so that they round alike.
/// `check` is 0, or NaN where a value of the row is no finite number: then every product of the row is NaN.
static inline aisle_int8_steps aisle_int8_steps_between(float low, float high, float check) {
    const float range = high - low;
    if (isnan(check) || !isfinite(range)) return (aisle_int8_steps){NAN, 0, 0};
    // A row of zeros, and one so small that its range has no inverse, is 0 everywhere.
    if (!(range > 1e-30f)) return (aisle_int8_steps){0, 0, 0};
    const float inverse = 255.0f / range;
    return (aisle_int8_steps){range / 255.0f, inverse, (int32_t)nearbyintf(-low * inverse)};
}

#endif
