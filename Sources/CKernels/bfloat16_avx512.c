// bfloat16 products for AVX512-BF16: 32 products a lane of sixteen and instruction.
//
// A tile of up to 14 rows and one panel keeps 28 sums in registers; the panel of 384 values stays in the first-level cache while the
// rows go by. Measured at the hardware's limit of one vdpbf16ps a cycle.
#if defined(__x86_64__)

#include <stdbool.h>
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
    const aisle_linear_output *o = &p->output;
    if (left >= aisle_panel_columns && o->values && !o->bias && !o->activates && !o->adds && !o->bfloat16) {
        // Gradients of weights: sums of a few tokens only, so that the epilogue below would take as long as they do.
#pragma clang loop unroll(full)
        for (int r = 0; r < rows; r++) {
            float *place = o->values + (row + r) * o->values_stride + column;
            _mm512_storeu_ps(place, sums[r][0]);
            _mm512_storeu_ps(place + 16, sums[r][1]);
        }
        return;
    }
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

/// Transposes 16 rows of 16 values of 32 bits: pairs of values, pairs of those, then quarters of registers.
BF16 static inline __attribute__((always_inline)) void transpose16(__m512i r[16]) {
    __m512i t[16];
#pragma clang loop unroll(full)
    for (int i = 0; i < 8; i++) {
        t[2 * i] = _mm512_unpacklo_epi32(r[2 * i], r[2 * i + 1]);
        t[2 * i + 1] = _mm512_unpackhi_epi32(r[2 * i], r[2 * i + 1]);
    }
#pragma clang loop unroll(full)
    for (int i = 0; i < 4; i++) {
        r[4 * i] = _mm512_unpacklo_epi64(t[4 * i], t[4 * i + 2]);
        r[4 * i + 1] = _mm512_unpackhi_epi64(t[4 * i], t[4 * i + 2]);
        r[4 * i + 2] = _mm512_unpacklo_epi64(t[4 * i + 1], t[4 * i + 3]);
        r[4 * i + 3] = _mm512_unpackhi_epi64(t[4 * i + 1], t[4 * i + 3]);
    }
    // r[4 i + j] holds, in quarter q, column 4 q + j of rows 4 i to 4 i + 3.
#pragma clang loop unroll(full)
    for (int j = 0; j < 4; j++) {
        const __m512i a = _mm512_shuffle_i32x4(r[j], r[4 + j], 0x44), b = _mm512_shuffle_i32x4(r[j], r[4 + j], 0xEE);
        const __m512i c = _mm512_shuffle_i32x4(r[8 + j], r[12 + j], 0x44), d = _mm512_shuffle_i32x4(r[8 + j], r[12 + j], 0xEE);
        t[j] = _mm512_shuffle_i32x4(a, c, 0x88);
        t[4 + j] = _mm512_shuffle_i32x4(a, c, 0xDD);
        t[8 + j] = _mm512_shuffle_i32x4(b, d, 0x88);
        t[12 + j] = _mm512_shuffle_i32x4(b, d, 0xDD);
    }
#pragma clang loop unroll(full)
    for (int i = 0; i < 16; i++) r[i] = t[i];
}

BF16 static void pack_transposed(const float *weights, size_t stride, size_t columns, size_t inner, uint16_t *panels) {
    const size_t pairs = (inner + 1) / 2;
    for (size_t column = 0; column < columns; column += aisle_panel_columns, panels += pairs * 2 * aisle_panel_columns) {
        for (size_t half = 0; half < aisle_panel_columns; half += 16) {
            for (size_t k = 0; k < inner; k += 32) {
                const size_t left = inner - k;
                const __mmask16 first = lanes16(left), second = left > 16 ? lanes16(left - 16) : 0;
                __m512i rows[16];
#pragma clang loop unroll(full)
                for (size_t c = 0; c < 16; c++) {
                    const bool is_there = column + half + c < columns;
                    const float *from = is_there ? weights + (column + half + c) * stride + k : weights;
                    const __m512 low = _mm512_maskz_loadu_ps(is_there ? first : 0, from);
                    const __m512 high = _mm512_maskz_loadu_ps(is_there ? second : 0, second ? from + 16 : from);
                    rows[c] = (__m512i)_mm512_cvtne2ps_pbh(high, low);
                }
                transpose16(rows);
                const size_t count = left < 32 ? (left + 1) / 2 : 16;
                for (size_t i = 0; i < count; i++)
                    _mm512_storeu_si512(panels + (k / 2 + i) * 2 * aisle_panel_columns + 2 * half, rows[i]);
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
