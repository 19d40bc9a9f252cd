// One hop of a graph search over codes, for each instruction set's own products of four rows.
//
// A search waits for memory more than it computes: the rows of a link list lie anywhere, and those of 50,000 vectors fill more than a
// core's share of cache. So all that were not seen yet are found first, and the rows ahead of the one being multiplied are asked for;
// so are those of the list that will probably be followed next, and the list after it. Measured on 53,667 vectors of 384 values:
// a sixth more searches a second from the next list's rows, a tenth more by asking for them in the second-level cache.
#ifndef AISLE_CODE_HOP_H
#define AISLE_CODE_HOP_H

#include <string.h>

#include "tables.h"

enum {
    /// Rows multiplied at a time.
    hop_rows = 4,
    /// How far ahead of the row being multiplied one is asked for.
    hop_ahead = 16,
};

/// Asks for every line of `bytes` bytes.
static inline __attribute__((always_inline)) void aisle_fetch(const void *start, size_t bytes) {
    for (size_t i = 0; i < bytes; i += 64) __builtin_prefetch((const char *)start + i, 0, 3);
}

static inline __attribute__((always_inline)) const uint8_t *aisle_code_row(const aisle_code_rows *rows, uint32_t id) {
    const uint32_t in_chunk = (1u << rows->shift) - 1;
    return rows->chunks[id >> rows->shift] + (size_t)(id & in_chunk) * rows->stride;
}

static inline __attribute__((always_inline)) float aisle_code_scale(const aisle_code_rows *rows, uint32_t id) {
    const uint32_t in_chunk = (1u << rows->shift) - 1;
    const float *scales = (const float *)(const void *)(rows->chunks[id >> rows->shift] + ((size_t)1 << rows->shift) * rows->stride);
    return scales[id & in_chunk];
}

/// Asks for the rows that the next hop will probably score, into the second-level cache: the first level's few places for misses are
/// needed for this hop's rows.
static inline __attribute__((always_inline)) void aisle_fetch_hop(const aisle_code_rows *rows, const aisle_code_hop *hop) {
    for (size_t i = 1; i <= hop->ahead[0]; i++) {
        const uint32_t id = hop->ahead[i];
        if (hop->marks[id] == hop->epoch) continue;
        const uint8_t *row = aisle_code_row(rows, id);
        for (size_t k = 0; k < rows->stride; k += 64) __builtin_prefetch(row + k, 0, 2);
    }
}

/// Rounding to codes, for the compiler to vectorise where it is inlined; the same codes in every instruction set.
static inline __attribute__((always_inline)) float code_quantize(const float *x, size_t count, uint8_t *codes,
                                                                         size_t stride) {
    // By the bits, which order as magnitudes do, and with what is not finite above all others: a loop that compilers vectorise.
    uint32_t bits = 0;
    for (size_t i = 0; i < count; i++) {
        uint32_t value;
        memcpy(&value, x + i, sizeof value);
        value &= 0x7FFFFFFF;
        bits = value > bits ? value : bits;
    }
    float largest;
    memcpy(&largest, &bits, sizeof largest);
    // What is not finite, and what is so small that it has no inverse, is 0 everywhere.
    if (bits >= 0x7F800000 || !(largest > 1e-30f)) {
        memset(codes, 128, stride);
        return 0;
    }
    const float inverse = 127.0f / largest;
    for (size_t i = 0; i < count; i++) {
        // Adding 1.5 * 2^23 rounds to nearest even and leaves the integer in the lowest bits.
        // Two statements, so that no compiler makes one rounding of the two.
        const float steps = x[i] * inverse;
        const float shifted = steps + 12582912.0f;
        uint32_t value;
        memcpy(&value, &shifted, sizeof value);
        codes[i] = (uint8_t)(value + 128);
    }
    memset(codes + count, 128, stride - count);
    return largest / 127.0f;
}

/// Defines `score` and `score_unseen` on `four(query, sum, rows, count, out)`, the products of four rows; `sum` is what
/// `query_sum(query, count)` gives. `attributes` name the instruction set.
#define CODE_KERNELS(attributes, query_sum, four)                                                                                \
    attributes static void score(const aisle_code_rows *rows, const uint8_t *query, float scale, const uint32_t *ids,            \
                                 size_t count, float *out) {                                                                     \
        for (size_t j = 0; j < hop_ahead && j < count; j++) aisle_fetch(aisle_code_row(rows, ids[j]), rows->stride);             \
        const int32_t sum = query_sum(query, rows->stride);                                                                      \
        for (size_t r = 0; r < count; r += hop_rows) {                                                                           \
            const uint8_t *group[hop_rows];                                                                                      \
            int32_t sums[hop_rows];                                                                                              \
            const size_t next = r + hop_ahead;                                                                                   \
            for (size_t j = next; j < next + hop_rows && j < count; j++)                                                         \
                aisle_fetch(aisle_code_row(rows, ids[j]), rows->stride);                                                         \
            for (size_t j = 0; j < hop_rows; j++) group[j] = aisle_code_row(rows, ids[r + j < count ? r + j : count - 1]);       \
            four(query, sum, group, rows->stride, sums);                                                                         \
            for (size_t j = 0; j < hop_rows && r + j < count; j++)                                                               \
                out[r + j] = (float)sums[j] * (scale * aisle_code_scale(rows, ids[r + j]));                                      \
        }                                                                                                                        \
    }                                                                                                                            \
                                                                                                                                 \
    attributes static size_t score_unseen(const aisle_code_rows *rows, const uint8_t *query, float scale,                        \
                                          const aisle_code_hop *hop, uint32_t *ids, float *out) {                                \
        if (hop->later) aisle_fetch(hop->later, 4 * hop->row_size);                                                             \
        size_t unseen = 0;                                                                                                       \
        for (size_t i = 0; i < hop->link_count; i++) {                                                                           \
            /* Stored always, counted only when unseen: no branch to mispredict. */                                              \
            const uint32_t id = hop->links[i];                                                                                   \
            ids[unseen] = id;                                                                                                    \
            unseen += hop->marks[id] != hop->epoch;                                                                              \
            hop->marks[id] = hop->epoch;                                                                                         \
        }                                                                                                                        \
        if (hop->ahead) aisle_fetch_hop(rows, hop);                                                                              \
        score(rows, query, scale, ids, unseen, out);                                                                             \
        return unseen;                                                                                                           \
    }

#endif
