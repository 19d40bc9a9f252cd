// Measures the cloud of vectors over a seeded sample: pairs by dot products, neighbours exactly, the spectrum through one matrix product.

package import Catalog
internal import Encoder
internal import Engine
internal import Foundation
internal import Tensors
internal import VectorSearch

/// Runs the measurements of a space.
package struct GeometryEvaluator {
    /// What is measured.
    package struct Settings: Sendable, Equatable {
        /// Texts that are looked at.
        package var sampleSize = 10_000
        /// Random pairs of each kind.
        package var pairCount = 200_000
        /// Where labels come from; nil: no labels.
        package var labels: LabelField?
        /// Draws sample and pairs.
        package var seed: UInt64 = 42

        /// The defaults.
        package init() {}
    }

    private let corpus: Corpus
    private let settings: Settings
    private let progress: EvaluationProgress

    /// Products whose texts are looked at for words that the model does not know.
    private static let languageSample = 2_000
    /// Texts whose neighbours are found between two reports of progress.
    private static let blockSize = 512

    /// Prepares the measurements.
    package init(_ corpus: Corpus, settings: Settings, progress: @escaping EvaluationProgress) {
        self.corpus = corpus
        self.settings = settings
        self.progress = progress
    }

    /// Measures.
    /// - Returns: the figures.
    /// - Throws: `EvaluationError.invalidOption` for a catalog of fewer than three texts, `.noLabels`, and what `progress` throws.
    /// - Complexity: O(sample · vectors) similarities.
    package func evaluate() throws -> GeometryEvaluation {
        let all = corpus.findable.map { Array($0) } ?? (0..<corpus.vectors.count).map { NodeID(rawValue: UInt32($0)) }
        guard all.count >= 3 else {
            throw EvaluationError.invalidOption(
                name: corpus.name, expected: "at least three different texts", found: "\(all.count)")
        }
        var generator = SplitMix64(seed: settings.seed)
        let sample = Array(all.shuffled(using: &generator).prefix(max(settings.sampleSize, 3)))
        let labels = try settings.labels.map { try NodeLabels($0, of: corpus, progress: progress) }
        let neighbors = try nearestNeighbors(of: sample)
        let nearest = neighbors.compactMap { $0.first?.similarity }
        var warnings: [String] = []
        let ratio = participationRatio(of: sample)
        if ratio / Double(sample.count) > 0.02 {
            warnings.append(
                "Only \(sample.count.grouped) texts: the participation ratio comes out some \((100 * ratio / Double(sample.count)).fixed(0)) % "
                    + "lower than in a large catalog.")
        }
        let unknownShare = try unknownShare()
        if unknownShare >= 0.05 {
            warnings.append(
                "\((unknownShare * 100).fixed(0)) % of the products have a text of which the model knows hardly a word ([UNK]); to it they are "
                    + "much alike.")
        }
        return GeometryEvaluation(
            corpusName: corpus.name, productCount: corpus.products.count, textCount: all.count,
            sampleCount: sample.count, dimension: corpus.vectors.dimension,
            randomPairs: Distribution(
                pairs(settings.pairCount, of: sample, &generator) { first, generator in
                    sample[(first + 1 + generator.next(below: sample.count - 1)) % sample.count]
                }),
            nearest: Distribution(nearest), participationRatio: ratio,
            sharedTextShare: Double(corpus.products.count(where: { $0 > 1 })) / Double(corpus.products.count),
            equalVectorShare: share(of: nearest, from: GeometryEvaluation.equal),
            nearDuplicateShare: share(of: nearest, from: GeometryEvaluation.nearDuplicate),
            hubness: try hubness(of: sample), unknownShare: unknownShare,
            labels: labels.map {
                $0.geometry(sample: sample, neighbors: neighbors, pairs: labelPairs($0, sample, &generator))
            },
            warnings: warnings)
    }

    /// Looks at the first products: enough to tell which language a catalog is in.
    private func unknownShare() throws -> Double {
        struct Enough: Error {}
        var (seen, unknown) = (0, 0)
        do {
            try corpus.forEachProduct { product in
                let text = corpus.template.text(for: product)
                let tokens = corpus.encoder.tokens(of: text, role: .document)
                if UnknownTokens(text: text, tokens: tokens, tokenizer: corpus.encoder.tokenizer).isMostlyUnknown {
                    unknown += 1
                }
                seen += 1
                if seen == Self.languageSample { throw Enough() }
            }
        } catch is Enough {}
        return seen == 0 ? 0 : Double(unknown) / Double(seen)
    }

    private func share(of similarities: [Float], from least: Double) -> Double {
        Double(similarities.count { Double($0) >= least }) / Double(max(similarities.count, 1))
    }

    /// Cosines of pairs: a random member of the sample, and a partner for it; one without a partner gives no pair.
    private func pairs(
        _ count: Int, of sample: [NodeID], _ generator: inout SplitMix64,
        partner: (Int, inout SplitMix64) -> NodeID?
    ) -> [Float] {
        var cosines: [Float] = []
        cosines.reserveCapacity(count)
        for _ in 0..<count {
            let first = generator.next(below: sample.count)
            guard let second = partner(first, &generator) else { continue }
            cosines.append(corpus.vectors.similarity(of: corpus.vectors[sample[first]], to: second))
        }
        return cosines
    }

    /// Pairs within a label and between two.
    private func labelPairs(
        _ labels: NodeLabels, _ sample: [NodeID], _ generator: inout SplitMix64
    ) -> (within: [Float], between: [Float]) {
        let within = withinPairs(labels, sample, &generator)
        let between = pairs(settings.pairCount, of: sample, &generator) { first, generator in
            let second = sample[generator.next(below: sample.count)]
            guard let a = labels[sample[first]], let b = labels[second], a != b else { return nil }
            return second
        }
        return (within, between)
    }

    /// Pairs of one label, each pair of the sample as likely as any other.
    private func withinPairs(_ labels: NodeLabels, _ sample: [NodeID], _ generator: inout SplitMix64) -> [Float] {
        var groups: [Int32: [NodeID]] = [:]
        for node in sample {
            if let label = labels[node] { groups[label, default: []].append(node) }
        }
        let lists = groups.sorted { $0.key < $1.key }.map(\.value).filter { $0.count > 1 }
        // Ends of the groups on a line on which every ordered pair has a place.
        var ends: [Int] = []
        for list in lists { ends.append((ends.last ?? 0) + list.count * (list.count - 1)) }
        guard let total = ends.last else { return [] }
        return (0..<settings.pairCount).map { _ in
            let place = generator.next(below: total)
            let list = lists[ends.partitioningIndex { $0 > place }]
            let first = generator.next(below: list.count)
            let second = (first + 1 + generator.next(below: list.count - 1)) % list.count
            return corpus.vectors.similarity(of: corpus.vectors[list[first]], to: list[second])
        }
    }

    /// The nearest of all texts that may be found, without the text itself.
    private func nearestNeighbors(of sample: [NodeID]) throws -> [[Neighbor]] {
        let exact = ExactSearcher(vectors: corpus.vectors, count: corpus.vectors.count)
        return try search(sample, in: exact, step: "finding neighbours", allowed: corpus.findable)
    }

    /// k-occurrences within the sample: every text asks, every text may be found.
    private func hubness(of sample: [NodeID]) throws -> GeometryEvaluation.Hubness {
        let table = VectorTable(dimension: corpus.vectors.dimension)
        for node in sample { table.append(corpus.vectors[node]) }
        let rows = sample.indices.map { NodeID(rawValue: UInt32($0)) }
        var counts = [Int](repeating: 0, count: sample.count)
        let exact = ExactSearcher(vectors: table, count: table.count)
        for answer in try search(rows, in: exact, of: table, step: "counting neighbours", allowed: nil) {
            for neighbor in answer { counts[Int(neighbor.id.rawValue)] += 1 }
        }
        let values = counts.map(Double.init)
        let mean = values.mean
        let variance = values.map { ($0 - mean) * ($0 - mean) }.mean
        let third = values.map { ($0 - mean) * ($0 - mean) * ($0 - mean) }.mean
        return GeometryEvaluation.Hubness(
            k: min(GeometryEvaluation.neighborCount, sample.count - 1),
            skewness: variance > 0 ? third / (variance * variance.squareRoot()) : 0, maximum: counts.max() ?? 0,
            antihubShare: Double(counts.count { $0 == 0 }) / Double(counts.count), occurrences: counts)
    }

    private func search(
        _ nodes: [NodeID], in exact: ExactSearcher, of table: VectorTable? = nil, step: String, allowed: NodeSet?
    ) throws -> [[Neighbor]] {
        let threads = ProcessInfo.processInfo.activeProcessorCount
        let vectors = table ?? corpus.vectors
        let k = GeometryEvaluation.neighborCount
        var answers: [[Neighbor]] = []
        for start in stride(from: 0, to: nodes.count, by: Self.blockSize) {
            let block = nodes[start..<min(start + Self.blockSize, nodes.count)]
            try progress(step, .items(start, of: nodes.count, "texts"))
            let found = exact.search(
                nearEach: block.map { vectors[$0] }, limit: k + 1, allowed: allowed, threads: threads)
            answers += zip(block, found).map { own, found in Array(found.filter { $0.id != own }.prefix(k)) }
        }
        return answers
    }

    /// (Σλ)² / Σλ² of the covariance: its trace squared, over the sum of its squared entries, so no eigenvalue is needed.
    private func participationRatio(of sample: [NodeID]) -> Double {
        let (dimension, count) = (corpus.vectors.dimension, sample.count)
        var mean = [Double](repeating: 0, count: dimension)
        for node in sample {
            for (index, value) in corpus.vectors[node].enumerated() { mean[index] += Double(value) / Double(count) }
        }
        // (dimension, count): the product of the centred vectors with themselves is the covariance, but for a factor that cancels.
        let centred = FloatBuffer(capacity: dimension * count)
        for (column, node) in sample.enumerated() {
            for (row, value) in corpus.vectors[node].enumerated() {
                centred.start[row * count + column] = Float(Double(value) - mean[row])
            }
        }
        let covariance = FloatBuffer(capacity: dimension * dimension)
        MatrixProduct.multiplyTransposed(
            centred.start, rows: dimension, centred.start, columns: dimension, inner: count, into: covariance.start)
        var (trace, squares) = (0.0, 0.0)
        for row in 0..<dimension {
            trace += Double(covariance.start[row * dimension + row])
            for column in 0..<dimension {
                let value = Double(covariance.start[row * dimension + column])
                squares += value * value
            }
        }
        return squares > 0 ? trace * trace / squares : 0
    }
}

extension Array {
    /// The first index from which a condition holds that holds to the end once it does.
    fileprivate func partitioningIndex(where isBehind: (Element) -> Bool) -> Int {
        var (low, high) = (0, count)
        while low < high {
            let middle = (low + high) / 2
            if isBehind(self[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
