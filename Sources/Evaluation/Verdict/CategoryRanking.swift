// Can products of one category still be told apart? What a tuning by categories may ruin without any label noticing.
//
// Where queries are judged, each ranks the products of its relevant products' categories alone. Where none are, products are asked for by
// half of the words of their title, a known item, and their rank among their own category counts. A space in which every category is
// a point puts the item anywhere.

internal import Catalog
internal import Encoder
internal import Tensors
internal import VectorSearch

/// Ranks inside categories.
struct CategoryRanking {
    private let corpus: Corpus
    private let labels: [ProductID: String]
    private let members: [String: [NodeID]]

    /// Items that are asked for.
    private static let sampleSize = 1_000
    /// A category with fewer texts ranks too little.
    private static let leastMembers = 5

    /// Sorts a catalog's texts by category.
    /// - Parameters:
    ///   - corpus: the catalog.
    ///   - field: where categories come from.
    ///   - products: the same products.
    init(_ corpus: Corpus, by field: LabelField, products: [Product]) {
        self.corpus = corpus
        labels = Dictionary(products.compactMap { product in field.label(of: product).map { (product.id, $0) } }) {
            first, _ in first
        }
        var members: [String: [NodeID]] = [:]
        for (id, node) in corpus.products.all {
            guard let label = labels[id], members[label]?.last != node else { continue }
            members[label, default: []].append(node)
        }
        self.members = members
    }

    /// Whether a category is large enough for a ranking.
    var isMeaningful: Bool { members.values.contains { $0.count >= Self.leastMembers } }

    /// nDCG of judged queries, each ranked inside the categories of its relevant products.
    /// - Returns: a value for each query that counts, in their order.
    /// - Throws: what the encoder and `progress` throw.
    func judged(
        _ judged: RetrievalEvaluator.Judged, _ options: MetricOptions, progress: @escaping EvaluationProgress
    ) throws -> [QueryID: Double] {
        let vectors = try embed(judged.queries.map(\.text), progress)
        var values: [QueryID: Double] = [:]
        for (query, vector) in zip(judged.queries, vectors) {
            let grades = judged.qrels.grades[query.id] ?? [:]
            let categories = Set(grades.filter { $0.value >= options.relevantFrom }.keys.compactMap { labels[$0] })
            let nodes = Set(categories.flatMap { members[$0] ?? [] })
            guard nodes.count >= Self.leastMembers else { continue }
            let neighbors = nodes.map { Neighbor(id: $0, similarity: similarity(vector, $0)) }.sorted()
            let ranking = corpus.products.ranking(of: neighbors, depth: options.depth)
                .filter { labels[$0.product].map(categories.contains) ?? false }
            if let scores = QueryScores(
                query.id, ranking: ranking.map(\.product), grades: grades, options: options)
            {
                values[query.id] = scores.value(options.primary, options)
            }
        }
        return values
    }

    /// Reciprocal ranks of known items among the texts of their own category.
    /// - Parameters:
    ///   - products: what is drawn from, the same list for every model.
    ///   - seed: draws items and words.
    ///   - progress: told how far it is.
    /// - Returns: 1 / rank by item; equal similarities count against it.
    /// - Throws: what the encoder and `progress` throw.
    func knownItems(
        of products: [Product], seed: UInt64, progress: @escaping EvaluationProgress
    ) throws -> [ProductID: Double] {
        let nodes = Dictionary(corpus.products.all.map { ($0.id, $0.node) }) { first, _ in first }
        var generator = SplitMix64(seed: seed)
        var items: [(id: ProductID, query: String)] = []
        for product in products.sorted(by: { $0.id < $1.id }).shuffled(using: &generator) {
            guard items.count < Self.sampleSize else { break }
            guard let label = labels[product.id], (members[label]?.count ?? 0) >= Self.leastMembers,
                let query = HalfTitle.of(product.title, &generator)
            else { continue }
            items.append((product.id, query))
        }
        let vectors = try embed(items.map(\.query), progress)
        var values: [ProductID: Double] = [:]
        for (item, vector) in zip(items, vectors) {
            guard let own = nodes[item.id], let label = labels[item.id] else { continue }
            let score = similarity(vector, own)
            let before = (members[label] ?? []).count { $0 != own && similarity(vector, $0) >= score }
            values[item.id] = 1 / Double(before + 1)
        }
        return values
    }

    private func embed(_ texts: [String], _ progress: @escaping EvaluationProgress) throws -> [[Float]] {
        let rows = try corpus.encoder.encode(texts, role: .query) { done in
            try progress("ranking inside categories", .items(done, of: texts.count, "queries"))
        }
        return (0..<rows.count).map { rows[$0].values }
    }

    private func similarity(_ query: [Float], _ node: NodeID) -> Float {
        corpus.vectors.similarity(of: query, to: node)
    }
}
