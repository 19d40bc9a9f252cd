// Each anchor must find its positive among all candidates of the batch.
//
//     s(i, j) = scale · cos(aᵢ, cⱼ)        c: all positives, then all first negatives, and so on
//     loss = mean over rows of log Σⱼ exp s(i, j) − s(i, i)
//     ds(i, j) = (softmax(s)(i, j) − [i = j]) / rows
//
// Source: Henderson et al., "Efficient Natural Language Response Suggestion for Smart Reply" (arXiv:1705.00652), section 4.4; van den
// Oord, Li & Vinyals, "Representation Learning with Contrastive Predictive Coding" (arXiv:1807.03748), InfoNCE; the reference's
// MultipleNegativesRankingLoss with its defaults directions = ("query_to_doc",), partition_mode = "joint", no hardness weighting. Its
// other directions and weightings are not here. An equal text among the candidates counts as a negative: batches should be free of
// duplicates (the sampler `no_duplicates`).

internal import Foundation

/// The mean cross-entropy of picking an anchor's positive among all candidates of the batch.
package struct MultipleNegativesRankingLoss: TrainingLoss {
    /// The reference's name.
    package static let name = "MultipleNegativesRankingLoss"
    /// Factor for the cosines: the inverse temperature.
    package let scale: Double

    /// Anchor, positive and any number of negatives.
    package var columnCount: ClosedRange<Int> { 2...Int.max }

    /// The reference's default.
    package init(scale: Double = 20) {
        precondition(scale > 0, "a scale of \(scale) is not positive")
        self.scale = scale
    }

    /// Value and gradient; labels are ignored.
    ///
    /// - Complexity: O(rows · candidates · dimension) time, O(rows · candidates) memory; candidates = rows · (columns − 1).
    package func evaluate(_ columns: [EmbeddingColumn], labels: [Float]) -> LossValue {
        _ = checkedRows(columns)
        let anchors = UnitColumn(columns[0])
        let candidates = UnitColumn(EmbeddingColumn(stacking: columns.dropFirst()))
        var similarities = SimilarityMatrix(anchors.embeddings, candidates.embeddings)
        let loss = replaceByGradient(&similarities)
        let anchorGradient = anchors.backward(similarities.times(candidates.embeddings))
        let candidateGradient = candidates.backward(similarities.transposedTimes(anchors.embeddings))
        return LossValue(loss: loss, gradients: [anchorGradient] + candidateGradient.split(into: columns.count - 1))
    }

    /// Turns cosines into d loss / d cosine, in place, and gives the loss; the largest of a row is taken off before exp.
    private func replaceByGradient(_ similarities: inout SimilarityMatrix) -> Double {
        let (rows, columns) = (similarities.rows, similarities.columns)
        var loss = 0.0
        for row in 0..<rows {
            let places = (row * columns)..<((row + 1) * columns)
            let positive = places.lowerBound + row
            let largest = scale * Double(similarities.values[places].max() ?? 0)
            let positiveLogit = scale * Double(similarities.values[positive]) - largest
            // The sum without the positive apart: 1 − p loses all digits when the positive wins, others / sum loses none.
            var others = 0.0
            for place in places where place != positive {
                let weight = exp(scale * Double(similarities.values[place]) - largest)
                similarities.values[place] = Float(weight)
                others += weight
            }
            let sum = others + exp(positiveLogit)
            loss += log(sum) - positiveLogit
            let factor = scale / (Double(rows) * sum)
            for place in places { similarities.values[place] = Float(factor * Double(similarities.values[place])) }
            similarities.values[positive] = Float(-factor * others)
        }
        return loss / Double(rows)
    }
}
