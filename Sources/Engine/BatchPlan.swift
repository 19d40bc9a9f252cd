// What one batch of feed rows means for an index: which products are new, changed or unchanged, and which texts need a vector.

internal import Catalog
internal import IndexStore
internal import VectorSearch

/// The difference between a batch of products and an index.
struct BatchPlan {
    /// A product to write, with the text it is embedded by.
    struct Change {
        let product: Product
        let text: String
        let textHash: TextHash
    }

    /// Products to write, new and changed ones, in the order of the feed.
    private(set) var changes: [Change] = []
    /// Products that were not in the index.
    private(set) var added = 0
    /// Products that were in it with other content.
    private(set) var changed = 0
    /// Products that were in it just so.
    private(set) var unchanged = 0
    /// Texts without a vector, each once, in the order of the feed.
    private(set) var newTexts: [Change] = []
    /// Number of the first new text's node.
    let firstNewNode: NodeID
    private var nodes: [TextHash: NodeID] = [:]

    /// Compares products with an index.
    /// - Parameters:
    ///   - products: each id once.
    ///   - store: the index; nil if there is none yet.
    ///   - template: how a product's text is made.
    ///   - nodeCount: vectors in the index.
    /// - Throws: `StoreError` if the index cannot be read.
    init(_ products: [Product], against store: IndexStore?, template: TextTemplate, nodeCount: Int) throws {
        firstNewNode = NodeID(rawValue: UInt32(nodeCount))
        let states = try store?.states(of: products.map(\.id)) ?? [:]
        for product in products {
            let text = template.text(for: product)
            let textHash = TextHash(of: text)
            if let state = states[product.id] {
                if state.textHash == textHash, try state.rowHash == RowHash(of: product) {
                    unchanged += 1
                    continue
                }
                changed += 1
            } else {
                added += 1
            }
            changes.append(Change(product: product, text: text, textHash: textHash))
        }
        try findNodes(in: store)
    }

    /// The last product of each id, in order.
    static func lastOfEachID(_ products: [Product]) -> [Product] {
        var last: [ProductID: Int] = [:]
        for (place, product) in products.enumerated() { last[product.id] = place }
        return products.enumerated().filter { last[$0.element.id] == $0.offset }.map(\.element)
    }

    /// Plans to write products anew from the rows an index has of them, whatever else it says about them.
    /// - Parameters:
    ///   - products: each id once; all of them are rows of `store`.
    ///   - store: the index.
    /// - Throws: `StoreError` if the index cannot be read.
    init(rewriting products: [Product], in store: IndexStore) throws {
        firstNewNode = NodeID(rawValue: UInt32(try store.nodeCount()))
        changes = products.map { product in
            let text = store.generation.template.text(for: product)
            return Change(product: product, text: text, textHash: TextHash(of: text))
        }
        try findNodes(in: store)
    }

    /// Looks up the nodes of texts that have one, and gives the others the next numbers.
    private mutating func findNodes(in store: IndexStore?) throws {
        nodes = try store?.nodes(of: changes.map(\.textHash)) ?? [:]
        for change in changes where nodes[change.textHash] == nil {
            nodes[change.textHash] = NodeID(rawValue: firstNewNode.rawValue + UInt32(newTexts.count))
            newTexts.append(change)
        }
    }

    /// What is written, once the new texts have their vectors.
    func batch(vectors: [Float]) -> IngestBatch {
        IngestBatch(
            products: changes.compactMap { change in
                nodes[change.textHash].map { (product: change.product, textHash: change.textHash, node: $0) }
            },
            firstNewNode: firstNewNode, newNodes: newTexts.map(\.textHash), vectors: vectors)
    }
}
