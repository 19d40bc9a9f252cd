// Takes products out of an index: their rows go, their vectors stay.
//
// A node without products is never a hit and serves again when its text returns, so neither the graph is touched nor anything embedded.

public import Catalog
public import Foundation
internal import IndexStore

/// What a deletion did.
public struct DeletionSummary: Sendable, Equatable {
    /// Products that were removed.
    public let removedCount: Int
    /// Ids that were not in the index, each once, in the order given.
    public let unknownIDs: [ProductID]
    /// Products that are left.
    public let productCount: Int
}

/// Removes products from an index.
public enum ProductDeletion {
    /// Removes products in one transaction; after an error all of them are still there.
    /// - Parameters:
    ///   - ids: the products; an id that comes twice counts once.
    ///   - indexDirectory: the index; nobody else may be writing to it.
    /// - Returns: how many were removed, and which ids are unknown.
    /// - Throws: `StoreError`.
    /// - Complexity: a few indexed look-ups per id; vectors and graph are not read.
    public static func delete(_ ids: [ProductID], from indexDirectory: URL) throws -> DeletionSummary {
        try delete(ids, from: IndexStore.open(at: indexDirectory, mode: .readWrite))
    }

    /// As `delete(_:from:)`, from an index that is open for writing.
    static func delete(_ ids: [ProductID], from store: IndexStore) throws -> DeletionSummary {
        var seen: Set<ProductID> = []
        let ids = ids.filter { seen.insert($0).inserted }
        let known = try store.states(of: ids)
        return DeletionSummary(
            removedCount: try store.delete(ids), unknownIDs: ids.filter { known[$0] == nil },
            productCount: try store.productCount())
    }
}
