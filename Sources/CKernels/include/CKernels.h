// Vector kernels in float32, one implementation per instruction set, chosen once at run time.
//
// kernels_scalar.c reads like the formulas and is the oracle; every other file exports the same functions for one instruction
// set. A table holds one implementation of each; dispatch.c chooses the best table this processor can run.
// All lengths may be zero, pointers need only the alignment of float, and input and output may be the same buffer where said so.
#ifndef AISLE_CKERNELS_H
#define AISLE_CKERNELS_H

#include <stddef.h>

#include "code_kernels.h"
#include "float16_kernels.h"
#include "linear_kernels.h"

/// Tells the processor that this thread spins.
static inline void aisle_spin_hint(void) {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}

/// Processors that the calling thread may use; 0 where the system does not say.
int aisle_usable_processors(void);

/// Lets a thread (a `pthread_t`) run on every processor that the calling thread may use but the one it runs on; nothing where there is no other.
void aisle_keep_off_this_processor(unsigned long thread);

/// One sequence's attention: context = softmax(scale q kᵀ) v for each of its heads.
typedef struct {
    /// Query, key and value of the first token and head; tokens lie `stride` apart, heads side by side.
    const float *_Nonnull query, *_Nonnull key, *_Nonnull value;
    size_t stride;
    size_t length, head_count, head_size;
    float scale;
    /// (length, head_count * head_size), overwritten; rows `context_stride` apart.
    float *_Nonnull context;
    size_t context_stride;
    /// `aisle_attention_scratch(length, head_size)` values.
    float *_Nonnull scratch;
} aisle_attention;

/// Values of scratch memory that attention needs: a head's keys transposed and four rows of scores, rounded up to whole registers.
static inline size_t aisle_attention_scratch(size_t length, size_t head_size) { return (head_size + 4) * ((length + 15) / 16 * 16); }

/// What a step of AdamW is made with, rounded once: see `adamw`.
typedef struct {
    float beta1, beta2, rest1, rest2, epsilon, clip, step_size, root, decay;
} aisle_adamw_step;

typedef struct {
    /// Instruction set, as logs and tests name it: "scalar", "avx2", "avx512".
    const char *_Nonnull name;

    /// Sum of a[i] * b[i]. Several accumulators: differs from the scalar order by rounding only.
    float (*_Nonnull dot)(const float *_Nonnull a, const float *_Nonnull b, size_t count);

    /// Dot products of one vector with rows that lie anywhere: out[r] = rows[r] . query, each rounded as `dot` rounds it, so the
    /// order of visits never changes a similarity. The next row is fetched while one is multiplied.
    void (*_Nonnull dot_rows)(const float *_Nonnull query, const float *_Nonnull const *_Nonnull rows, size_t row_count,
                              size_t count, float *_Nonnull out);

    /// In place x = gelu(x + bias), gelu(x) = x/2 (1 + erf(x/sqrt 2)): BERT's "gelu", not the tanh approximation.
    void (*_Nonnull bias_gelu)(float *_Nonnull x, const float *_Nonnull bias, size_t count);

    /// In place gradient *= gelu'(x + bias), gelu'(v) = (1 + erf(v/sqrt 2))/2 + v exp(-v*v/2)/sqrt(2 pi).
    void (*_Nonnull bias_gelu_backward)(float *_Nonnull gradient, const float *_Nonnull x, const float *_Nonnull bias, size_t count);

    /// In place x = exp(scale x - max) / sum of the same.
    void (*_Nonnull softmax)(float *_Nonnull x, float scale, size_t count);

    void (*_Nonnull attention)(const aisle_attention *_Nonnull attention);

    /// In place x = (v - mean v) / sqrt(var v + epsilon) * gain + shift with v = x + bias + residual (variance over count).
    /// bias may be NULL (an embedding sum has none).
    void (*_Nonnull bias_residual_layer_norm)(float *_Nonnull x, const float *_Nullable bias, const float *_Nonnull residual,
                                              const float *_Nonnull gain, const float *_Nonnull shift, float epsilon,
                                              size_t count);

    /// One step of AdamW, in place: g = clip gradient, m = beta1 m + rest1 g, v = beta2 v + rest2 g g, then
    /// w = decay w - step_size m / (sqrt(v) / root + epsilon). Every implementation rounds alike.
    void (*_Nonnull adamw)(float *_Nonnull weights, const float *_Nonnull gradients, float *_Nonnull first, float *_Nonnull second,
                           const aisle_adamw_step *_Nonnull step, size_t count);
} aisle_kernel_table;

/// The best table this processor runs; the same one for the life of the process.
const aisle_kernel_table *_Nonnull aisle_kernels(void);

/// 1 where the processor multiplies bfloat16 in hardware (AVX512-BF16), else 0.
int aisle_has_bfloat16(void);

/// Every table this processor runs, the scalar one first; NULL past the last.
const aisle_kernel_table *_Nullable aisle_kernels_available(size_t index);

#endif
