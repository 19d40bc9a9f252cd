// The rows a feed lost, beside the feed: `<feed>.rejected.jsonl`, one `RejectedRow` a line.
//
// The file appears with the first rejected row, so a feed without faults leaves nothing behind; an old one of an earlier run is removed
// first, so the file always belongs to the last run. Where it cannot be written, the feed is still worth reading: the first failure is
// kept, and the rows from there on are not written. Writes are gathered to 64 KiB. Not thread-safe.

internal import Foundation

/// Writes the rejected rows of one feed to a JSONL file beside it.
public final class RejectedRowWriter {
    /// Where the rows go, whether or not one was rejected yet; with a `failure`, not all of them are there.
    public let path: String
    /// Why rows are missing from the file, or why it is an earlier run's; nil as long as all is well.
    public private(set) var failure: CatalogError?

    private var file: FileHandle?
    private var pending = Data()
    private let encoder = JSONEncoder()
    private static let flushSize = 65_536

    /// Takes the feed's path, "-" for standard input, and removes an old file of rejected rows.
    public init(feedPath: String) {
        path = Self.path(forFeed: feedPath)
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        removeOldFile()
    }

    /// Where the rejected rows of a feed go.
    public static func path(forFeed feedPath: String) -> String {
        (feedPath == "-" ? "stdin" : feedPath) + ".rejected.jsonl"
    }

    /// Adds one row; the first one creates the file.
    ///
    /// Does nothing once there is a `failure`.
    public func append(_ row: RejectedRow) {
        attempt {
            if file == nil {
                try Data().write(to: URL(fileURLWithPath: path))
                file = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
            }
            pending += try encoder.encode(row)
            pending.append(0x0A)
            if pending.count >= Self.flushSize { try flush() }
        }
    }

    /// Writes what is pending and closes the file; call it when the feed is done, and look at `failure` then.
    public func close() {
        attempt { try flush() }
        attempt { try file?.close() }
        file = nil
    }

    private func removeOldFile() {
        var isDirectory: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) else { return }
        guard !isDirectory.boolValue else {
            failure = .writeFailed(path: path, reason: "it is a directory")
            return
        }
        attempt { try FileManager.default.removeItem(atPath: path) }
    }

    private func flush() throws {
        guard !pending.isEmpty else { return }
        try file?.write(contentsOf: pending)
        pending.removeAll(keepingCapacity: true)
    }

    /// Runs a step unless one has failed before, and keeps its failure.
    private func attempt(_ step: () throws -> Void) {
        guard failure == nil else { return }
        do {
            try step()
        } catch {
            failure = .writeFailed(path: path, reason: SystemReason.text(of: error))
        }
    }
}
