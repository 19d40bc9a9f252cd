// What lies near the anchors of training rows: exact search over the catalog as the present model embeds it.

internal import Catalog
internal import Encoder
internal import Evaluation
internal import Foundation
internal import Tensors
internal import Training
internal import VectorSearch

/// Finds candidates for negatives.
struct CatalogNeighborhoods {
    private let plan: MiningPlan
    private let set: TrainingSet
    private let corpus: Corpus
    private let progress: EvaluationProgress
    /// The text of each node, and the node of each text.
    private let texts: [NodeID: String]
    private let nodes: [String: NodeID]
    private let nodeOfProduct: [ProductID: NodeID]
    private let groupOfRow: [Int]

    /// Prepares searches.
    /// - Parameters:
    ///   - plan: what may be a negative.
    ///   - set: rows of anchor and positive.
    ///   - corpus: the plan's products, embedded by the model to be tuned; it may hold others.
    ///   - progress: told how far it is.
    init(_ plan: MiningPlan, for set: TrainingSet, in corpus: Corpus, progress: @escaping EvaluationProgress) {
        self.plan = plan
        self.set = set
        self.corpus = corpus
        self.progress = progress
        let nodeOfProduct = Dictionary(corpus.products.all.map { ($0.id, $0.node) }) { first, _ in first }
        var (texts, nodes): ([NodeID: String], [String: NodeID]) = ([:], [:])
        for product in plan.products {
            guard let node = nodeOfProduct[product.id] else { continue }
            let text = plan.template.text(for: product)
            texts[node] = text
            nodes[text] = node
        }
        (self.texts, self.nodes, self.nodeOfProduct) = (texts, nodes, nodeOfProduct)
        var groups = [Int](repeating: 0, count: set.rows.count)
        for (number, group) in plan.groups.enumerated() {
            for row in group.rows { groups[row] = number }
        }
        groupOfRow = groups
    }

    /// What may be a negative in a group.
    private func allowed(in group: Int) -> NodeSet {
        var nodes = NodeSet(capacity: corpus.vectors.count)
        switch plan.groups.isEmpty ? .allBut([]) : plan.groups[group].allowed {
        case .only(let products):
            for id in products {
                if let node = nodeOfProduct[id] { nodes.insert(node) }
            }
        case .allBut(let products):
            let without = Set(products.compactMap { nodeOfProduct[$0] })
            for node in texts.keys where !without.contains(node) { nodes.insert(node) }
        }
        return nodes
    }

    /// Looks around the anchors of some rows.
    /// - Parameters:
    ///   - rows: their numbers.
    ///   - depth: candidates that are wanted for each.
    /// - Returns: a neighbourhood for each, in their order.
    /// - Throws: what the encoder and `progress` throw.
    func around(_ rows: Range<Int>, depth: Int) throws -> [Neighborhood] {
        let vectors = try embedded(Set(rows.flatMap { set.rows[$0].texts.prefix(2) }))
        var found: [Int: Neighborhood] = [:]
        for (group, members) in Dictionary(grouping: rows, by: { groupOfRow[$0] }).sorted(by: { $0.key < $1.key }) {
            // Pairs of one query ask once.
            let anchors = Set(members.map { set.rows[$0].texts[0] }).sorted()
            let allowed = allowed(in: group)
            let most = anchors.map { (plan.known[$0]?.count ?? 0) + 1 }.max() ?? 1
            let answers = ExactSearcher(vectors: corpus.vectors, count: corpus.vectors.count).search(
                nearEach: anchors.compactMap { vectors[$0] }, limit: depth + most, allowed: allowed,
                threads: ProcessInfo.processInfo.activeProcessorCount)
            let candidates = Array(allowed)
            let byAnchor = Dictionary(uniqueKeysWithValues: zip(anchors, answers))
            for row in members {
                let texts = set.rows[row].texts
                let isWords = !plan.groups.isEmpty && plan.groups[group].anchorsAreWords
                let others = random(from: candidates, near: vectors[texts[0]] ?? [], row: row)
                found[row] = neighborhood(
                    of: texts, (near: byAnchor[texts[0]] ?? [], others), vectors, withoutAllWords: isWords)
            }
            try progress("mining negatives", .items(rows.lowerBound + found.count, of: set.rows.count, "rows"))
        }
        return rows.compactMap { found[$0] }
    }

    /// Some nodes from anywhere, for rows with too few near ones.
    private func random(from nodes: [NodeID], near vector: [Float], row: Int) -> [Neighbor] {
        guard !nodes.isEmpty else { return [] }
        var generator = SplitMix64(seed: Self.seed, stream: row)
        return (0..<Self.randomTexts).map { _ in
            let node = nodes[generator.next(below: nodes.count)]
            return Neighbor(id: node, similarity: Self.dot(vector, corpus.vectors[node]))
        }
    }

    /// Texts from anywhere for each row.
    private static let randomTexts = 8
    private static let seed: UInt64 = 0x52_4F57

    private static func dot(_ a: [Float], _ b: [Float]) -> Float { zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } }

    private func neighborhood(
        of row: [String], _ neighbors: (near: [Neighbor], others: [Neighbor]), _ vectors: [String: [Float]],
        withoutAllWords: Bool
    ) -> Neighborhood {
        let known = Set((plan.known[row[0]] ?? []).compactMap { nodeOfProduct[$0] })
        let knownTexts = Set(known.compactMap { texts[$0]?.lowercased() })
        let words = withoutAllWords ? Set(row[0].lowercased().split(separator: " ")) : []
        func candidates(_ neighbors: [Neighbor]) -> [Neighborhood.Candidate] {
            neighbors.compactMap { neighbor in
                guard !known.contains(neighbor.id), let text = texts[neighbor.id] else { return nil }
                let lowercased = text.lowercased()
                guard !knownTexts.contains(lowercased),
                    words.isEmpty || !words.isSubset(of: lowercased.split(separator: " "))
                else { return nil }
                return Neighborhood.Candidate(text: text, similarity: neighbor.similarity)
            }
        }
        return Neighborhood(
            positive: Self.dot(vectors[row[0]] ?? [], vectors[row[1]] ?? []), candidates: candidates(neighbors.near),
            others: candidates(neighbors.others))
    }

    /// Vectors of texts: from the catalog where they are products, embedded as queries where they are not.
    private func embedded(_ texts: Set<String>) throws -> [String: [Float]] {
        var vectors: [String: [Float]] = [:]
        for text in texts {
            if let node = nodes[text] { vectors[text] = corpus.vectors[node] }
        }
        let others = texts.filter { nodes[$0] == nil }.sorted()
        let rows = try corpus.encoder.encode(others, role: .query) { [progress] done in
            try progress("embedding queries", .items(done, of: others.count, "queries"))
        }
        for (index, text) in others.enumerated() { vectors[text] = rows[index].values }
        return vectors
    }
}
