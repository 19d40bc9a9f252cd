// bfloat16 in plain C, for the oracle and the ends of rows.
#ifndef AISLE_BFLOAT16_H
#define AISLE_BFLOAT16_H

#include <math.h>
#include <stdint.h>
#include <string.h>

/// The nearest bfloat16, ties to even; denormals become 0 and NaN stays one, as vcvtneps2bf16 has it.
static inline uint16_t aisle_bfloat16_of(float x) {
    uint32_t bits;
    memcpy(&bits, &x, sizeof bits);
    if (isnan(x)) return (uint16_t)(bits >> 16 | 0x40);
    if ((bits & 0x7F800000) == 0) return (uint16_t)(bits >> 16 & 0x8000);
    return (uint16_t)((bits + 0x7FFF + (bits >> 16 & 1)) >> 16);
}

static inline float aisle_float_of(uint16_t x) {
    const uint32_t bits = (uint32_t)x << 16;
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

#endif
