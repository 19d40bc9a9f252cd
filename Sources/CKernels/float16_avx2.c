// Binary16 for AVX2 and F16C, which every processor with AVX2 has.
#if defined(__x86_64__)

#include "avx2_math.h"
#include "tables.h"

#define F16C __attribute__((target("avx2,fma,f16c")))

F16C static inline __m256 eight(const uint16_t *x) { return _mm256_cvtph_ps(_mm_loadu_si128((const __m128i *)x)); }

/// The first `count` values, fewer than eight, and 0 in the other lanes.
F16C static inline __m256 rest(const uint16_t *x, size_t count) {
    uint16_t values[8] = {0};
    memcpy(values, x, count * sizeof *x);
    return eight(values);
}

F16C static float dot(const float *query, const uint16_t *row, size_t count) {
    __m256 s0 = _mm256_setzero_ps(), s1 = s0, s2 = s0, s3 = s0;
    size_t i = 0;
    for (; i + 32 <= count; i += 32) {
        s0 = _mm256_fmadd_ps(_mm256_loadu_ps(query + i), eight(row + i), s0);
        s1 = _mm256_fmadd_ps(_mm256_loadu_ps(query + i + 8), eight(row + i + 8), s1);
        s2 = _mm256_fmadd_ps(_mm256_loadu_ps(query + i + 16), eight(row + i + 16), s2);
        s3 = _mm256_fmadd_ps(_mm256_loadu_ps(query + i + 24), eight(row + i + 24), s3);
    }
    for (; i + 8 <= count; i += 8) s0 = _mm256_fmadd_ps(_mm256_loadu_ps(query + i), eight(row + i), s0);
    if (i < count) s0 = _mm256_fmadd_ps(load8(query + i, count - i), rest(row + i, count - i), s0);
    return sum_of(_mm256_add_ps(_mm256_add_ps(s0, s1), _mm256_add_ps(s2, s3)));
}

/// Asks for every cache line (32 values) of a row.
F16C static inline void fetch(const uint16_t *row, size_t count) {
    for (size_t i = 0; i < count; i += 32) _mm_prefetch((const char *)(row + i), _MM_HINT_T0);
}

F16C static void dot_rows(const float *query, const uint16_t *const *rows, size_t row_count, size_t count, float *out) {
    if (row_count > 0) fetch(rows[0], count);
    for (size_t r = 0; r < row_count; r++) {
        if (r + 1 < row_count) fetch(rows[r + 1], count);
        out[r] = dot(query, rows[r], count);
    }
}

F16C static void narrow(const float *x, size_t count, uint16_t *out) {
    size_t i = 0;
    for (; i + 8 <= count; i += 8)
        _mm_storeu_si128((__m128i *)(out + i), _mm256_cvtps_ph(_mm256_loadu_ps(x + i), _MM_FROUND_TO_NEAREST_INT));
    if (i < count) {
        uint16_t values[8];
        _mm_storeu_si128((__m128i *)values, _mm256_cvtps_ph(load8(x + i, count - i), _MM_FROUND_TO_NEAREST_INT));
        memcpy(out + i, values, (count - i) * sizeof *out);
    }
}

F16C static void widen(const uint16_t *x, size_t count, float *out) {
    size_t i = 0;
    for (; i + 8 <= count; i += 8) _mm256_storeu_ps(out + i, eight(x + i));
    if (i < count) store8(out + i, count - i, rest(x + i, count - i));
}

const aisle_float16_table aisle_float16_avx2 = {.name = "avx2", .dot_rows = dot_rows, .narrow = narrow, .widen = widen};

#endif
