// A model and a feed become a catalog that can be searched: products → text → embedding, each distinct text once.

package import Catalog
package import Encoder
internal import Foundation
internal import Hashing
internal import VectorSearch

/// Gathers products, embedding their texts as they come.
struct CorpusBuilder {
    private let encoder: SentenceEncoder
    private let template: TextTemplate
    private let progress: EvaluationProgress
    private let vectors: VectorTable
    /// Node of each text, by its digest: texts themselves would take more room than their vectors.
    private var nodes: [SHA256.Digest: NodeID] = [:]
    private var nodeOf: [ProductID: NodeID] = [:]
    private var waiting: [String] = []
    /// The share of the products that has been read; nil if nobody knows.
    private var share: Double?

    /// Texts that are embedded together.
    private static let batchSize = 2_048

    /// Products gathered so far.
    var productCount: Int { nodeOf.count }

    /// Starts an empty catalog.
    init(encoder: SentenceEncoder, template: TextTemplate, progress: @escaping EvaluationProgress) {
        self.encoder = encoder
        self.template = template
        self.progress = progress
        vectors = VectorTable(dimension: encoder.dimension)
    }

    /// Takes a product; one with the same id takes the earlier one's place, as it does in an index.
    /// - Parameters:
    ///   - product: the product.
    ///   - share: of all products that has been read with it.
    /// - Throws: what the encoder and `progress` throw.
    mutating func add(_ product: Product, share: Double?) throws {
        self.share = share
        let text = template.text(for: product)
        let key = SHA256.hash(data: Data(text.utf8))
        if let node = nodes[key] {
            nodeOf[product.id] = node
        } else {
            let node = NodeID(rawValue: UInt32(nodes.count))
            nodes[key] = node
            nodeOf[product.id] = node
            waiting.append(text)
            if waiting.count == Self.batchSize { try embed() }
        }
    }

    /// Embeds what is left.
    /// - Throws: `EvaluationError.emptyCatalog`, and what the encoder throws.
    mutating func finish(name: String) throws -> Corpus.Embedded {
        try embed()
        guard !nodeOf.isEmpty else { throw EvaluationError.emptyCatalog(name: name) }
        return Corpus.Embedded(vectors: vectors, nodes: nodeOf.map { ($0.key, $0.value) }, template: template)
    }

    private mutating func embed() throws {
        guard !waiting.isEmpty else { return }
        let before = vectors.count
        let rows = try encoder.encode(waiting, role: .document) { [progress, share] done in
            var moment = EvaluationMoment.items(before + done, of: nil, "texts")
            moment.fraction = share
            try progress("embedding products", moment)
        }
        vectors.append(rows.values)
        waiting.removeAll(keepingCapacity: true)
    }
}

extension Corpus {
    /// Reads a feed into a catalog and embeds it.
    ///
    /// Descriptions are let go once they are embedded; all else that a report or a label may want of a product stays in memory.
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
        var products: [ProductID: Product] = [:]
        var rejected: RejectedRows?
        while let row = try reader.next() {
            switch row {
            case .product(var product, _):
                let share = reader.byteCount.map { Double(reader.bytesRead) / Double(max($0, 1)) }
                try builder.add(product, share: share)
                product.description = ""
                products[product.id] = product
            case .rejected(let row):
                if rejected == nil { rejected = RejectedRows(line: row.line, reason: row.reason) }
                rejected?.count += 1
            }
        }
        try reader.checkMappedColumns()
        if products.isEmpty, let rejected {
            throw EvaluationError.noUsableRow(
                feed: reader.name, rows: rejected.count, line: rejected.line, reason: rejected.reason)
        }
        let rows = products
        let corpus = Corpus(
            name: reader.name, encoder: encoder, try builder.finish(name: reader.name),
            rows: (
                details: { ids in Dictionary(ids.compactMap { id in rows[id].map { (id, $0) } }) { first, _ in first }
                },
                forEach: { visit in
                    for id in rows.keys.sorted() {
                        if let product = rows[id] { try visit(product) }
                    }
                }
            ))
        return (corpus, rejected)
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
