// Products with packed weights, in bfloat16 and in int8: the linear layers of an encoder.
//
// y = gelu(a · W + bias), with the weights W of (inner, columns) packed once in panels of 32 columns, in the order in which the
// kernels read them, and the epilogue applied while the sums are still in registers. bfloat16_*.c and int8_*.c hold one
// implementation per instruction set; dispatch.c chooses. A row's result depends on no other row and on no thread: the same row
// gives the same bits in every batch.
#ifndef AISLE_LINEAR_KERNELS_H
#define AISLE_LINEAR_KERNELS_H

#include <stddef.h>
#include <stdint.h>

/// Columns of a panel: two registers of 16 lanes.
enum { aisle_panel_columns = 32 };

/// What becomes of the sums: s + bias, then GELU, then to float32 (in place of what is there, or added to it), to bfloat16, or both.
typedef struct {
    /// (columns), or NULL.
    const float *_Nullable bias;
    /// Not 0: x/2 (1 + erf(x/sqrt 2)) of the sum with its bias.
    int activates;
    /// Not 0: added to `values`.
    int adds;
    /// (rows, columns), or NULL.
    float *_Nullable values;
    size_t values_stride;
    /// (rows, columns) rounded to bfloat16, or NULL.
    uint16_t *_Nullable bfloat16;
    size_t bfloat16_stride;
} aisle_linear_output;

/// Sizes of a product, and which part of its columns to compute: several threads may share one, each with panels of its own.
typedef struct {
    size_t rows, columns, inner;
    size_t first_panel, panel_count;
} aisle_linear_shape;

/// In bfloat16 (the upper half of float32, rounded to nearest even; denormals count as 0) with sums in float32.
typedef struct {
    /// (rows, inner), each row padded with a 0 where inner is odd; stride in values.
    const uint16_t *_Nonnull a;
    size_t a_stride;
    /// Panels, each (ceil(inner / 2), 32, 2): for two values of `inner`, 32 columns of two values. Padded with 0.
    const uint16_t *_Nonnull panels;
    aisle_linear_shape shape;
    aisle_linear_output output;
} aisle_bfloat16_product;

typedef struct {
    /// Instruction set: "scalar", "avx2", "avx512".
    const char *_Nonnull name;

    void (*_Nonnull product)(const aisle_bfloat16_product *_Nonnull product);

    /// out = x rounded, (rows, count); a row is padded with a 0 where count is odd.
    void (*_Nonnull round_rows)(const float *_Nonnull x, size_t x_stride, size_t rows, size_t count, uint16_t *_Nonnull out,
                                size_t out_stride);

    /// out = xᵀ rounded: x is (count, rows), out (rows, count), padded as above.
    void (*_Nonnull round_transposed)(const float *_Nonnull x, size_t x_stride, size_t rows, size_t count, uint16_t *_Nonnull out,
                                      size_t out_stride);

    /// Packs W of (inner, columns), row-major.
    void (*_Nonnull pack)(const float *_Nonnull weights, size_t stride, size_t columns, size_t inner, uint16_t *_Nonnull panels);

    /// Packs W from its transpose of (columns, inner): a linear layer as it is stored.
    void (*_Nonnull pack_transposed)(const float *_Nonnull weights, size_t stride, size_t columns, size_t inner,
                                     uint16_t *_Nonnull panels);
} aisle_bfloat16_table;

/// In 8 bits with sums in exact integers: a = scale[row] (u - zero[row]), W = scale[column] w.
typedef struct {
    /// (rows, inner), each row padded to a multiple of four; stride in bytes.
    const uint8_t *_Nonnull a;
    size_t a_stride;
    /// (rows) each.
    const float *_Nonnull a_scale;
    const int32_t *_Nonnull a_zero;
    /// Panels, each (ceil(inner / 4), 32, 4). Padded with 0.
    const int8_t *_Nonnull panels;
    /// (columns) each: scale, and the sum of w over `inner`.
    const float *_Nonnull scale;
    const int32_t *_Nonnull sum;
    aisle_linear_shape shape;
    aisle_linear_output output;
} aisle_int8_product;

typedef struct {
    /// Instruction set: "scalar", "avx2", "avx512".
    const char *_Nonnull name;

    void (*_Nonnull product)(const aisle_int8_product *_Nonnull product);

    /// Rounds each row of (rows, count) to 256 steps from its smallest to its largest value, 0 being one of them; a row of out is padded
    /// with 0 to a multiple of four bytes.
    void (*_Nonnull quantize_rows)(const float *_Nonnull x, size_t x_stride, size_t rows, size_t count, uint8_t *_Nonnull out,
                                   size_t out_stride, float *_Nonnull scale, int32_t *_Nonnull zero);
} aisle_int8_table;

/// Packs W from its transpose of (columns, inner) in 255 steps from minus its largest magnitude to that, column by column.
void aisle_int8_pack(const float *_Nonnull weights, size_t columns, size_t inner, int8_t *_Nonnull panels, float *_Nonnull scale,
                     int32_t *_Nonnull sum);

/// The best tables this processor runs; the same ones for the life of the process.
const aisle_bfloat16_table *_Nonnull aisle_bfloat16_kernels(void);
const aisle_int8_table *_Nonnull aisle_int8_kernels(void);

/// Every table this processor runs, the scalar one first; NULL past the last.
const aisle_bfloat16_table *_Nullable aisle_bfloat16_kernels_available(size_t index);
const aisle_int8_table *_Nullable aisle_int8_kernels_available(size_t index);

#endif
