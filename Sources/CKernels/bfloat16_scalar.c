// bfloat16 products as formulas: the oracle for the other files.
#include "bfloat16.h"
#include "output_scalar.h"
#include "tables.h"

static void product(const aisle_bfloat16_product *p) {
    const size_t pairs = (p->shape.inner + 1) / 2;
    for (size_t panel = p->shape.first_panel; panel < p->shape.first_panel + p->shape.panel_count; panel++) {
        const uint16_t *b = p->panels + panel * pairs * 2 * aisle_panel_columns;
        for (size_t c = 0; c < aisle_panel_columns && panel * aisle_panel_columns + c < p->shape.columns; c++) {
            for (size_t row = 0; row < p->shape.rows; row++) {
                const uint16_t *a = p->a + row * p->a_stride;
                float sum = 0;
                for (size_t k = 0; k < pairs; k++) {
                    const uint16_t *w = b + (k * aisle_panel_columns + c) * 2;
                    sum += aisle_float_of(a[2 * k]) * aisle_float_of(w[0]);
                    sum += aisle_float_of(a[2 * k + 1]) * aisle_float_of(w[1]);
                }
                aisle_store_output(&p->output, row, panel * aisle_panel_columns + c, sum);
            }
        }
    }
}

static void round_rows(const float *x, size_t x_stride, size_t rows, size_t count, uint16_t *out, size_t out_stride) {
    for (size_t r = 0; r < rows; r++) {
        for (size_t i = 0; i < count; i++) out[r * out_stride + i] = aisle_bfloat16_of(x[r * x_stride + i]);
        if (count & 1) out[r * out_stride + count] = 0;
    }
}

static void round_transposed(const float *x, size_t x_stride, size_t rows, size_t count, uint16_t *out, size_t out_stride) {
    for (size_t r = 0; r < rows; r++) {
        for (size_t k = 0; k < count; k++) out[r * out_stride + k] = aisle_bfloat16_of(x[k * x_stride + r]);
        if (count & 1) out[r * out_stride + count] = 0;
    }
}

/// Packs W(k, column) = weights[k * row_stride + column * column_stride].
static void pack_strided(const float *weights, size_t row_stride, size_t column_stride, size_t columns, size_t inner,
                         uint16_t *panels) {
    const size_t pairs = (inner + 1) / 2;
    for (size_t first = 0; first < columns; first += aisle_panel_columns) {
        for (size_t k = 0; k < 2 * pairs; k++) {
            for (size_t c = 0; c < aisle_panel_columns; c++) {
                const size_t column = first + c;
                const float value = k < inner && column < columns ? weights[k * row_stride + column * column_stride] : 0;
                panels[(k / 2 * aisle_panel_columns + c) * 2 + k % 2] = aisle_bfloat16_of(value);
            }
        }
        panels += pairs * 2 * aisle_panel_columns;
    }
}

static void pack(const float *weights, size_t stride, size_t columns, size_t inner, uint16_t *panels) {
    pack_strided(weights, stride, 1, columns, inner, panels);
}

static void pack_transposed(const float *weights, size_t stride, size_t columns, size_t inner, uint16_t *panels) {
    pack_strided(weights, 1, stride, columns, inner, panels);
}

const aisle_bfloat16_table aisle_bfloat16_scalar = {
    .name = "scalar",
    .product = product,
    .round_rows = round_rows,
    .round_transposed = round_transposed,
    .pack = pack,
    .pack_transposed = pack_transposed,
};
