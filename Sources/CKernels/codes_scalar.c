// Similarities of codes as formulas: the oracle for the other files, which give the same integers. Rounding to codes, which a vector
// goes through once, is here for all of them.
#include <string.h>

#include "code_hop.h"

static int32_t no_sum(const uint8_t *query, size_t count) {
    (void)query, (void)count;
    return 0;
}

static void four(const uint8_t *query, int32_t sum, const uint8_t *const *rows, size_t count, int32_t *out) {
    (void)sum;
    for (size_t r = 0; r < hop_rows; r++) {
        int32_t total = 0;
        for (size_t i = 0; i < count; i++) total += (query[i] - 128) * (rows[r][i] - 128);
        out[r] = total;
    }
}

CODE_KERNELS(, no_sum, four)

float aisle_code_quantize(const float *x, size_t count, uint8_t *codes, size_t stride) {
    // By the bits, which order as magnitudes do, and with what is not finite above all others: a loop that compilers vectorise.
    uint32_t bits = 0;
    for (size_t i = 0; i < count; i++) {
        uint32_t value;
        memcpy(&value, x + i, sizeof value);
        value &= 0x7FFFFFFF;
        bits = value > bits ? value : bits;
    }
    float largest;
    memcpy(&largest, &bits, sizeof largest);
    // What is not finite, and what is so small that it has no inverse, is 0 everywhere.
    if (bits >= 0x7F800000 || !(largest > 1e-30f)) {
        memset(codes, 128, stride);
        return 0;
    }
    const float inverse = 127.0f / largest;
    for (size_t i = 0; i < count; i++) {
        // Adding 1.5 * 2^23 rounds to nearest even and leaves the integer in the lowest bits.
        // Two statements, so that no compiler makes one rounding of the two.
        const float steps = x[i] * inverse;
        const float shifted = steps + 12582912.0f;
        uint32_t value;
        memcpy(&value, &shifted, sizeof value);
        codes[i] = (uint8_t)(value + 128);
    }
    memset(codes + count, 128, stride - count);
    return largest / 127.0f;
}

const aisle_code_table aisle_code_scalar = {.name = "scalar", .score = score, .score_unseen = score_unseen};
