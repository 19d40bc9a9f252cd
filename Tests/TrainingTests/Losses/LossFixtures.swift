// What the tests of the losses read and measure with: the reference's numbers, seeded embeddings, named tolerances.

import Foundation
import Testing

@testable import Training

/// Losses and gradients as sentence-transformers computes them (Fixtures/README.md).
struct LossFixtures: Decodable {
    let dimension: Int
    /// Columns by name.
    let inputs: [String: [[Float]]]
    let cases: [Case]

    struct Case: Decodable, CustomTestStringConvertible {
        let loss: String
        let distance: String?
        let margin: Float?
        let scale: Double?
        let meanWeight, secondMomentWeight: Double?
        let input: String
        let labels: [Float]?
        let value: Double
        let gradients: [[Double]]

        var testDescription: String {
            let settings = [
                distance, margin.map { "margin \($0)" }, scale.map { "scale \($0)" }, meanWeight.map { "mean \($0)" },
                secondMomentWeight.map { "second moment \($0)" }, labels.map { "labels \($0)" },
            ]
            return "\(loss) of \(input), " + settings.compactMap { $0 }.joined(separator: ", ")
        }

        /// The loss with the case's settings.
        func makeLoss() throws -> any TrainingLoss {
            let batch = distance.flatMap(BatchDistance.init(rawValue:))
            switch loss {
            case BatchAllTripletLoss.name:
                return BatchAllTripletLoss(distance: try #require(batch), margin: try #require(margin))
            case BatchHardTripletLoss.name:
                return BatchHardTripletLoss(distance: try #require(batch), margin: try #require(margin))
            case BatchSemiHardTripletLoss.name:
                return BatchSemiHardTripletLoss(distance: try #require(batch), margin: try #require(margin))
            case BatchHardSoftMarginTripletLoss.name:
                return BatchHardSoftMarginTripletLoss(distance: try #require(batch))
            case TripletLoss.name:
                let pair = try #require(distance.flatMap(PairDistance.init(rawValue:)))
                return TripletLoss(distance: pair, margin: try #require(margin))
            case MultipleNegativesRankingLoss.name: return MultipleNegativesRankingLoss(scale: try #require(scale))
            case CosineSimilarityLoss.name: return CosineSimilarityLoss()
            case CoSENTLoss.name: return CoSENTLoss(scale: try #require(scale))
            default:
                try #require(loss == GlobalOrthogonalRegularizationLoss.name)
                return GlobalOrthogonalRegularizationLoss(
                    meanWeight: try #require(meanWeight), secondMomentWeight: try #require(secondMomentWeight))
            }
        }
    }

    static let shared = Result {
        let root = try #require(Bundle.module.resourceURL).appending(path: "Fixtures/losses.json")
        return try JSONDecoder().decode(LossFixtures.self, from: Data(contentsOf: root))
    }

    /// All cases; none when the file cannot be read, which a test of its own reports.
    static var all: [Case] { (try? shared.get().cases) ?? [] }

    func columns(of name: String) throws -> [EmbeddingColumn] {
        try #require(inputs[name]).map { EmbeddingColumn(dimension: dimension, values: $0) }
    }
}

/// How near is near enough.
enum LossTolerance {
    /// Relative to max(1, |expected|), for values and gradients.
    ///
    /// Float32 cosines times scale 20 are off by some 20 ulps, and the fixtures are rounded to 5e-8. The reference's own float32 is up
    /// to 8.4e-6 away from its float64 (make_fixtures.py prints it).
    static let reference = 5e-6
    /// Central differences of a float32 function with the step below: the rounding of the value over the step, and step² · f‴.
    static let finiteDifference = 2e-3
    /// A power of two, so that the step itself is exact.
    static let step: Float = 0x1p-9
}

/// Seeded embeddings (SplitMix64), roughly normal: a sum of four uniform values.
struct SeededEmbeddings {
    private var state: UInt64

    init(seed: UInt64) { state = seed &* 0xD134_2543_DE82_EF95 }

    private mutating func next() -> Float {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        z ^= z >> 31
        return Float(z >> 40) * 0x1p-23 - 1
    }

    mutating func column(rows: Int, dimension: Int) -> EmbeddingColumn {
        EmbeddingColumn(
            dimension: dimension, values: (0..<(rows * dimension)).map { _ in next() + next() + next() + next() })
    }
}

/// One loss with a batch that suits it, by name, so that a failure says which.
struct LossExample: Sendable, CustomTestStringConvertible {
    let loss: any TrainingLoss
    let columns: Int
    let labels: [Float]
    var testDescription: String { "\(loss)".replacing("Training.", with: "") + ", \(columns) columns" }

    var rows: Int { labels.count }

    func batch(seed: UInt64, dimension: Int = 7) -> [EmbeddingColumn] {
        var generator = SeededEmbeddings(seed: seed)
        return (0..<columns).map { _ in generator.column(rows: rows, dimension: dimension) }
    }

    /// Every loss, distance and number of columns.
    static let all: [LossExample] = {
        let classes: [Float] = [4, 4, 1, 0, 1, 4, 0, 9]
        let scores: [Float] = [0.1, 0.9, 0.4, 0.4, -0.2, 1, 0.4, 0.9]
        var examples: [LossExample] = []
        for distance in BatchDistance.allCases {
            for margin: Float in [5, 0.5] {
                examples.append(.init(BatchAllTripletLoss(distance: distance, margin: margin), 1, classes))
                examples.append(.init(BatchHardTripletLoss(distance: distance, margin: margin), 1, classes))
                examples.append(.init(BatchSemiHardTripletLoss(distance: distance, margin: margin), 1, classes))
            }
            examples.append(.init(BatchHardSoftMarginTripletLoss(distance: distance), 1, classes))
        }
        for distance in PairDistance.allCases {
            examples.append(.init(TripletLoss(distance: distance), 3, scores))
            examples.append(.init(TripletLoss(distance: distance, margin: 0.3), 3, scores))
        }
        let ranking = MultipleNegativesRankingLoss(scale: 5)
        let orthogonal = GlobalOrthogonalRegularizationLoss(meanWeight: 2, secondMomentWeight: 3)
        for columns in 2...4 { examples.append(.init(ranking, columns, scores)) }
        for columns in 1...3 { examples.append(.init(orthogonal, columns, scores)) }
        examples.append(.init(MultipleNegativesRankingLoss(), 2, scores))
        examples.append(.init(CosineSimilarityLoss(), 2, scores))
        examples.append(.init(CoSENTLoss(scale: 3), 2, scores))
        examples.append(.init(CoSENTLoss(), 2, scores))
        examples.append(.init(RegularizedLoss(base: ranking, regularizer: orthogonal, weight: 0.25), 3, scores))
        return examples
    }()

    init(_ loss: any TrainingLoss, _ columns: Int, _ labels: [Float]) {
        self.loss = loss
        self.columns = columns
        self.labels = labels
    }
}
