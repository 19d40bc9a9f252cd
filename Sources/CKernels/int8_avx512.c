// int8 products for AVX512-VNNI: 64 products a lane of sixteen and instruction, with sums that never saturate or round.
//
// The tile is bfloat16_avx512.c's, with four values of a row in place of two.
#if defined(__x86_64__)

#include <string.h>

#include "avx512_math.h"
#include "tables.h"

#define VNNI __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512vnni")))

/// Rounds as `aisle_bfloat16_of` does, by integers: AVX512-VNNI is older than AVX512-BF16.
VNNI static inline __m256i round16(__m512 y) {
    const __m512i bits = _mm512_castps_si512(y);
    const __m512i odd = _mm512_and_si512(_mm512_srli_epi32(bits, 16), _mm512_set1_epi32(1));
    __m512i rounded = _mm512_add_epi32(bits, _mm512_add_epi32(odd, _mm512_set1_epi32(0x7FFF)));
    const __mmask16 denormal = _mm512_testn_epi32_mask(bits, _mm512_set1_epi32(0x7F800000));
    rounded = _mm512_mask_and_epi32(rounded, denormal, bits, _mm512_set1_epi32((int)0x80000000));
    rounded = _mm512_mask_or_epi32(rounded, _mm512_cmp_ps_mask(y, y, _CMP_UNORD_Q), bits, _mm512_set1_epi32(0x400000));
    return _mm512_cvtepi32_epi16(_mm512_srli_epi32(rounded, 16));
}
#define ROUND16(y) round16(y)

enum { tile_rows = 14 };

/// The product of one row and sixteen columns, from its integer sum.
VNNI static inline __m512 scaled(const aisle_int8_product *p, size_t row, size_t column, __mmask16 on, __m512i sum) {
    const __m512i shift = _mm512_mullo_epi32(_mm512_set1_epi32(p->a_zero[row]), _mm512_maskz_loadu_epi32(on, p->sum + column));
    const __m512 scale = _mm512_mul_ps(_mm512_set1_ps(p->a_scale[row]), _mm512_maskz_loadu_ps(on, p->scale + column));
    return _mm512_mul_ps(_mm512_cvtepi32_ps(_mm512_sub_epi32(sum, shift)), scale);
}

VNNI static inline __attribute__((always_inline)) void tile(const aisle_int8_product *p, size_t row, size_t panel, const int rows) {
    __m512i sums[tile_rows][2];
#pragma clang loop unroll(full)
    for (int r = 0; r < rows; r++) sums[r][0] = sums[r][1] = _mm512_setzero_si512();
    const size_t quads = (p->shape.inner + 3) / 4, stride = p->a_stride;
    const int8_t *b = p->panels + panel * quads * 4 * aisle_panel_columns;
    const uint8_t *a = p->a + row * stride;
    for (size_t k = 0; k < quads; k++, b += 4 * aisle_panel_columns) {
        const __m512i low = _mm512_loadu_si512(b), high = _mm512_loadu_si512(b + 64);
#pragma clang loop unroll(full)
        for (int r = 0; r < rows; r++) {
            int quad;
            memcpy(&quad, a + r * stride + 4 * k, sizeof quad);
            const __m512i x = _mm512_set1_epi32(quad);
            sums[r][0] = _mm512_dpbusd_epi32(sums[r][0], x, low);
            sums[r][1] = _mm512_dpbusd_epi32(sums[r][1], x, high);
        }
    }
    const size_t column = panel * aisle_panel_columns, left = p->shape.columns - column;
    const __mmask16 first = lanes16(left), second = left > 16 ? lanes16(left - 16) : 0;
    // From memory, one row after another: unrolled, the epilogue would fill the instruction cache.
    int32_t results[tile_rows][aisle_panel_columns];
#pragma clang loop unroll(full)
    for (int r = 0; r < rows; r++) {
        _mm512_storeu_si512(results[r], sums[r][0]);
        _mm512_storeu_si512(results[r] + 16, sums[r][1]);
    }
#pragma clang loop unroll(disable)
    for (int r = 0; r < rows; r++) {
        STORE_OUTPUT(p->output, row + r, column, first, scaled(p, row + r, column, first, _mm512_loadu_si512(results[r])));
        if (second)
            STORE_OUTPUT(p->output, row + r, column + 16, second,
                         scaled(p, row + r, column + 16, second, _mm512_loadu_si512(results[r] + 16)));
    }
}

#define TILE(n) \
    case n: tile(p, row, panel, n); break;

VNNI static void product(const aisle_int8_product *p) {
    const size_t rows = p->shape.rows, blocks = (rows + tile_rows - 1) / tile_rows;
    for (size_t panel = p->shape.first_panel; panel < p->shape.first_panel + p->shape.panel_count; panel++) {
        for (size_t block = 0; block < blocks; block++) {
            const size_t row = rows * block / blocks, end = rows * (block + 1) / blocks;
            switch (end - row) {
                TILE(1) TILE(2) TILE(3) TILE(4) TILE(5) TILE(6) TILE(7) TILE(8) TILE(9) TILE(10) TILE(11) TILE(12) TILE(13) TILE(14)
            }
        }
    }
}

VNNI static void quantize_rows(const float *x, size_t x_stride, size_t rows, size_t count, uint8_t *out, size_t out_stride,
                               float *scale, int32_t *zero) {
    const size_t padded = (count + 3) / 4 * 4;
    for (size_t r = 0; r < rows; r++) {
        const float *from = x + r * x_stride;
        __m512 low = _mm512_setzero_ps(), high = _mm512_setzero_ps(), check = _mm512_setzero_ps();
        for (size_t i = 0; i < count; i += 16) {
            const __m512 v = _mm512_maskz_loadu_ps(lanes16(count - i), from + i);
            low = _mm512_min_ps(low, v);
            high = _mm512_max_ps(high, v);
            check = _mm512_fmadd_ps(v, _mm512_setzero_ps(), check);
        }
        const aisle_int8_steps steps = aisle_int8_steps_between(_mm512_reduce_min_ps(low), _mm512_reduce_max_ps(high),
                                                                _mm512_reduce_add_ps(check));
        scale[r] = steps.scale;
        zero[r] = steps.zero;
        const __m512 inverse = _mm512_set1_ps(steps.inverse);
        const __m512i shift = _mm512_set1_epi32(steps.zero), top = _mm512_set1_epi32(255), bottom = _mm512_setzero_si512();
        for (size_t i = 0; i < padded; i += 16) {
            // Lanes past the row are 0 in, and must be 0 out.
            const __mmask16 in = i < count ? lanes16(count - i) : 0;
            const __m512 v = _mm512_mul_ps(_mm512_maskz_loadu_ps(in, from + i), inverse);
            __m512i u = _mm512_add_epi32(_mm512_cvtps_epi32(v), shift);
            u = _mm512_maskz_mov_epi32(in, _mm512_min_epi32(_mm512_max_epi32(u, bottom), top));
            _mm_mask_storeu_epi8(out + r * out_stride + i, lanes16(padded - i), _mm512_cvtepi32_epi8(u));
        }
    }
}

const aisle_int8_table aisle_int8_avx512 = {.name = "avx512", .product = product, .quantize_rows = quantize_rows};

#endif
