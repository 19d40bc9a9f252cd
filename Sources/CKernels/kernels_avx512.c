// The kernels for AVX-512: sixteen lanes, tails by masks.
#if defined(__x86_64__)

#include <math.h>

#include "avx512_math.h"
#include "tables.h"

AVX512 static float dot(const float *a, const float *b, size_t count) {
    // Four accumulators hide the latency of FMA.
    __m512 s0 = _mm512_setzero_ps(), s1 = s0, s2 = s0, s3 = s0;
    size_t i = 0;
    for (; i + 64 <= count; i += 64) {
        s0 = _mm512_fmadd_ps(_mm512_loadu_ps(a + i), _mm512_loadu_ps(b + i), s0);
        s1 = _mm512_fmadd_ps(_mm512_loadu_ps(a + i + 16), _mm512_loadu_ps(b + i + 16), s1);
        s2 = _mm512_fmadd_ps(_mm512_loadu_ps(a + i + 32), _mm512_loadu_ps(b + i + 32), s2);
        s3 = _mm512_fmadd_ps(_mm512_loadu_ps(a + i + 48), _mm512_loadu_ps(b + i + 48), s3);
    }
    for (; i < count; i += 16) {
        const __mmask16 on = lanes16(count - i);
        s0 = _mm512_fmadd_ps(_mm512_maskz_loadu_ps(on, a + i), _mm512_maskz_loadu_ps(on, b + i), s0);
    }
    return _mm512_reduce_add_ps(_mm512_add_ps(_mm512_add_ps(s0, s1), _mm512_add_ps(s2, s3)));
}

AVX512 static void dot_rows(const float *query, const float *const *rows, size_t row_count, size_t count, float *out) {
    // The rows of a neighbour list lie far apart: ask for every line of the next while this one is summed.
    for (size_t r = 0; r < row_count; r++) {
        if (r + 1 < row_count)
            for (size_t i = 0; i < count; i += 16) _mm_prefetch((const char *)(rows[r + 1] + i), _MM_HINT_T0);
        out[r] = dot(query, rows[r], count);
    }
}

AVX512 static void bias_gelu(float *x, const float *bias, size_t count) {
    for (size_t i = 0; i < count; i += 16) {
        const __mmask16 on = lanes16(count - i);
        const __m512 v = _mm512_add_ps(_mm512_maskz_loadu_ps(on, x + i), _mm512_maskz_loadu_ps(on, bias + i));
        _mm512_mask_storeu_ps(x + i, on, gelu16(v));
    }
}

AVX512 static void bias_gelu_backward(float *gradient, const float *x, const float *bias, size_t count) {
    const __m512 half = _mm512_set1_ps(0.5f), root = _mm512_set1_ps((float)M_SQRT1_2), peak = _mm512_set1_ps(0.3989422804f);
    for (size_t i = 0; i < count; i += 16) {
        const __mmask16 on = lanes16(count - i);
        const __m512 v = _mm512_add_ps(_mm512_maskz_loadu_ps(on, x + i), _mm512_maskz_loadu_ps(on, bias + i));
        const __m512 density = _mm512_mul_ps(peak, exp16(_mm512_mul_ps(_mm512_set1_ps(-0.5f), _mm512_mul_ps(v, v))));
        __m512 slope = _mm512_fmadd_ps(half, erf16(_mm512_mul_ps(v, root)), half);
        slope = _mm512_fmadd_ps(v, density, slope);
        _mm512_mask_storeu_ps(gradient + i, on, _mm512_mul_ps(_mm512_maskz_loadu_ps(on, gradient + i), slope));
    }
}

/// x = exp(scale x - max), not divided by its sum, which is the result.
AVX512 static inline float softmax_terms(float *x, float scale, size_t count) {
    const __m512 factor = _mm512_set1_ps(scale), lowest = _mm512_set1_ps(-INFINITY);
    __m512 maximum = lowest;
    for (size_t i = 0; i < count; i += 16) {
        const __mmask16 on = lanes16(count - i);
        maximum = _mm512_max_ps(maximum, _mm512_mask_mul_ps(lowest, on, _mm512_maskz_loadu_ps(on, x + i), factor));
    }
    const __m512 top = _mm512_set1_ps(_mm512_reduce_max_ps(maximum));
    __m512 sum = _mm512_setzero_ps();
    for (size_t i = 0; i < count; i += 16) {
        const __mmask16 on = lanes16(count - i);
        const __m512 e = exp16(_mm512_fmsub_ps(_mm512_maskz_loadu_ps(on, x + i), factor, top));
        sum = _mm512_mask_add_ps(sum, on, sum, e);
        _mm512_mask_storeu_ps(x + i, on, e);
    }
    return _mm512_reduce_add_ps(sum);
}

AVX512 static void softmax(float *x, float scale, size_t count) {
    if (count == 0) return;
    const __m512 share = _mm512_set1_ps(1.0f / softmax_terms(x, scale, count));
    for (size_t i = 0; i < count; i += 16) {
        const __mmask16 on = lanes16(count - i);
        _mm512_mask_storeu_ps(x + i, on, _mm512_mul_ps(_mm512_maskz_loadu_ps(on, x + i), share));
    }
}

AVX512 static void bias_residual_layer_norm(float *x, const float *bias, const float *residual, const float *gain,
                                            const float *shift, float epsilon, size_t count) {
    if (count == 0) return;
    __m512 sum = _mm512_setzero_ps();
    for (size_t i = 0; i < count; i += 16) {
        const __mmask16 on = lanes16(count - i);
        __m512 v = _mm512_add_ps(_mm512_maskz_loadu_ps(on, x + i), _mm512_maskz_loadu_ps(on, residual + i));
        if (bias != NULL) v = _mm512_add_ps(v, _mm512_maskz_loadu_ps(on, bias + i));
        sum = _mm512_add_ps(sum, v);
        _mm512_mask_storeu_ps(x + i, on, v);
    }
    const __m512 mean = _mm512_set1_ps(_mm512_reduce_add_ps(sum) / (float)count);
    __m512 squares = _mm512_setzero_ps();
    for (size_t i = 0; i < count; i += 16) {
        const __mmask16 on = lanes16(count - i);
        const __m512 d = _mm512_maskz_sub_ps(on, _mm512_maskz_loadu_ps(on, x + i), mean);
        squares = _mm512_fmadd_ps(d, d, squares);
    }
    const __m512 scale = _mm512_set1_ps(1.0f / sqrtf(_mm512_reduce_add_ps(squares) / (float)count + epsilon));
    for (size_t i = 0; i < count; i += 16) {
        const __mmask16 on = lanes16(count - i);
        const __m512 v = _mm512_mul_ps(_mm512_sub_ps(_mm512_maskz_loadu_ps(on, x + i), mean), scale);
        _mm512_mask_storeu_ps(x + i, on, _mm512_fmadd_ps(v, _mm512_maskz_loadu_ps(on, gain + i), _mm512_maskz_loadu_ps(on, shift + i)));
    }
}

// MARK: - Attention

/// Scores of `rows` queries and 16 `registers` keys; the keys lie transposed, (head_size, padded).
AVX512 static inline __attribute__((always_inline)) void score(const aisle_attention *a, const float *query, const float *keys,
                                                               size_t padded, float *scores, const int rows, const int registers) {
    __m512 sums[4][4];
#pragma clang loop unroll(full)
    for (int r = 0; r < rows; r++)
#pragma clang loop unroll(full)
        for (int n = 0; n < registers; n++) sums[r][n] = _mm512_setzero_ps();
    for (size_t i = 0; i < a->head_size; i++) {
        __m512 key[4];
#pragma clang loop unroll(full)
        for (int n = 0; n < registers; n++) key[n] = _mm512_loadu_ps(keys + i * padded + 16 * n);
#pragma clang loop unroll(full)
        for (int r = 0; r < rows; r++) {
            const __m512 q = _mm512_set1_ps(query[r * a->stride + i]);
#pragma clang loop unroll(full)
            for (int n = 0; n < registers; n++) sums[r][n] = _mm512_fmadd_ps(q, key[n], sums[r][n]);
        }
    }
#pragma clang loop unroll(full)
    for (int r = 0; r < rows; r++)
#pragma clang loop unroll(full)
        for (int n = 0; n < registers; n++) _mm512_storeu_ps(scores + r * padded + 16 * n, sums[r][n]);
}

/// Sums of values, weighted by `rows` rows of terms whose sums are `totals`, for up to 32 places of a head.
AVX512 static inline __attribute__((always_inline)) void weigh(const aisle_attention *a, const float *value, const float *terms,
                                                               size_t padded, const float *totals, float *context, size_t places,
                                                               const int rows) {
    const __mmask16 first = lanes16(places), second = places > 16 ? lanes16(places - 16) : 0;
    __m512 sums[4][2];
#pragma clang loop unroll(full)
    for (int r = 0; r < rows; r++) sums[r][0] = sums[r][1] = _mm512_setzero_ps();
    for (size_t j = 0; j < a->length; j++) {
        const __m512 low = _mm512_maskz_loadu_ps(first, value + j * a->stride);
        const __m512 high = _mm512_maskz_loadu_ps(second, value + j * a->stride + 16);
#pragma clang loop unroll(full)
        for (int r = 0; r < rows; r++) {
            const __m512 term = _mm512_set1_ps(terms[r * padded + j]);
            sums[r][0] = _mm512_fmadd_ps(term, low, sums[r][0]);
            sums[r][1] = _mm512_fmadd_ps(term, high, sums[r][1]);
        }
    }
#pragma clang loop unroll(full)
    for (int r = 0; r < rows; r++) {
        const __m512 share = _mm512_set1_ps(1.0f / totals[r]);
        _mm512_mask_storeu_ps(context + r * a->context_stride, first, _mm512_mul_ps(sums[r][0], share));
        _mm512_mask_storeu_ps(context + r * a->context_stride + 16, second, _mm512_mul_ps(sums[r][1], share));
    }
}

/// `rows` queries of one head.
AVX512 static inline __attribute__((always_inline)) void attend(const aisle_attention *a, size_t row, size_t head, size_t padded,
                                                                const int rows) {
    const float *query = a->query + row * a->stride + head * a->head_size, *keys = a->scratch;
    float *scores = a->scratch + a->head_size * padded, totals[4];
    for (size_t j = 0; j < padded; j += 64) {
        switch ((padded - j) / 16) {
            case 1: score(a, query, keys + j, padded, scores + j, rows, 1); break;
            case 2: score(a, query, keys + j, padded, scores + j, rows, 2); break;
            case 3: score(a, query, keys + j, padded, scores + j, rows, 3); break;
            default: score(a, query, keys + j, padded, scores + j, rows, 4); break;
        }
    }
    for (int r = 0; r < rows; r++) totals[r] = softmax_terms(scores + r * padded, a->scale, a->length);
    float *context = a->context + row * a->context_stride + head * a->head_size;
    for (size_t i = 0; i < a->head_size; i += 32)
        weigh(a, a->value + head * a->head_size + i, scores, padded, totals, context + i, a->head_size - i, rows);
}

/// Transposes up to 16 rows of up to 16 values; rows that are not there are 0.
AVX512 static inline void transpose(const float *from, size_t stride, size_t rows, size_t count, float *to, size_t to_stride) {
    const __mmask16 on = lanes16(count);
    __m512 r[16], t[16];
#pragma clang loop unroll(full)
    for (int i = 0; i < 16; i++) r[i] = (size_t)i < rows ? _mm512_maskz_loadu_ps(on, from + i * stride) : _mm512_setzero_ps();
#pragma clang loop unroll(full)
    for (int i = 0; i < 16; i += 2) {
        t[i] = _mm512_unpacklo_ps(r[i], r[i + 1]);
        t[i + 1] = _mm512_unpackhi_ps(r[i], r[i + 1]);
    }
    // Afterwards lane l of register 4 g + c has value 4 l + c of rows 4 g to 4 g + 3.
#pragma clang loop unroll(full)
    for (int i = 0; i < 16; i += 4) {
        r[i] = _mm512_castpd_ps(_mm512_unpacklo_pd(_mm512_castps_pd(t[i]), _mm512_castps_pd(t[i + 2])));
        r[i + 1] = _mm512_castpd_ps(_mm512_unpackhi_pd(_mm512_castps_pd(t[i]), _mm512_castps_pd(t[i + 2])));
        r[i + 2] = _mm512_castpd_ps(_mm512_unpacklo_pd(_mm512_castps_pd(t[i + 1]), _mm512_castps_pd(t[i + 3])));
        r[i + 3] = _mm512_castpd_ps(_mm512_unpackhi_pd(_mm512_castps_pd(t[i + 1]), _mm512_castps_pd(t[i + 3])));
    }
#pragma clang loop unroll(full)
    for (int c = 0; c < 4; c++) {
        const __m512 even[2] = {_mm512_shuffle_f32x4(r[c], r[4 + c], 0x88), _mm512_shuffle_f32x4(r[8 + c], r[12 + c], 0x88)};
        const __m512 odd[2] = {_mm512_shuffle_f32x4(r[c], r[4 + c], 0xDD), _mm512_shuffle_f32x4(r[8 + c], r[12 + c], 0xDD)};
        t[c] = _mm512_shuffle_f32x4(even[0], even[1], 0x88);
        t[4 + c] = _mm512_shuffle_f32x4(odd[0], odd[1], 0x88);
        t[8 + c] = _mm512_shuffle_f32x4(even[0], even[1], 0xDD);
        t[12 + c] = _mm512_shuffle_f32x4(odd[0], odd[1], 0xDD);
    }
#pragma clang loop unroll(full)
    for (int i = 0; i < 16; i++)
        if ((size_t)i < count) _mm512_storeu_ps(to + i * to_stride, t[i]);
}

AVX512 static void attention(const aisle_attention *a) {
    const size_t padded = (a->length + 15) / 16 * 16;
    for (size_t head = 0; head < a->head_count; head++) {
        for (size_t j = 0; j < padded; j += 16)
            for (size_t i = 0; i < a->head_size; i += 16)
                transpose(a->key + j * a->stride + head * a->head_size + i, a->stride, a->length - j, a->head_size - i,
                          a->scratch + i * padded + j, padded);
        size_t row = 0;
        for (; row + 4 <= a->length; row += 4) attend(a, row, head, padded, 4);
        for (; row < a->length; row++) attend(a, row, head, padded, 1);
    }
}

AVX512 static void adamw(float *weights, const float *gradients, float *first, float *second, const aisle_adamw_step *step,
                         size_t count) {
    const __m512 beta1 = _mm512_set1_ps(step->beta1), beta2 = _mm512_set1_ps(step->beta2), rest1 = _mm512_set1_ps(step->rest1);
    const __m512 rest2 = _mm512_set1_ps(step->rest2), epsilon = _mm512_set1_ps(step->epsilon), clip = _mm512_set1_ps(step->clip);
    const __m512 size = _mm512_set1_ps(step->step_size), root = _mm512_set1_ps(step->root), decay = _mm512_set1_ps(step->decay);
    for (size_t i = 0; i < count; i += 16) {
        const __mmask16 on = lanes16(count - i);
        const __m512 g = _mm512_mul_ps(_mm512_maskz_loadu_ps(on, gradients + i), clip);
        const __m512 m = _mm512_add_ps(_mm512_mul_ps(beta1, _mm512_maskz_loadu_ps(on, first + i)), _mm512_mul_ps(rest1, g));
        const __m512 v = _mm512_add_ps(_mm512_mul_ps(beta2, _mm512_maskz_loadu_ps(on, second + i)), _mm512_mul_ps(_mm512_mul_ps(rest2, g), g));
        const __m512 slope = _mm512_add_ps(_mm512_div_ps(_mm512_sqrt_ps(v), root), epsilon);
        const __m512 w = _mm512_mul_ps(_mm512_maskz_loadu_ps(on, weights + i), decay);
        _mm512_mask_storeu_ps(first + i, on, m);
        _mm512_mask_storeu_ps(second + i, on, v);
        _mm512_mask_storeu_ps(weights + i, on, _mm512_sub_ps(w, _mm512_div_ps(_mm512_mul_ps(size, m), slope)));
    }
}

const aisle_kernel_table aisle_kernels_avx512 = {
    .name = "avx512",
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
