// The only door to index.sqlite: opening and creating it. Ingest, checkpoint, load, read and check stand in extensions.
//
// SQLite runs in WAL mode with `synchronous = FULL`: a committed batch survives a power cut, a process killed at any byte leaves
// the file as it was before or after a transaction, and readers in other processes see the last committed state while one writer
// works. Source: https://www.sqlite.org/wal.html.
//
// A new file is made under another name and renamed when it is complete, so that an index.sqlite is never half made.

import Catalog
package import Foundation
internal import GRDB
import Synchronization
import Tensors
import VectorSearch

/// One open index directory.
///
/// Safe to use from several threads: calls take turns on one SQLite connection.
package final class IndexStore: Sendable {
    /// What the store may be used for.
    package enum Mode: Hashable, Sendable {
        /// Reading; other processes may write meanwhile.
        case readOnly
        /// Reading and writing, with the directory's writer lock.
        case readWrite
        /// Reading where it may be damaged: a page whose checksum does not fit is noted, not refused.
        case examine
        /// Writing where it may be damaged.
        case mend

        var writes: Bool { self == .readWrite || self == .mend }
        var notesDamage: Bool { self == .examine || self == .mend }
    }

    /// The directory that holds index.sqlite.
    package let directory: URL
    /// The generation this store is about: the live one as it was at opening, or the one that was asked for.
    package let generation: GenerationRecord
    let path: String
    let mode: Mode
    private let database: DatabaseQueue
    /// Behind the connection, which is closed first.
    let openFile: OpenIndexFile
    /// Held as long as the store lives, when it writes; or for a turn at a time.
    let lock: Mutex<WriterLock?>

    private init(
        directory: URL, mode: Mode, generation: GenerationRecord, database: DatabaseQueue, openFile: OpenIndexFile,
        lock: WriterLock?
    ) {
        self.mode = mode
        self.openFile = openFile
        self.directory = directory
        self.generation = generation
        path = Self.databasePath(in: directory)
        self.database = database
        self.lock = Mutex(lock)
    }

    /// Makes an empty index with one generation and opens it for writing; the directory is made if need be.
    /// - Parameters:
    ///   - directory: where index.sqlite will be.
    ///   - generation: what the index records of its model and graph.
    ///   - pageSize: bytes per page of the file; nil: what suits a shop.
    ///   - prepare: runs under the writer lock before the file is made: what the index relies on has to be there first.
    /// - Returns: the index, open for writing.
    /// - Throws: `StoreError.alreadyExists`, `.locked`, `.permissionDenied`, `.readOnly`, `.diskFull`, and what `prepare` throws.
    package static func create(
        at directory: URL, generation: NewGeneration, pageSize: Int? = nil, prepare: () throws -> Void = {}
    ) throws -> IndexStore {
        let path = databasePath(in: directory)
        try makeDirectory(directory)
        let lock = try WriterLock(directory: directory)
        guard !FileManager.default.fileExists(atPath: path) else { throw StoreError.alreadyExists(path: path) }
        try prepare()
        let draft = path + ".new"
        // A log left beside an index that was removed by hand would be replayed into the new one.
        for leftover in [draft, draft + "-journal", path + "-wal", path + "-shm"] { unlink(leftover) }
        do {
            let database = try DatabaseQueue(
                path: uri(draft, "mode=rwc" + PageChecksums.parameters(notesDamage: false)),
                configuration: configuration(for: .readWrite))
            try database.inDatabase {
                try writeEmptyIndex(into: $0, generation: generation, pageSize: pageSize ?? Schema.pageSize)
            }
            try database.close()
        } catch {
            unlink(draft)
            throw StoreError(translating: error, path: path)
        }
        guard rename(draft, path) == 0 else {
            throw StoreError(errno: errno, path: path, doing: "rename the new index to")
        }
        try synchronizeDirectory(directory)
        return try open(at: directory, mode: .readWrite, OpenIndexFile(path: path), lock: lock)
    }

    /// Removes index.sqlite and what SQLite keeps beside it; the store must not be used any more.
    /// - Throws: `StoreError.permissionDenied` and the like.
    package func removeFiles() throws(StoreError) {
        try close()
        for suffix in ["-wal", "-shm", ""] where unlink(path + suffix) != 0 && errno != ENOENT {
            throw StoreError(errno: errno, path: path + suffix, doing: "remove the file")
        }
    }

    /// Ends the connection; SQLite then takes its log into the file.
    func close() throws(StoreError) {
        do { try database.close() } catch { throw StoreError(translating: error, path: path) }
    }

    /// Opens an index and checks that it is one: header, size, application id, format version, generation record.
    ///
    /// An older format is brought up to date when it is opened for writing, and read as it is otherwise.
    /// - Parameters:
    ///   - directory: holds index.sqlite.
    ///   - mode: reading, or writing with the directory's lock.
    ///   - generation: the number of one that is kept; nil: the live one.
    ///   - isBrief: whether the lock is held for one transaction only, so that others wait for it.
    /// - Returns: the store, about that generation.
    /// - Throws: `StoreError`; a damaged vector or link is found by `load`, not here.
    /// - Complexity: a few page reads, independent of the index's size.
    package static func open(
        at directory: URL, mode: Mode, generation: Int? = nil, isBrief: Bool = false
    ) throws(StoreError) -> IndexStore {
        let openFile = try OpenIndexFile(path: databasePath(in: directory))
        let lock = mode.writes ? try WriterLock(directory: directory, isBrief: isBrief) : nil
        return try open(at: directory, mode: mode, openFile, lock: lock, generation: generation)
    }

    private static func open(
        at directory: URL, mode: Mode, _ openFile: OpenIndexFile, lock: WriterLock?, generation number: Int? = nil
    ) throws(StoreError) -> IndexStore {
        let path = databasePath(in: directory)
        if mode.writes, access(path, W_OK) != 0 {
            throw StoreError(errno: errno, path: path, doing: "write the index")
        }
        do {
            let database = try DatabaseQueue(
                path: indexPath(path, mode: mode), configuration: configuration(for: mode))
            try database.inDatabase { try checkFormat($0, path: path, mode: mode) }
            let generation = try database.read { try self.generation(number, $0, path: path) }
            return IndexStore(
                directory: directory, mode: mode, generation: generation, database: database, openFile: openFile,
                lock: lock)
        } catch {
            throw StoreError(translating: error, path: path)
        }
    }

    // MARK: - Access for the extensions

    /// Runs several calls of this store on one state of the file, whatever another process commits meanwhile.
    ///
    /// Calls from other threads wait until it ends.
    /// - Throws: what the body throws.
    package func snapshot<Value>(_ body: () throws -> Value) throws -> Value {
        do { return try transaction { _ in try body() } } catch let error as DatabaseError {
            throw StoreError(translating: error, path: path)
        }
    }

    /// Runs reads on one consistent state of the database: that of the snapshot around them, if there is one.
    func read<Value>(_ body: (Database) throws -> Value) throws(StoreError) -> Value {
        do { return try transaction(body) } catch { throw StoreError(translating: error, path: path) }
    }

    private func transaction<Value>(_ body: (Database) throws -> Value) throws -> Value {
        // Reentrant, since a snapshot's body calls methods that read; the transaction is the outermost call's.
        try database.unsafeReentrantRead { connection in
            if connection.isInsideTransaction { return try body(connection) }
            return try connection.readOnly {
                var value: Value?
                try connection.inTransaction(.deferred) {
                    value = try body(connection)
                    // A read has nothing to commit, and SQLite would refuse to after it has met a damaged page.
                    return .rollback
                }
                guard let value else { preconditionFailure("the transaction ran without its body") }
                return value
            }
        }
    }

    /// Bytes of the database with everything committed, whether or not it still stands in SQLite's log.
    package func byteCount() throws(StoreError) -> Int {
        try read { connection in
            let pages = try Int.fetchOne(connection, sql: "PRAGMA page_count") ?? 0
            return pages * (try Int.fetchOne(connection, sql: "PRAGMA page_size") ?? 0)
        }
    }

    /// A number that is another one after every commit of another connection.
    package func dataVersion() throws(StoreError) -> Int {
        try read { try Int.fetchOne($0, sql: "PRAGMA data_version") ?? 0 }
    }

    private var hasLock: Bool { lock.withLock { $0 != nil } }

    /// Runs one transaction: everything or, when the body throws, nothing.
    func write<Value>(_ body: (Database) throws -> Value) throws(StoreError) -> Value {
        guard hasLock else { throw .readOnly(path: path) }
        do { return try database.write(body) } catch { throw StoreError(translating: error, path: path) }
    }

    /// Runs statements that SQLite takes outside transactions only.
    func withoutTransaction<Value>(_ body: (Database) throws -> Value) throws(StoreError) -> Value {
        guard hasLock else { throw .readOnly(path: path) }
        do { return try database.writeWithoutTransaction(body) } catch {
            throw StoreError(translating: error, path: path)
        }
    }

    /// Ends the statement that is running, if there is one, with an error; its transaction is rolled back.
    func interrupt() { database.interrupt() }

    /// Another connection for reading the file of this name.
    func makeReader() throws -> DatabaseQueue {
        let mode: Mode = mode.notesDamage ? .examine : .readOnly
        return try DatabaseQueue(
            path: Self.indexPath(path, mode: mode), configuration: Self.configuration(for: mode))
    }

    // MARK: - Connection

    private static func databasePath(in directory: URL) -> String {
        directory.appendingPathComponent("index.sqlite").standardizedFileURL.path
    }

    private static func configuration(for mode: Mode) -> Configuration {
        var configuration = Configuration()
        configuration.readonly = !mode.writes
        configuration.foreignKeysEnabled = true
        configuration.busyMode = .timeout(5)
        configuration.label = "Aisle index"
        configuration.prepareDatabase { connection in
            try connection.execute(
                sql: "PRAGMA synchronous = FULL; PRAGMA temp_store = MEMORY; PRAGMA cache_size = -32768")
            FilterFunctions.register(in: connection)
        }
        return configuration
    }

    /// The path as a URI, which where it is so tells SQLite that nobody can write: without it, reading a WAL database needs a writable directory.
    ///
    /// Immutable is chosen only where this process may not write the directory and no log waits to be read. Should another user's
    /// process write there meanwhile, such a reader must be opened anew: SQLite takes no locks for it.
    static func connectionPath(_ path: String, writes: Bool) -> String {
        let directory = (path as NSString).deletingLastPathComponent
        let isImmutable =
            !writes && access(directory, W_OK) != 0 && !DatabaseHeader.hasContent(path + "-wal")
        // Never created: where a file was there a moment ago and is not now, an empty one would take its place.
        return uri(path, isImmutable ? "immutable=1" : writes ? "mode=rw" : "mode=ro")
    }

    /// The same for an index, whose pages are verified.
    static func indexPath(_ path: String, mode: Mode) -> String {
        connectionPath(path, writes: mode.writes) + PageChecksums.parameters(notesDamage: mode.notesDamage)
    }

    private static func uri(_ path: String, _ parameters: String) -> String {
        var unreserved = CharacterSet.alphanumerics.intersection(CharacterSet(charactersIn: "\u{0}"..."\u{7F}"))
        unreserved.insert(charactersIn: "/-._~")
        return "file://\(path.addingPercentEncoding(withAllowedCharacters: unreserved) ?? path)?\(parameters)"
    }

    // MARK: - Creating

    private static func writeEmptyIndex(
        into connection: Database, generation: NewGeneration, pageSize: Int
    ) throws {
        try PageChecksums.reserve(in: connection)
        try connection.execute(
            sql: """
                PRAGMA page_size = \(pageSize);
                PRAGMA application_id = \(DatabaseHeader.applicationID);
                """)
        try Schema.migrate(connection, from: 0)
        try connection.inTransaction {
            try insert(generation, number: 1, into: connection)
            try connection.execute(sql: "INSERT INTO live (only_row, generation) VALUES (1, 1)")
            return .commit
        }
        // Last, because it is recorded in the file: from here on every connection uses a write-ahead log.
        try connection.execute(sql: "PRAGMA journal_mode = WAL")
    }

    static func insert(_ generation: NewGeneration, number: Int, into connection: Database) throws {
        try connection.execute(
            sql: """
                INSERT INTO generation (id, fingerprint, model_name, dimension, template,
                                        max_neighbors, ef_construction, seed, created_at, checksum, precision)
                VALUES (?, ?, CAST(? AS TEXT), ?, CAST(? AS TEXT), ?, ?, ?, ?, ?, ?)
                """,
            arguments: [
                number, generation.fingerprint.rawValue, boundText(generation.modelName), generation.dimension,
                boundText(generation.template.description), generation.parameters.maxNeighbors,
                generation.parameters.efConstruction, Int64(bitPattern: generation.parameters.seed),
                Int64((generation.createdAt.timeIntervalSince1970 * 1000).rounded()),
                GenerationRecord(id: number, generation).checksum.data, generation.precision.rawValue,
            ])
    }

    private static func makeDirectory(_ directory: URL) throws(StoreError) {
        do {
            try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        } catch {
            let cause = (error as? CocoaError)?.underlying as? POSIXError
            throw StoreError(
                errno: cause?.code.rawValue ?? ENOTDIR, path: directory.path, doing: "make the directory")
        }
    }

    static func synchronizeDirectory(_ directory: URL) throws(StoreError) {
        let descriptor = Glibc.open(directory.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw StoreError(errno: errno, path: directory.path, doing: "open") }
        defer { Glibc.close(descriptor) }
        guard fsync(descriptor) == 0 else { throw StoreError(errno: errno, path: directory.path, doing: "synchronize") }
    }

    // MARK: - Opening

    /// Refuses formats that this program does not know, and brings older ones up to date where it may write.
    private static func checkFormat(_ connection: Database, path: String, mode: Mode) throws {
        let found = try Schema.format(of: connection)
        guard found <= Schema.version else {
            throw StoreError.newerFormat(path: path, found: found, supported: Schema.version)
        }
        guard found >= 1 else {
            throw StoreError.damaged(
                path: path, part: "the format version", expected: "1...\(Schema.version)", found: String(found))
        }
        if found < Schema.version, mode.writes { try Schema.migrate(connection, from: found) }
    }

    /// The record of a generation; nil: of the live one.
    static func generation(_ number: Int?, _ connection: Database, path: String) throws -> GenerationRecord {
        let statement = try connection.cachedStatement(
            sql: """
                SELECT id, CAST(fingerprint AS BLOB), CAST(model_name AS BLOB), dimension, CAST(template AS BLOB),
                       max_neighbors, ef_construction, seed, created_at, checksum,
                       CAST(\(try Schema.precisionColumn(in: connection)) AS BLOB)
                FROM generation WHERE id = ifnull(?, (SELECT generation FROM live))
                """)
        let row = try Row.fetchOne(statement, arguments: [number])
        if row == nil, let number {
            let kept = try Int.fetchAll(connection, sql: "SELECT id FROM generation ORDER BY id")
            throw StoreError.unknownGeneration(path: path, number: number, kept: kept)
        }
        func damaged(_ part: String, expected: String, found: String) -> StoreError {
            .damaged(path: path, part: part, expected: expected, found: found)
        }
        guard let row else {
            throw damaged("the live generation", expected: "one row in table live and its generation", found: "none")
        }
        guard let fingerprint = try ModelFingerprint(rawValue: row.text(1)) else {
            throw damaged("the model's fingerprint", expected: "64 hexadecimal digits", found: try row.text(1))
        }
        let (id, dimension) = (try row.integer(0), try row.integer(3))
        guard id > 0, (1...GenerationRecord.largestDimension).contains(dimension) else {
            throw damaged(
                "the generation record",
                expected: "a number from 1 on and a dimension from 1 to \(GenerationRecord.largestDimension)",
                found: "\(id) and \(dimension)")
        }
        guard let precision = try Precision(rawValue: row.text(10)) else {
            let names = Precision.allCases.map(\.rawValue).joined(separator: ", ")
            throw damaged("the generation record", expected: "a precision of \(names)", found: try row.text(10))
        }
        let record: GenerationRecord
        do {
            record = try GenerationRecord(
                id: row.integer(0), fingerprint: fingerprint, modelName: row.text(2), precision: precision,
                dimension: row.integer(3),
                parameters: HNSWParameters(
                    maxNeighbors: row.integer(5), efConstruction: row.integer(6),
                    seed: UInt64(bitPattern: Int64(row.integer(7)))),
                template: TextTemplate(row.text(4)),
                createdAt: Date(timeIntervalSince1970: Double(row.integer(8)) / 1000))
        } catch let error where !(error is ColumnMismatch) {
            throw damaged("the generation record", expected: "valid parameters", found: "\(error)")
        }
        let stored = try row.digest(9)
        guard record.checksum == stored else {
            throw damaged("the generation record", expected: "checksum \(stored)", found: "\(record.checksum)")
        }
        return record
    }
}
