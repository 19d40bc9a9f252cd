// What one ingest transaction writes, and what it asks the index first.

package import Catalog
package import VectorSearch

/// What the index knows about a product: enough to tell new, changed and unchanged rows apart.
package struct ProductState: Hashable, Sendable {
    /// Digest of every field of the stored row.
    package let rowHash: RowHash
    /// Digest of the text its node embeds.
    package let textHash: TextHash
    /// The node that stands for its text.
    package let node: NodeID
}

/// Products and new vectors that are committed together.
package struct IngestBatch: Sendable {
    /// Rows to insert or replace, each with the node of its text: one stored already or one of `newNodes`.
    ///
    /// Where an id stands twice, the later row stays.
    package var products: [(product: Product, textHash: TextHash, node: NodeID)]
    /// Number of the first new node: the index's node count.
    package var firstNewNode: NodeID
    /// Texts embedded for the first time; entry i is node `firstNewNode` + i.
    package var newNodes: [TextHash]
    /// (newNodes, dimension), row-major.
    package var vectors: [Float]

    /// Gathers a batch; `commit` checks it.
    package init(
        products: [(product: Product, textHash: TextHash, node: NodeID)], firstNewNode: NodeID,
        newNodes: [TextHash], vectors: [Float]
    ) {
        self.products = products
        self.firstNewNode = firstNewNode
        self.newNodes = newNodes
        self.vectors = vectors
    }
}
