// bfloat16 products for AVX512-BF16: 32 products a lane of sixteen and instruction.
//
// A tile of up to 14 rows and one panel keeps 28 sums in registers; the panel of 384 values stays in the first-level cache while the
// rows go by. Measured at the hardware's limit of one vdpbf16ps a cycle.
#if defined(__x86_64__)

#include <string.h>

#include "avx512_math.h"
#include "tables.h"

#define BF16 __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512bf16")))
#define ROUND16(y) ((__m256i)_mm512_cvtneps_pbh(y))

/// Rows of a tile: 28 sums, two registers of weights, one of the row.
enum { tile_rows = 14 };

BF16 static inline __attribute__((always_inline)) void tile(const aisle_bfloat16_product *p, size_t row, size_t panel,
                                                             const int rows) {
    __m512 sums[tile_rows][2];
#pragma clang loop unroll(full)
    for (int r = 0; r < rows; r++) sums[r][0] = sums[r][1] = _mm512_setzero_ps();
    const size_t pairs = (p->shape.inner + 1) / 2, stride = p->a_stride;
    const uint16_t *b = p->panels + panel * pairs * 2 * aisle_panel_columns;
    const uint16_t *a = p->a + row * stride;
    for (size_t k = 0; k < pairs; k++, b += 2 * aisle_panel_columns) {
        const __m512bh low = (__m512bh)_mm512_loadu_si512(b), high = (__m512bh)_mm512_loadu_si512(b + 32);
#pragma clang loop unroll(full)
        for (int r = 0; r < rows; r++) {
            int pair;
            memcpy(&pair, a + r * stride + 2 * k, sizeof pair);
            const __m512bh x = (__m512bh)_mm512_set1_epi32(pair);
            sums[r][0] = _mm512_dpbf16_ps(sums[r][0], x, low);
            sums[r][1] = _mm512_dpbf16_ps(sums[r][1], x, high);
        }
    }
    const size_t column = panel * aisle_panel_columns, left = p->shape.columns - column;
    const __mmask16 first = lanes16(left), second = left > 16 ? lanes16(left - 16) : 0;
    // From memory, one row after another: unrolled, the epilogue would fill the instruction cache.
    float results[tile_rows][aisle_panel_columns];
#pragma clang loop unroll(full)
    for (int r = 0; r < rows; r++) {
        _mm512_storeu_ps(results[r], sums[r][0]);
        _mm512_storeu_ps(results[r] + 16, sums[r][1]);
    }
#pragma clang loop unroll(disable)
    for (int r = 0; r < rows; r++) {
        STORE_OUTPUT(p->output, row + r, column, first, _mm512_loadu_ps(results[r]));
        if (second) STORE_OUTPUT(p->output, row + r, column + 16, second, _mm512_loadu_ps(results[r] + 16));
    }
}

#define TILE(n) \
    case n: tile(p, row, panel, n); break;

BF16 static void product(const aisle_bfloat16_product *p) {
    const size_t rows = p->shape.rows, blocks = (rows + tile_rows - 1) / tile_rows;
    for (size_t panel = p->shape.first_panel; panel < p->shape.first_panel + p->shape.panel_count; panel++) {
        // Blocks of even height: a last one of two rows would wait for its sums instead of computing.
        for (size_t block = 0; block < blocks; block++) {
            const size_t row = rows * block / blocks, end = rows * (block + 1) / blocks;
            switch (end - row) {
                TILE(1) TILE(2) TILE(3) TILE(4) TILE(5) TILE(6) TILE(7) TILE(8) TILE(9) TILE(10) TILE(11) TILE(12) TILE(13) TILE(14)
            }
        }
    }
}

BF16 static void round_rows(const float *x, size_t x_stride, size_t rows, size_t count, uint16_t *out, size_t out_stride) {
    for (size_t r = 0; r < rows; r++) {
        const float *from = x + r * x_stride;
        uint16_t *to = out + r * out_stride;
        for (size_t i = 0; i < count; i += 16) {
            const __mmask16 on = lanes16(count - i);
            _mm256_mask_storeu_epi16(to + i, on, ROUND16(_mm512_maskz_loadu_ps(on, from + i)));
        }
        if (count & 1) to[count] = 0;
    }
}

/// Two values of bfloat16 in each lane: `low` below, `high` above.
BF16 static inline __m512i pairs_of(__m512 low, __m512 high) {
    const __m512i below = _mm512_cvtepu16_epi32(ROUND16(low)), above = _mm512_cvtepu16_epi32(ROUND16(high));
    return _mm512_or_si512(below, _mm512_slli_epi32(above, 16));
}

BF16 static void round_transposed(const float *x, size_t x_stride, size_t rows, size_t count, uint16_t *out, size_t out_stride) {
    for (size_t r = 0; r < rows; r += 16) {
        const size_t lanes = rows - r < 16 ? rows - r : 16;
        const __mmask16 on = lanes16(lanes);
        for (size_t k = 0; k < count; k += 2) {
            const __m512 low = _mm512_maskz_loadu_ps(on, x + k * x_stride + r);
            const __m512 high = k + 1 < count ? _mm512_maskz_loadu_ps(on, x + (k + 1) * x_stride + r) : _mm512_setzero_ps();
            uint32_t pairs[16];
            _mm512_storeu_si512(pairs, pairs_of(low, high));
            for (size_t lane = 0; lane < lanes; lane++) memcpy(out + (r + lane) * out_stride + k, pairs + lane, 4);
        }
    }
}

BF16 static void pack(const float *weights, size_t stride, size_t columns, size_t inner, uint16_t *panels) {
    for (size_t column = 0; column < columns; column += aisle_panel_columns) {
        const size_t left = columns - column;
        const __mmask16 on[2] = {lanes16(left), left > 16 ? lanes16(left - 16) : 0};
        for (size_t k = 0; k < inner; k += 2) {
            for (size_t half = 0; half < 2; half++, panels += aisle_panel_columns) {
                const float *place = weights + k * stride + column + 16 * half;
                const __m512 low = _mm512_maskz_loadu_ps(on[half], place);
                const __m512 high = k + 1 < inner ? _mm512_maskz_loadu_ps(on[half], place + stride) : _mm512_setzero_ps();
                _mm512_storeu_si512(panels, pairs_of(low, high));
            }
        }
    }
}

BF16 static void pack_transposed(const float *weights, size_t stride, size_t columns, size_t inner, uint16_t *panels) {
    const size_t pairs = (inner + 1) / 2;
    for (size_t column = 0; column < columns; column += aisle_panel_columns, panels += pairs * 2 * aisle_panel_columns) {
        for (size_t c = 0; c < aisle_panel_columns; c++) {
            uint16_t *to = panels + 2 * c;
            if (column + c >= columns) {
                for (size_t k = 0; k < pairs; k++) memset(to + k * 2 * aisle_panel_columns, 0, 4);
                continue;
            }
            const float *from = weights + (column + c) * stride;
            for (size_t k = 0; k < inner; k += 32) {
                const size_t left = inner - k;
                const __m512 low = _mm512_maskz_loadu_ps(lanes16(left), from + k);
                const __m512 high = _mm512_maskz_loadu_ps(left > 16 ? lanes16(left - 16) : 0, from + k + 16);
                uint32_t rounded[16];
                _mm512_storeu_si512(rounded, (__m512i)_mm512_cvtne2ps_pbh(high, low));
                const size_t count = left < 32 ? (left + 1) / 2 : 16;
                for (size_t i = 0; i < count; i++) memcpy(to + (k / 2 + i) * 2 * aisle_panel_columns, rounded + i, 4);
            }
        }
    }
}

const aisle_bfloat16_table aisle_bfloat16_avx512 = {
    .name = "avx512",
    .product = product,
    .round_rows = round_rows,
    .round_transposed = round_transposed,
    .pack = pack,
    .pack_transposed = pack_transposed,
};

#endif
