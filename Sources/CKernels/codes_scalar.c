// Similarities of codes as formulas: the oracle for the other files, which give the same integers. Rounding to codes, which a vector
// goes through once, is here for all of them.
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
    float largest = 0, check = 0;
    for (size_t i = 0; i < count; i++) {
        largest = fmaxf(largest, fabsf(x[i]));
        check += x[i] * 0;
    }
    // What is not finite, and what is so small that it has no inverse, is 0 everywhere.
    const int usable = !isnan(check) && largest > 1e-30f;
    const float inverse = usable ? 127.0f / largest : 0;
    for (size_t i = 0; i < stride; i++) codes[i] = i < count && usable ? (uint8_t)(128 + (int32_t)nearbyintf(x[i] * inverse)) : 128;
    return usable ? largest / 127.0f : 0;
}

const aisle_code_table aisle_code_scalar = {.name = "scalar", .score = score, .score_unseen = score_unseen};
