// An index as it is at one moment, for those who look at vectors and graph themselves: evaluation, mining of negatives.

package import Catalog
package import Encoder
package import Foundation
internal import IndexStore
internal import Synchronization
package import VectorSearch

/// Model, vectors and graph of one generation, in memory.
package struct OpenedIndex: Sendable {
    private let store: IndexStore
    /// The model inside the index.
    package let encoder: SentenceEncoder
    let ready: ReadyIndex
    private let nodes: [(id: ProductID, node: NodeID)]

    /// Number of products.
    package var productCount: Int { ready.productCount }
    /// The vectors of all nodes, also of those without a product.
    package var vectors: VectorTable { ready.vectors }
    /// The graph over all of them.
    package var graph: HNSWGraph { ready.graph }
    /// Nodes that a search may find; nil where that is every one.
    package var findableNodes: NodeSet? { ready.everyNodeIsLive ? nil : ready.live }

    /// The model inside an index, without anything else of it.
    /// - Throws: `StoreError`, `EncoderError` or `EngineError.damagedModel`.
    package static func encoder(in directory: URL) throws -> SentenceEncoder {
        try IndexModel.open(in: directory, IndexStore.open(at: directory, mode: .readOnly).generation)
    }

    /// Number of the generation, from 1.
    package var generation: Int { store.generation.id }
    /// Name of its model, for people.
    package var modelName: String { store.generation.modelName }
    /// How a product's text is made.
    package var template: TextTemplate { store.generation.template }

    /// Bytes of the index file.
    package func byteCount() throws -> Int { try store.byteCount() }

    /// The ids of all products, each with the node of its text, of the same moment as the vectors; by node, then by id.
    package var productNodes: [(id: ProductID, node: NodeID)] { nodes }

    /// The rows of products as they are now; unknown ids have no entry.
    package func products(_ ids: [ProductID]) throws -> [ProductID: Product] {
        var found: [ProductID: Product] = [:]
        for id in Set(ids) { found[id] = try store.product(id)?.product }
        return found
    }

    /// Visits every product that can be read, as it is now, in the order of their rows.
    package func forEachProduct(_ visit: (Product) throws -> Void) throws {
        var key = 0
        while case let step = try store.storedProducts(after: key, limit: 4_096), let last = step.last {
            for row in step {
                if let product = row.product { try visit(product) }
            }
            key = last.key
        }
    }

    /// Reads vectors and graph into memory and checks the model.
    /// - Parameters:
    ///   - directory: holds `index.sqlite` and `models/`.
    ///   - generation: the number of one that is kept; nil: the live one.
    ///   - withProducts: whether the products' ids are read too.
    ///   - progress: told the share read, 0...1.
    /// - Returns: the index as it is now.
    /// - Throws: `StoreError` for a file that is missing, damaged or not an index; `EncoderError` or `EngineError.damagedModel`.
    package static func open(
        _ directory: URL, generation: Int? = nil, withProducts: Bool = true,
        progress: (@Sendable (Double) -> Void)? = nil
    ) throws -> OpenedIndex {
        let store = try IndexStore.open(at: directory, mode: .readOnly, generation: generation)
        // The model is read and hashed on one core while vectors are read and hashed on the other.
        typealias Contents = (index: ReadyIndex, nodes: [(id: ProductID, node: NodeID)])
        let parts = Mutex<(encoder: Result<SentenceEncoder, any Error>?, index: Result<Contents, any Error>?)>(
            (nil, nil))
        DispatchQueue.concurrentPerform(iterations: 2) { part in
            if part == 0 {
                let encoder = Result { try IndexModel.open(in: directory, store.generation) }
                parts.withLock { $0.encoder = encoder }
            } else {
                // Vectors and products of one state of the file, whatever is committed meanwhile.
                let index = Result {
                    try store.snapshot { () throws -> Contents in
                        let ready = try ReadyIndex(store, progress: progress)
                        return (ready, withProducts ? try store.productNodes(below: ready.vectors.count) : [])
                    }
                }
                parts.withLock { $0.index = index }
            }
        }
        let (encoder, index) = parts.withLock { $0 }
        guard let (index, nodes) = try index?.get(), let encoder = try encoder?.get() else {
            preconditionFailure("both parts were run")
        }
        guard encoder.dimension == store.generation.dimension else {
            throw EngineError.invalidOption(
                name: "The model's dimension", expected: "\(store.generation.dimension) as in the index",
                found: "\(encoder.dimension)")
        }
        return OpenedIndex(store: store, encoder: encoder, ready: index, nodes: nodes)
    }
}
