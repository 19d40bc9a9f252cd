// What a tuning is asked: the model, the examples, what is done with them, and what must not be lost.

package import Foundation
package import Training

/// Where examples come from.
package enum TuningSource: Sendable, Equatable {
    /// A field of the index's products.
    case labels(field: String)
    /// Labelled sentences, a file.
    case sentences(path: String)
    /// Pairs, a file.
    case pairs(path: String)
    /// Triplets, a file.
    case triplets(path: String)
    /// Queries and judgments, two files, and the least grade of a pair.
    case judgments(queries: String, qrels: String, relevantFrom: Double)
    /// Click logs, and whether clicks are corrected for position.
    case clicks(paths: [String], correctsPosition: Bool)

    /// The files that are read.
    package var files: [String] {
        switch self {
        case .labels: []
        case .sentences(let path), .pairs(let path), .triplets(let path): [path]
        case .judgments(let queries, let qrels, _): [queries, qrels]
        case .clicks(let paths, _): paths
        }
    }
}

extension TuningSource: CustomStringConvertible {
    /// As on the command line, for the record and for messages.
    package var description: String {
        switch self {
        case .labels(let field): "--labels \(field)"
        case .sentences(let path): "--sentences \(path)"
        case .pairs(let path): "--pairs \(path)"
        case .triplets(let path): "--triplets \(path)"
        case .judgments(let queries, let qrels, _): "--queries \(queries) --qrels \(qrels)"
        case .clicks(let paths, _): paths.map { "--clicks \($0)" }.joined(separator: " ")
        }
    }
}

/// Averages of the weights before and after.
package enum Blend: Sendable, Equatable {
    /// The tuned weights as they are.
    case none
    /// The average that does best on data set aside.
    case auto
    /// The tuned model's share of the average.
    case share(Double)
}

/// Everything that a tuning is told.
package struct TuningRequest: Sendable {
    /// What it starts from.
    package enum Start: Sendable {
        /// A model directory.
        case model(URL)
        /// An index, whose model it is.
        case index(URL)
    }

    /// Queries that must not lose.
    package struct Guards: Sendable {
        /// A file of queries and one of judgments, set by set.
        package var files: [String] = []
        /// Their products, a feed; nil: those of the index, or of the tuning.
        package var products: String?
        /// The least grade of a relevant product.
        package var relevantFrom = 1.0

        /// None.
        package init() {}

        /// The files that are read.
        package var allFiles: [String] { files + (products.map { [$0] } ?? []) }
    }

    /// What it starts from.
    package var start: Start
    /// That, as people named it.
    package var startName: String
    /// The model directory to write.
    package var output: URL
    /// Where examples come from.
    package var source: TuningSource
    /// The products of judgments or clicks, a feed; nil: those of the index.
    package var products: String?
    /// What is done with the data, for the record.
    package var recipe = TuneRecipe.contrastive
    /// The loss, and what of it is set.
    package var loss = LossChoice.multipleNegatives
    package var lossSettings = LossChoice.Settings()
    /// How it trains.
    package var arguments = TuneRecipe.contrastive.arguments
    /// What is set aside.
    package var split: HoldoutSplit
    /// Which negatives are mined, given what the source suggests.
    package var mining: @Sendable (HardNegativeMiner.Options) -> HardNegativeMiner.Options = { $0 }
    /// Whether weights are averaged.
    package var blend = Blend.none
    /// Whether it goes on from the newest checkpoint.
    package var resumes = false
    /// What must not be lost.
    package var guards = Guards()
    /// Of the program, for the record.
    package var version = ""

    /// A tuning with the defaults.
    package init(start: Start, startName: String, output: URL, source: TuningSource, split: HoldoutSplit) {
        self.start = start
        self.startName = startName
        self.output = output
        self.source = source
        self.split = split
    }

    /// Checkpoints beside the output; nil where none are written or read.
    func checkpoints(fingerprint: String) -> CheckpointStore? {
        guard arguments.saveSteps > 0 || resumes else { return nil }
        let directory = output.deletingLastPathComponent().appending(
            path: output.lastPathComponent + ".checkpoints", directoryHint: .isDirectory)
        return CheckpointStore(directory: directory, fingerprint: fingerprint)
    }
}
