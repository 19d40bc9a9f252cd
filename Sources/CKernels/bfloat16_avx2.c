// bfloat16 products for AVX2, which has no instruction for them: each half of a pair becomes a float32, and FMA multiplies those.
//
// The lower value of a pair is a shift away from float32, the upper one a mask. A tile of up to six rows and sixteen columns keeps
// twelve sums in registers, two for weights, one each for the row's value and the mask; the rows are widened once for a whole panel.
// Measured on Zen 4 at three quarters of what FMA can do.
#if defined(__x86_64__)

#include "avx2_math.h"
#include "bfloat16.h"
#include "tables.h"

enum {
    tile_rows = 6,
    /// Pairs of a row that are widened at a time: six rows are 12 KiB.
    chunk_pairs = 256,
};

/// Values of a row in float32.
AVX2 static inline void widen(const uint16_t *a, size_t pairs, float *out) {
    size_t k = 0;
    for (; k + 8 <= 2 * pairs; k += 8) {
        const __m256i values = _mm256_cvtepu16_epi32(_mm_loadu_si128((const __m128i *)(a + k)));
        _mm256_storeu_ps(out + k, _mm256_castsi256_ps(_mm256_slli_epi32(values, 16)));
    }
    for (; k < 2 * pairs; k++) out[k] = aisle_float_of(a[k]);
}

/// Adds `pairs` pairs of products to the sums of `rows` rows and 8 `registers` columns from `column` of the panel on.
AVX2_INLINE void accumulate(const float (*a)[2 * chunk_pairs], const uint16_t *b, size_t pairs, float (*out)[aisle_panel_columns],
                            size_t column, const int rows, const int registers) {
    __m256 sums[tile_rows][4];
#pragma clang loop unroll(full)
    for (int r = 0; r < rows; r++)
#pragma clang loop unroll(full)
        for (int n = 0; n < registers; n++) sums[r][n] = _mm256_loadu_ps(out[r] + column + 8 * n);
    const __m256i upper = _mm256_set1_epi32((int)0xFFFF0000);
    for (size_t k = 0; k < pairs; k++, b += 2 * aisle_panel_columns) {
#pragma clang loop unroll(full)
        for (int odd = 0; odd < 2; odd++) {
            // Weights are loaded twice: kept for both halves they would push sums out of the sixteen registers. The compiler must not
            // see that it could (two rows take twice as long then).
            __asm__ volatile("" ::: "memory");
            __m256 weights[4];
#pragma clang loop unroll(full)
            for (int n = 0; n < registers; n++) {
                const __m256i both = _mm256_loadu_si256((const __m256i *)(b + 2 * column + 16 * n));
                weights[n] = _mm256_castsi256_ps(odd ? _mm256_and_si256(both, upper) : _mm256_slli_epi32(both, 16));
            }
#pragma clang loop unroll(full)
            for (int r = 0; r < rows; r++) {
                const __m256 x = _mm256_broadcast_ss(a[r] + 2 * k + odd);
#pragma clang loop unroll(full)
                for (int n = 0; n < registers; n++) sums[r][n] = _mm256_fmadd_ps(x, weights[n], sums[r][n]);
            }
        }
    }
#pragma clang loop unroll(full)
    for (int r = 0; r < rows; r++)
#pragma clang loop unroll(full)
        for (int n = 0; n < registers; n++) _mm256_storeu_ps(out[r] + column + 8 * n, sums[r][n]);
}

AVX2_INLINE void tile(const aisle_bfloat16_product *p, size_t row, size_t panel, const int rows) {
    float a[tile_rows][2 * chunk_pairs], sums[tile_rows][aisle_panel_columns];
    memset(sums, 0, sizeof sums);
    const size_t pairs = (p->shape.inner + 1) / 2;
    const uint16_t *b = p->panels + panel * pairs * 2 * aisle_panel_columns;
    const size_t column = panel * aisle_panel_columns, left = p->shape.columns - column;
    for (size_t first = 0; first < pairs; first += chunk_pairs, b += 2 * chunk_pairs * aisle_panel_columns) {
        const size_t count = pairs - first < chunk_pairs ? pairs - first : chunk_pairs;
        for (int r = 0; r < rows; r++) widen(p->a + (row + r) * p->a_stride + 2 * first, count, a[r]);
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
            store_output8(&p->output, row + r, column + c, left - c, _mm256_loadu_ps(sums[r] + c));
}

#define TILE(n) \
    case n: tile(p, row, panel, n); break;

AVX2 static void product(const aisle_bfloat16_product *p) {
    const size_t rows = p->shape.rows, blocks = (rows + tile_rows - 1) / tile_rows;
    for (size_t panel = p->shape.first_panel; panel < p->shape.first_panel + p->shape.panel_count; panel++) {
        // Blocks of even height: a last one of one row would wait for its sums instead of computing.
        for (size_t block = 0; block < blocks; block++) {
            const size_t row = rows * block / blocks, end = rows * (block + 1) / blocks;
            switch (end - row) { TILE(1) TILE(2) TILE(3) TILE(4) TILE(5) TILE(6) }
        }
    }
}

AVX2 static void round_rows(const float *x, size_t x_stride, size_t rows, size_t count, uint16_t *out, size_t out_stride) {
    for (size_t r = 0; r < rows; r++) {
        uint16_t *to = out + r * out_stride;
        for (size_t i = 0; i < count; i += 8) store_rounded8(to + i, count - i, load8(x + r * x_stride + i, count - i));
        if (count & 1) to[count] = 0;
    }
}

/// Two values of bfloat16 in each lane: `low` below, `high` above.
AVX2 static inline __m256i pairs_of(__m256 low, __m256 high) {
    return _mm256_blend_epi16(_mm256_srli_epi32(rounded8(low), 16), rounded8(high), 0xAA);
}

AVX2 static void round_transposed(const float *x, size_t x_stride, size_t rows, size_t count, uint16_t *out, size_t out_stride) {
    for (size_t r = 0; r < rows; r += 8) {
        const size_t lanes = rows - r < 8 ? rows - r : 8;
        for (size_t k = 0; k < count; k += 2) {
            const __m256 low = load8(x + k * x_stride + r, lanes);
            const __m256 high = k + 1 < count ? load8(x + (k + 1) * x_stride + r, lanes) : _mm256_setzero_ps();
            uint32_t pairs[8];
            _mm256_storeu_si256((__m256i *)pairs, pairs_of(low, high));
            for (size_t lane = 0; lane < lanes; lane++) memcpy(out + (r + lane) * out_stride + k, pairs + lane, 4);
        }
    }
}

AVX2 static void pack(const float *weights, size_t stride, size_t columns, size_t inner, uint16_t *panels) {
    for (size_t first = 0; first < columns; first += aisle_panel_columns) {
        for (size_t k = 0; k < inner; k += 2) {
            for (size_t column = first; column < first + aisle_panel_columns; column += 8, panels += 16) {
                const size_t left = column < columns ? columns - column : 0;
                const float *place = weights + k * stride + column;
                const __m256 high = k + 1 < inner ? load8(place + stride, left) : _mm256_setzero_ps();
                _mm256_storeu_si256((__m256i *)panels, pairs_of(load8(place, left), high));
            }
        }
    }
}

AVX2 static void pack_transposed(const float *weights, size_t stride, size_t columns, size_t inner, uint16_t *panels) {
    const size_t pairs = (inner + 1) / 2, line = 2 * aisle_panel_columns;
    for (size_t first = 0; first < columns; first += aisle_panel_columns, panels += pairs * line) {
        for (size_t c = 0; c < aisle_panel_columns; c++) {
            const float *from = weights + (first + c) * stride;
            for (size_t k = 0; k < 2 * pairs; k += 8) {
                const size_t left = first + c < columns && k < inner ? inner - k : 0;
                uint16_t rounded[8];
                store_rounded8(rounded, 8, left > 0 ? load8(from + k, left) : _mm256_setzero_ps());
                for (size_t i = 0; i < 8 && k + i < 2 * pairs; i += 2) memcpy(panels + (k + i) / 2 * line + 2 * c, rounded + i, 4);
            }
        }
    }
}

const aisle_bfloat16_table aisle_bfloat16_avx2 = {
    .name = "avx2",
    .product = product,
    .round_rows = round_rows,
    .round_transposed = round_transposed,
    .pack = pack,
    .pack_transposed = pack_transposed,
};

#endif
