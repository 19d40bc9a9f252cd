// int8 products as formulas: the oracle for the other files, which make the same integers and so nearly the same bits. Packing, which a
// model's weights go through once, is here for all of them.
#include "output_scalar.h"
#include "tables.h"

static void product(const aisle_int8_product *p) {
    const size_t quads = (p->shape.inner + 3) / 4;
    for (size_t panel = p->shape.first_panel; panel < p->shape.first_panel + p->shape.panel_count; panel++) {
        const int8_t *b = p->panels + panel * quads * 4 * aisle_panel_columns;
        for (size_t c = 0; c < aisle_panel_columns && panel * aisle_panel_columns + c < p->shape.columns; c++) {
            const size_t column = panel * aisle_panel_columns + c;
            for (size_t row = 0; row < p->shape.rows; row++) {
                const uint8_t *a = p->a + row * p->a_stride;
                int32_t sum = -p->a_zero[row] * p->sum[column];
                for (size_t k = 0; k < 4 * quads; k++) sum += a[k] * b[(k / 4 * aisle_panel_columns + c) * 4 + k % 4];
                aisle_store_output(&p->output, row, column, (float)sum * (p->a_scale[row] * p->scale[column]));
            }
        }
    }
}

static void quantize_rows(const float *x, size_t x_stride, size_t rows, size_t count, uint8_t *out, size_t out_stride, float *scale,
                          int32_t *zero) {
    for (size_t r = 0; r < rows; r++) {
        const float *from = x + r * x_stride;
        float low = 0, high = 0, check = 0;
        for (size_t i = 0; i < count; i++) {
            low = fminf(low, from[i]);
            high = fmaxf(high, from[i]);
            check += from[i] * 0;
        }
        const aisle_int8_steps steps = aisle_int8_steps_between(low, high, check);
        scale[r] = steps.scale;
        zero[r] = steps.zero;
        for (size_t i = 0; i < (count + 3) / 4 * 4; i++) {
            const float u = i < count && steps.inverse > 0 ? nearbyintf(from[i] * steps.inverse) + (float)steps.zero : 0;
            out[r * out_stride + i] = (uint8_t)fminf(fmaxf(u, 0), 255);
        }
    }
}

void aisle_int8_pack(const float *weights, size_t columns, size_t inner, int8_t *panels, float *scale, int32_t *sum) {
    const size_t quads = (inner + 3) / 4;
    memset(panels, 0, (columns + aisle_panel_columns - 1) / aisle_panel_columns * quads * 4 * aisle_panel_columns);
    for (size_t column = 0; column < columns; column++) {
        const float *from = weights + column * inner;
        int8_t *to = panels + (column / aisle_panel_columns * quads * aisle_panel_columns + column % aisle_panel_columns) * 4;
        float largest = 0;
        for (size_t k = 0; k < inner; k++) largest = fmaxf(largest, fabsf(from[k]));
        const float inverse = largest > 1e-30f ? 127.0f / largest : 0;
        scale[column] = largest > 1e-30f ? largest / 127.0f : 0;
        sum[column] = 0;
        for (size_t k = 0; k < inner; k++) {
            const int8_t w = (int8_t)nearbyintf(from[k] * inverse);
            to[k / 4 * 4 * aisle_panel_columns + k % 4] = w;
            sum[column] += w;
        }
    }
}

const aisle_int8_table aisle_int8_scalar = {.name = "scalar", .product = product, .quantize_rows = quantize_rows};
