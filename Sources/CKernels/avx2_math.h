// What the AVX2 files share: lane masks, e^x, GELU and rounding to bfloat16 on eight lanes, and the end of a product.
#ifndef AISLE_AVX2_MATH_H
#define AISLE_AVX2_MATH_H

#include <immintrin.h>
#include <stddef.h>
#include <string.h>

#include "linear_kernels.h"

#define AVX2 __attribute__((target("avx2,fma")))
/// For tiles, whose height must be a constant, so that their sums are registers.
#define AVX2_INLINE AVX2 static inline __attribute__((always_inline))

/// Lanes [0, count) on; all of them from 8 up.
AVX2 static inline __m256i lanes8(size_t count) {
    return _mm256_cmpgt_epi32(_mm256_set1_epi32(count < 8 ? (int)count : 8), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
}

/// The first `count` values, all eight of them from 8 up, and 0 in the other lanes. Masks are for tails only: a masked store takes
/// tens of cycles on AMD's processors.
AVX2 static inline __m256 load8(const float *x, size_t count) {
    return count >= 8 ? _mm256_loadu_ps(x) : _mm256_maskload_ps(x, lanes8(count));
}

/// Stores as many values as `load8` loads.
AVX2 static inline void store8(float *x, size_t count, __m256 v) {
    if (count >= 8)
        _mm256_storeu_ps(x, v);
    else
        _mm256_maskstore_ps(x, lanes8(count), v);
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
/// before rounding). NaN stays NaN, because the bounds come first: maxps and minps return their second operand then.
AVX2 static inline __m256 exp8(__m256 x) {
    const __m256 tiny = _mm256_cmp_ps(x, _mm256_set1_ps(-87.0f), _CMP_LT_OQ);
    x = _mm256_min_ps(_mm256_set1_ps(88.0f), _mm256_max_ps(_mm256_set1_ps(-87.0f), x));
    const __m256 n = _mm256_round_ps(_mm256_mul_ps(x, _mm256_set1_ps(1.44269504f)), _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
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
    const __m256i power = _mm256_slli_epi32(_mm256_add_epi32(_mm256_cvtps_epi32(n), _mm256_set1_epi32(127)), 23);
    return _mm256_andnot_ps(tiny, _mm256_mul_ps(p, _mm256_castsi256_ps(power)));
}

/// erf(x) = x P(x^2) / Q(x^2) for |x| < 4, beyond that 1 with the sign of x, which it is to float32. The coefficients are a
/// least-squares fit of our own with iterative reweighting (relative error 6.5e-8; 4.4e-7 absolute after float32 rounding).
AVX2 static inline __m256 erf8(__m256 x) {
    const __m256 sign = _mm256_and_ps(x, _mm256_set1_ps(-0.0f));
    const __m256 far = _mm256_cmp_ps(_mm256_andnot_ps(_mm256_set1_ps(-0.0f), x), _mm256_set1_ps(4.0f), _CMP_GE_OQ);
    const __m256 t = _mm256_mul_ps(x, x);
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

/// x/2 (1 + erf(x/sqrt 2)).
AVX2 static inline __m256 gelu8(__m256 x) {
    const __m256 half = _mm256_mul_ps(_mm256_set1_ps(0.5f), x);
    return _mm256_mul_ps(half, _mm256_add_ps(_mm256_set1_ps(1.0f), erf8(_mm256_mul_ps(x, _mm256_set1_ps(0.70710678f)))));
}

/// The bits of x rounded as `aisle_bfloat16_of` rounds, in the upper half of each lane; what the lower halves hold is left over.
AVX2 static inline __m256i rounded8(__m256 x) {
    const __m256i bits = _mm256_castps_si256(x), exponent = _mm256_set1_epi32(0x7F800000);
    const __m256i odd = _mm256_and_si256(_mm256_srli_epi32(bits, 16), _mm256_set1_epi32(1));
    __m256i rounded = _mm256_add_epi32(bits, _mm256_add_epi32(odd, _mm256_set1_epi32(0x7FFF)));
    const __m256i denormal = _mm256_cmpeq_epi32(_mm256_and_si256(bits, exponent), _mm256_setzero_si256());
    rounded = _mm256_blendv_epi8(rounded, _mm256_and_si256(bits, _mm256_set1_epi32((int)0x80000000)), denormal);
    const __m256i nan = _mm256_castps_si256(_mm256_cmp_ps(x, x, _CMP_UNORD_Q));
    return _mm256_blendv_epi8(rounded, _mm256_or_si256(bits, _mm256_set1_epi32(0x400000)), nan);
}

/// x rounded to bfloat16, for the first `count` values.
AVX2 static inline void store_rounded8(uint16_t *out, size_t count, __m256 x) {
    const __m256i halves = _mm256_srli_epi32(rounded8(x), 16);
    const __m128i values = _mm_packus_epi32(_mm256_castsi256_si128(halves), _mm256_extracti128_si256(halves, 1));
    if (count >= 8) {
        _mm_storeu_si128((__m128i *)out, values);
    } else {
        uint16_t all[8];
        _mm_storeu_si128((__m128i *)all, values);
        memcpy(out, all, count * sizeof *all);
    }
}

/// s + bias, then GELU, then stored: the end of a product, for the first `count` of eight columns of a row.
AVX2 static inline void store_output8(const aisle_linear_output *output, size_t row, size_t column, size_t count, __m256 y) {
    if (output->bias != NULL) y = _mm256_add_ps(y, load8(output->bias + column, count));
    if (output->activates) y = gelu8(y);
    if (output->values != NULL) {
        float *place = output->values + row * output->values_stride + column;
        if (output->adds) y = _mm256_add_ps(y, load8(place, count));
        store8(place, count, y);
    }
    if (output->bfloat16 != NULL) store_rounded8(output->bfloat16 + row * output->bfloat16_stride + column, count, y);
}

#endif
