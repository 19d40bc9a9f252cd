// Similarities of vectors that are stored as 8-bit codes: the inner loop of a graph search.
//
// A code is a value in steps of its vector's scale, -127...127, plus 128: x = scale (code - 128). Rows are padded with 128, which is
// 0, to a multiple of 64 codes, so that no kernel has a rest to handle. Sums are exact integers: every instruction set gives the same
// similarities, and so the same graph. codes_*.c hold one implementation each; dispatch.c chooses.
#ifndef AISLE_CODE_KERNELS_H
#define AISLE_CODE_KERNELS_H

#include <stddef.h>
#include <stdint.h>

/// What a code row's length is a multiple of.
enum { aisle_code_alignment = 64 };

/// Rows of codes in chunks: row r is `chunks[r >> shift] + (r & (1 << shift) - 1) * stride`, and a chunk's scales, one float per row,
/// follow its rows.
typedef struct {
    const uint8_t *_Nonnull const *_Nonnull chunks;
    uint32_t shift;
    /// Codes in a row, padding included.
    size_t stride;
} aisle_code_rows;

/// Nodes that a list of links leads to, and what is known about them.
typedef struct {
    const uint32_t *_Nonnull links;
    size_t link_count;
    /// A byte per node: `epoch` where it was seen before.
    uint8_t *_Nonnull marks;
    uint8_t epoch;
    /// The list that will probably be followed next, its length before it, and the one after that; or NULL.
    const uint32_t *_Nullable ahead, *_Nullable later;
    /// Places of a list, its length included.
    size_t row_size;
} aisle_code_hop;

typedef struct {
    /// Instruction set: "scalar", "avx2", "avx512".
    const char *_Nonnull name;

    /// out[i] = similarity of node ids[i]: the exact sum of (query - 128) (row - 128), at most 65,536 codes, rounded to float, times
    /// (scale * scale of the row).
    void (*_Nonnull score)(const aisle_code_rows *_Nonnull rows, const uint8_t *_Nonnull query, float scale,
                           const uint32_t *_Nonnull ids, size_t count, float *_Nonnull out);

    /// Marks the links of a hop as seen, and scores those that were not as `score` does: ids[i] is one's node, out[i] its similarity.
    /// Both have places for every link, and one more. Returns how many there are.
    size_t (*_Nonnull score_unseen)(const aisle_code_rows *_Nonnull rows, const uint8_t *_Nonnull query, float scale,
                                    const aisle_code_hop *_Nonnull hop, uint32_t *_Nonnull ids, float *_Nonnull out);

    /// Rounds a vector to codes, padded with 128 to `stride`.
    /// Its scale is a 127th of the largest magnitude; 0, with all codes 128, for zeros and what is not finite.
    float (*_Nonnull quantize)(const float *_Nonnull x, size_t count, uint8_t *_Nonnull codes, size_t stride);
} aisle_code_table;

/// The best table this processor runs; the same one for the life of the process.
const aisle_code_table *_Nonnull aisle_code_kernels(void);

/// Every table this processor runs, the scalar one first; NULL past the last.
const aisle_code_table *_Nullable aisle_code_kernels_available(size_t index);

#endif
