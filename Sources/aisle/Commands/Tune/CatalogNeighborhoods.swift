// What lies near the anchors of training rows: exact search over the catalog as the present model embeds it.

import Catalog
import Encoder
import Evaluation
import Foundation
import Training
import VectorSearch

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
    /// What may be a negative of a row, by group, and each row's group.
    private let allowed: [NodeSet?]
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
        func nodeSet(of products: some Sequence<ProductID>) -> NodeSet {
            var found = NodeSet(capacity: corpus.vectors.count)
            for id in products {
                if let node = nodeOfProduct[id] { found.insert(node) }
            }
            return found
        }
        if plan.groups.isEmpty {
            allowed = [nodeSet(of: plan.products.map(\.id))]
            groupOfRow = [Int](repeating: 0, count: set.rows.count)
        } else {
            allowed = plan.groups.map { nodeSet(of: $0.allowed) }
            var groups = [Int](repeating: 0, count: set.rows.count)
            for (number, group) in plan.groups.enumerated() {
                for row in group.rows { groups[row] = number }
            }
            groupOfRow = groups
        }
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
            let most = anchors.map { (plan.known[$0]?.count ?? 0) + 1 }.max() ?? 1
            let answers = ExactSearcher(vectors: corpus.vectors, count: corpus.vectors.count).search(
                nearEach: anchors.compactMap { vectors[$0] }, limit: depth + most, allowed: allowed[group],
                threads: ProcessInfo.processInfo.activeProcessorCount)
            let byAnchor = Dictionary(uniqueKeysWithValues: zip(anchors, answers))
            for row in members {
                let texts = set.rows[row].texts
                let isWords = !plan.groups.isEmpty && plan.groups[group].anchorsAreWords
                found[row] = neighborhood(of: texts, byAnchor[texts[0]] ?? [], vectors, withoutAllWords: isWords)
            }
            try progress("mining negatives", .items(rows.lowerBound + found.count, of: set.rows.count, "rows"))
        }
        return rows.compactMap { found[$0] }
    }

    private func neighborhood(
        of row: [String], _ neighbors: [Neighbor], _ vectors: [String: [Float]], withoutAllWords: Bool
    ) -> Neighborhood {
        let known = Set((plan.known[row[0]] ?? []).compactMap { nodeOfProduct[$0] })
        var candidates = neighbors.filter { !known.contains($0.id) }.compactMap { neighbor in
            texts[neighbor.id].map { Neighborhood.Candidate(text: $0, similarity: neighbor.similarity) }
        }
        if withoutAllWords {
            let words = Set(row[0].lowercased().split(separator: " "))
            candidates.removeAll { words.isSubset(of: $0.text.lowercased().split(separator: " ")) }
        }
        let (a, b) = (vectors[row[0]] ?? [], vectors[row[1]] ?? [])
        return Neighborhood(positive: zip(a, b).reduce(0) { $0 + $1.0 * $1.1 }, candidates: candidates)
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
