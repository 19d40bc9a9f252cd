// Similarities of codes for AVX2: widened to 16 bits, because its product of bytes (vpmaddubsw) saturates.
#if defined(__x86_64__)

#include "avx2_math.h"
#include "code_hop.h"

AVX2_INLINE int32_t no_sum(const uint8_t *query, size_t count) {
    (void)query, (void)count;
    return 0;
}

AVX2_INLINE __m256i centred(const uint8_t *codes) {
    return _mm256_sub_epi16(_mm256_cvtepu8_epi16(_mm_loadu_si128((const __m128i *)codes)), _mm256_set1_epi16(128));
}

AVX2_INLINE void four(const uint8_t *query, int32_t sum, const uint8_t *const *rows, size_t count, int32_t *out) {
    (void)sum;
    __m256i s[hop_rows] = {_mm256_setzero_si256(), _mm256_setzero_si256(), _mm256_setzero_si256(), _mm256_setzero_si256()};
    for (size_t i = 0; i < count; i += 16) {
        const __m256i q = centred(query + i);
#pragma clang loop unroll(full)
        for (int r = 0; r < hop_rows; r++) s[r] = _mm256_add_epi32(s[r], _mm256_madd_epi16(q, centred(rows[r] + i)));
    }
    const __m256i sums = _mm256_hadd_epi32(_mm256_hadd_epi32(s[0], s[1]), _mm256_hadd_epi32(s[2], s[3]));
    _mm_storeu_si128((__m128i *)out, _mm_add_epi32(_mm256_castsi256_si128(sums), _mm256_extracti128_si256(sums, 1)));
}

CODE_KERNELS(AVX2, no_sum, four)

AVX2 static float quantize(const float *x, size_t count, uint8_t *codes, size_t stride) {
    return code_quantize(x, count, codes, stride);
}

const aisle_code_table aisle_code_avx2 = {.name = "avx2", .score = score, .score_unseen = score_unseen, .quantize = quantize};

#endif
