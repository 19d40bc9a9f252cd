// Text files line by line, strictly: what the readers for evaluation have in common.
//
// A feed's bad row costs a row (`FeedReader`); a bad line among queries, judgments or triplets would bend every number measured with them,
// so here the first one ends the reading. The bytes stay in the window, and a line is seen only within a closure, because the next fill
// moves them. Not thread-safe.

/// Reads the lines of a text file or standard input.
package final class LineReader {
    /// The line read last that is not blank, from 1; 0 before the first.
    package private(set) var line = 0

    private let window: FeedWindow
    /// Lines read so far, blank ones included.
    private var lineCount: Int

    /// Opens a file, or standard input for "-".
    /// - Throws: `CatalogError` when it cannot be read or is in another encoding.
    package convenience init(
        path: String, isCancelled: @escaping @Sendable () -> Bool = { false }
    ) throws(CatalogError) {
        try self.init(path: path, limits: FeedLimits(), isCancelled: isCancelled)
    }

    /// The same with other sizes of what is held in memory.
    convenience init(
        path: String, limits: FeedLimits, isCancelled: @escaping @Sendable () -> Bool = { false }
    ) throws(CatalogError) {
        let window = try FeedWindow(path: path, limits: limits, isCancelled: isCancelled)
        try window.checkEncoding()
        self.init(window: window)
    }

    /// Takes a window behind the byte order mark and behind as many lines as given.
    init(window: FeedWindow, behind lines: Int = 0) {
        self.window = window
        lineCount = lines
    }

    /// The file's name in messages.
    package var name: String { window.name }

    /// Bytes of the lines read so far.
    package var bytesConsumed: Int { window.bytesConsumed }

    /// Bytes of the whole file; nil for a pipe.
    package var byteCount: Int? { window.byteCount }

    /// Makes something of the next line that is not blank; a line of which `read` makes nothing is passed over.
    ///
    /// `read` gets valid UTF-8 without NUL and without the line end, valid only within the call.
    /// - Returns: nil at the end of the file.
    /// - Throws: `CatalogError.badLine` for a line that is no text or too long, `.readFailed`, `.cancelled`, and what `read` throws.
    /// - Complexity: O(length of the line), and what `read` takes.
    package func next<Value>(
        _ read: (UnsafeBufferPointer<UInt8>, FilePosition) throws(CatalogError) -> Value?
    ) throws(CatalogError) -> Value? {
        while true {
            guard let end = try window.firstLine() else {
                let limit = window.limits.rowSize
                throw FilePosition(path: name, line: lineCount + 1).fault(
                    "expected a line of at most \(limit) bytes, found a longer one; check the file's line ends")
            }
            guard end.length > 0 else { return nil }
            lineCount += 1
            let position = FilePosition(path: name, line: lineCount)
            let bytes = UnsafeBufferPointer(rebasing: window.bytes.prefix(end.content))
            // Consumed bytes stay in memory until the next fill.
            window.consume(end.length)
            try position.checkText(bytes)
            if bytes[...].isBlank { continue }
            line = lineCount
            if let value = try read(bytes, position) { return value }
        }
    }
}
