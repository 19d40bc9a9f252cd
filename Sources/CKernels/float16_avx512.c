// Binary16 for AVX-512, whose foundation converts sixteen values at once.
#if defined(__x86_64__)

#include "avx512_math.h"
#include "tables.h"

AVX512 static inline __m512 sixteen(const uint16_t *x) { return _mm512_cvtph_ps(_mm256_loadu_si256((const __m256i *)x)); }

AVX512 static inline __m512 rest(__mmask16 on, const uint16_t *x) { return _mm512_cvtph_ps(_mm256_maskz_loadu_epi16(on, x)); }

AVX512 static float dot(const float *query, const uint16_t *row, size_t count) {
    __m512 s0 = _mm512_setzero_ps(), s1 = s0, s2 = s0, s3 = s0;
    size_t i = 0;
    for (; i + 64 <= count; i += 64) {
        s0 = _mm512_fmadd_ps(_mm512_loadu_ps(query + i), sixteen(row + i), s0);
        s1 = _mm512_fmadd_ps(_mm512_loadu_ps(query + i + 16), sixteen(row + i + 16), s1);
        s2 = _mm512_fmadd_ps(_mm512_loadu_ps(query + i + 32), sixteen(row + i + 32), s2);
        s3 = _mm512_fmadd_ps(_mm512_loadu_ps(query + i + 48), sixteen(row + i + 48), s3);
    }
    for (; i < count; i += 16) {
        const __mmask16 on = lanes16(count - i);
        s0 = _mm512_fmadd_ps(_mm512_maskz_loadu_ps(on, query + i), rest(on, row + i), s0);
    }
    return _mm512_reduce_add_ps(_mm512_add_ps(_mm512_add_ps(s0, s1), _mm512_add_ps(s2, s3)));
}

AVX512 static void dot_rows(const float *query, const uint16_t *const *rows, size_t row_count, size_t count, float *out) {
    for (size_t r = 0; r < row_count; r++) {
        if (r + 1 < row_count)
            for (size_t i = 0; i < count; i += 32) _mm_prefetch((const char *)(rows[r + 1] + i), _MM_HINT_T0);
        out[r] = dot(query, rows[r], count);
    }
}

AVX512 static void narrow(const float *x, size_t count, uint16_t *out) {
    for (size_t i = 0; i < count; i += 16) {
        const __mmask16 on = lanes16(count - i);
        const __m256i values = _mm512_cvtps_ph(_mm512_maskz_loadu_ps(on, x + i), _MM_FROUND_TO_NEAREST_INT);
        _mm256_mask_storeu_epi16(out + i, on, values);
    }
}

AVX512 static void widen(const uint16_t *x, size_t count, float *out) {
    for (size_t i = 0; i < count; i += 16) {
        const __mmask16 on = lanes16(count - i);
        _mm512_mask_storeu_ps(out + i, on, rest(on, x + i));
    }
}

const aisle_float16_table aisle_float16_avx512 = {.name = "avx512", .dot_rows = dot_rows, .narrow = narrow, .widen = widen};

#endif
