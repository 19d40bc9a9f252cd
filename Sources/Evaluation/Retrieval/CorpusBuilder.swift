// A model and a feed become a catalog that can be searched: products → text → embedding, each distinct text once.

package import Catalog
package import Encoder
internal import VectorSearch

/// Gathers products, embedding their texts as they come.
package struct CorpusBuilder {
    private let encoder: SentenceEncoder
    private let template: TextTemplate
    private let progress: EvaluationProgress
    private let vectors: VectorTable
    /// Node of each text; by bytes, since canonically equivalent texts are different input to a tokenizer.
    private var nodes: [[UInt8]: NodeID] = [:]
    private var nodeOf: [ProductID: NodeID] = [:]
    private var products: [ProductID: Product] = [:]
    private var waiting: [String] = []

    /// Texts that are embedded together.
    private static let batchSize = 2_048

    /// Starts an empty catalog.
    package init(encoder: SentenceEncoder, template: TextTemplate, progress: @escaping EvaluationProgress) {
        self.encoder = encoder
        self.template = template
        self.progress = progress
        vectors = VectorTable(dimension: encoder.dimension)
    }

    /// Takes a product; one with the same id takes the earlier one's place, as it does in an index.
    package mutating func add(_ product: Product) throws {
        let text = template.text(for: product)
        let key = Array(text.utf8)
        if let node = nodes[key] {
            nodeOf[product.id] = node
        } else {
            let node = NodeID(rawValue: UInt32(nodes.count))
            nodes[key] = node
            nodeOf[product.id] = node
            waiting.append(text)
            if waiting.count == Self.batchSize { try embed() }
        }
        products[product.id] = product
    }

    /// Embeds what is left.
    /// - Throws: `EvaluationError.emptyCatalog`, and what the encoder throws.
    package mutating func finish(name: String) throws -> Corpus {
        try embed()
        guard !products.isEmpty else { throw EvaluationError.emptyCatalog(name: name) }
        return Corpus(
            name: name, encoder: encoder, vectors: vectors, nodes: nodeOf.map { ($0.key, $0.value) },
            products: products)
    }

    private mutating func embed() throws {
        guard !waiting.isEmpty else { return }
        let before = vectors.count
        let rows = try encoder.encode(waiting, role: .document) { [progress] done in
            try progress("embedding products", .items(before + done, of: nil, "texts"))
        }
        vectors.append(rows.values)
        waiting.removeAll(keepingCapacity: true)
    }

    /// Reads a feed into a catalog.
    /// - Parameters:
    ///   - path: the feed, or "-".
    ///   - options: how its rows are written, and the text template.
    ///   - encoder: the model.
    ///   - progress: told how far it is.
    /// - Returns: the catalog, and how many rows were left out with the first one's line and reason.
    /// - Throws: `CatalogError`, `EvaluationError.emptyCatalog`, and what the encoder throws.
    package static func read(
        feed path: String, options: FeedOptions, encoder: SentenceEncoder, progress: @escaping EvaluationProgress
    ) throws -> (corpus: Corpus, rejected: RejectedRows?) {
        let reader = try FeedReader(path: path, options: options)
        var builder = CorpusBuilder(encoder: encoder, template: options.template, progress: progress)
        var rejected: RejectedRows?
        while let row = try reader.next() {
            switch row {
            case .product(let product, _):
                try builder.add(product)
            case .rejected(let row):
                if rejected == nil { rejected = RejectedRows(line: row.line, reason: row.reason) }
                rejected?.count += 1
            }
        }
        try reader.checkMappedColumns()
        return (try builder.finish(name: reader.name), rejected)
    }
}

/// Rows of a feed that gave no product.
package struct RejectedRows: Sendable, Equatable {
    /// How many.
    package var count = 0
    /// Line of the first one, from 1.
    package let line: Int
    /// Why that one gave none.
    package let reason: String
}
