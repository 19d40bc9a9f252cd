// Pairs whose cosines should be ordered as their labels are.
//
//     loss = log(1 + Σ exp(scale · (sᵢ − sⱼ))),  over all i, j with labelᵢ < labelⱼ;  s: cosine of a pair of texts
//
// Source: Huang et al., "CoSENT: Consistent Sentence Embedding via Similarity Ranking" (IEEE/ACM TASLP 2024); the reference's CoSENTLoss.
// Sorted by label, the double sum is one pass: pair i meets the sum of exp(−scale · sⱼ) over all higher labels, kept as its logarithm,
// and for the gradient pair j meets that of exp(scale · sᵢ) over all lower ones. Equal labels do not meet. Only the order of labels
// counts; when all are equal the loss is 0 and nothing trains.

internal import Foundation

/// The logarithm of one plus the exponentials of all inversions of order.
package struct CoSENTLoss: TrainingLoss {
    /// The reference's name.
    package static let name = "CoSENTLoss"
    /// Factor for the cosines: the inverse temperature.
    package let scale: Double

    /// Two texts.
    package var columnCount: ClosedRange<Int> { 2...2 }

    /// The reference's default.
    package init(scale: Double = 20) {
        precondition(scale > 0, "a scale of \(scale) is not positive")
        self.scale = scale
    }

    /// Value and gradient over target similarities; counts pairs of rows whose labels differ.
    ///
    /// - Complexity: O(rows · (dimension + log rows)).
    package func evaluate(_ columns: [EmbeddingColumn], labels: [Float]) -> LossValue {
        let rows = checkedRows(columns)
        check(labels, rows: rows)
        let cosines = PairCosines(columns[0], columns[1], epsilon: 1e-12)
        let scores = cosines.values.map { $0 * scale }
        let groups = labels.indices.sorted { (labels[$0], $0) < (labels[$1], $1) }.groups { labels[$0] == labels[$1] }

        // log Σ exp(−score) over higher labels for each row, and log Σ exp(score) over lower ones.
        var (higher, lower) = ([Double](repeating: 0, count: rows), [Double](repeating: 0, count: rows))
        var sum = LogSum()
        for group in groups.reversed() {
            for row in group { higher[row] = sum.value }
            for row in group { sum.add(-scores[row]) }
        }
        sum = LogSum()
        for group in groups {
            for row in group { lower[row] = sum.value }
            for row in group { sum.add(scores[row]) }
        }

        var total = LogSum()
        total.add(0)
        for group in groups {
            for row in group { total.add(scores[row] + higher[row]) }
        }
        let loss = total.value
        let weights = scores.indices.map { row in
            scale * (exp(scores[row] + higher[row] - loss) - exp(lower[row] - scores[row] - loss))
        }
        let gradients = cosines.backward(weights)
        let equal = groups.reduce(0) { $0 + $1.count * ($1.count - 1) / 2 }
        let possible = rows * (rows - 1) / 2
        return LossValue(
            loss: loss, gradients: [gradients.left, gradients.right],
            activity: LossActivity(active: possible - equal, possible: possible, noun: "pairs of rows"))
    }
}

/// A running log Σ exp that cannot overflow.
private struct LogSum {
    /// The largest term, and Σ exp(term − largest).
    private var largest = -Double.infinity
    private var sum = 0.0

    /// Its logarithm; −∞ of no terms.
    var value: Double { sum == 0 ? -.infinity : largest + log(sum) }

    mutating func add(_ term: Double) {
        guard term != -.infinity else { return }
        if term > largest {
            sum = sum * exp(largest - term) + 1
            largest = term
        } else {
            sum += exp(term - largest)
        }
    }
}

extension [Int] {
    /// Runs of neighbours that belong together.
    fileprivate func groups(_ together: (Int, Int) -> Bool) -> [ArraySlice<Int>] {
        var groups: [ArraySlice<Int>] = []
        var start = startIndex
        for index in indices where index + 1 == endIndex || !together(self[index], self[index + 1]) {
            groups.append(self[start...index])
            start = index + 1
        }
        return groups
    }
}
