import Foundation
import Testing

@testable import Training

struct PairLossTests {
    private func columns(_ count: Int, rows: Int, seed: UInt64 = 3) -> [EmbeddingColumn] {
        var generator = SeededEmbeddings(seed: seed)
        return (0..<count).map { _ in generator.column(rows: rows, dimension: 6) }
    }

    @Test func `one pair has nothing to be told from`() {
        let value = MultipleNegativesRankingLoss().evaluate(columns(2, rows: 1), labels: [])
        #expect(value.loss == 0)
        #expect(value.gradients == [EmbeddingColumn(rows: 1, dimension: 6), EmbeddingColumn(rows: 1, dimension: 6)])
    }

    @Test func `one triple has its own negative to be told from`() {
        let value = MultipleNegativesRankingLoss().evaluate(columns(3, rows: 1), labels: [])
        #expect(value.loss > 0)
    }

    @Test func `a hundred equal pairs cost the logarithm of a hundred`() {
        let column = EmbeddingColumn(dimension: 2, values: [Float](repeating: 0.6, count: 200))
        let value = MultipleNegativesRankingLoss().evaluate([column, column], labels: [])
        #expect(abs(value.loss - 4.605170185988092) < 1e-9)
    }

    @Test func `a scale of thousands does not overflow`() {
        let value = MultipleNegativesRankingLoss(scale: 1e5).evaluate(columns(3, rows: 5), labels: [])
        #expect(value.loss.isFinite && value.gradients.allSatisfy { $0.values.allSatisfy(\.isFinite) })
        let ordered = CoSENTLoss(scale: 1e5).evaluate(columns(2, rows: 4), labels: [1, 2, 3, 4])
        #expect(ordered.loss.isFinite && ordered.gradients.allSatisfy { $0.values.allSatisfy(\.isFinite) })
    }

    @Test func `a won positive keeps a gradient for its negatives`() {
        // cos = 1 against −1: the probability of the negative is e⁻⁴⁰, below float32's ulp of 1.
        let anchors = EmbeddingColumn(dimension: 2, values: [1, 0])
        let positives = EmbeddingColumn(dimension: 2, values: [1, 0.01])
        let negatives = EmbeddingColumn(dimension: 2, values: [-1, 0.01])
        let value = MultipleNegativesRankingLoss().evaluate([anchors, positives, negatives], labels: [])
        #expect(value.gradients[2].values[1] != 0)
        #expect(value.gradients[1].values[1] != 0)
    }

    @Test func `triplets are counted when they train`() {
        let anchor = EmbeddingColumn(dimension: 1, values: [0, 0, 0])
        let positive = EmbeddingColumn(dimension: 1, values: [1, 2, 1])
        let negative = EmbeddingColumn(dimension: 1, values: [9, 3, 2])
        let value = TripletLoss(margin: 1).evaluate([anchor, positive, negative], labels: [])
        #expect(value.loss == 0)
        #expect(value.activity == LossActivity(active: 0, possible: 3, noun: "triplets"))
        let wide = TripletLoss(margin: 4).evaluate([anchor, positive, negative], labels: [])
        #expect(wide.loss == 2)
        #expect(wide.activity?.active == 2)
    }

    @Test func `CoSENT equals its double sum`() {
        let batch = columns(2, rows: 9)
        let labels: [Float] = [0.1, 0.4, 0.4, -1, 1, 0, 0.1, 0.4, 0.9]
        let value = CoSENTLoss(scale: 2).evaluate(batch, labels: labels)
        let cosines = PairCosines(batch[0], batch[1], epsilon: 1e-12).values
        var sum = 1.0
        var pairs = 0
        for i in 0..<9 {
            for j in 0..<9 where labels[i] < labels[j] {
                sum += exp(2 * (cosines[i] - cosines[j]))
                pairs += 1
            }
        }
        #expect(abs(value.loss - log(sum)) < 1e-12)
        #expect(value.activity == LossActivity(active: pairs, possible: 36, noun: "pairs of rows"))
    }

    @Test func `CoSENT of equal labels trains nothing`() {
        let value = CoSENTLoss().evaluate(columns(2, rows: 3), labels: [0.5, 0.5, 0.5])
        #expect(value.loss == 0)
        #expect(value.activity?.active == 0)
        #expect(value.gradients.allSatisfy { $0.values.allSatisfy { $0 == 0 } })
    }

    @Test func `a regularized loss is the sum of both`() {
        let batch = columns(3, rows: 5)
        let base = MultipleNegativesRankingLoss()
        let regularizer = GlobalOrthogonalRegularizationLoss()
        let sum = RegularizedLoss(base: base, regularizer: regularizer, weight: 0.5).evaluate(batch, labels: [])
        let (left, right) = (base.evaluate(batch, labels: []), regularizer.evaluate(batch, labels: []))
        #expect(sum.loss == left.loss + 0.5 * right.loss)
        for column in 0..<3 {
            for index in batch[column].values.indices {
                let expected = left.gradients[column].values[index] + 0.5 * right.gradients[column].values[index]
                #expect(sum.gradients[column].values[index] == expected)
            }
        }
        #expect(RegularizedLoss(base: base, regularizer: regularizer).columnCount == 2...Int.max)
        let triplets = RegularizedLoss(base: TripletLoss(), regularizer: regularizer).evaluate(batch, labels: [])
        #expect(triplets.activity?.noun == "triplets")
    }

    @Test func `orthogonal rows are as spread as can be`() {
        let axes = EmbeddingColumn(dimension: 3, values: [1, 0, 0, 0, 2, 0, 0, 0, 3])
        let value = GlobalOrthogonalRegularizationLoss().evaluate([axes], labels: [])
        #expect(value.loss == 0)
        #expect(value.gradients == [EmbeddingColumn(rows: 3, dimension: 3)])
    }
}
