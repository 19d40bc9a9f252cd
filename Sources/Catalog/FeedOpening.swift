// What happens once, before the first row: encoding, blank lines at the top, format, header.

extension FeedWindow {
    /// Checks the first bytes and skips a UTF-8 byte order mark.
    ///
    /// Without a mark, UTF-16 shows by a zero in one of the first two bytes: a feed starts with an ASCII character.
    /// - Throws: `CatalogError.emptyFeed`, `.wrongEncoding` or `.notText`.
    func checkEncoding() throws(CatalogError) {
        while bytes.count < 4, !isAtEnd { try fill() }
        let start = Array(bytes.prefix(4))
        let encodings: [([UInt8], String)] = [
            ([0xFF, 0xFE, 0, 0], "UTF-32"), ([0, 0, 0xFE, 0xFF], "UTF-32"), ([0xFF, 0xFE], "UTF-16"),
            ([0xFE, 0xFF], "UTF-16"),
        ]
        for (mark, encoding) in encodings where start.starts(with: mark) {
            throw .wrongEncoding(feed: name, encoding: encoding)
        }
        if start.starts(with: [0x1F, 0x8B]) { throw .notText(feed: name, kind: "a gzip archive") }
        if start.starts(with: Array("PK".utf8) + [3, 4]) {
            throw .notText(feed: name, kind: "a ZIP archive or a spreadsheet")
        }
        if start.starts(with: [0xEF, 0xBB, 0xBF]) {
            consume(3)
        } else if start.count >= 2, start[0] == 0 || start[1] == 0 {
            guard start[0] != start[1] else { throw .notText(feed: name, kind: "binary data") }
            throw .wrongEncoding(feed: name, encoding: start[0] == 0 ? "UTF-16BE" : "UTF-16LE")
        }
    }

    /// Consumes the blank lines at the top.
    /// - Returns: how many there were.
    /// - Throws: `CatalogError.emptyFeed` when nothing else is there.
    func skipBlankLines() throws(CatalogError) -> Int {
        var count = 0
        while true {
            guard let end = try firstLine() else { return count }
            guard end.length > 0 else { throw .emptyFeed(feed: name) }
            guard bytes.prefix(end.content).isBlank else { return count }
            consume(end.length)
            count += 1
        }
    }

    /// The end of the line the unread bytes start with; nil when it is longer than a row may be.
    func firstLine() throws(CatalogError) -> LineEnd? {
        while true {
            if let end = LineEnd(in: bytes, atEnd: isAtEnd) { return end }
            guard !isFull else { return nil }
            try fill()
        }
    }

    /// Consumes the rest of the line, however long it is.
    func skipLine() throws(CatalogError) {
        while true {
            if let end = LineEnd(in: bytes, atEnd: isAtEnd) { return consume(end.length) }
            // A CR at the border stays: its LF may follow.
            consume(bytes.last == 0x0D ? bytes.count - 1 : bytes.count)
            try fill()
        }
    }

    /// Frames the row at the start of the unread bytes, reading on until its end is in memory.
    /// - Returns: `.incomplete` for a row that exceeds the row limit.
    func frame(_ framer: (UnsafeBufferPointer<UInt8>, Bool) -> RowFrame) throws(CatalogError) -> RowFrame {
        while true {
            let frame = framer(bytes, isAtEnd)
            guard frame == .incomplete, !isFull else { return frame }
            try fill()
        }
    }

    /// Reads the header of a table, after a line such as `sep=;` if there is one, which Excel writes.
    ///
    /// `line` is the line the unread bytes start on; it is moved behind the header.
    /// - Throws: `CatalogError.badHeader`.
    func readHeader(_ format: FeedFormat, line: inout Int) throws(CatalogError) -> DelimitedHeader {
        guard var end = try firstLine() else { throw longHeader(line) }
        var delimiter: UInt8?
        if end.content == 5, bytes.prefix(4).elementsEqual("sep=".utf8) {
            delimiter = bytes[4]
            consume(end.length)
            line += 1
            guard let next = try firstLine() else { throw longHeader(line) }
            guard next.length > 0 else { throw .emptyFeed(feed: name) }
            end = next
        }
        if format == .tsv { delimiter = UInt8(ascii: "\t") }
        let detected = DelimitedHeader.delimiter(of: UnsafeBufferPointer(rebasing: bytes.prefix(end.content)))
        var scanner = DelimitedScanner(delimiter: delimiter ?? detected)
        switch try frame({ scanner.frame($0, atEnd: $1) }) {
        case .incomplete:
            throw longHeader(line)
        case .broken(let reason):
            throw .badHeader(feed: name, line: line, reason: reason)
        case .complete(let content, let length, let lines):
            let row = UnsafeBufferPointer(rebasing: bytes.prefix(content))
            if let fault = row.encodingFault { throw .badHeader(feed: name, line: line, reason: fault) }
            let header = DelimitedHeader(feed: name, row: row, delimiter: scanner.delimiter)
            consume(length)
            line += lines
            return header
        }
    }

    private func longHeader(_ line: Int) -> CatalogError {
        .badHeader(feed: name, line: line, reason: "it is longer than \(limits.rowSize) bytes")
    }
}

extension Slice<UnsafeBufferPointer<UInt8>> {
    /// Whether there is nothing but spaces and tabs.
    var isBlank: Bool {
        allSatisfy { $0 == 0x20 || $0 == 0x09 }
    }
}
