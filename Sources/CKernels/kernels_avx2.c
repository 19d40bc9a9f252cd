// The kernels for AVX2 with FMA: eight lanes, tails by masked loads, so that every length takes the same path.
//
// A package cannot set compiler flags per file and stay usable as a dependency, so each function carries its target attribute.
#if defined(__x86_64__)

#include <immintrin.h>
#include <math.h>

#include "tables.h"

#define AVX2 __attribute__((target("avx2,fma")))

/// Lanes [0, count) on, for 0 <= count <= 8.
AVX2 static inline __m256i lanes(size_t count) {
    return _mm256_cmpgt_epi32(_mm256_set1_epi32((int)count), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
}

AVX2 static inline float sum_of(__m256 v) {
    __m128 s = _mm_add_ps(_mm256_castps256_ps128(v), _mm256_extractf128_ps(v, 1));
    s = _mm_add_ps(s, _mm_movehl_ps(s, s));
    return _mm_cvtss_f32(_mm_add_ss(s, _mm_shuffle_ps(s, s, 1)));
}

AVX2 static inline float maximum_of(__m256 v) {
    __m128 s = _mm_max_ps(_mm256_castps256_ps128(v), _mm256_extractf128_ps(v, 1));
    s = _mm_max_ps(s, _mm_movehl_ps(s, s));
    return _mm_cvtss_f32(_mm_max_ss(s, _mm_shuffle_ps(s, s, 1)));
}

/// e^x for x in [-87, 88], below that zero: 2^n times the Taylor polynomial of degree 7 on [-ln2/2, ln2/2] (relative error 5e-9
/// before rounding).
AVX2 static inline __m256 exp8(__m256 x) {
    __m256 tiny = _mm256_cmp_ps(x, _mm256_set1_ps(-87.0f), _CMP_LT_OQ);
    x = _mm256_min_ps(_mm256_max_ps(x, _mm256_set1_ps(-87.0f)), _mm256_set1_ps(88.0f));
    __m256 n = _mm256_round_ps(_mm256_mul_ps(x, _mm256_set1_ps(1.44269504f)), _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
    // ln 2 in two parts, so that n * high is exact.
    __m256 r = _mm256_fnmadd_ps(n, _mm256_set1_ps(0.693359375f), x);
    r = _mm256_fnmadd_ps(n, _mm256_set1_ps(-2.12194440e-4f), r);
    __m256 p = _mm256_set1_ps(1.0f / 5040);
    p = _mm256_fmadd_ps(p, r, _mm256_set1_ps(1.0f / 720));
    p = _mm256_fmadd_ps(p, r, _mm256_set1_ps(1.0f / 120));
    p = _mm256_fmadd_ps(p, r, _mm256_set1_ps(1.0f / 24));
    p = _mm256_fmadd_ps(p, r, _mm256_set1_ps(1.0f / 6));
    p = _mm256_fmadd_ps(p, r, _mm256_set1_ps(0.5f));
    p = _mm256_fmadd_ps(p, r, _mm256_set1_ps(1.0f));
    p = _mm256_fmadd_ps(p, r, _mm256_set1_ps(1.0f));
    __m256i power = _mm256_slli_epi32(_mm256_add_epi32(_mm256_cvtps_epi32(n), _mm256_set1_epi32(127)), 23);
    return _mm256_andnot_ps(tiny, _mm256_mul_ps(p, _mm256_castsi256_ps(power)));
}

/// erf(x) = x P(x^2) / Q(x^2) for |x| < 4, beyond that 1 with the sign of x, which it is to float32. The coefficients are a
/// least-squares fit of our own with iterative reweighting (relative error 6.5e-8; 4.4e-7 absolute after float32 rounding).
AVX2 static inline __m256 erf8(__m256 x) {
    const __m256 sign = _mm256_and_ps(x, _mm256_set1_ps(-0.0f));
    const __m256 far = _mm256_cmp_ps(_mm256_andnot_ps(_mm256_set1_ps(-0.0f), x), _mm256_set1_ps(4.0f), _CMP_GE_OQ);
    __m256 t = _mm256_mul_ps(x, x);
    __m256 p = _mm256_set1_ps(1.911092069e-08f);
    p = _mm256_fmadd_ps(p, t, _mm256_set1_ps(-1.942275547e-06f));
    p = _mm256_fmadd_ps(p, t, _mm256_set1_ps(1.472789399e-04f));
    p = _mm256_fmadd_ps(p, t, _mm256_set1_ps(3.990284636e-03f));
    p = _mm256_fmadd_ps(p, t, _mm256_set1_ps(5.152400468e-02f));
    p = _mm256_fmadd_ps(p, t, _mm256_set1_ps(2.071187122e-01f));
    p = _mm256_fmadd_ps(p, t, _mm256_set1_ps(1.128379094e+00f));
    __m256 q = _mm256_set1_ps(1.021040599e-03f);
    q = _mm256_fmadd_ps(q, t, _mm256_set1_ps(1.495749979e-02f));
    q = _mm256_fmadd_ps(q, t, _mm256_set1_ps(1.179680301e-01f));
    q = _mm256_fmadd_ps(q, t, _mm256_set1_ps(5.168854301e-01f));
    q = _mm256_fmadd_ps(q, t, _mm256_set1_ps(1.0f));
    return _mm256_blendv_ps(_mm256_div_ps(_mm256_mul_ps(x, p), q), _mm256_or_ps(sign, _mm256_set1_ps(1.0f)), far);
}

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
    for (; i < count; i += 8) {
        __m256i on = lanes(count - i < 8 ? count - i : 8);
        s0 = _mm256_fmadd_ps(_mm256_maskload_ps(a + i, on), _mm256_maskload_ps(b + i, on), s0);
    }
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
    const __m256 half = _mm256_set1_ps(0.5f), one = _mm256_set1_ps(1.0f), root = _mm256_set1_ps((float)M_SQRT1_2);
    for (size_t i = 0; i < count; i += 8) {
        __m256i on = lanes(count - i < 8 ? count - i : 8);
        __m256 v = _mm256_add_ps(_mm256_maskload_ps(x + i, on), _mm256_maskload_ps(bias + i, on));
        __m256 y = _mm256_mul_ps(_mm256_mul_ps(half, v), _mm256_add_ps(one, erf8(_mm256_mul_ps(v, root))));
        _mm256_maskstore_ps(x + i, on, y);
    }
}

AVX2 static void bias_gelu_backward(float *gradient, const float *x, const float *bias, size_t count) {
    const __m256 half = _mm256_set1_ps(0.5f), one = _mm256_set1_ps(1.0f), root = _mm256_set1_ps((float)M_SQRT1_2);
    const __m256 peak = _mm256_set1_ps(0.3989422804f), minus_half = _mm256_set1_ps(-0.5f);
    for (size_t i = 0; i < count; i += 8) {
        __m256i on = lanes(count - i < 8 ? count - i : 8);
        __m256 v = _mm256_add_ps(_mm256_maskload_ps(x + i, on), _mm256_maskload_ps(bias + i, on));
        __m256 density = _mm256_mul_ps(peak, exp8(_mm256_mul_ps(minus_half, _mm256_mul_ps(v, v))));
        __m256 slope = _mm256_mul_ps(half, _mm256_add_ps(one, erf8(_mm256_mul_ps(v, root))));
        slope = _mm256_fmadd_ps(v, density, slope);
        _mm256_maskstore_ps(gradient + i, on, _mm256_mul_ps(_mm256_maskload_ps(gradient + i, on), slope));
    }
}

AVX2 static void softmax(float *x, float scale, size_t count) {
    if (count == 0) return;
    const __m256 factor = _mm256_set1_ps(scale), lowest = _mm256_set1_ps(-INFINITY);
    __m256 maximum = lowest;
    for (size_t i = 0; i < count; i += 8) {
        __m256i on = lanes(count - i < 8 ? count - i : 8);
        __m256 v = _mm256_mul_ps(_mm256_maskload_ps(x + i, on), factor);
        maximum = _mm256_max_ps(maximum, _mm256_blendv_ps(lowest, v, _mm256_castsi256_ps(on)));
    }
    const __m256 top = _mm256_set1_ps(maximum_of(maximum));
    __m256 sum = _mm256_setzero_ps();
    for (size_t i = 0; i < count; i += 8) {
        __m256i on = lanes(count - i < 8 ? count - i : 8);
        __m256 e = exp8(_mm256_fmsub_ps(_mm256_maskload_ps(x + i, on), factor, top));
        e = _mm256_and_ps(e, _mm256_castsi256_ps(on));
        sum = _mm256_add_ps(sum, e);
        _mm256_maskstore_ps(x + i, on, e);
    }
    const __m256 share = _mm256_set1_ps(1.0f / sum_of(sum));
    for (size_t i = 0; i < count; i += 8) {
        __m256i on = lanes(count - i < 8 ? count - i : 8);
        _mm256_maskstore_ps(x + i, on, _mm256_mul_ps(_mm256_maskload_ps(x + i, on), share));
    }
}

AVX2 static void bias_residual_layer_norm(float *x, const float *bias, const float *residual, const float *gain,
                                          const float *shift, float epsilon, size_t count) {
    if (count == 0) return;
    __m256 sum = _mm256_setzero_ps();
    for (size_t i = 0; i < count; i += 8) {
        __m256i on = lanes(count - i < 8 ? count - i : 8);
        __m256 v = _mm256_add_ps(_mm256_maskload_ps(x + i, on), _mm256_maskload_ps(residual + i, on));
        if (bias != NULL) v = _mm256_add_ps(v, _mm256_maskload_ps(bias + i, on));
        sum = _mm256_add_ps(sum, v);
        _mm256_maskstore_ps(x + i, on, v);
    }
    const __m256 mean = _mm256_set1_ps(sum_of(sum) / (float)count);
    __m256 squares = _mm256_setzero_ps();
    for (size_t i = 0; i < count; i += 8) {
        __m256i on = lanes(count - i < 8 ? count - i : 8);
        __m256 d = _mm256_and_ps(_mm256_sub_ps(_mm256_maskload_ps(x + i, on), mean), _mm256_castsi256_ps(on));
        squares = _mm256_fmadd_ps(d, d, squares);
    }
    const __m256 scale = _mm256_set1_ps(1.0f / sqrtf(sum_of(squares) / (float)count + epsilon));
    for (size_t i = 0; i < count; i += 8) {
        __m256i on = lanes(count - i < 8 ? count - i : 8);
        __m256 v = _mm256_mul_ps(_mm256_sub_ps(_mm256_maskload_ps(x + i, on), mean), scale);
        v = _mm256_fmadd_ps(v, _mm256_maskload_ps(gain + i, on), _mm256_maskload_ps(shift + i, on));
        _mm256_maskstore_ps(x + i, on, v);
    }
}

const aisle_kernel_table aisle_kernels_avx2 = {
    .name = "avx2",
    .dot = dot,
    .dot_rows = dot_rows,
    .bias_gelu = bias_gelu,
    .bias_gelu_backward = bias_gelu_backward,
    .softmax = softmax,
    .bias_residual_layer_norm = bias_residual_layer_norm,
};

#endif
