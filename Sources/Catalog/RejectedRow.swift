// What a feed reader hands out, row by row: a product, or the reason why the row is none.

/// One row of a feed that was read.
public enum FeedRow: Hashable, Sendable {
    /// A usable product and the line where its row starts, from 1.
    case product(Product, line: Int)
    /// A row that was left out.
    case rejected(RejectedRow)
}

/// A row of a feed that gives no product, and why.
public struct RejectedRow: Hashable, Sendable, Codable {
    /// The line where the row starts, from 1; blank lines count.
    public let line: Int
    /// The row's product id, where it could be read.
    public let id: String?
    /// What kind of fault it is: the same words for every row that has it.
    public let kind: String
    /// What was expected and what was found.
    public let reason: String
    /// The row as it stands in the feed: at most 2,000 Unicode scalars, bytes that are no UTF-8 replaced by U+FFFD.
    public let row: String

    /// Most Unicode scalars of a row that are kept.
    static let maxScalars = 2_000

    init(line: Int, rejection: RowRejection, bytes: UnsafeBufferPointer<UInt8>) {
        self.line = line
        id = rejection.id
        kind = rejection.kind
        reason = rejection.reason
        // A scalar has at most four bytes, so the cut never splits one that is kept.
        let text = String(decoding: bytes.prefix(Self.maxScalars * 4), as: UTF8.self)
        row = String(text.unicodeScalars.prefix(Self.maxScalars))
    }
}

/// Why a row gives no product, before its place in the feed is known.
struct RowRejection: Error, Hashable {
    let id: String?
    let kind: String
    let reason: String

    /// A rejection; without a kind of its own the reason is the same for every such row.
    init(id: String? = nil, kind: String? = nil, reason: String) {
        self.id = id
        self.kind = kind ?? reason
        self.reason = reason
    }
}
