// Similarities of codes as formulas: the oracle for the other files, which give the same integers.
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

static float quantize(const float *x, size_t count, uint8_t *codes, size_t stride) { return code_quantize(x, count, codes, stride); }

const aisle_code_table aisle_code_scalar = {.name = "scalar", .score = score, .score_unseen = score_unseen, .quantize = quantize};
