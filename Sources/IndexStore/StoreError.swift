// Everything that can go wrong between the program and index.sqlite, with both sides and what to do next.

public import Foundation

/// An error of the index file, its directory, or of what was asked of it.
public enum StoreError: Error, Hashable, Sendable {
    /// There is no index.sqlite at this path.
    case missing(path: String)
    /// An index stands where a new one was to be created.
    case alreadyExists(path: String)
    /// The file has no bytes.
    case emptyFile(path: String)
    /// The file is no SQLite database.
    case notSQLite(path: String, found: String)
    /// An SQLite database of another program.
    case foreignDatabase(path: String, applicationID: UInt32)
    /// Format versions as in `PRAGMA user_version`.
    case newerFormat(path: String, found: Int, supported: Int)
    /// Sizes in bytes.
    case truncated(path: String, expected: Int, found: Int)
    /// Another process writes to the index.
    case locked(path: String, holder: Int?)
    /// A lock inside the database was not released in time.
    case busy(path: String)
    /// The operating system refuses.
    case permissionDenied(path: String, operation: String)
    /// The file, its directory or its file system cannot be written.
    case readOnly(path: String)
    /// No space left.
    case diskFull(path: String)
    /// Less space on the disk than a task needs; sizes in bytes.
    case noRoom(path: String, task: String, needed: Int, available: Int)
    /// The collected clicks have reached the size that they may have, in bytes.
    case clicksFull(path: String, limit: Int)
    /// A stored part contradicts its checksum, its length or another part.
    case damaged(path: String, part: String, expected: String, found: String)
    /// A batch that contradicts itself or the index; nothing of it was written.
    case inconsistentBatch(reason: String)
    /// A generation that the index does not keep.
    case unknownGeneration(path: String, number: Int, kept: [Int])
    /// A generation that not every product is in cannot answer queries.
    case incompleteGeneration(path: String, number: Int, missing: Int)
    /// The generation that answers queries cannot be removed.
    case liveGeneration(path: String, number: Int)
    /// A filter names a field that no product has.
    case unknownField(name: String, known: [String])
    /// A filter that cannot be run.
    case unsupportedFilter(reason: String)
    /// The operating system's error on a file.
    case unreadable(path: String, operation: String, reason: String)
    /// Any other error of SQLite, by its extended result code.
    case sqlite(path: String, code: Int, message: String)

    /// Translates a POSIX error.
    init(errno code: Int32, path: String, doing operation: String) {
        switch code {
        case EACCES, EPERM: self = .permissionDenied(path: path, operation: operation)
        case EROFS: self = .readOnly(path: path)
        case ENOSPC, EDQUOT: self = .diskFull(path: path)
        default: self = .unreadable(path: path, operation: operation, reason: String(cString: strerror(code)))
        }
    }
}

extension StoreError: CustomStringConvertible, LocalizedError {
    /// What was expected, what was found, where, and what to do next.
    public var description: String {
        if let clickDescription { return clickDescription }
        return switch self {
        case .missing(let path):
            "\(path): no index here; create one with `aisle ingest FEED --index DIR`, or name the directory that holds index.sqlite"
        case .alreadyExists(let path):
            "\(path): an index is here already; open it, or choose another directory"
        case .emptyFile(let path):
            "\(path): the file is empty, an index begins with \"SQLite format 3\"; restore it from a copy, or remove it and ingest again"
        case .notSQLite(let path, let found):
            "\(path): expected an SQLite database, found \(found); restore it from a copy, or remove it and ingest again"
        case .foreignDatabase(let path, let applicationID):
            """
            \(path): expected an index of Aisle (application id 0x4169736C), found the database of another program \
            (application id 0x\(Self.hexadecimal(applicationID))); nothing was changed, choose another directory
            """
        case .newerFormat(let path, let found, let supported):
            """
            \(path): made by a newer Aisle (format \(found), this program reads up to \(supported)); \
            update Aisle, or ingest again into another directory
            """
        case .truncated(let path, let expected, let found):
            "\(path): cut off: the header promises \(expected) bytes, the file has \(found); restore it from a copy, or ingest again"
        case .locked(let path, let holder):
            """
            \(path): another process\(holder.map { " (process \($0))" } ?? "") is writing to this index; \
            wait until it has finished, or stop it
            """
        case .busy(let path):
            "\(path): the database stayed locked for longer than five seconds; try again when the other process has finished"
        case .permissionDenied(let path, let operation):
            "\(path): no permission to \(operation); change the owner or the mode of the file and its directory"
        case .readOnly(let path):
            "\(path): cannot be written (read-only file, directory or file system); copy the index to a place that can be written"
        case .diskFull(let path):
            "\(path): no space left on the disk; nothing of the last batch was kept, free some space and run the command again"
        case .noRoom(let path, let task, let needed, let available):
            """
            \(path): \(task) needs \(Self.megabytes(needed)) of free space on its file system, there are \(Self.megabytes(available)); \
            nothing was changed, free some space first
            """
        case .clicksFull(let path, let limit):
            """
            \(path): has reached the \(limit) bytes that collected clicks may take; remove old ones with \
            `aisle clicks drop --before DATE --index DIR`, or raise --max-click-bytes
            """
        case .damaged(_, let part, _, _):
            Self.partsWithoutRepair.contains(where: part.hasPrefix)
                ? "\(problem); restore the index from a copy, or ingest the feed into a new one"
                : "\(problem); run `aisle check --repair --index DIR`, or restore the index from a copy"
        case .inconsistentBatch(let reason):
            "batch refused, nothing of it was written: \(reason)"
        case .unknownGeneration(let path, let number, let kept):
            "\(path): there is no generation \(number); kept are: \(kept.map(String.init).joined(separator: ", "))"
        case .incompleteGeneration(let path, let number, let missing):
            "\(path): generation \(number) lacks \(missing) products; `aisle rebuild` or `aisle generations rollback` embeds them first"
        case .liveGeneration(let path, let number):
            "\(path): generation \(number) answers queries and cannot be dropped; rebuild or roll back to another one first"
        case .unknownField(let name, let known):
            "no field or attribute \"\(name)\" in this index\(Self.suggestion(for: name, among: known)); "
                + "there are: \(known.joined(separator: ", "))"
        case .unsupportedFilter(let reason):
            "the filter cannot be run: \(reason)"
        case .unreadable(let path, let operation, let reason):
            "\(path): could not \(operation): \(reason); check the path and the file system"
        case .sqlite(let path, let code, let message):
            "\(path): SQLite error \(code): \(message); run `aisle check --index DIR`"
        }
    }

    /// What nothing in the file tells a second time.
    private static let partsWithoutRepair = [
        "the SQLite file", "the generation record", "the live generation", "the model's fingerprint",
        "the format version",
        "the schema",
    ]

    /// What was expected, what was found and where, without what to do next: for a report that says so itself.
    package var problem: String {
        guard case .damaged(let path, let part, let expected, let found) = self else { return description }
        return "\(path): damaged: \(part): expected \(expected), found \(found)"
    }

    /// The same text, for `localizedDescription`.
    public var errorDescription: String? { description }

    private static func suggestion(for name: String, among known: [String]) -> String {
        let folded = name.lowercased()
        let near = known.first { $0.lowercased() == folded } ?? known.first { Self.differsInOneLetter($0, folded) }
        return near.map { " (did you mean \"\($0)\"?)" } ?? ""
    }

    /// Whether one letter inserted, deleted or replaced makes one word of the other.
    private static func differsInOneLetter(_ left: String, _ right: String) -> Bool {
        let (a, b) = (Array(left), Array(right))
        let start = zip(a, b).prefix { $0 == $1 }.count
        let end = min(zip(a.reversed(), b.reversed()).prefix { $0 == $1 }.count, min(a.count, b.count) - start)
        return max(a.count, b.count) - start - end == 1
    }

    private static func megabytes(_ bytes: Int) -> String { "\((bytes + 999_999) / 1_000_000) MB" }

    static func hexadecimal(_ value: UInt32) -> String {
        let digits = String(value, radix: 16, uppercase: true)
        return String(repeating: "0", count: 8 - digits.count) + digits
    }
}
