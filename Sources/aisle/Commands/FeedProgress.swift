// The progress of an ingest between two batches: rows are read a batch at a time but embedded one by one, so the share that is done is
// interpolated inside the batch. Otherwise the bar would stand still for seconds and then jump.

import Engine
import Synchronization

/// Turns an ingest's progress into what the bar shows.
final class FeedProgress: Sendable {
    private struct Batch {
        var rowsBefore = 0
        var bytesBefore = 0
        var embeddedBefore = 0
        var rowsAfter = 0
        var bytesAfter = 0
        /// Texts embedded at the last moment seen.
        var embedded = 0
    }

    private let feed: String
    private let batch = Mutex(Batch())

    init(feed: String) {
        self.feed = feed == "-" ? "standard input" : String(feed.split(separator: "/").last ?? "feed")
    }

    /// What the bar shows at a moment of the ingest.
    func state(at moment: IngestProgress) -> ProgressState {
        switch moment.stage {
        case .linking:
            let (done, all) = moment.linked
            return ProgressState(
                label: "linking", completed: done, unit: .items("texts"), fraction: Double(done) / Double(max(all, 1)))
        case .embedding:
            break
        }
        return batch.withLock { batch in
            if moment.rowsRead != batch.rowsAfter {
                batch.rowsBefore = batch.rowsAfter
                batch.bytesBefore = batch.bytesAfter
                batch.embeddedBefore = batch.embedded
                batch.rowsAfter = moment.rowsRead
                batch.bytesAfter = moment.bytesRead
            }
            let rows = batch.rowsAfter - batch.rowsBefore
            // The report at the end of a batch comes without another text embedded.
            let isDone = moment.embedded == batch.embedded
            let done = isDone ? rows : min(rows, max(0, moment.embedded - batch.embeddedBefore))
            batch.embedded = moment.embedded
            let share = rows == 0 ? 1 : Double(done) / Double(rows)
            let bytes = Double(batch.bytesBefore) + Double(batch.bytesAfter - batch.bytesBefore) * share
            return ProgressState(
                label: feed, completed: batch.rowsBefore + done, unit: .items("rows"),
                fraction: moment.byteCount.map { $0 == 0 ? 1 : min(1, bytes / Double($0)) })
        }
    }
}
