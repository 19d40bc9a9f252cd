// Files that are not what they should be, and rows that are not what they were.

import Catalog
import Foundation
import GRDB
import Testing

@testable import IndexStore

struct ClickDamageTests {
    private let directory: TemporaryDirectory
    private var path: String { directory.url.appending(path: "clicks.sqlite").path }

    init() throws { directory = try TemporaryDirectory() }

    private func tamper(_ sql: String) throws {
        let queue = try DatabaseQueue(path: path)
        try queue.writeWithoutTransaction { try $0.execute(sql: sql) }
        try queue.close()
    }

    private func collect(_ count: Int, text: String = "tea") throws {
        let store = try ClickStore.openOrCreate(at: directory.url)
        try store.append((0..<count).map { try clickQuery("q\($0)", text: text) })
        try store.takeInLog()
    }

    /// The error of both ways to open it, which must be the same.
    private func error(sourceLocation: SourceLocation = #_sourceLocation) throws -> StoreError {
        let error = try storeError(sourceLocation: sourceLocation) {
            try ClickStore.open(at: directory.url, mode: .readOnly)
        }
        if case .missing = error { return error }
        let writing = try storeError(sourceLocation: sourceLocation) { try ClickStore.openOrCreate(at: directory.url) }
        #expect(writing == error, sourceLocation: sourceLocation)
        #expect(error.description.hasPrefix(path), "\(error)", sourceLocation: sourceLocation)
        #expect(!error.description.contains("ingest"), "\(error)", sourceLocation: sourceLocation)
        return error
    }

    @Test func `nothing collected yet`() throws {
        #expect(try error() == .missing(path: path))
        #expect(try error().description.contains("no clicks have been collected here"))
    }

    @Test func `files of others are told and left alone`() throws {
        for (bytes, expected) in [
            (Data(), StoreError.emptyFile(path: path)),
            (Data("not a database".utf8), .notSQLite(path: path, found: "a file that begins with \"not a database\"")),
        ] {
            try bytes.write(to: URL(filePath: path))
            #expect(try error() == expected)
            #expect(try Data(contentsOf: URL(filePath: path)) == bytes)
        }
        try FileManager.default.removeItem(atPath: path)
        try tamper("CREATE TABLE t (a)")
        #expect(try error() == .foreignDatabase(path: path, applicationID: 0))
        #expect(try error().description.contains("0x41697343"))
        // An index under the name of clicks is not clicks either.
        let index = try makeIndex(products: 1)
        try FileManager.default.removeItem(atPath: path)
        try FileManager.default.copyItem(atPath: index.index, toPath: path)
        #expect(try error() == .foreignDatabase(path: path, applicationID: DatabaseHeader.applicationID))
    }

    @Test(
        arguments: [
            ("PRAGMA user_version = 2", "made by a newer Aisle (format 2, this program reads up to 1)"),
            ("PRAGMA user_version = 0", "damaged: the format version: expected 1, found 0"),
            ("DROP TABLE document", "damaged: the schema"),
            ("ALTER TABLE document RENAME COLUMN digest TO sum", "damaged: the schema"),
        ])
    func `another format is told`(sql: String, message: String) throws {
        try collect(3)
        try tamper(sql)
        let description = try error().description
        #expect(description.contains(message), "\(description)")
    }

    @Test func `a file that was cut off is told`() throws {
        try collect(300)
        let whole = try Data(contentsOf: URL(filePath: path))
        for suffix in ["-wal", "-shm"] { unlink(path + suffix) }
        try whole.prefix(whole.count - 4_096).write(to: URL(filePath: path))
        #expect(try error() == .truncated(path: path, expected: whole.count, found: whole.count - 4_096))
    }

    @Test func `a directory that is none, or is not there, is one sentence`() throws {
        let file = directory.url.appending(path: "file")
        try Data("x".utf8).write(to: file)
        for place in [file, directory.url.appending(path: "missing")] {
            let error = try storeError { try ClickStore.openOrCreate(at: place) }
            #expect(error.description.contains("clicks.lock: could not open the lock file"), "\(error)")
        }
    }

    @Test(arguments: [
        "text = text || ' '", "time = time + 1", "kind = 2", "digest = randomblob(16)", "has_own_time = 0",
    ])
    func `a row that was changed is left out and told, the others are read`(change: String) throws {
        try collect(600)
        try tamper("UPDATE document SET \(change) WHERE number IN (3, 600)")
        let page = try ClickStore.open(at: directory.url, mode: .readOnly).everything()
        #expect(page.damaged == [3, 600])
        let others = try (0..<600).filter { $0 != 2 && $0 != 599 }.map { try clickQuery("q\($0)") }
        #expect(page.documents == others)
    }

    @Test func `a page that SQLite cannot read costs its rows only`() throws {
        try collect(2_000, text: String(repeating: "a", count: 300))
        var bytes = try Data(contentsOf: URL(filePath: path))
        // A leaf of the table: the first page from the middle on that holds texts, and not only digests.
        let pages = bytes.count / 4_096
        let leaf = try #require(
            (pages / 2..<pages).first { page in
                bytes[page * 4_096] == 0x0D && bytes[page * 4_096..<(page + 1) * 4_096].contains(UInt8(ascii: "{"))
            })
        bytes.replaceSubrange(leaf * 4_096..<leaf * 4_096 + 64, with: Data(repeating: 0xFF, count: 64))
        for suffix in ["-wal", "-shm"] { unlink(path + suffix) }
        try bytes.write(to: URL(filePath: path))
        let page = try ClickStore.open(at: directory.url, mode: .readOnly).everything()
        #expect((1...20).contains(page.damaged.count), "\(page.damaged)")
        #expect(page.documents.count + page.damaged.count == 2_000)
        let numbers = Set(page.damaged)
        let others = try (1...2_000).filter { !numbers.contains($0) }.map {
            try clickQuery("q\($0 - 1)", text: String(repeating: "a", count: 300))
        }
        #expect(page.documents == others)
    }

    @Test func `the digest is the one that the page of the format describes`() throws {
        // python3: sha256(bytes([1, 1]) + (1769860800000).to_bytes(8, "little") + text).hexdigest()[:32]
        let document = try clickDocument(
            #"{"query_id":"q","user_query":"tea","timestamp":"2026-01-31T12:00:00Z"}"#, .query)
        #expect(
            ClickDigest.data(of: document).map { String(format: "%02x", $0) }.joined()
                == "3662583f3a8b49e0e634989a9d0ad93f")
    }
}
