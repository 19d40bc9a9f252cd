// Similarities of codes for AVX512-VNNI, which multiplies unsigned by signed bytes: a row as it is stored by the query less 128.
//
//   sum (row - 128) q = sum row q - 128 sum q,   q = query - 128
//
// so that a row needs neither work nor a stored sum of its own.
#if defined(__x86_64__)

#include "avx512_math.h"
#include "code_hop.h"

#define VNNI __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512vnni")))
#define VNNI_INLINE VNNI static inline __attribute__((always_inline))

/// The query less 128, as signed bytes.
VNNI_INLINE __m512i centred(const uint8_t *codes) {
    return _mm512_xor_si512(_mm512_loadu_si512(codes), _mm512_set1_epi8((char)0x80));
}

VNNI_INLINE int32_t query_sum(const uint8_t *query, size_t count) {
    __m512i sum = _mm512_setzero_si512();
    for (size_t i = 0; i < count; i += 64) sum = _mm512_dpbusd_epi32(sum, _mm512_set1_epi8(1), centred(query + i));
    return _mm512_reduce_add_epi32(sum);
}

VNNI_INLINE void four(const uint8_t *query, int32_t sum, const uint8_t *const *rows, size_t count, int32_t *out) {
    __m512i s0 = _mm512_setzero_si512(), s1 = s0, s2 = s0, s3 = s0;
    for (size_t i = 0; i < count; i += 64) {
        const __m512i q = centred(query + i);
        s0 = _mm512_dpbusd_epi32(s0, _mm512_loadu_si512(rows[0] + i), q);
        s1 = _mm512_dpbusd_epi32(s1, _mm512_loadu_si512(rows[1] + i), q);
        s2 = _mm512_dpbusd_epi32(s2, _mm512_loadu_si512(rows[2] + i), q);
        s3 = _mm512_dpbusd_epi32(s3, _mm512_loadu_si512(rows[3] + i), q);
    }
    // Four sums of sixteen lanes at once: transposed within quarters of a register, then the quarters are added.
    const __m512i a = _mm512_add_epi32(_mm512_unpacklo_epi32(s0, s1), _mm512_unpackhi_epi32(s0, s1));
    const __m512i b = _mm512_add_epi32(_mm512_unpacklo_epi32(s2, s3), _mm512_unpackhi_epi32(s2, s3));
    const __m512i c = _mm512_add_epi32(_mm512_unpacklo_epi64(a, b), _mm512_unpackhi_epi64(a, b));
    const __m256i d = _mm256_add_epi32(_mm512_castsi512_si256(c), _mm512_extracti64x4_epi64(c, 1));
    const __m128i e = _mm_add_epi32(_mm256_castsi256_si128(d), _mm256_extracti128_si256(d, 1));
    _mm_storeu_si128((__m128i *)out, _mm_sub_epi32(e, _mm_set1_epi32(128 * sum)));
}

CODE_KERNELS(VNNI, query_sum, four)

VNNI static float quantize(const float *x, size_t count, uint8_t *codes, size_t stride) {
    return code_quantize(x, count, codes, stride);
}

const aisle_code_table aisle_code_avx512 = {.name = "avx512", .score = score, .score_unseen = score_unseen, .quantize = quantize};

#endif
