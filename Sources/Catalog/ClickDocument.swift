// What a reader of click logs hands out, and where it stands in the log.

/// A usable document of a click log.
public struct ClickDocument: Hashable, Sendable {
    /// The two kinds of documents.
    public enum Content: Hashable, Sendable {
        /// What was asked and shown.
        case search(SearchEvent)
        /// What a shopper did.
        case event(ClickEvent)
    }

    /// What the document says.
    public let content: Content
    /// Where it stands.
    public let place: ClickLogPlace

    /// Takes a document and its place.
    public init(_ content: Content, at place: ClickLogPlace) {
        self.content = content
        self.place = place
    }
}

/// A line of a click log.
public struct ClickLogPlace: Hashable, Sendable, CustomStringConvertible {
    /// The file's path, or "standard input".
    public let file: String
    /// The line, from 1.
    public let line: Int

    /// Takes a file and a line.
    public init(file: String, line: Int) {
        self.file = file
        self.line = line
    }

    /// "FILE:LINE".
    public var description: String { "\(file):\(line)" }
}
