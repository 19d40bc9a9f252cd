// What shoppers searched and clicked, in clicks.sqlite beside the index: opening, creating and appending. Reading and removing stand in
// extensions; docs/decisions/0012-clicks-in-a-file-of-their-own.md says why it is a file of its own.
//
// WAL mode with `synchronous = FULL`: documents that were appended survive a killed process and a power cut. There is no lock for a whole
// run: each call is one transaction, or several that need not be together, so that a server appends while another process removes old
// documents. A new file is made under another name and renamed when it is complete.

package import Catalog
package import Foundation
internal import GRDB

/// The collected clicks of one index directory.
///
/// Safe to use from several threads: calls take turns on one SQLite connection.
package final class ClickStore: Sendable {
    /// What the store may be used for.
    package enum Mode: Hashable, Sendable {
        /// Reading; other processes may append and remove meanwhile.
        case readOnly
        /// Reading, appending and removing.
        case readWrite
    }

    /// "AisC" as four ASCII bytes: `PRAGMA application_id`.
    static let applicationID: UInt32 = 0x4169_7343
    /// The file's name in the index directory.
    static let fileName = "clicks.sqlite"
    /// Format version this program reads and writes.
    static let version = 1
    /// Bytes that a row takes beside its text, rounded up: key, time, digest, and its two places in indexes.
    private static let rowOverhead = 128
    /// Bytes that SQLite's log is cut back to after a burst.
    private static let logSize = 16_777_216

    let path: String
    private let database: DatabaseQueue
    /// Behind the connection, which is closed first.
    private let openFile: OpenIndexFile

    private init(path: String, database: DatabaseQueue, openFile: OpenIndexFile) {
        self.openFile = openFile
        self.path = path
        self.database = database
    }

    /// Opens the clicks of an index and checks that they are such: header, size, application id, format version, table.
    /// - Parameters:
    ///   - directory: the index.
    ///   - mode: reading, or also appending and removing.
    /// - Returns: the store.
    /// - Throws: `StoreError.missing` where nothing has been collected yet, and the others for a file that is not as it should be.
    package static func open(at directory: URL, mode: Mode) throws(StoreError) -> ClickStore {
        let path = path(in: directory)
        let openFile = try OpenIndexFile(path: path, applicationID: applicationID)
        if mode == .readWrite, access(path, W_OK) != 0 {
            throw StoreError(errno: errno, path: path, doing: "write the collected clicks")
        }
        do {
            let database = try DatabaseQueue(
                path: IndexStore.connectionPath(path, writes: mode == .readWrite),
                configuration: configuration(for: mode))
            try database.inDatabase { connection in
                let found = try Int.fetchOne(connection, sql: "PRAGMA user_version") ?? 0
                guard found <= version else {
                    throw StoreError.newerFormat(path: path, found: found, supported: version)
                }
                guard found == version else {
                    throw StoreError.damaged(
                        path: path, part: "the format version", expected: "\(version)", found: "\(found)")
                }
                _ = try Row.fetchOne(
                    connection, sql: "SELECT number, kind, time, has_own_time, digest, text FROM document LIMIT 1")
            }
            return ClickStore(path: path, database: database, openFile: openFile)
        } catch {
            throw StoreError(translating: error, path: path)
        }
    }

    /// Opens the clicks of an index for appending, and makes the file if there is none.
    /// - Throws: as `open`; `StoreError.readOnly`, `.permissionDenied` or `.diskFull` where no file can be made.
    package static func openOrCreate(at directory: URL) throws(StoreError) -> ClickStore {
        do { return try open(at: directory, mode: .readWrite) } catch StoreError.missing {
            try create(in: directory)
            return try open(at: directory, mode: .readWrite)
        }
    }

    /// Whether the file at the path is still the one that is open, and not moved away or replaced.
    package var isInPlace: Bool { openFile.isCurrent(path: path) }

    /// Takes SQLite's log into the file: for one that was moved away, whose log stays behind under the old name, where closing would leave it.
    package func takeInLog() throws(StoreError) {
        try outsideTransaction { _ = try Row.fetchOne($0, sql: "PRAGMA wal_checkpoint(TRUNCATE)") }
    }

    /// Appends documents in one transaction; they are on the disk when it returns.
    ///
    /// A document that came with its time and is there already, byte for byte, is a second try of the same one and changes nothing.
    /// - Parameters:
    ///   - documents: in order of arrival.
    ///   - maxBytes: what the file may take with them.
    /// - Returns: how many were new.
    /// - Throws: `StoreError.clicksFull`, `.diskFull`, `.busy` and others; then none of them was appended.
    @discardableResult
    package func append(_ documents: [CollectedDocument], maxBytes: Int = .max) throws(StoreError) -> Int {
        try write { connection in
            let size = documents.reduce(try Self.usedBytes(connection)) { $0 + $1.text.utf8.count + Self.rowOverhead }
            guard size <= maxBytes else { throw StoreError.clicksFull(path: path, limit: maxBytes) }
            let before = connection.totalChangesCount
            let insert = try connection.cachedStatement(
                sql: """
                    INSERT INTO document (kind, time, has_own_time, digest, text) VALUES (?, ?, ?, ?, ?)
                    ON CONFLICT (digest) WHERE has_own_time = 1 DO NOTHING
                    """)
            for document in documents {
                try insert.execute(arguments: [
                    document.kind.rawValue, document.milliseconds, document.hasOwnTime ? 1 : 0,
                    ClickDigest.data(of: document), document.text,
                ])
            }
            return connection.totalChangesCount - before
        }
    }

    // MARK: - Access for the extensions

    /// Runs reads on one consistent state.
    func read<Value>(_ body: (Database) throws -> Value) throws(StoreError) -> Value {
        do { return try database.read(body) } catch { throw StoreError(translating: error, path: path) }
    }

    /// Runs one transaction: everything or, when the body throws, nothing.
    func write<Value>(_ body: (Database) throws -> Value) throws(StoreError) -> Value {
        do {
            return try database.writeWithoutTransaction { connection in
                var value: Value?
                try connection.inTransaction(.immediate) {
                    value = try body(connection)
                    return .commit
                }
                guard let value else { preconditionFailure("the transaction ran without its body") }
                return value
            }
        } catch { throw StoreError(translating: error, path: path) }
    }

    /// Runs a statement that SQLite refuses inside a transaction.
    func outsideTransaction<Value>(_ body: (Database) throws -> Value) throws(StoreError) -> Value {
        do { return try database.writeWithoutTransaction(body) } catch {
            throw StoreError(translating: error, path: path)
        }
    }

    /// Bytes of the pages in use, whether or not they still stand in SQLite's log.
    static func usedBytes(_ connection: Database) throws -> Int {
        func number(_ name: String) throws -> Int { try Int.fetchOne(connection, sql: "PRAGMA \(name)") ?? 0 }
        return try (number("page_count") - number("freelist_count")) * number("page_size")
    }

    // MARK: - Connection

    static func path(in directory: URL) -> String {
        directory.appendingPathComponent(fileName).standardizedFileURL.path
    }

    private static func configuration(for mode: Mode) -> Configuration {
        var configuration = Configuration()
        configuration.readonly = mode == .readOnly
        configuration.busyMode = .timeout(5)
        configuration.label = "Aisle clicks"
        configuration.prepareDatabase { connection in
            // What is removed is overwritten: it is about people.
            try connection.execute(
                sql: """
                    PRAGMA synchronous = FULL; PRAGMA temp_store = MEMORY; PRAGMA secure_delete = ON;
                    PRAGMA journal_size_limit = \(logSize)
                    """)
        }
        return configuration
    }

    // MARK: - Creating

    private static func create(in directory: URL) throws(StoreError) {
        let path = path(in: directory)
        // Two servers of one index may make it at once.
        let lock = try WriterLock(directory: directory, name: "clicks.lock", isBrief: true)
        defer { withExtendedLifetime(lock) {} }
        guard !FileManager.default.fileExists(atPath: path) else { return }
        let draft = path + ".new"
        for leftover in [draft, draft + "-journal", draft + "-wal", draft + "-shm", path + "-shm"] { unlink(leftover) }
        // A log left behind by a file that was moved or removed would be replayed into the new one; the documents in it may be the only copy.
        if DatabaseHeader.hasContent(path + "-wal"), rename(path + "-wal", path + "-wal.left") != 0 {
            throw StoreError(errno: errno, path: path + "-wal", doing: "move the log of an earlier file aside")
        }
        do {
            let database = try DatabaseQueue(path: draft, configuration: configuration(for: .readWrite))
            try database.inDatabase { try $0.execute(sql: ClickSchema.creation) }
            try database.close()
            // What is in it is about people; SQLite gives its log the same mode.
            guard chmod(draft, 0o600) == 0 else {
                throw StoreError(errno: errno, path: path, doing: "set the mode of the new file")
            }
        } catch {
            unlink(draft)
            throw StoreError(translating: error, path: path)
        }
        guard rename(draft, path) == 0 else {
            throw StoreError(errno: errno, path: path, doing: "rename the new file to")
        }
        try IndexStore.synchronizeDirectory(directory)
    }
}
