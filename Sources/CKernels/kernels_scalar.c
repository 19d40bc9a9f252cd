// The kernels as formulas: the oracle for every other file, and what runs where no wide instructions are.
#include <math.h>

#include "tables.h"

static float dot(const float *a, const float *b, size_t count) {
    float sum = 0;
    for (size_t i = 0; i < count; i++) sum += a[i] * b[i];
    return sum;
}

static void dot_rows(const float *query, const float *const *rows, size_t row_count, size_t count, float *out) {
    for (size_t r = 0; r < row_count; r++) out[r] = dot(query, rows[r], count);
}

static void bias_gelu(float *x, const float *bias, size_t count) {
    for (size_t i = 0; i < count; i++) {
        float v = x[i] + bias[i];
        x[i] = 0.5f * v * (1.0f + erff(v * (float)M_SQRT1_2));
    }
}

static void bias_gelu_backward(float *gradient, const float *x, const float *bias, size_t count) {
    for (size_t i = 0; i < count; i++) {
        float v = x[i] + bias[i];
        float density = 0.3989422804f * expf(-0.5f * v * v);
        gradient[i] *= 0.5f * (1.0f + erff(v * (float)M_SQRT1_2)) + v * density;
    }
}

static void softmax(float *x, float scale, size_t count) {
    if (count == 0) return;
    float maximum = x[0] * scale;
    for (size_t i = 1; i < count; i++) maximum = fmaxf(maximum, x[i] * scale);
    float sum = 0;
    for (size_t i = 0; i < count; i++) {
        x[i] = expf(x[i] * scale - maximum);
        sum += x[i];
    }
    for (size_t i = 0; i < count; i++) x[i] /= sum;
}

static void attention(const aisle_attention *a) {
    for (size_t head = 0; head < a->head_count; head++) {
        for (size_t row = 0; row < a->length; row++) {
            const float *query = a->query + row * a->stride + head * a->head_size;
            float *scores = a->scratch, *context = a->context + row * a->context_stride + head * a->head_size;
            for (size_t j = 0; j < a->length; j++) scores[j] = dot(query, a->key + j * a->stride + head * a->head_size, a->head_size);
            softmax(scores, a->scale, a->length);
            for (size_t i = 0; i < a->head_size; i++) {
                context[i] = 0;
                for (size_t j = 0; j < a->length; j++) context[i] += scores[j] * a->value[j * a->stride + head * a->head_size + i];
            }
        }
    }
}

static void bias_residual_layer_norm(float *x, const float *bias, const float *residual, const float *gain, const float *shift,
                                     float epsilon, size_t count) {
    if (count == 0) return;
    float mean = 0, variance = 0;
    for (size_t i = 0; i < count; i++) {
        x[i] += residual[i] + (bias == NULL ? 0 : bias[i]);
        mean += x[i];
    }
    mean /= (float)count;
    for (size_t i = 0; i < count; i++) variance += (x[i] - mean) * (x[i] - mean);
    variance /= (float)count;
    float scale = 1.0f / sqrtf(variance + epsilon);
    for (size_t i = 0; i < count; i++) x[i] = (x[i] - mean) * scale * gain[i] + shift[i];
}

static void adamw(float *weights, const float *gradients, float *first, float *second, const aisle_adamw_step *step, size_t count) {
// One rounding for each operation, as the wide files have it.
#pragma clang fp contract(off)
    for (size_t i = 0; i < count; i++) {
        const float g = gradients[i] * step->clip;
        const float m = step->beta1 * first[i] + step->rest1 * g;
        const float v = step->beta2 * second[i] + step->rest2 * g * g;
        first[i] = m;
        second[i] = v;
        weights[i] = weights[i] * step->decay - step->step_size * m / (sqrtf(v) / step->root + step->epsilon);
    }
}

const aisle_kernel_table aisle_kernels_scalar = {
    .name = "scalar",
    .dot = dot,
    .dot_rows = dot_rows,
    .bias_gelu = bias_gelu,
    .bias_gelu_backward = bias_gelu_backward,
    .softmax = softmax,
    .attention = attention,
    .bias_residual_layer_norm = bias_residual_layer_norm,
    .adamw = adamw,
};
