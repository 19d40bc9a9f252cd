// What the AVX-512 files share: lane masks, e^x and GELU on sixteen lanes.
#ifndef AISLE_AVX512_MATH_H
#define AISLE_AVX512_MATH_H

#include <immintrin.h>
#include <stddef.h>

#define AVX512 __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl")))

/// Lanes [0, count) on; all of them from 16 up.
AVX512 static inline __mmask16 lanes16(size_t count) { return count >= 16 ? 0xFFFF : (__mmask16)((1u << count) - 1); }

/// e^x, by the same reduction and polynomial as the AVX2 file's, below -87 zero. NaN stays NaN: the bounds come first, as there.
AVX512 static inline __m512 exp16(__m512 x) {
    const __mmask16 normal = _mm512_cmp_ps_mask(x, _mm512_set1_ps(-87.0f), _CMP_NLT_UQ);
    x = _mm512_min_ps(_mm512_set1_ps(88.0f), _mm512_max_ps(_mm512_set1_ps(-87.0f), x));
    __m512 n = _mm512_roundscale_ps(_mm512_mul_ps(x, _mm512_set1_ps(1.44269504f)), _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
    __m512 r = _mm512_fnmadd_ps(n, _mm512_set1_ps(0.693359375f), x);
    r = _mm512_fnmadd_ps(n, _mm512_set1_ps(-2.12194440e-4f), r);
    __m512 p = _mm512_set1_ps(1.0f / 5040);
    p = _mm512_fmadd_ps(p, r, _mm512_set1_ps(1.0f / 720));
    p = _mm512_fmadd_ps(p, r, _mm512_set1_ps(1.0f / 120));
    p = _mm512_fmadd_ps(p, r, _mm512_set1_ps(1.0f / 24));
    p = _mm512_fmadd_ps(p, r, _mm512_set1_ps(1.0f / 6));
    p = _mm512_fmadd_ps(p, r, _mm512_set1_ps(0.5f));
    p = _mm512_fmadd_ps(p, r, _mm512_set1_ps(1.0f));
    p = _mm512_fmadd_ps(p, r, _mm512_set1_ps(1.0f));
    return _mm512_maskz_scalef_ps(normal, p, n);
}

/// erf(x), by the same fit as the AVX2 file's. The quotient comes from a reciprocal estimate and two Newton steps: a division of
/// sixteen lanes holds up the pipeline for longer than the rest of this function takes. It may miss 1 by a rounding, which GELU would
/// multiply by x; hence exactly 1 from 4 up.
AVX512 static inline __m512 erf16(__m512 x) {
    const __mmask16 far = _mm512_cmp_ps_mask(_mm512_abs_ps(x), _mm512_set1_ps(4.0f), _CMP_GE_OQ);
    const __m512 sign = _mm512_and_ps(x, _mm512_set1_ps(-0.0f));
    const __m512 t = _mm512_mul_ps(x, x);
    __m512 p = _mm512_set1_ps(1.911092069e-08f);
    p = _mm512_fmadd_ps(p, t, _mm512_set1_ps(-1.942275547e-06f));
    p = _mm512_fmadd_ps(p, t, _mm512_set1_ps(1.472789399e-04f));
    p = _mm512_fmadd_ps(p, t, _mm512_set1_ps(3.990284636e-03f));
    p = _mm512_fmadd_ps(p, t, _mm512_set1_ps(5.152400468e-02f));
    p = _mm512_fmadd_ps(p, t, _mm512_set1_ps(2.071187122e-01f));
    p = _mm512_fmadd_ps(p, t, _mm512_set1_ps(1.128379094e+00f));
    __m512 q = _mm512_set1_ps(1.021040599e-03f);
    q = _mm512_fmadd_ps(q, t, _mm512_set1_ps(1.495749979e-02f));
    q = _mm512_fmadd_ps(q, t, _mm512_set1_ps(1.179680301e-01f));
    q = _mm512_fmadd_ps(q, t, _mm512_set1_ps(5.168854301e-01f));
    q = _mm512_fmadd_ps(q, t, _mm512_set1_ps(1.0f));
    __m512 inverse = _mm512_rcp14_ps(q);
    const __m512 two = _mm512_set1_ps(2.0f);
    inverse = _mm512_mul_ps(inverse, _mm512_fnmadd_ps(q, inverse, two));
    inverse = _mm512_mul_ps(inverse, _mm512_fnmadd_ps(q, inverse, two));
    return _mm512_mask_or_ps(_mm512_mul_ps(_mm512_mul_ps(x, p), inverse), far, sign, _mm512_set1_ps(1.0f));
}

/// x/2 (1 + erf(x/sqrt 2)).
AVX512 static inline __m512 gelu16(__m512 x) {
    const __m512 half = _mm512_mul_ps(x, _mm512_set1_ps(0.5f));
    return _mm512_fmadd_ps(half, erf16(_mm512_mul_ps(x, _mm512_set1_ps(0.70710678f))), half);
}

/// s + bias, then GELU, then stored: the end of a product, for sixteen columns of a row.
#define STORE_OUTPUT(output, row, column, mask, sum)                                                                             \
    do {                                                                                                                         \
        __m512 y = (sum);                                                                                                        \
        if ((output).bias != NULL) y = _mm512_add_ps(y, _mm512_maskz_loadu_ps(mask, (output).bias + (column)));                  \
        if ((output).activates) y = gelu16(y);                                                                                   \
        if ((output).values != NULL) {                                                                                           \
            float *place = (output).values + (row) * (output).values_stride + (column);                                          \
            if ((output).adds) y = _mm512_add_ps(y, _mm512_maskz_loadu_ps(mask, place));                                         \
            _mm512_mask_storeu_ps(place, mask, y);                                                                               \
        }                                                                                                                        \
        if ((output).bfloat16 != NULL)                                                                                           \
            _mm256_mask_storeu_epi16((output).bfloat16 + (row) * (output).bfloat16_stride + (column), mask, ROUND16(y));          \
    } while (0)

#endif
