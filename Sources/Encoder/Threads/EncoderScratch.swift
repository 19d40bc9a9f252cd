// The memory of one forward pass, from its tokens to its vectors.

internal import Tensors
internal import Tokenization

/// Memory that goes from one batch to the next.
///
/// `@unchecked Sendable` because it is either in the pool or with one batch.
final class EncoderScratch: @unchecked Sendable {
    /// What is embedded.
    var batch = TokenBatch()
    let activations = BertBody.Activations()
    /// Of the thread that took the batch.
    let lane = BertBody.Lane()
}
