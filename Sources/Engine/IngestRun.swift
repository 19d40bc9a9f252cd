// One feed on its way into the index: reads batches, writes down what is rejected and counts.

internal import Catalog
internal import Foundation

/// The state of one feed's ingest.
struct Run {
    let reader: FeedReader
    let rejects: RejectedRowWriter
    let progress: @Sendable (IngestProgress) throws -> Void
    var summary = IngestSummary()
    /// Why the first rejected row was rejected.
    private(set) var firstReason: String?
    /// Hashes of the ids seen: eight bytes a product, to tell that an id comes twice.
    private var seen: Set<Int> = []

    init(
        reader: FeedReader, rejects: RejectedRowWriter, progress: @escaping @Sendable (IngestProgress) throws -> Void
    ) {
        self.reader = reader
        self.rejects = rejects
        self.progress = progress
        summary.feed = reader.name
    }

    /// Where the ingest stands.
    var state: IngestProgress {
        var state = IngestProgress()
        state.rowsRead = summary.rows
        state.bytesRead = reader.bytesRead
        state.byteCount = reader.byteCount
        state.embedded = summary.embeddedTexts
        state.added = summary.added
        state.changed = summary.changed
        state.unchanged = summary.unchanged
        state.rejected = summary.rejected
        return state
    }

    /// Tells how far it is; throws when it is to stop.
    func report() throws { try progress(state) }

    /// The next products of the feed, nil at its end.
    ///
    /// Rejected rows are written down and passed over.
    ///
    /// A batch is a number of products whatever became of them, so the batches of two runs over one feed are the same.
    mutating func nextBatch(of size: Int) throws -> [Product]? {
        var batch: [Product] = []
        batch.reserveCapacity(size)
        while batch.count < size, let row = try reader.next() {
            summary.rows += 1
            switch row {
            case .product(let product, line: _): batch.append(product)
            case .rejected(let row):
                rejects.append(row)
                summary.rejected += 1
                summary.rejectedByReason[row.kind, default: 0] += 1
                if firstReason == nil { firstReason = "line \(row.line): \(row.reason)" }
                if summary.rejected % 1_024 == 0 { try report() }
            }
        }
        return batch.isEmpty ? nil : batch
    }

    /// The last product of each id, in order; counts those whose id has been in the feed before.
    mutating func lastOfEachID(_ batch: [Product]) -> [Product] {
        for product in batch where !seen.insert(product.id.hashValue).inserted { summary.repeatedIDs += 1 }
        return BatchPlan.lastOfEachID(batch)
    }
}
