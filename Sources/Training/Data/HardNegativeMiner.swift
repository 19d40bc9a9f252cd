// Negatives that are hard: texts that the present model takes for an answer, and that are none.
//
// As sentence-transformers' mine_hard_negatives: what lies nearest to an anchor, by rank and by similarity. The very nearest are often right
// answers that nobody clicked or judged, so the first ranks are left out, and so is everything within `relativeMargin` of the positive's
// similarity (Moreira et al., NV-Retriever, arXiv:2407.15831, “TopK-PercPos” at 95 %). The search itself is the caller's: this module knows
// no index.

internal import Tensors

/// What the present model finds near an anchor.
package struct Neighborhood: Sendable {
    /// A text that may be a negative.
    package struct Candidate: Sendable, Equatable {
        /// The text.
        package let text: String
        /// Its cosine with the anchor.
        package let similarity: Float

        /// Pairs a text with its similarity.
        package init(text: String, similarity: Float) {
            self.text = text
            self.similarity = similarity
        }
    }

    /// Cosine of anchor and positive.
    package let positive: Float
    /// Best first, without any text that is known to be right.
    package let candidates: [Candidate]
    /// Some texts from anywhere, for rows that have too few near ones.
    package let others: [Candidate]

    /// Describes a neighbourhood.
    package init(positive: Float, candidates: [Candidate], others: [Candidate] = []) {
        self.positive = positive
        self.candidates = candidates
        self.others = others
    }
}

/// Adds negatives to pairs.
package struct HardNegativeMiner: Sendable {
    /// Which candidates are taken; names as in the reference.
    package struct Options: Sendable, Equatable, Codable {
        /// Negatives of a pair; 0: none are mined.
        package var negatives = 1
        /// First rank that is taken, from 0: `range_min`.
        package var rangeMin = 10
        /// First rank that is not: `range_max`.
        package var rangeMax = 100
        /// A negative's cosine is below the positive's by at least this share of it; nil: it may be anything.
        package var relativeMargin: Float? = 0.05

        /// The defaults.
        package init() {}
    }

    private let options: Options
    private let seed: UInt64

    /// Candidates that a neighbourhood must hold for every rank to be looked at.
    package var depth: Int { options.rangeMax }

    /// Prepares mining.
    /// - Parameters:
    ///   - options: which candidates are taken.
    ///   - seed: draws among those that qualify.
    package init(_ options: Options, seed: UInt64) {
        self.options = options
        self.seed = seed
    }

    /// Adds negatives to every row.
    ///
    /// Among the candidates that qualify, negatives are drawn at random. A row with too few of them takes texts from anywhere that keep the
    /// margin too, and a row that still has too few is left out, so that all rows keep as many columns.
    /// - Parameters:
    ///   - set: rows of anchor and positive.
    ///   - neighborhoods: what lies near the anchors of a range of rows, in their order.
    /// - Returns: rows of anchor, positive and negatives, and what was found.
    /// - Throws: what `neighborhoods` throws; `TrainingError.noExamples` where no row has a candidate.
    /// - Complexity: O(rows · candidates).
    package func mine(
        _ set: TrainingSet, neighborhoods: (Range<Int>) throws -> [Neighborhood]
    ) throws -> (set: TrainingSet, report: MiningReport) {
        var rows: [TrainingSet.Row] = []
        var report = MiningReport(options)
        for start in stride(from: 0, to: set.rows.count, by: Self.blockSize) {
            let block = start..<min(start + Self.blockSize, set.rows.count)
            for (index, neighborhood) in zip(block, try neighborhoods(block)) {
                var generator = SplitMix64(seed: seed ^ 0x4E45_4741, stream: index)
                let row = set.rows[index]
                guard let found = negatives(of: row, in: neighborhood, &report, &generator) else { continue }
                rows.append(TrainingSet.Row(row.texts + found.map(\.text), label: row.label))
                report.positives.append(neighborhood.positive)
                report.negatives.append(contentsOf: found.map(\.similarity))
            }
        }
        guard !rows.isEmpty else {
            throw TrainingError.noExamples(
                source: "Mining",
                reason: "no anchor has a neighbour that is not a known answer; train with --hard-negatives 0.")
        }
        return (TrainingSet(rows, labelsAreExclusive: set.labelsAreExclusive), report)
    }

    /// Rows whose anchors are searched together.
    private static let blockSize = 1_024

    private func negatives(
        of row: TrainingSet.Row, in neighborhood: Neighborhood, _ report: inout MiningReport,
        _ generator: inout SplitMix64
    ) -> [Neighborhood.Candidate]? {
        let own = Set(row.texts.map { $0.lowercased() })
        var seen = own
        // Equal texts are one candidate, whatever their case.
        let candidates = neighborhood.candidates.filter { seen.insert($0.text.lowercased()).inserted }
        let window = candidates.dropFirst(options.rangeMin).prefix(max(options.rangeMax - options.rangeMin, 0))
        let ceiling = options.relativeMargin.map { neighborhood.positive - $0 * abs(neighborhood.positive) }
        let eligible = window.filter { $0.similarity <= ceiling ?? .infinity }
        report.considered += window.count
        report.withinMargin += window.count - eligible.count
        var chosen = Array(eligible.shuffled(using: &generator).prefix(options.negatives))
        if chosen.count < options.negatives {
            let others = neighborhood.others.filter {
                $0.similarity <= ceiling ?? .infinity && seen.insert($0.text.lowercased()).inserted
            }
            chosen += others.prefix(options.negatives - chosen.count)
            report.rowsWithTooFew += 1
        }
        guard chosen.count == options.negatives else {
            report.rowsDropped += 1
            return nil
        }
        return chosen
    }
}
