// The end of a product as a formula.
#ifndef AISLE_OUTPUT_SCALAR_H
#define AISLE_OUTPUT_SCALAR_H

#include <math.h>

#include "bfloat16.h"
#include "linear_kernels.h"

/// x/2 (1 + erf(x/sqrt 2)).
static inline float aisle_gelu(float x) { return 0.5f * x * (1.0f + erff(x * 0.70710678f)); }

/// sum + bias, then GELU, then stored where the output says.
static inline void aisle_store_output(const aisle_linear_output *output, size_t row, size_t column, float sum) {
    float y = sum + (output->bias == NULL ? 0 : output->bias[column]);
    if (output->activates) y = aisle_gelu(y);
    if (output->values != NULL) {
        float *place = output->values + row * output->values_stride + column;
        y = *place = output->adds ? *place + y : y;
    }
    if (output->bfloat16 != NULL) output->bfloat16[row * output->bfloat16_stride + column] = aisle_bfloat16_of(y);
}

#endif
