// What the rows of feeds mean for an index, without writing any of them.

internal import Catalog
internal import IndexStore
internal import Tensors

/// Counts what the rows of feeds mean for an index, and keeps a fair sample of the texts that have no vector.
struct FeedTally {
    private(set) var estimate = IngestEstimate()
    /// Texts without a vector, each as likely as any other.
    private(set) var sample: [String] = []
    /// Bytes of all texts without a vector.
    private(set) var textBytes = 0
    /// Bytes of the feeds that belong to new and changed products.
    private(set) var changedBytes = 0

    private let store: IndexStore?
    private let template: TextTemplate
    private let sampleSize: Int
    private var seenIDs: Set<ProductID> = []
    private var seenTexts: Set<TextHash> = []
    private var random = SplitMix64(seed: 8)

    /// Begins without rows.
    init(store: IndexStore?, template: TextTemplate, sampleSize: Int) {
        self.store = store
        self.template = template
        self.sampleSize = sampleSize
    }

    /// Reads a feed to its end.
    mutating func read(
        _ reader: FeedReader, batchSize: Int, rejectionsNamed: Int, _ progress: (Int) throws -> Void
    ) throws {
        var batch: [Product] = []
        var before = reader.bytesRead
        while let row = try reader.next() {
            estimate.rows += 1
            switch row {
            case .product(let product, line: _): batch.append(product)
            case .rejected(let row):
                estimate.rejected += 1
                if estimate.rejections.count < rejectionsNamed {
                    estimate.rejections.append(
                        IngestEstimate.Rejection(feed: reader.name, line: row.line, reason: row.reason))
                }
            }
            if batch.count == batchSize {
                try count(batch, bytes: reader.bytesRead - before)
                (batch, before) = ([], reader.bytesRead)
                try progress(estimate.rows)
            }
        }
        try count(batch, bytes: reader.bytesRead - before)
    }

    private mutating func count(_ batch: [Product], bytes: Int) throws {
        guard !batch.isEmpty else { return }
        let products = BatchPlan.lastOfEachID(batch)
        let nodeCount = try store?.nodeCount() ?? 0
        // An id that an earlier batch had is no product more, but its text is embedded all the same.
        let fresh = try BatchPlan(
            products.filter { !seenIDs.contains($0.id) }, against: store, template: template, nodeCount: nodeCount)
        let repeated = try BatchPlan(
            products.filter { seenIDs.contains($0.id) }, against: store, template: template, nodeCount: nodeCount)
        estimate.unchanged += fresh.unchanged
        estimate.changed += fresh.changed
        estimate.added += fresh.added
        changedBytes += bytes * fresh.changes.count / batch.count
        for product in batch where !seenIDs.insert(product.id).inserted { estimate.repeatedIDs += 1 }
        for text in fresh.newTexts + repeated.newTexts where seenTexts.insert(text.textHash).inserted {
            take(text.text)
        }
    }

    private mutating func take(_ text: String) {
        estimate.textsToEmbed += 1
        textBytes += text.utf8.count
        if sample.count < sampleSize { return sample.append(text) }
        let place = Int.random(in: 0..<estimate.textsToEmbed, using: &random)
        if place < sampleSize { sample[place] = text }
    }
}
