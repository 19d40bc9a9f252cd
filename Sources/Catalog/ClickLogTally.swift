// What became of a click log's documents. Each one is counted once: as used, or with the first reason against it.

/// Counts of the documents of a click log.
public struct ClickLogTally: Hashable, Sendable {
    /// The documents that one reason cost.
    public struct Drop: Hashable, Sendable {
        /// How many there are.
        public internal(set) var count: Int
        /// Where the first one stands.
        public let first: ClickLogPlace
        /// What the first one has that others may not have: its action's name, its product or its search; nil where there is nothing.
        public let example: String?
    }

    /// Documents that were used.
    public internal(set) var used = 0
    /// Documents that were not, by reason.
    public private(set) var drops: [ClickDropReason: Drop] = [:]
    /// Lines of the OpenSearch bulk format, such as {"index": …}, which are no documents.
    public internal(set) var bulkLines = 0

    /// Documents that were not used.
    public var dropped: Int { drops.values.reduce(0) { $0 + $1.count } }
    /// All documents: `used` and `dropped`.
    public var documents: Int { used + dropped }

    /// A tally of nothing.
    public init() {}

    /// Counts documents that are not used; of the first call with a reason, place and example stay.
    mutating func drop(_ reason: ClickDropReason, at place: ClickLogPlace, count: Int = 1, example: String? = nil) {
        drops[reason, default: Drop(count: 0, first: place, example: example?.shortened)].count += count
    }

    /// Takes over what a reader dropped and the bulk lines it passed, but not what it calls used.
    mutating func addDrops(of other: ClickLogTally) {
        for (reason, drop) in other.drops {
            self.drop(reason, at: drop.first, count: drop.count, example: drop.example)
        }
        bulkLines += other.bulkLines
    }
}
