// Creating and opening: what an index is, and every kind of file that is none.

import Catalog
import Foundation
import GRDB
import Tensors
import Testing
import VectorSearch

@testable import IndexStore

struct IndexStoreTests {
    @Test func `a new index opens with the record it was made with`() throws {
        let directory = try TemporaryDirectory()
        let parameters = try HNSWParameters(maxNeighbors: 5, efConstruction: 33, seed: .max - 1)
        var generation = try newGeneration(dimension: 384, parameters: parameters)
        generation.precision = .int8
        generation.modelName = "modèle \"O'Neil\"; DROP TABLE live"
        generation.template = try TextTemplate("title,color,description")
        let made = try IndexStore.create(at: directory.url.appendingPathComponent("deep/er"), generation: generation)
            .generation
        let store = try IndexStore.open(at: directory.url.appendingPathComponent("deep/er"), mode: .readOnly)
        #expect(store.generation == made)
        #expect(made.id == 1 && made.dimension == 384 && made.parameters == parameters)
        #expect(made.fingerprint == generation.fingerprint && made.modelName == generation.modelName)
        #expect(made.template == generation.template && made.precision == .int8)
        #expect(made.createdAt.timeIntervalSince1970 == 1_750_000_000.123)
        #expect(try store.productCount() == 0 && store.nodeCount() == 0 && store.liveNodes().isEmpty)
        let loaded = try store.load()
        #expect(loaded.vectors.count == 0 && loaded.vectors.dimension == 384 && loaded.graph.count == 0)
        #expect(try store.integrityFindings() == [])
    }

    @Test func `the file says whose it is and how it is written`() throws {
        let directory = try makeIndex(products: 1)
        let header = try Data(contentsOf: URL(fileURLWithPath: directory.index)).prefix(100)
        #expect(Array(header[68..<72]) == Array("Aisl".utf8))
        #expect(Array(header[60..<64]) == [0, 0, 0, 3])
        #expect(header[18] == 2 && header[19] == 2, "the header does not ask for a write-ahead log")
        #expect(!FileManager.default.fileExists(atPath: directory.index + ".new"))
    }

    @Test func `refuses to create where an index is`() throws {
        let directory = try makeIndex(products: 1)
        #expect(throws: StoreError.alreadyExists(path: directory.index)) {
            try IndexStore.create(at: directory.url, generation: newGeneration())
        }
        #expect(try IndexStore.open(at: directory.url, mode: .readOnly).productCount() == 1)
    }

    @Test func `a draft and a log that others left behind do not get into a new index`() throws {
        let directory = try makeIndex(products: 3)
        let store = try IndexStore.open(at: directory.url, mode: .readWrite)
        try store.ingest([product("p9", "In the log")])
        let copy = try directory.copy()
        try FileManager.default.removeItem(atPath: copy.index)
        try Data("half".utf8).write(to: URL(fileURLWithPath: copy.index + ".new"))
        #expect(try IndexStore.create(at: copy.url, generation: newGeneration()).productCount() == 0)
        #expect(try IndexStore.open(at: copy.url, mode: .readOnly).integrityFindings() == [])
    }

    // MARK: - Files that are no index

    @Test(arguments: [IndexStore.Mode.readOnly, .readWrite])
    func `a directory without an index, or none at all, is told`(mode: IndexStore.Mode) throws {
        let directory = try TemporaryDirectory()
        #expect(throws: StoreError.missing(path: directory.index)) {
            try IndexStore.open(at: directory.url, mode: mode)
        }
        let absent = directory.url.appendingPathComponent("absent")
        #expect(throws: StoreError.missing(path: absent.path + "/index.sqlite")) {
            try IndexStore.open(at: absent, mode: mode)
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: directory.url.path) == [])
    }

    @Test func `an empty file is told from one of another kind`() throws {
        let directory = try TemporaryDirectory()
        let file = URL(fileURLWithPath: directory.index)
        try Data().write(to: file)
        #expect(throws: StoreError.emptyFile(path: directory.index)) {
            try IndexStore.open(at: directory.url, mode: .readWrite)
        }
        for text in ["id,title\n1,Pan\n", "S", "SQLite format 4\u{0} and more"] {
            try Data(text.utf8).write(to: file)
            let error = try storeError { try IndexStore.open(at: directory.url, mode: .readWrite) }
            guard case .notSQLite(directory.index, let found) = error else {
                Issue.record("\(text.debugDescription) gave \(error)")
                continue
            }
            #expect(found.contains(text.prefix(1)))
        }
        try FileManager.default.removeItem(at: file)
        try FileManager.default.createDirectory(at: file, withIntermediateDirectories: false)
        #expect(
            try storeError { try IndexStore.open(at: directory.url, mode: .readOnly) }.description.contains(
                "no regular file"))
    }

    @Test(arguments: [0, 0x4750_4B47]) func `another program's database is refused and left alone`(applicationID: Int)
        throws
    {
        let directory = try TemporaryDirectory()
        try directory.tamper("PRAGMA application_id = \(applicationID); CREATE TABLE t (x); INSERT INTO t VALUES (1)")
        let before = try Data(contentsOf: URL(fileURLWithPath: directory.index))
        for mode in [IndexStore.Mode.readOnly, .readWrite] {
            #expect(throws: StoreError.foreignDatabase(path: directory.index, applicationID: UInt32(applicationID))) {
                try IndexStore.open(at: directory.url, mode: mode)
            }
        }
        #expect(throws: StoreError.alreadyExists(path: directory.index)) {
            try IndexStore.create(at: directory.url, generation: newGeneration())
        }
        #expect(try Data(contentsOf: URL(fileURLWithPath: directory.index)) == before)
    }

    @Test func `a newer format names both versions, a format of zero is damage`() throws {
        let directory = try makeIndex(products: 1)
        try directory.tamper("PRAGMA user_version = 7")
        let newer = StoreError.newerFormat(path: directory.index, found: 7, supported: 3)
        #expect(throws: newer) { try IndexStore.open(at: directory.url, mode: .readWrite) }
        #expect(newer.description.contains("newer Aisle (format 7, this program reads up to 3)"))
        try directory.tamper("PRAGMA user_version = 0")
        let error = try storeError { try IndexStore.open(at: directory.url, mode: .readWrite) }
        guard case .damaged(_, "the format version", "1...3", "0") = error else { throw error }
    }

    @Test func `a file that was cut off gives an error wherever it was cut`() throws {
        let directory = try makeIndex(products: 40)
        let whole = try Data(contentsOf: URL(fileURLWithPath: directory.index))
        for length in [1, 15, 16, 17, 99, 100, 4096, whole.count / 2, whole.count - 8192, whole.count - 1] {
            let copy = try TemporaryDirectory()
            try whole.prefix(length).write(to: URL(fileURLWithPath: copy.index))
            let error = try storeError { try IndexStore.open(at: copy.url, mode: .readOnly) }
            switch error {
            case .notSQLite where length < 16: break
            case .truncated(_, let expected, length) where length >= 16:
                #expect(expected == (length < 100 ? 100 : whole.count))
            default: Issue.record("\(length) bytes gave \(error)")
            }
        }
    }

    @Test(arguments: [
        ("DELETE FROM live", "the live generation"), ("DROP TABLE generation", "the schema"),
        ("UPDATE generation SET fingerprint = replace(fingerprint, '3', 'x')", "the model's fingerprint"),
        ("UPDATE generation SET max_neighbors = 1", "the generation record"),
        ("UPDATE generation SET template = 'title,,'", "the generation record"),
    ]) func `a generation record that says nothing sensible is damage`(sql: String, part: String) throws {
        let directory = try makeIndex(products: 1)
        try directory.tamper(sql)
        let error = try storeError { try IndexStore.open(at: directory.url, mode: .readOnly) }
        guard case .damaged(directory.index, part, _, _) = error else { throw error }
    }

    // MARK: - Rights and locks

    @Test func `a second writer is told who writes, until the first one is gone`() throws {
        let directory = try makeIndex(products: 1)
        let locked = StoreError.locked(path: directory.url.path, holder: Int(getpid()))
        #expect(locked.description.contains("process \(getpid())"))
        do {
            let first = try IndexStore.open(at: directory.url, mode: .readWrite)
            #expect(throws: locked) { try IndexStore.open(at: directory.url, mode: .readWrite) }
            #expect(throws: locked) { try IndexStore.create(at: directory.url, generation: newGeneration()) }
            #expect(try IndexStore.open(at: directory.url, mode: .readOnly).productCount() == 1)
            #expect(try first.delete([]) == 0)
        }
        #expect(try IndexStore.open(at: directory.url, mode: .readWrite).productCount() == 1)
    }

    @Test(.enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/flock"), "needs util-linux"))
    func `the lock dies with its process`() throws {
        let directory = try makeIndex(products: 1)
        let holder = Process()
        holder.executableURL = URL(fileURLWithPath: "/usr/bin/flock")
        holder.arguments = ["-x", "-F", directory.url.appendingPathComponent("writer.lock").path, "sleep", "60"]
        try holder.run()
        var error: (any Error)?
        for _ in 0..<200 {
            do { _ = try IndexStore.open(at: directory.url, mode: .readWrite) } catch let caught { error = caught }
            if error != nil { break }
            usleep(10_000)
        }
        guard case .locked? = error as? StoreError else { throw try #require(error) }
        kill(holder.processIdentifier, SIGKILL)
        holder.waitUntilExit()
        #expect(try IndexStore.open(at: directory.url, mode: .readWrite).productCount() == 1)
    }

    @Test func `a reader cannot write`() throws {
        let directory = try makeIndex(products: 1)
        let store = try IndexStore.open(at: directory.url, mode: .readOnly)
        #expect(throws: StoreError.readOnly(path: directory.index)) { try store.ingest([product("x", "New")]) }
        #expect(throws: StoreError.readOnly(path: directory.index)) { try store.checkpoint(store.load().graph) }
        #expect(throws: StoreError.readOnly(path: directory.index)) { try store.delete([]) }
    }

    @Test(.enabled(if: geteuid() != 0, "root may write everywhere"))
    func `a directory that cannot be written is read as it is`() throws {
        let directory = try makeIndex(products: 5)
        chmod(directory.url.path, 0o555)
        let store = try IndexStore.open(at: directory.url, mode: .readOnly)
        #expect(try store.productCount() == 5 && store.load().graph.count == 5)
        #expect(!FileManager.default.fileExists(atPath: directory.index + "-shm"))
        unlink(directory.url.appendingPathComponent("writer.lock").path)
        let error = try storeError {
            try IndexStore.create(at: directory.url.appendingPathComponent("x"), generation: newGeneration())
        }
        guard case .permissionDenied = error else { throw error }
    }

    @Test(.enabled(if: geteuid() != 0, "root may read everything"))
    func `missing permissions name the operation`() throws {
        let directory = try makeIndex(products: 1)
        chmod(directory.index, 0o444)
        #expect(throws: StoreError.permissionDenied(path: directory.index, operation: "write the index")) {
            try IndexStore.open(at: directory.url, mode: .readWrite)
        }
        chmod(directory.index, 0)
        #expect(throws: StoreError.permissionDenied(path: directory.index, operation: "open")) {
            try IndexStore.open(at: directory.url, mode: .readOnly)
        }
    }

    @Test func `paths with signs that mean something in a URI work`() throws {
        let directory = try TemporaryDirectory()
        let odd = directory.url.appendingPathComponent("50% off? #1 &x=y ü'\"")
        try IndexStore.create(at: odd, generation: newGeneration()).ingest([product("a", "A")])
        #expect(try IndexStore.open(at: odd, mode: .readOnly).productCount() == 1)
    }
}
