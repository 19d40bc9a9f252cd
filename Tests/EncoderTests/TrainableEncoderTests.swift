// The encoder in training: the same embeddings as in inference, and gradients that finite differences confirm.

import Foundation
import Tensors
import Testing
import Tokenization

@testable import Encoder

struct TrainableEncoderTests {
    private static let texts = [
        "red lamp", "a", "the blue kettle and the green tea pot", "lamp lamp lamp", "unknownword wool",
    ]

    private func encoder(dropout: Bool = false, threads: Int = 1) throws -> TrainableEncoder {
        try TrainableEncoder(modelDirectory: Fixtures.tiny, dropout: dropout, threads: threads)
    }

    private func sequences(_ encoder: TrainableEncoder) -> [[TokenID]] { Self.texts.map { encoder.tokens(of: $0) } }

    /// A loss that every value of every embedding takes part in: Σ c · e with fixed c.
    private func coefficients(_ count: Int) -> [Float] {
        var generator = SplitMix64(seed: 7)
        return (0..<count).map { _ in Float.random(in: -1...1, using: &generator) }
    }

    private func loss(_ embeddings: [Float], _ coefficients: [Float]) -> Double {
        zip(embeddings, coefficients).reduce(0) { $0 + Double($1.0) * Double($1.1) }
    }

    @Test func `without dropout embeddings are those of inference`() throws {
        let trainable = try encoder(threads: 2)
        let found = trainable.forward(sequences(trainable), dropoutSeed: nil)
        let inference = try SentenceEncoder(modelDirectory: Fixtures.tiny, precision: .float32)
        let expected = try inference.encode(Self.texts).values
        for (a, b) in zip(found, expected) { #expect(abs(a - b) < 1e-5) }
    }

    @Test(arguments: [nil, 11]) func `the gradient of every parameter is what central differences give`(
        _ dropoutSeed: UInt64?
    ) throws {
        // With a seed the same values are dropped in every pass, so that differences are of one function.
        try compareWithDifferences(encoder(dropout: dropoutSeed != nil, threads: 2), dropoutSeed)
    }

    @Test(arguments: ["cls", "max", "mean_sqrt_len_tokens"])
    func `the gradient is right whatever the pooling`(_ mode: String) throws {
        let copy = try Fixtures.copyOfTiny()
        defer { try? FileManager.default.removeItem(at: copy) }
        let settings = #"{"embedding_dimension": 16, "pooling_mode": "\#(mode)", "include_prompt": true}"#
        try Data(settings.utf8).write(to: copy.appending(path: "1_Pooling/config.json"))
        try compareWithDifferences(TrainableEncoder(modelDirectory: copy, dropout: false, threads: 2), nil)
    }

    private func compareWithDifferences(_ encoder: TrainableEncoder, _ dropoutSeed: UInt64?) throws {
        let sequences = sequences(encoder)
        let coefficients = coefficients(Self.texts.count * encoder.dimension)
        _ = encoder.forward(sequences, dropoutSeed: dropoutSeed)
        encoder.backward(coefficients)
        encoder.collectGradients()
        var generator = SplitMix64(seed: 3)
        for parameter in encoder.layout.parameters {
            // Places that matter first: rows of words that do not occur have no gradient.
            let places = parameter.range.sorted { abs(encoder.gradients.start[$0]) > abs(encoder.gradients.start[$1]) }
            for place in [places[0], places[places.count / 2], places[generator.next(below: places.count)]] {
                let value = encoder.weights.start[place]
                let step: Float = 4e-3
                encoder.weights.start[place] = value + step
                let above = loss(encoder.forward(sequences, dropoutSeed: dropoutSeed), coefficients)
                encoder.weights.start[place] = value - step
                let below = loss(encoder.forward(sequences, dropoutSeed: dropoutSeed), coefficients)
                encoder.weights.start[place] = value
                let slope = (above - below) / Double(2 * step)
                let gradient = Double(encoder.gradients.start[place])
                // A difference of two float32 losses of about 1 over a step of 0.008 is right to some 1e-4.
                #expect(
                    abs(slope - gradient) < 2e-3 + 0.02 * abs(gradient),
                    "\(parameter.name) \(place): \(slope), \(gradient)")
            }
        }
    }

    @Test func `a seed means nothing to a model without dropout, forwards and backwards`() throws {
        let encoder = try encoder(dropout: false, threads: 2)
        let coefficients = coefficients(Self.texts.count * encoder.dimension)
        let sequences = sequences(encoder)
        let gradients = [nil, UInt64(5)].map { seed in
            encoder.zeroGradients()
            _ = encoder.forward(sequences, dropoutSeed: seed)
            encoder.backward(coefficients)
            encoder.collectGradients()
            return (0..<encoder.layout.count).map { encoder.gradients.start[$0] }
        }
        #expect(gradients[0] == gradients[1])
    }

    @Test(arguments: [2, 3, 8]) func `the number of threads changes a gradient by rounding only`(_ threads: Int) throws
    {
        let (one, many) = (try encoder(dropout: true), try encoder(dropout: true, threads: threads))
        let sequences = sequences(one)
        #expect(one.forward(sequences, dropoutSeed: 5) == many.forward(sequences, dropoutSeed: 5))
        for encoder in [one, many] {
            encoder.backward(coefficients(Self.texts.count * encoder.dimension))
            encoder.collectGradients()
        }
        #expect(one.touchedRows == many.touchedRows)
        for place in 0..<one.layout.count {
            let (a, b) = (one.gradients.start[place], many.gradients.start[place])
            #expect(abs(a - b) <= 1e-5 + 1e-4 * abs(a), "place \(place)")
        }
    }

    @Test func `dropout drops the same for the same seed and something else for another`() throws {
        let encoder = try encoder(dropout: true, threads: 2)
        let sequences = sequences(encoder)
        let first = encoder.forward(sequences, dropoutSeed: 1)
        #expect(first == encoder.forward(sequences, dropoutSeed: 1))
        #expect(first != encoder.forward(sequences, dropoutSeed: 2))
        #expect(first != encoder.forward(sequences, dropoutSeed: nil))
        // A sequence's dropout does not depend on its neighbours.
        #expect(Array(first.prefix(encoder.dimension)) == encoder.forward([sequences[0]], dropoutSeed: 1))
    }

    @Test func `gradients in bfloat16 point where those in float32 do`() throws {
        func gradients(_ precision: Precision) throws -> [Float] {
            let encoder = try TrainableEncoder(
                modelDirectory: Fixtures.tiny, dropout: false, precision: precision, threads: 2)
            encoder.zeroGradients()
            _ = encoder.forward(sequences(encoder), dropoutSeed: nil)
            encoder.backward(coefficients(Self.texts.count * encoder.dimension))
            encoder.collectGradients()
            return (0..<encoder.layout.count).map { encoder.gradients.start[$0] }
        }
        let (exact, rounded) = (try gradients(.float32), try gradients(.bfloat16))
        func dot(_ a: [Float], _ b: [Float]) -> Double { zip(a, b).reduce(0) { $0 + Double($1.0) * Double($1.1) } }
        let cosine = dot(exact, rounded) / (dot(exact, exact) * dot(rounded, rounded)).squareRoot()
        #expect(cosine > 0.999, "\(cosine)")
        #expect(exact != rounded)
        #expect(try gradients(.bfloat16) == rounded)
    }

    @Test func `gradients add up until they are set to zero`() throws {
        let encoder = try encoder()
        let coefficients = coefficients(Self.texts.count * encoder.dimension)
        _ = encoder.forward(sequences(encoder), dropoutSeed: nil)
        encoder.backward(coefficients)
        encoder.collectGradients()
        let once = (0..<encoder.layout.count).map { encoder.gradients.start[$0] }
        _ = encoder.forward(sequences(encoder), dropoutSeed: nil)
        encoder.backward(coefficients)
        encoder.collectGradients()
        for place in 0..<encoder.layout.count {
            #expect(abs(encoder.gradients.start[place] - 2 * once[place]) <= 1e-6 + 1e-5 * abs(once[place]))
        }
        encoder.zeroGradients()
        encoder.collectGradients()
        #expect((0..<encoder.layout.count).allSatisfy { encoder.gradients.start[$0] == 0 })
        #expect(encoder.touchedRows.isEmpty)
    }

    @Test func `every tensor of the file has a place and none overlaps another`() throws {
        let layout = try encoder().layout
        #expect(layout.parameters.reduce(0) { $0 + $1.range.count } == layout.count)
        let ranges = layout.parameters.map(\.range).sorted { $0.lowerBound < $1.lowerBound }
        for (range, next) in zip(ranges, ranges.dropFirst()) { #expect(range.upperBound == next.lowerBound) }
        for parameter in layout.parameters { #expect(parameter.shape.reduce(1, *) == parameter.range.count) }
    }
}
