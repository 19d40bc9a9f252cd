// int8 products for AVX2. Its one instruction for them (vpmaddubsw) saturates, so the values are widened to 16 bits, whose pairs of
// products vpmaddwd adds up in 32.
//
// Of four values in a lane the even and the odd two make one multiplication each. The tile is bfloat16_avx2.c's. Measured on Zen 4:
// half as much again as bfloat16 (145 beside 99 thousand million operations a second).
#if defined(__x86_64__)

#include "avx2_math.h"
#include "tables.h"

enum {
    tile_rows = 6,
    /// Groups of four values of a row that are widened at a time: six rows are 12 KiB.
    chunk_quads = 256,
};

/// For every four values of a row two pairs of 16 bits: first all the even ones, a chunk further on the odd ones.
AVX2 static inline void widen(const uint8_t *a, size_t quads, uint32_t *out) {
    for (size_t k = 0; k < quads; k++) {
        uint32_t quad;
        memcpy(&quad, a + 4 * k, sizeof quad);
        out[k] = quad & 0x00FF00FF;
        out[chunk_quads + k] = quad >> 8 & 0x00FF00FF;
    }
}

/// Adds `quads` groups of four products to the sums of `rows` rows and 8 `registers` columns from `column` of the panel on.
AVX2_INLINE void accumulate(const uint32_t (*a)[2 * chunk_quads], const int8_t *b, size_t quads,
                            int32_t (*out)[aisle_panel_columns], size_t column, const int rows, const int registers) {
    __m256i sums[tile_rows][4];
#pragma clang loop unroll(full)
    for (int r = 0; r < rows; r++)
#pragma clang loop unroll(full)
        for (int n = 0; n < registers; n++) sums[r][n] = _mm256_loadu_si256((const __m256i *)(out[r] + column + 8 * n));
    for (size_t k = 0; k < quads; k++, b += 4 * aisle_panel_columns) {
#pragma clang loop unroll(full)
        for (int odd = 0; odd < 2; odd++) {
            // Weights are loaded twice, as in bfloat16_avx2.c.
            __asm__ volatile("" ::: "memory");
            __m256i weights[4];
#pragma clang loop unroll(full)
            for (int n = 0; n < registers; n++) {
                const __m256i four = _mm256_loadu_si256((const __m256i *)(b + 4 * column + 32 * n));
                weights[n] = _mm256_srai_epi16(odd ? four : _mm256_slli_epi16(four, 8), 8);
            }
#pragma clang loop unroll(full)
            for (int r = 0; r < rows; r++) {
                const __m256i x = _mm256_set1_epi32((int)a[r][chunk_quads * odd + k]);
#pragma clang loop unroll(full)
                for (int n = 0; n < registers; n++) {
                    sums[r][n] = _mm256_add_epi32(sums[r][n], _mm256_madd_epi16(x, weights[n]));
                    // Keeps the compiler from adding two products first, for which it has no registers: a fifth faster.
                    __asm__("" : "+x"(sums[r][n]));
                }
            }
        }
    }
#pragma clang loop unroll(full)
    for (int r = 0; r < rows; r++)
#pragma clang loop unroll(full)
        for (int n = 0; n < registers; n++) _mm256_storeu_si256((__m256i *)(out[r] + column + 8 * n), sums[r][n]);
}

/// The product of one row and the first `count` of eight columns, from their integer sums.
AVX2 static inline __m256 scaled(const aisle_int8_product *p, size_t row, size_t column, size_t count, const int32_t *sums) {
    const __m256i column_sums = _mm256_maskload_epi32(p->sum + column, lanes8(count));
    const __m256i shift = _mm256_mullo_epi32(_mm256_set1_epi32(p->a_zero[row]), column_sums);
    const __m256 scale = _mm256_mul_ps(_mm256_set1_ps(p->a_scale[row]), load8(p->scale + column, count));
    return _mm256_mul_ps(_mm256_cvtepi32_ps(_mm256_sub_epi32(_mm256_loadu_si256((const __m256i *)sums), shift)), scale);
}

AVX2_INLINE void tile(const aisle_int8_product *p, size_t row, size_t panel, const int rows) {
    uint32_t a[tile_rows][2 * chunk_quads];
    int32_t sums[tile_rows][aisle_panel_columns];
    memset(sums, 0, sizeof sums);
    const size_t quads = (p->shape.inner + 3) / 4;
    const int8_t *b = p->panels + panel * quads * 4 * aisle_panel_columns;
    const size_t column = panel * aisle_panel_columns, left = p->shape.columns - column;
    for (size_t first = 0; first < quads; first += chunk_quads, b += 4 * chunk_quads * aisle_panel_columns) {
        const size_t count = quads - first < chunk_quads ? quads - first : chunk_quads;
        for (int r = 0; r < rows; r++) widen(p->a + (row + r) * p->a_stride + 4 * first, count, a[r]);
        if (rows <= 2) {
            // Fewer sums than eight would wait for each other.
            accumulate(a, b, count, sums, 0, rows, 4);
        } else {
            accumulate(a, b, count, sums, 0, rows, 2);
            accumulate(a, b, count, sums, 16, rows, 2);
        }
    }
    for (int r = 0; r < rows; r++)
        for (size_t c = 0; c < aisle_panel_columns && c < left; c += 8)
            store_output8(&p->output, row + r, column + c, left - c, scaled(p, row + r, column + c, left - c, sums[r] + c));
}

#define TILE(n) \
    case n: tile(p, row, panel, n); break;

AVX2 static void product(const aisle_int8_product *p) {
    const size_t rows = p->shape.rows, blocks = (rows + tile_rows - 1) / tile_rows;
    for (size_t panel = p->shape.first_panel; panel < p->shape.first_panel + p->shape.panel_count; panel++) {
        for (size_t block = 0; block < blocks; block++) {
            const size_t row = rows * block / blocks, end = rows * (block + 1) / blocks;
            switch (end - row) { TILE(1) TILE(2) TILE(3) TILE(4) TILE(5) TILE(6) }
        }
    }
}

AVX2 static void quantize_rows(const float *x, size_t x_stride, size_t rows, size_t count, uint8_t *out, size_t out_stride,
                               float *scale, int32_t *zero) {
    const size_t padded = (count + 3) / 4 * 4;
    for (size_t r = 0; r < rows; r++) {
        const float *from = x + r * x_stride;
        // The smallest value is minus the largest of the negated ones.
        __m256 fall = _mm256_setzero_ps(), high = fall, check = fall;
        for (size_t i = 0; i < count; i += 8) {
            const __m256 v = load8(from + i, count - i);
            fall = _mm256_max_ps(fall, _mm256_sub_ps(_mm256_setzero_ps(), v));
            high = _mm256_max_ps(high, v);
            check = _mm256_fmadd_ps(v, _mm256_setzero_ps(), check);
        }
        const aisle_int8_steps steps = aisle_int8_steps_between(-maximum_of(fall), maximum_of(high), sum_of(check));
        scale[r] = steps.scale;
        zero[r] = steps.zero;
        const __m256 inverse = _mm256_set1_ps(steps.inverse);
        const __m256i shift = _mm256_set1_epi32(steps.zero);
        for (size_t i = 0; i < padded; i += 8) {
            // Lanes past the row are 0 in, and must be 0 out. Packing saturates at 0 and 255.
            const size_t left = count > i ? count - i : 0;
            const __m256i u = _mm256_add_epi32(_mm256_cvtps_epi32(_mm256_mul_ps(load8(from + i, left), inverse)), shift);
            const __m256i on = _mm256_and_si256(u, lanes8(left));
            const __m128i words = _mm_packs_epi32(_mm256_castsi256_si128(on), _mm256_extracti128_si256(on, 1));
            uint8_t bytes[8];
            _mm_storel_epi64((__m128i *)bytes, _mm_packus_epi16(words, words));
            memcpy(out + r * out_stride + i, bytes, padded - i < 8 ? padded - i : 8);
        }
    }
}

const aisle_int8_table aisle_int8_avx2 = {.name = "avx2", .product = product, .quantize_rows = quantize_rows};

#endif
