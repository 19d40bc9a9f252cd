internal import Catalog
internal import Engine

/// The products of a feed.
enum FeedProducts {
    /// Reads a feed; of several products with one id the last one counts, and rows that give none are told.
    /// - Throws: `CatalogError`.
    static func read(_ feed: String, _ listener: TuningListener) throws -> [ProductID: Product] {
        let reader = try FeedReader(path: feed, options: FeedOptions(isCancelled: listener.isCancelled))
        var products: [ProductID: Product] = [:]
        var rejected: [RejectedRow] = []
        while let row = try reader.next() {
            switch row {
            case .product(let product, _): products[product.id] = product
            case .rejected(let row): rejected.append(row)
            }
        }
        if let first = rejected.first {
            listener.warn(
                "\(rejected.count.of("row")) of \(feed) \(rejected.count == 1 ? "was" : "were") left out, the first is line \(first.line): "
                    + first.reason)
        }
        return products
    }
}
