// Binary16 in integers: what the other files' instructions do, and the oracle of their tests.
#include <string.h>

#include "tables.h"

static float widened(uint16_t half) {
    const uint32_t sign = (uint32_t)(half & 0x8000) << 16;
    const uint32_t magnitude = half & 0x7FFF;
    if (magnitude < 0x0400) {
        // Zero and subnormal numbers: steps of 2^-24.
        const float value = (float)magnitude * 0x1p-24f;
        return sign ? -value : value;
    }
    // Exponents are biased by 15 here and by 127 there; infinity and NaN have the largest of each.
    const uint32_t bias = magnitude < 0x7C00 ? 127 - 15 : 255 - 31;
    const uint32_t bits = sign | ((magnitude << 13) + (bias << 23));
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static uint16_t narrowed(float value) {
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    const uint16_t sign = (uint16_t)(bits >> 16 & 0x8000);
    bits &= 0x7FFFFFFF;
    if (bits > 0x7F800000) return sign | 0x7E00;
    // From halfway between the largest number and 2^16 on.
    if (bits >= 0x477FF000) return sign | 0x7C00;
    if (bits < 0x38800000) {
        // Below 2^-14: adding 0.5 leaves the last 10 bits worth 2^-24 each, and rounds to them.
        float magnitude;
        memcpy(&magnitude, &bits, sizeof magnitude);
        magnitude += 0.5f;
        memcpy(&bits, &magnitude, sizeof bits);
        return sign | (uint16_t)(bits - 0x3F000000);
    }
    // Half a step less one, and the last bit that stays: halfway cases go to the even one. A carry ends in the exponent, as it should.
    bits += 0xFFF + (bits >> 13 & 1);
    return sign | (uint16_t)((bits - ((uint32_t)(127 - 15) << 23)) >> 13);
}

static void dot_rows(const float *query, const uint16_t *const *rows, size_t row_count, size_t count, float *out) {
    for (size_t r = 0; r < row_count; r++) {
        float sum = 0;
        for (size_t i = 0; i < count; i++) sum += query[i] * widened(rows[r][i]);
        out[r] = sum;
    }
}

static void narrow(const float *x, size_t count, uint16_t *out) {
    for (size_t i = 0; i < count; i++) out[i] = narrowed(x[i]);
}

static void widen(const uint16_t *x, size_t count, float *out) {
    for (size_t i = 0; i < count; i++) out[i] = widened(x[i]);
}

const aisle_float16_table aisle_float16_scalar = {.name = "scalar", .dot_rows = dot_rows, .narrow = narrow, .widen = widen};
