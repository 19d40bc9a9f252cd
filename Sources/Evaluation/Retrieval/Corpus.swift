// What is searched: the vectors of a catalog's texts, and which products have them.
//
// It comes from an index, with its graph, or straight from a model and a feed, without one: a candidate is judged before it is built in.

package import Catalog
package import Encoder
package import Engine
package import VectorSearch

/// A catalog as vectors.
package struct Corpus: Sendable {
    /// For people: the index's path, or the model's and the feed's.
    package let name: String
    /// Turns queries into vectors of the same space.
    package let encoder: SentenceEncoder
    /// One row for each distinct text.
    package let vectors: VectorTable
    /// Over all rows; nil where there is no index.
    package let graph: HNSWGraph?
    /// Rows that have a product; nil: every one.
    package let findable: NodeSet?
    /// How a product's text is made.
    package let template: TextTemplate
    /// Product ids by row.
    package let products: ProductsByNode
    /// Finds product rows by id.
    package let details: @Sendable ([ProductID]) throws -> [ProductID: Product]
    /// Calls its argument with every product, in an order that does not change.
    package let forEachProduct: @Sendable ((Product) throws -> Void) throws -> Void

    /// Number of rows that a search may find.
    package var findableCount: Int { findable?.count ?? vectors.count }

    /// The catalog of an index.
    /// - Throws: `EvaluationError.emptyCatalog`, `StoreError`.
    package init(_ index: OpenedIndex, name: String) throws {
        guard index.productCount > 0 else { throw EvaluationError.emptyCatalog(name: name) }
        self.name = name
        encoder = index.encoder
        vectors = index.vectors
        graph = index.graph
        findable = index.findableNodes
        template = index.template
        products = ProductsByNode(index.productNodes, nodeCount: index.vectors.count)
        details = { try index.products($0) }
        forEachProduct = { try index.forEachProduct($0) }
    }

    /// Texts that were embedded: what a builder made.
    struct Embedded {
        let vectors: VectorTable
        let nodes: [(id: ProductID, node: NodeID)]
        let template: TextTemplate
    }

    /// A catalog that was embedded by a model, without a graph.
    /// - Parameters:
    ///   - name: for people.
    ///   - encoder: the model.
    ///   - embedded: its vectors.
    ///   - rows: finds product rows by id, and visits all of them.
    init(
        name: String, encoder: SentenceEncoder, _ embedded: Embedded,
        rows: (
            details: @Sendable ([ProductID]) throws -> [ProductID: Product],
            forEach: @Sendable ((Product) throws -> Void) throws -> Void
        )
    ) {
        self.name = name
        self.encoder = encoder
        vectors = embedded.vectors
        template = embedded.template
        graph = nil
        products = ProductsByNode(embedded.nodes, nodeCount: embedded.vectors.count)
        findable = products.nodesWithProducts
        details = rows.details
        forEachProduct = rows.forEach
    }

    /// The same products embedded by another model: what a baseline is compared on.
    /// - Parameters:
    ///   - encoder: the other model.
    ///   - name: for people.
    ///   - progress: told how far it is.
    /// - Returns: a catalog without a graph; its rows are those of this one.
    /// - Throws: what the encoder and `progress` throw.
    package func embedded(
        by encoder: SentenceEncoder, name: String, progress: @escaping EvaluationProgress
    ) throws -> Corpus {
        var builder = CorpusBuilder(encoder: encoder, template: template, progress: progress)
        let total = products.count
        try forEachProduct { product in
            try builder.add(product, share: Double(builder.productCount) / Double(max(total, 1)))
        }
        return Corpus(
            name: name, encoder: encoder, try builder.finish(name: name), rows: (details, forEachProduct))
    }
}

/// The product ids of each node, in two flat arrays.
package struct ProductsByNode: Sendable {
    private let starts: [UInt32]
    private let ids: [ProductID]

    /// Number of products.
    package var count: Int { ids.count }
    /// Nodes with at least one product; nil where that is every node.
    package let nodesWithProducts: NodeSet?

    /// Takes pairs in any order.
    /// - Parameters:
    ///   - pairs: each product once.
    ///   - nodeCount: number of nodes; every node is below it.
    package init(_ pairs: [(id: ProductID, node: NodeID)], nodeCount: Int) {
        let sorted = pairs.sorted { ($0.node, $0.id) < ($1.node, $1.id) }
        var starts = [UInt32](repeating: 0, count: nodeCount + 1)
        for pair in sorted { starts[Int(pair.node.rawValue) + 1] += 1 }
        for node in 0..<nodeCount { starts[node + 1] += starts[node] }
        self.starts = starts
        ids = sorted.map(\.id)
        var nodes = NodeSet(capacity: nodeCount)
        for pair in sorted { nodes.insert(pair.node) }
        nodesWithProducts = nodes.count == nodeCount ? nil : nodes
    }

    /// The products of a node, ascending.
    package subscript(node: NodeID) -> ArraySlice<ProductID> {
        ids[Int(starts[Int(node.rawValue)])..<Int(starts[Int(node.rawValue) + 1])]
    }

    /// Number of products that stand on a node with so many products.
    package func count(where isCounted: (Int) -> Bool) -> Int {
        (0..<starts.count - 1).reduce(0) { sum, node in
            let size = Int(starts[node + 1] - starts[node])
            return sum + (isCounted(size) ? size : 0)
        }
    }

    /// Every product with its node, by ascending node.
    package var all: [(id: ProductID, node: NodeID)] {
        (0..<starts.count - 1).flatMap { node in
            self[NodeID(rawValue: UInt32(node))].map { ($0, NodeID(rawValue: UInt32(node))) }
        }
    }
}
