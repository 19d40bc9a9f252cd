// Statements that take long and are told to end.

import Foundation
import GRDB
import Synchronization
import Testing

@testable import IndexStore

struct StoppingTests {
    private struct Stop: Error {}

    /// Without an interruption it does not end.
    private static let endless = """
        WITH RECURSIVE endless (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM endless) SELECT count(*) FROM endless
        """

    private func store(in directory: TemporaryDirectory) throws -> IndexStore {
        let store = try IndexStore.create(at: directory.url, generation: newGeneration())
        try store.ingest([product("a", "red lamp"), product("b", "blue lamp")])
        return store
    }

    @Test(.timeLimit(.minutes(30))) func `a statement that takes long ends when it is told to, with the reason`() throws
    {
        let directory = try TemporaryDirectory()
        let store = try store(in: directory)
        let asked = Mutex(0)
        #expect(throws: Stop.self) {
            try store.stoppable {
                let count = asked.withLock { count in
                    count += 1
                    return count
                }
                if count == 2 { throw Stop() }
            } _: {
                try store.read { _ = try Int.fetchOne($0, sql: Self.endless) }
            }
        }
        #expect(try store.productCount() == 2, "the store goes on")
    }

    @Test(.timeLimit(.minutes(30))) func `a transaction that is told to end leaves nothing behind`() throws {
        let directory = try TemporaryDirectory()
        let store = try store(in: directory)
        #expect(throws: Stop.self) {
            try store.stoppable {
                throw Stop()
            } _: {
                try store.write { connection in
                    try connection.execute(sql: "DELETE FROM product WHERE id = 'a'")
                    _ = try Int.fetchOne(connection, sql: Self.endless)
                }
            }
        }
        #expect(try store.productCount() == 2)
        #expect(try store.integrityFindings() == [])
    }

    @Test func `what is not told to end is done, and its own errors are thrown`() throws {
        let directory = try TemporaryDirectory()
        let store = try store(in: directory)
        #expect(try store.stoppable(by: {}) { try store.productCount() } == 2)
        #expect(throws: StoreError.unknownGeneration(path: directory.index, number: 9, kept: [1])) {
            try store.stoppable(by: {}) { try store.drop(9) }
        }
    }
}
