// The kernels for AVX2 with FMA: eight lanes, the last ones of a row masked.
//
// A package cannot set compiler flags per file and stay usable as a dependency, so each function carries its target attribute.
#if defined(__x86_64__)

#include <math.h>

#include "avx2_math.h"
#include "tables.h"

AVX2 static float dot(const float *a, const float *b, size_t count) {
    // Four accumulators hide the latency of FMA (4 cycles, two a cycle).
    __m256 s0 = _mm256_setzero_ps(), s1 = s0, s2 = s0, s3 = s0;
    size_t i = 0;
    for (; i + 32 <= count; i += 32) {
        s0 = _mm256_fmadd_ps(_mm256_loadu_ps(a + i), _mm256_loadu_ps(b + i), s0);
        s1 = _mm256_fmadd_ps(_mm256_loadu_ps(a + i + 8), _mm256_loadu_ps(b + i + 8), s1);
        s2 = _mm256_fmadd_ps(_mm256_loadu_ps(a + i + 16), _mm256_loadu_ps(b + i + 16), s2);
        s3 = _mm256_fmadd_ps(_mm256_loadu_ps(a + i + 24), _mm256_loadu_ps(b + i + 24), s3);
    }
    for (; i < count; i += 8) s0 = _mm256_fmadd_ps(load8(a + i, count - i), load8(b + i, count - i), s0);
    return sum_of(_mm256_add_ps(_mm256_add_ps(s0, s1), _mm256_add_ps(s2, s3)));
}

/// Asks for every cache line (16 floats) of a row.
AVX2 static inline void fetch(const float *row, size_t count) {
    for (size_t i = 0; i < count; i += 16) _mm_prefetch((const char *)(row + i), _MM_HINT_T0);
}

AVX2 static void dot_rows(const float *query, const float *const *rows, size_t row_count, size_t count, float *out) {
    // The rows of a neighbour list lie far apart, and a row of 384 is 24 cache lines: ask for the next while this one is summed.
    if (row_count > 0) fetch(rows[0], count);
    for (size_t r = 0; r < row_count; r++) {
        if (r + 1 < row_count) fetch(rows[r + 1], count);
        out[r] = dot(query, rows[r], count);
    }
}

AVX2 static void bias_gelu(float *x, const float *bias, size_t count) {
    for (size_t i = 0; i < count; i += 8) {
        const size_t left = count - i;
        store8(x + i, left, gelu8(_mm256_add_ps(load8(x + i, left), load8(bias + i, left))));
    }
}

AVX2 static void bias_gelu_backward(float *gradient, const float *x, const float *bias, size_t count) {
    const __m256 half = _mm256_set1_ps(0.5f), one = _mm256_set1_ps(1.0f), root = _mm256_set1_ps((float)M_SQRT1_2);
    const __m256 peak = _mm256_set1_ps(0.3989422804f), minus_half = _mm256_set1_ps(-0.5f);
    for (size_t i = 0; i < count; i += 8) {
        const size_t left = count - i;
        const __m256 v = _mm256_add_ps(load8(x + i, left), load8(bias + i, left));
        const __m256 density = _mm256_mul_ps(peak, exp8(_mm256_mul_ps(minus_half, _mm256_mul_ps(v, v))));
        __m256 slope = _mm256_mul_ps(half, _mm256_add_ps(one, erf8(_mm256_mul_ps(v, root))));
        slope = _mm256_fmadd_ps(v, density, slope);
        store8(gradient + i, left, _mm256_mul_ps(load8(gradient + i, left), slope));
    }
}

/// x = exp(scale x - max), not divided by its sum, which is the result.
AVX2 static inline float softmax_terms(float *x, float scale, size_t count) {
    const __m256 factor = _mm256_set1_ps(scale), lowest = _mm256_set1_ps(-INFINITY);
    __m256 maximum = lowest;
    for (size_t i = 0; i < count; i += 8) {
        __m256 v = _mm256_mul_ps(load8(x + i, count - i), factor);
        if (count - i < 8) v = _mm256_blendv_ps(lowest, v, _mm256_castsi256_ps(lanes8(count - i)));
        maximum = _mm256_max_ps(maximum, v);
    }
    const __m256 top = _mm256_set1_ps(maximum_of(maximum));
    __m256 sum = _mm256_setzero_ps();
    for (size_t i = 0; i < count; i += 8) {
        __m256 e = exp8(_mm256_fmsub_ps(load8(x + i, count - i), factor, top));
        if (count - i < 8) e = _mm256_and_ps(e, _mm256_castsi256_ps(lanes8(count - i)));
        sum = _mm256_add_ps(sum, e);
        store8(x + i, count - i, e);
    }
    return sum_of(sum);
}

AVX2 static void softmax(float *x, float scale, size_t count) {
    if (count == 0) return;
    const __m256 share = _mm256_set1_ps(1.0f / softmax_terms(x, scale, count));
    for (size_t i = 0; i < count; i += 8) store8(x + i, count - i, _mm256_mul_ps(load8(x + i, count - i), share));
}

AVX2 static void bias_residual_layer_norm(float *x, const float *bias, const float *residual, const float *gain,
                                          const float *shift, float epsilon, size_t count) {
    if (count == 0) return;
    __m256 sum = _mm256_setzero_ps();
    for (size_t i = 0; i < count; i += 8) {
        const size_t left = count - i;
        __m256 v = _mm256_add_ps(load8(x + i, left), load8(residual + i, left));
        if (bias != NULL) v = _mm256_add_ps(v, load8(bias + i, left));
        sum = _mm256_add_ps(sum, v);
        store8(x + i, left, v);
    }
    const __m256 mean = _mm256_set1_ps(sum_of(sum) / (float)count);
    __m256 squares = _mm256_setzero_ps();
    for (size_t i = 0; i < count; i += 8) {
        __m256 d = _mm256_sub_ps(load8(x + i, count - i), mean);
        if (count - i < 8) d = _mm256_and_ps(d, _mm256_castsi256_ps(lanes8(count - i)));
        squares = _mm256_fmadd_ps(d, d, squares);
    }
    const __m256 scale = _mm256_set1_ps(1.0f / sqrtf(sum_of(squares) / (float)count + epsilon));
    for (size_t i = 0; i < count; i += 8) {
        const size_t left = count - i;
        const __m256 v = _mm256_mul_ps(_mm256_sub_ps(load8(x + i, left), mean), scale);
        store8(x + i, left, _mm256_fmadd_ps(v, load8(gain + i, left), load8(shift + i, left)));
    }
}

// MARK: - Attention

/// Scores of `rows` queries and 16 keys; the keys lie transposed, (head_size, padded).
AVX2_INLINE void score(const aisle_attention *a, const float *query, const float *keys, size_t padded, float *scores,
                       const int rows) {
    __m256 sums[4][2];
#pragma clang loop unroll(full)
    for (int r = 0; r < rows; r++) sums[r][0] = sums[r][1] = _mm256_setzero_ps();
    for (size_t i = 0; i < a->head_size; i++) {
        const __m256 low = _mm256_loadu_ps(keys + i * padded), high = _mm256_loadu_ps(keys + i * padded + 8);
#pragma clang loop unroll(full)
        for (int r = 0; r < rows; r++) {
            const __m256 q = _mm256_broadcast_ss(query + r * a->stride + i);
            sums[r][0] = _mm256_fmadd_ps(q, low, sums[r][0]);
            sums[r][1] = _mm256_fmadd_ps(q, high, sums[r][1]);
        }
    }
#pragma clang loop unroll(full)
    for (int r = 0; r < rows; r++) {
        _mm256_storeu_ps(scores + r * padded, sums[r][0]);
        _mm256_storeu_ps(scores + r * padded + 8, sums[r][1]);
    }
}

/// Sums of values, weighted by `rows` rows of terms whose sums are `totals`, for up to 16 places of a head.
AVX2_INLINE void weigh(const aisle_attention *a, const float *value, const float *terms, size_t padded, const float *totals,
                       float *context, size_t places, const int rows) {
    const size_t rest = places > 8 ? places - 8 : 0;
    __m256 sums[4][2];
#pragma clang loop unroll(full)
    for (int r = 0; r < rows; r++) sums[r][0] = sums[r][1] = _mm256_setzero_ps();
    for (size_t j = 0; j < a->length; j++) {
        const __m256 low = load8(value + j * a->stride, places), high = load8(value + j * a->stride + 8, rest);
#pragma clang loop unroll(full)
        for (int r = 0; r < rows; r++) {
            const __m256 term = _mm256_broadcast_ss(terms + r * padded + j);
            sums[r][0] = _mm256_fmadd_ps(term, low, sums[r][0]);
            sums[r][1] = _mm256_fmadd_ps(term, high, sums[r][1]);
        }
    }
#pragma clang loop unroll(full)
    for (int r = 0; r < rows; r++) {
        const __m256 share = _mm256_set1_ps(1.0f / totals[r]);
        store8(context + r * a->context_stride, places, _mm256_mul_ps(sums[r][0], share));
        if (rest > 0) store8(context + r * a->context_stride + 8, rest, _mm256_mul_ps(sums[r][1], share));
    }
}

/// `rows` queries of one head.
AVX2_INLINE void attend(const aisle_attention *a, size_t row, size_t head, size_t padded, const int rows) {
    const float *query = a->query + row * a->stride + head * a->head_size;
    float *scores = a->scratch + a->head_size * padded, totals[4];
    for (size_t j = 0; j < padded; j += 16) score(a, query, a->scratch + j, padded, scores + j, rows);
    for (int r = 0; r < rows; r++) totals[r] = softmax_terms(scores + r * padded, a->scale, a->length);
    float *context = a->context + row * a->context_stride + head * a->head_size;
    for (size_t i = 0; i < a->head_size; i += 16)
        weigh(a, a->value + head * a->head_size + i, scores, padded, totals, context + i, a->head_size - i, rows);
}

AVX2 static void attention(const aisle_attention *a) {
    const size_t padded = (a->length + 15) / 16 * 16;
    for (size_t head = 0; head < a->head_count; head++) {
        for (size_t j = 0; j < padded; j++) {
            const float *key = a->key + j * a->stride + head * a->head_size;
            for (size_t i = 0; i < a->head_size; i++) a->scratch[i * padded + j] = j < a->length ? key[i] : 0;
        }
        size_t row = 0;
        for (; row + 4 <= a->length; row += 4) attend(a, row, head, padded, 4);
        for (; row < a->length; row++) attend(a, row, head, padded, 1);
    }
}

AVX2 static void adamw(float *weights, const float *gradients, float *first, float *second, const aisle_adamw_step *step,
                       size_t count) {
    const __m256 beta1 = _mm256_set1_ps(step->beta1), beta2 = _mm256_set1_ps(step->beta2), rest1 = _mm256_set1_ps(step->rest1);
    const __m256 rest2 = _mm256_set1_ps(step->rest2), epsilon = _mm256_set1_ps(step->epsilon), clip = _mm256_set1_ps(step->clip);
    const __m256 size = _mm256_set1_ps(step->step_size), root = _mm256_set1_ps(step->root), decay = _mm256_set1_ps(step->decay);
    for (size_t i = 0; i < count; i += 8) {
        const size_t left = count - i;
        const __m256 g = _mm256_mul_ps(load8(gradients + i, left), clip);
        const __m256 m = _mm256_add_ps(_mm256_mul_ps(beta1, load8(first + i, left)), _mm256_mul_ps(rest1, g));
        const __m256 v = _mm256_add_ps(_mm256_mul_ps(beta2, load8(second + i, left)), _mm256_mul_ps(_mm256_mul_ps(rest2, g), g));
        const __m256 slope = _mm256_add_ps(_mm256_div_ps(_mm256_sqrt_ps(v), root), epsilon);
        const __m256 w = _mm256_mul_ps(load8(weights + i, left), decay);
        store8(first + i, left, m);
        store8(second + i, left, v);
        store8(weights + i, left, _mm256_sub_ps(w, _mm256_div_ps(_mm256_mul_ps(size, m), slope)));
    }
}

const aisle_kernel_table aisle_kernels_avx2 = {
    .name = "avx2",
    .dot = dot,
    .dot_rows = dot_rows,
    .bias_gelu = bias_gelu,
    .bias_gelu_backward = bias_gelu_backward,
    .softmax = softmax,
    .attention = attention,
    .bias_residual_layer_norm = bias_residual_layer_norm,
    .adamw = adamw,
};

#endif
