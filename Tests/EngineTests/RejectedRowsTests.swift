// An ingest whose rejected rows cannot be written down.

import Foundation
import Testing

@testable import Engine

@Suite struct RejectedRowsTests {
    @Test func `rejected rows that cannot be written are counted, and the ingest goes on`() throws {
        let shop = try Shop()
        // A directory where the file should be: it cannot be written by anybody, root included.
        let occupied = shop.directory.appending(path: "feed.jsonl.rejected.jsonl")
        try FileManager.default.createDirectory(at: occupied, withIntermediateDirectories: false)
        let summary = try shop.ingest([Shop.line("a", "lamp"), "nonsense", Shop.line("b", "sock"), "{}"])
        #expect((summary.added, summary.rejected) == (2, 2))
        #expect(summary.rejectedRowsPath == nil)
        #expect(summary.rejectedRowsProblem == "\(occupied.path): cannot be written (it is a directory)")
        #expect(try IndexCheck.run(indexDirectory: shop.index).passed)
    }

    @Test func `there is no problem where no row is rejected or all are written`() throws {
        let shop = try Shop()
        #expect(try shop.ingest([Shop.line("a", "lamp")]).rejectedRowsProblem == nil)
        let summary = try shop.ingest([Shop.line("a", "lamp"), "nonsense"])
        #expect(summary.rejectedRowsProblem == nil)
        #expect(summary.rejectedRowsPath?.hasSuffix("feed.jsonl.rejected.jsonl") == true)
    }
}
