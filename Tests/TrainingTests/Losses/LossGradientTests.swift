import Testing

@testable import Training

struct LossGradientTests {
    @Test(arguments: LossExample.all, [3, 8, 21] as [UInt64])
    func `gradients are the central differences of the value`(_ example: LossExample, seed: UInt64) {
        let batch = example.batch(seed: seed)
        let exact = example.loss.evaluate(batch, labels: example.labels)
        for column in batch.indices {
            for index in batch[column].values.indices {
                let difference = centralDifference(example, batch, column: column, index: index)
                let gradient = Double(exact.gradients[column].values[index])
                #expect(
                    abs(difference - gradient) <= LossTolerance.finiteDifference * max(1, abs(gradient)),
                    "column \(column), index \(index): difference \(difference), gradient \(gradient)")
            }
        }
    }

    private func centralDifference(
        _ example: LossExample, _ batch: [EmbeddingColumn], column: Int, index: Int
    ) -> Double {
        var (above, below) = (batch, batch)
        above[column].values[index] += LossTolerance.step
        below[column].values[index] -= LossTolerance.step
        let width = Double(above[column].values[index]) - Double(below[column].values[index])
        let values = [above, below].map { example.loss.evaluate($0, labels: example.labels).loss }
        return (values[0] - values[1]) / width
    }

    @Test(arguments: LossExample.all, [5, 6] as [UInt64])
    func `permuted rows have permuted gradients`(_ example: LossExample, seed: UInt64) {
        let order = [5, 2, 7, 0, 3, 1, 6, 4]
        let batch = example.batch(seed: seed)
        let plain = example.loss.evaluate(batch, labels: example.labels)
        let permuted = example.loss.evaluate(
            batch.map { $0.permuted(order) }, labels: order.map { example.labels[$0] })
        #expect(abs(plain.loss - permuted.loss) <= LossTolerance.reference * max(1, plain.loss))
        #expect(plain.activity == permuted.activity)
        for (gradient, other) in zip(plain.gradients, permuted.gradients) {
            for (left, right) in zip(gradient.permuted(order).values, other.values) {
                #expect(abs(Double(left) - Double(right)) <= LossTolerance.reference * max(1, abs(Double(left))))
            }
        }
    }

    @Test(arguments: LossExample.all)
    func `equal rows and equal labels give numbers`(_ example: LossExample) {
        let row = example.batch(seed: 1)[0][0]
        let column = EmbeddingColumn(
            dimension: row.count, values: Array(repeatElement(row, count: example.rows).joined()))
        let batch = Array(repeating: column, count: example.columns)
        for labels in [example.labels, example.labels.map { _ in 0.5 }] {
            let value = example.loss.evaluate(batch, labels: labels)
            #expect(value.loss.isFinite)
            #expect(value.gradients.allSatisfy { $0.values.allSatisfy(\.isFinite) })
        }
    }

    @Test(arguments: LossExample.all)
    func `rows of zeros give numbers`(_ example: LossExample) {
        let zeros = EmbeddingColumn(rows: example.rows, dimension: 5)
        let value = example.loss.evaluate(Array(repeating: zeros, count: example.columns), labels: example.labels)
        #expect(value.loss.isFinite)
        #expect(value.gradients.allSatisfy { $0.values.allSatisfy(\.isFinite) })
    }

    @Test(arguments: LossExample.all, [Float.nan, .infinity])
    func `an embedding that is no number makes the loss NaN`(_ example: LossExample, value: Float) {
        for column in 0..<example.columns {
            for row in [0, 7] {
                var batch = example.batch(seed: 2)
                batch[column].values[row * 7 + 3] = value
                #expect(example.loss.evaluate(batch, labels: example.labels).loss.isNaN, "column \(column), row \(row)")
            }
        }
    }

    @Test(arguments: LossExample.all)
    func `the same batch gives the same bits, and gradients of its shape`(_ example: LossExample) {
        let batch = example.batch(seed: 4)
        let value = example.loss.evaluate(batch, labels: example.labels)
        #expect(value == example.loss.evaluate(batch, labels: example.labels))
        #expect(value.gradients.map(\.rows) == batch.map(\.rows))
        #expect(value.gradients.map(\.dimension) == batch.map(\.dimension))
    }

    @Test(arguments: LossExample.all)
    func `moving against the gradient lowers the loss`(_ example: LossExample) {
        let batch = example.batch(seed: 11)
        let value = example.loss.evaluate(batch, labels: example.labels)
        var moved = batch
        for index in moved.indices { moved[index].add(-0x1p-8, times: value.gradients[index]) }
        #expect(example.loss.evaluate(moved, labels: example.labels).loss < value.loss)
    }
}

extension EmbeddingColumn {
    fileprivate func permuted(_ order: [Int]) -> EmbeddingColumn {
        EmbeddingColumn(dimension: dimension, values: order.flatMap { self[$0] })
    }
}
