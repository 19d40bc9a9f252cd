// What a file with checksums is through its life: written, checkpointed, rewritten, damaged, changed by others.

import CPageChecksums
import Catalog
import Foundation
import GRDB
import GRDBSQLite
import Testing
import VectorSearch

@testable import IndexStore

struct PageDamageTests {
    private let pageSize = Schema.pageSize

    private func bytes(of directory: TemporaryDirectory) throws -> [UInt8] {
        try Array(Data(contentsOf: URL(fileURLWithPath: directory.index)))
    }

    private func write(_ bytes: [UInt8], to directory: TemporaryDirectory) throws {
        for suffix in ["-wal", "-shm"] { unlink(directory.index + suffix) }
        try Data(bytes).write(to: URL(fileURLWithPath: directory.index))
    }

    /// Numbers of pages that do not have the checksum of their bytes; pages of zeros were never written.
    private func unsoundPages(_ bytes: [UInt8], size: Int) -> [Int] {
        bytes.withUnsafeBufferPointer { buffer in
            (0..<buffer.count / size).filter { place in
                let page = UnsafeBufferPointer(rebasing: buffer[place * size..<(place + 1) * size])
                guard let start = page.baseAddress, page.contains(where: { $0 != 0 }) else { return false }
                let stored = page.suffix(8).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
                return aisle_page_checksum(start, size, UInt64(place + 1)) != stored
            }.map { $0 + 1 }
        }
    }

    /// Opens, loads and asks; all pages that hold something are read.
    private func readAll(_ directory: TemporaryDirectory) throws {
        let store = try IndexStore.open(at: directory.url, mode: .readOnly)
        let findings = try store.integrityFindings()
        #expect(findings == [])
        _ = try store.load()
    }

    private func refusal(of directory: TemporaryDirectory) throws -> StoreError {
        try storeError { try IndexStore.open(at: directory.url, mode: .readOnly).load() }
    }

    @Test func `a new index has a checksum on every page, after its first checkpoint as after later ones`() throws {
        let directory = try TemporaryDirectory()
        let store = try IndexStore.create(at: directory.url, generation: newGeneration())
        #expect(try bytes(of: directory)[20] == 8)
        #expect(try unsoundPages(bytes(of: directory), size: pageSize) == [])
        for round in 0..<6 {
            try store.ingest((0..<300).map { product("p\($0)", "Product \($0) of round \(round)") })
            _ = try store.delete((0..<50).map { ProductID(rawValue: "p\($0 + round * 40)") })
            if round % 2 == 0 { try store.linkAndCheckpoint() }
            let state = try store.withoutTransaction {
                try Row.fetchOne($0, sql: "PRAGMA wal_checkpoint(TRUNCATE)")?[0] as Int?
            }
            #expect(try state == 0 && unsoundPages(bytes(of: directory), size: pageSize) == [])
        }
        try store.shrink()
        #expect(try unsoundPages(bytes(of: directory), size: pageSize) == [])
        try store.close()
        try readAll(directory)
    }

    @Test func `a new file whose first transaction does not fit into the cache has them too`() throws {
        let directory = try TemporaryDirectory()
        let queue = try DatabaseQueue(path: directory.connection.replacing("mode=rw", with: "mode=rwc"))
        try queue.writeWithoutTransaction { connection in
            try PageChecksums.reserve(in: connection)
            try connection.execute(
                sql: """
                    PRAGMA page_size = \(pageSize); PRAGMA cache_size = 10; BEGIN; CREATE TABLE t (b);
                    INSERT INTO t WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < 500)
                        SELECT randomblob(20 * i) FROM c;
                    """)
            let early = try bytes(of: directory)
            #expect(early.count > 100 * pageSize, "pages are in the file before the commit")
            try connection.execute(sql: "COMMIT")
            #expect(try String.fetchAll(connection, sql: "PRAGMA integrity_check") == ["ok"])
            // With pages in the file and no log, it is too late to ask for them.
            #expect(throws: DatabaseError.self) { try PageChecksums.reserve(in: connection) }
        }
        try queue.close()
        let whole = try bytes(of: directory)
        #expect(whole[20] == 8 && unsoundPages(whole, size: pageSize) == [])
    }

    @Test func `a changed byte in any page that is read is refused with its number and what to do`() throws {
        let directory = try makeIndex(products: 40)
        // No free pages, which nobody reads.
        try directory.tamper("VACUUM")
        let whole = try bytes(of: directory)
        let copy = try TemporaryDirectory()
        for number in 1...whole.count / pageSize {
            var changed = whole
            // In a blob, or where a page that is not full has nothing.
            changed[(number - 1) * pageSize + 1_000] ^= 4
            try write(changed, to: copy)
            let error = try storeError {
                let store = try IndexStore.open(at: copy.url, mode: .readOnly)
                try store.readEveryPage()
            }
            #expect(error.description.contains("damaged: page \(number): expected checksum "), "\(error)")
            #expect(error.description.contains("aisle check --repair"))
            // An examination reads it all the same, and names it.
            let findings = try IndexStore.open(at: copy.url, mode: .examine).integrityFindings()
            #expect(
                findings.contains { $0.part == .pages && $0.message.hasPrefix("page \(number): ") }, "page \(number)")
        }
        #expect(whole.count / pageSize > 15)
    }

    @Test func `pages that changed places and a page torn in the middle are refused`() throws {
        let directory = try makeIndex(products: 2_100)
        let whole = try bytes(of: directory)
        let (source, copy) = (
            try directory.blob("SELECT vectors FROM vector_chunk WHERE first_node = 0"), try TemporaryDirectory()
        )
        // Overflow pages of two blobs look alike to SQLite.
        let place = try #require(Data(whole).range(of: source[20_000..<20_100])).lowerBound / pageSize
        let next = place + 1
        var swapped = whole
        swapped.replaceSubrange(
            place * pageSize..<next * pageSize, with: whole[next * pageSize..<(next + 1) * pageSize])
        swapped.replaceSubrange(
            next * pageSize..<(next + 1) * pageSize, with: whole[place * pageSize..<next * pageSize])
        try write(swapped, to: copy)
        #expect(try refusal(of: copy).description.contains("damaged: page \(place + 1): "))
        var torn = whole
        torn.replaceSubrange(
            place * pageSize..<place * pageSize + 4_096, with: whole[next * pageSize..<next * pageSize + 4_096])
        try write(torn, to: copy)
        #expect(try refusal(of: copy).description.contains("damaged: page \(place + 1): "))
    }

    @Test func `a connection from before a file had checksums writes them from then on`() throws {
        let directory = try TemporaryDirectory()
        let plain = try DatabaseQueue(path: directory.index)
        try plain.writeWithoutTransaction { connection in
            try connection.execute(
                sql: """
                    PRAGMA page_size = \(pageSize); PRAGMA journal_mode = WAL; CREATE TABLE t (k INTEGER PRIMARY KEY, v BLOB);
                    WITH RECURSIVE n (k) AS (SELECT 1 UNION ALL SELECT k + 1 FROM n WHERE k < 60)
                    INSERT INTO t SELECT k, randomblob(3000) FROM n
                    """)
        }
        try plain.close()
        var configuration = Configuration()
        configuration.allowsUnsafeTransactions = true
        let connections = try (0..<4).map { _ in
            try DatabaseQueue(path: directory.connection, configuration: configuration)
        }
        func run(_ number: Int, _ sql: String) throws {
            try connections[number].inDatabase { _ = try Row.fetchAll($0, sql: sql) }
        }
        let (kept, other, before, after, look) = (0, 1, 2, 3, "SELECT count(*) FROM t")
        try run(kept, look)
        // Who reads the state before keeps the new pages in the log, page 1 among them: there the kept connection meets it.
        try run(before, "BEGIN")
        try run(before, look)
        try connections[other].inDatabase { connection in
            try PageChecksums.reserve(in: connection)
            try connection.execute(sql: "VACUUM")
        }
        try run(kept, look)
        try run(before, "COMMIT")
        // Who reads the state after lets another connection take page 1 into the file, and not what is written then.
        try run(after, "BEGIN")
        try run(after, look)
        try run(kept, "UPDATE t SET v = randomblob(3000) WHERE k = 30")
        try run(other, "PRAGMA wal_checkpoint(PASSIVE)")
        #expect(try bytes(of: directory)[20] == 8)
        try run(after, "COMMIT")
        try run(kept, "PRAGMA wal_checkpoint(TRUNCATE)")
        #expect(unsoundPages(try bytes(of: directory), size: pageSize) == [])
        for connection in connections { try connection.close() }
    }

    @Test func `the byte that says that there are checksums is as safe as the others`() throws {
        let directory = try makeIndex(products: 10)
        let whole = try bytes(of: directory)
        let copy = try TemporaryDirectory()
        for value in UInt8.min...UInt8.max where value != 8 {
            var changed = whole
            changed[20] = value
            try write(changed, to: copy)
            _ = try storeError { try IndexStore.open(at: copy.url, mode: .readOnly) }
        }
    }

    @Test func `a page that another program wrote is refused, and one that it added is said to be such`() throws {
        let directory = try makeIndex(products: 10)
        let queue = try DatabaseQueue(path: directory.index)
        try queue.writeWithoutTransaction {
            try $0.execute(sql: "CREATE TABLE foreign_table (x); INSERT INTO foreign_table VALUES (zeroblob(100000))")
        }
        try queue.close()
        let error = try refusal(of: directory)
        #expect(error.description.contains("damaged: page 1: expected checksum"), "\(error)")
        let findings = try IndexStore.open(at: directory.url, mode: .examine).integrityFindings()
        #expect(findings.contains { $0.message.contains("found none: a program that writes no checksums") })
        #expect(findings.allSatisfy { $0.part == .pages }, "what it holds is in order: \(findings)")
        let store = try IndexStore.open(at: directory.url, mode: .mend)
        try store.shrink()
        try store.close()
        try readAll(directory)
    }

    @Test func `parts of a page are taken from a page that was verified`() throws {
        let directory = try makeIndex(products: 40)
        let whole = try bytes(of: directory)
        func read(_ amount: Int, at offset: Int) throws -> (code: CInt, bytes: [UInt8]) {
            let queue = try DatabaseQueue(path: IndexStore.indexPath(directory.index, mode: .readOnly))
            return try queue.inDatabase { connection in
                _ = try Int.fetchOne(connection, sql: "SELECT count(*) FROM live")
                var file: UnsafeMutablePointer<sqlite3_file>?
                sqlite3_file_control(connection.sqliteConnection, "main", SQLITE_FCNTL_FILE_POINTER, &file)
                let opened = try #require(file)
                var bytes = [UInt8](repeating: 0, count: amount)
                let code = opened.pointee.pMethods.pointee.xRead(opened, &bytes, CInt(amount), Int64(offset))
                return (code, bytes)
            }
        }
        let place = 3 * pageSize + 1_000
        for (amount, offset) in [
            (1, place), (100, place), (pageSize - 8, 3 * pageSize), (3 * pageSize, place), (700, 50),
        ] {
            let answer = try read(amount, at: offset)
            #expect(answer.code == SQLITE_OK && answer.bytes == Array(whole[offset..<offset + amount]))
        }
        var changed = whole
        changed[4 * pageSize - 1_500] ^= 1
        try write(changed, to: directory)
        for (amount, offset) in [(1, place), (pageSize - 8, 3 * pageSize), (3 * pageSize, 2 * pageSize + 8)] {
            #expect(try read(amount, at: offset).code == ResultCode.SQLITE_IOERR_DATA.rawValue)
        }
    }

    @Test func `pages keep their size`() throws {
        let directory = try makeIndex(products: 3)
        #expect(throws: DatabaseError.self) { try directory.tamper("PRAGMA page_size = 4096") }
        try directory.tamper("PRAGMA page_size")
        try readAll(directory)
    }

    @Test func `a rollback journal brings pages back with their checksums`() throws {
        let directory = try makeIndex(products: 200)
        try directory.tamper("PRAGMA journal_mode = DELETE")
        let queue = try DatabaseQueue(path: directory.connection)
        try queue.writeWithoutTransaction { connection in
            // A cache of ten pages writes to the file long before the commit.
            try connection.execute(sql: "PRAGMA cache_size = 10; PRAGMA journal_mode = DELETE")
            for _ in 0..<5 {
                try connection.execute(sql: "UPDATE product SET title = title || ' once more'")
                try connection.execute(
                    sql:
                        "BEGIN; DELETE FROM vector_chunk; UPDATE product SET description = hex(randomblob(900)); ROLLBACK"
                )
                #expect(try unsoundPages(bytes(of: directory), size: pageSize) == [])
            }
        }
        // A hot journal: what a killed process leaves is played back by whoever comes next.
        let copy = try TemporaryDirectory()
        try queue.writeWithoutTransaction { connection in
            try connection.execute(sql: "BEGIN; UPDATE product SET description = hex(randomblob(900))")
            for suffix in ["", "-journal"] {
                try FileManager.default.copyItem(atPath: directory.index + suffix, toPath: copy.index + suffix)
            }
            try connection.execute(sql: "ROLLBACK")
        }
        try queue.close()
        for file in [directory, copy] {
            let queue = try DatabaseQueue(path: file.connection)
            #expect(try queue.read { try String.fetchAll($0, sql: "PRAGMA integrity_check") } == ["ok"])
            #expect(try queue.read { try Int.fetchOne($0, sql: "SELECT max(length(description)) FROM product") } == 0)
            try queue.close()
            #expect(try unsoundPages(bytes(of: file), size: pageSize) == [])
        }
    }

    @Test(arguments: UInt64(1)...4) func `nothing that SQLite does by itself is taken for damage`(seed: UInt64) throws {
        let directory = try makeIndex(products: 1)
        let queue = try DatabaseQueue(path: directory.connection)
        var generator = Seeded(seed)
        try queue.writeWithoutTransaction { connection in
            try connection.execute(
                sql: "PRAGMA synchronous = OFF; PRAGMA wal_autocheckpoint = 20; PRAGMA cache_size = 10")
            try connection.execute(sql: "CREATE TABLE t (k INTEGER PRIMARY KEY, b BLOB); CREATE INDEX i ON t (b)")
            for _ in 0..<40 {
                try connection.execute(sql: "BEGIN")
                for step in 0..<12 {
                    let size = Int.random(in: 0...60_000, using: &generator)
                    try connection.execute(
                        sql: [
                            "INSERT INTO t (b) VALUES (randomblob(\(size)))", "DELETE FROM t WHERE k % 3 = \(step % 3)",
                            "UPDATE t SET b = randomblob(length(b) / 2) WHERE k % 4 = 0", "SAVEPOINT s",
                            "INSERT INTO t (b) SELECT zeroblob(\(size)) FROM t LIMIT 5", "ROLLBACK TO s",
                            "CREATE TABLE IF NOT EXISTS u (b); INSERT INTO u VALUES (randomblob(\(size)))",
                            "DROP TABLE IF EXISTS u",
                        ].filter { $0 != "ROLLBACK TO s" || step > 8 }.randomElement(using: &generator).map {
                            $0.hasPrefix("ROLLBACK") ? "SAVEPOINT s; \($0)" : $0
                        } ?? "SELECT 1")
                }
                try connection.execute(sql: Bool.random(using: &generator) ? "COMMIT" : "ROLLBACK")
                if Int.random(in: 0..<8, using: &generator) == 0 { try connection.execute(sql: "VACUUM") }
            }
            #expect(try String.fetchAll(connection, sql: "PRAGMA integrity_check") == ["ok"])
        }
        try queue.close()
        #expect(try unsoundPages(bytes(of: directory), size: pageSize) == [])
        let copy = try DatabaseQueue(path: directory.connection)
        #expect(try copy.read { try String.fetchAll($0, sql: "PRAGMA integrity_check") } == ["ok"])
    }
}

extension IndexStore {
    /// Walks all tables and indexes in one statement, which fails with the first page that cannot be had.
    fileprivate func readEveryPage() throws {
        try read { connection in
            // The check lists what it cannot read, and the connection says which page it was.
            let messages = try String.fetchAll(connection, sql: "PRAGMA integrity_check")
            if messages != ["ok"] { throw DatabaseError(resultCode: .SQLITE_IOERR_DATA) }
        }
    }
}
