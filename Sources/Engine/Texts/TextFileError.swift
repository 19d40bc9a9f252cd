// What can be wrong with a file of texts, or with the vectors written beside it.

public import Foundation

/// A file of texts that cannot be read line by line, or an array file that cannot be written.
public enum TextFileError: Error, Hashable, Sendable {
    /// No file has this path.
    case fileNotFound(path: String)
    /// The path names a directory.
    case isDirectory(path: String)
    /// The operating system's error on a file.
    case unreadable(path: String, reason: String)
    /// Reading was stopped on request while more input was awaited.
    case cancelled(path: String)
    /// The file holds no line.
    case empty(path: String)
    /// A line that gives no text; `found` says what stands there. Lines count from 1.
    case badLine(path: String, line: Int, found: String)
    /// An array file could not be written; `reason` is the system's.
    case unwritable(path: String, reason: String)
}

extension TextFileError: CustomStringConvertible, LocalizedError {
    /// What was expected, what was found, where, and what to do next.
    public var description: String {
        switch self {
        case .fileNotFound(let path):
            "\(path): no such file; check the path, or use - for standard input"
        case .isDirectory(let path):
            "\(path): expected a file of JSON lines, found a directory"
        case .unreadable(let path, let reason):
            "\(path): cannot be read (\(reason))"
        case .cancelled(let path):
            "\(path): reading was stopped"
        case .empty(let path):
            "\(path): expected one {\"text\": …} a line, found an empty file"
        case .badLine(let path, let line, let found):
            "\(path):\(line): expected an object with a text under \"text\", \"title\" or \"sentence\", found \(found)"
        case .unwritable(let path, let reason):
            "\(path): cannot be written (\(reason)); check the directory and the space on the disk"
        }
    }

    /// The same as `description`.
    public var errorDescription: String? { description }
}
