// Following a file by what it notes of its changes gives the state that looking at everything gives.

import Catalog
import Foundation
import GRDB
import Testing
import VectorSearch

@testable import IndexStore

struct IndexStateTests {
    /// A reader that follows, and what it knows.
    private struct Follower {
        let store: IndexStore
        let table: VectorTable
        var state: IndexState

        init(_ directory: TemporaryDirectory) throws {
            store = try IndexStore.open(at: directory.url, mode: .readOnly)
            let loaded = try store.load()
            (table, state) = (loaded.vectors, loaded.state)
        }

        /// Whether the file tells what changed.
        var isTold: Bool {
            get throws { try store.read { try store.changes(after: state, $0) } != nil }
        }

        /// Follows, and compares with what reading everything gives; nil where it has to be loaded anew.
        mutating func follow(sourceLocation: SourceLocation = #_sourceLocation) throws -> IndexState? {
            guard let next = try store.loadTail(behind: state, into: table) else { return nil }
            let whole = try store.load()
            #expect(next.live == whole.state.live, sourceLocation: sourceLocation)
            #expect(next.productCount == whole.state.productCount, sourceLocation: sourceLocation)
            #expect(next.chunks == whole.state.chunks, sourceLocation: sourceLocation)
            #expect(next.savedNodeCount == whole.state.savedNodeCount, sourceLocation: sourceLocation)
            #expect(next.lastChange == whole.state.lastChange, sourceLocation: sourceLocation)
            #expect(table.all == whole.vectors.all, sourceLocation: sourceLocation)
            state = next
            return next
        }
    }

    @Test(arguments: [1, 7, 2026]) func `any writes are followed by what the file notes of them`(seed: UInt64) throws {
        let directory = try makeIndex(products: 40)
        var follower = try Follower(directory)
        let writer = try IndexStore.open(at: directory.url, mode: .readWrite)
        var generator = Seeded(seed)
        for _ in 0..<60 {
            for _ in 0..<Int.random(in: 1...3, using: &generator) {
                let products = (0..<Int.random(in: 1...4, using: &generator)).map { _ in
                    // Few texts, so that products share nodes, leave them and come back.
                    product(
                        "p\(Int.random(in: 0..<60, using: &generator))",
                        "Product number \(Int.random(in: 0..<50, using: &generator))")
                }
                switch Int.random(in: 0..<4, using: &generator) {
                case 0: try writer.delete(products.map(\.id))
                case 1: try writer.linkAndCheckpoint()
                default:
                    var last: [ProductID: Product] = [:]
                    for product in products { last[product.id] = product }
                    try writer.ingest(last.values.sorted { $0.id < $1.id })
                }
            }
            #expect(try follower.isTold)
            #expect(try follower.follow() != nil)
        }
    }

    @Test func `more changes than are kept are followed by looking at everything`() throws {
        let directory = try makeIndex(products: 10)
        var follower = try Follower(directory)
        let writer = try IndexStore.open(at: directory.url, mode: .readWrite)
        try writer.ingest((0..<5_000).map { product("many \($0)", "Product number \($0 % 9)") })
        let kept = try writer.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM entry_change") }
        #expect(kept == 4_096)
        #expect(try !follower.isTold)
        #expect(try follower.follow()?.productCount == 5_010)
        try writer.delete(["p9"])
        #expect(try follower.isTold)
        #expect(try follower.follow()?.live.count == 9)
    }

    @Test func `vectors that are replaced or removed are not taken for those that are known`() throws {
        for sql in [
            "UPDATE vector_chunk SET checksum = zeroblob(32)", "DELETE FROM vector_chunk; DELETE FROM link_chunk",
        ] {
            let directory = try makeIndex(products: 10)
            let follower = try Follower(directory)
            try directory.tamper(sql)
            #expect(try !follower.isTold)
            #expect(try follower.store.loadTail(behind: follower.state, into: follower.table) == nil, "\(sql)")
        }
    }

    @Test func `a generation that answers no more, and again, is looked at as a whole`() throws {
        let directory = try makeIndex(products: 10)
        var follower = try Follower(directory)
        let writer = try IndexStore.open(at: directory.url, mode: .readWrite)
        let second = try writer.begin(NewGeneration(writer.generation)).id
        try writer.write { connection in
            for (table, columns) in [("node", "node, text_hash"), ("entry", "product, node")] {
                try connection.execute(
                    sql: "INSERT INTO \(table) SELECT \(second), \(columns) FROM \(table) WHERE generation = 1")
            }
            try connection.execute(sql: "UPDATE live SET generation = ?", arguments: [second])
        }
        // Entries of the first generation go with the products; only those of the one that answers are noted.
        try writer.delete(["p3", "p4"])
        #expect(try !follower.isTold)
        try writer.makeLive()
        #expect(try !follower.isTold)
        #expect(try follower.follow()?.productCount == 8)
        #expect(try follower.isTold)
        // Of a generation that does not answer, nothing is told.
        let aside = try IndexStore.open(at: directory.url, mode: .readOnly, generation: second)
        let state = try aside.read { try aside.state($0) }
        #expect(state.lastChange == nil)
        try writer.ingest([product("p5", "Another text")])
        #expect(try aside.liveNodes(after: state) == aside.liveNodes())
        #expect(try aside.liveNodes().count == 7)
    }

    @Test func `a file of format 2 is followed by looking at everything, also when it is brought up to date`() throws {
        let directory = try makeIndex(products: 10)
        try directory.tamper(
            ["entry_added", "entry_moved", "entry_removed", "live_changed", "vectors_replaced", "vectors_removed"]
                .map { "DROP TRIGGER \($0); " }.joined() + "DROP TABLE entry_change; PRAGMA user_version = 2")
        var follower = try Follower(directory)
        #expect(follower.state.lastChange == nil)
        try directory.tamper("DELETE FROM product WHERE id = 'p9'; DELETE FROM entry WHERE product = 10")
        #expect(try follower.follow()?.productCount == 9)
        let writer = try IndexStore.open(at: directory.url, mode: .readWrite)
        #expect(try writer.integrityFindings() == [])
        try writer.delete(["p8"])
        #expect(try !follower.isTold)
        #expect(try follower.follow()?.productCount == 8)
        try writer.delete(["p7"])
        #expect(try follower.isTold)
        #expect(try follower.follow()?.productCount == 7)
    }
}
