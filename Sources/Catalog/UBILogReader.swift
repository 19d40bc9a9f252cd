// Click logs as User Behavior Insights (UBI, https://ubisearch.dev) defines them: searches and events as JSON lines.
//
// Versions 1.0 to 1.3, in one file or several, in any order, plain or between the lines of the OpenSearch bulk format. Unlike the readers
// of queries and judgments, this one goes on behind a bad line: a log is written by browsers and nobody can repair it. What cannot be used
// is counted by reason (`UBIDocument` decides), and only a file that cannot be read ends the reading. Memory: the longest line, at most
// 16 MiB; a longer one is passed over. Not thread-safe.

import JSONReading

/// Reads the searches and events of a UBI log, streaming.
public final class UBILogReader {
    /// What became of the documents read so far; `used` are those handed out.
    public private(set) var tally = ClickLogTally()
    /// The line read last, from 1; 0 before the first.
    public private(set) var line = 0

    private let window: FeedWindow

    /// Opens a log; "-" is standard input.
    ///
    /// `isCancelled` is asked while a pipe is waited for.
    /// - Throws: `CatalogError` when the file cannot be read or is in another encoding.
    public convenience init(
        path: String, isCancelled: @escaping @Sendable () -> Bool = { false }
    ) throws(CatalogError) {
        try self.init(window: FeedWindow(path: path, limits: FeedLimits(), isCancelled: isCancelled))
    }

    /// Takes a window at the file's first byte.
    init(window: FeedWindow) throws(CatalogError) {
        self.window = window
        try window.checkEncoding()
    }

    /// The file's name in messages: its path, or "standard input".
    public var name: String { window.name }

    /// Bytes of the lines read so far.
    public var bytesConsumed: Int { window.bytesConsumed }

    /// Bytes of the whole file; nil for a pipe.
    public var byteCount: Int? { window.byteCount }

    /// Reads on to the next document that can be used.
    /// - Returns: nil at the end of the file.
    /// - Throws: `CatalogError.readFailed` or `.cancelled`.
    public func next() throws(CatalogError) -> ClickDocument? {
        while true {
            guard let end = try window.firstLine() else {
                line += 1
                tally.drop(.tooLong, at: place)
                try window.skipLine()
                continue
            }
            guard end.length > 0 else { return nil }
            line += 1
            let bytes = UnsafeBufferPointer(rebasing: window.bytes.prefix(end.content))
            // Consumed bytes stay in memory until the next fill.
            window.consume(end.length)
            if bytes[...].isBlank { continue }
            switch UBIDocument(bytes) {
            case .content(let content):
                tally.used += 1
                return ClickDocument(content, at: place)
            case .bulkLine:
                tally.bulkLines += 1
            case .dropped(let reason, let example):
                tally.drop(reason, at: place, example: example)
            }
        }
    }

    private var place: ClickLogPlace {
        ClickLogPlace(file: name, line: line)
    }
}
