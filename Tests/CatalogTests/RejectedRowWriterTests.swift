import Foundation
import Testing

@testable import Catalog

@Suite struct RejectedRowWriterTests {
    private func row(_ line: Int) throws -> RejectedRow {
        try #require(
            try ReadFeed(String(repeating: "\n", count: line) + "{\"id\":\"é/\\\"\",\"price\":\"x\"}").rejected.first)
    }

    @Test func `writes one row a line beside the feed`() throws {
        let directory = try TemporaryDirectory()
        let writer = RejectedRowWriter(feedPath: directory.path("feed.csv"))
        #expect(writer.path == directory.path("feed.csv.rejected.jsonl"))
        let rows = try (0..<3_000).map { try row($0 % 7) }
        for row in rows { writer.append(row) }
        writer.close()
        #expect(writer.failure == nil)
        let lines = try String(contentsOfFile: writer.path, encoding: .utf8).split(separator: "\n")
        #expect(try lines.map { try JSONDecoder().decode(RejectedRow.self, from: Data($0.utf8)) } == rows)
        #expect(
            lines.first.map(String.init)
                == #"{"id":"é/\"","kind":"price: expected a number such as 12.90","line":1,"reason":"price: expected a number such as 12.90, found \"x\"","row":"{\"id\":\"é/\\\"\",\"price\":\"x\"}"}"#
        )
    }

    @Test func `leaves nothing behind without rejected rows and removes the file of an earlier run`() throws {
        let directory = try TemporaryDirectory()
        let old = try directory.write("old\n".utf8, to: "feed.csv.rejected.jsonl")
        let writer = RejectedRowWriter(feedPath: directory.path("feed.csv"))
        #expect(!FileManager.default.fileExists(atPath: old))
        writer.close()
        #expect(!FileManager.default.fileExists(atPath: old))
    }

    @Test func `names the file of standard input`() {
        #expect(RejectedRowWriter(feedPath: "-").path == "stdin.rejected.jsonl")
    }

    @Test func `keeps the first reason why it cannot write and goes on without writing`() throws {
        let directory = try TemporaryDirectory()
        let writer = RejectedRowWriter(feedPath: directory.path("none/feed.csv"))
        #expect(writer.failure == nil)
        writer.append(try row(1))
        let failure = try #require(writer.failure)
        #expect(failure.description.hasPrefix(directory.path("none/feed.csv.rejected.jsonl") + ": cannot be written ("))
        // The directory appears: half a file would pass for all the rejected rows.
        try FileManager.default.createDirectory(atPath: directory.path("none"), withIntermediateDirectories: false)
        writer.append(try row(2))
        writer.close()
        #expect(writer.failure == failure)
        #expect(!FileManager.default.fileExists(atPath: writer.path))
    }

    @Test(.enabled(if: FileManager.default.fileExists(atPath: "/dev/full"), "needs /dev/full"))
    func `a disk that is full shows when the rows are flushed`() throws {
        let directory = try TemporaryDirectory()
        let writer = RejectedRowWriter(feedPath: directory.path("feed.csv"))
        try FileManager.default.createSymbolicLink(atPath: writer.path, withDestinationPath: "/dev/full")
        writer.append(try row(1))
        #expect(writer.failure == nil)
        writer.close()
        #expect(writer.failure != nil)
    }

    @Test func `never removes a directory`() throws {
        let directory = try TemporaryDirectory()
        let occupied = directory.path("feed.csv.rejected.jsonl")
        try FileManager.default.createDirectory(atPath: occupied, withIntermediateDirectories: false)
        let writer = RejectedRowWriter(feedPath: directory.path("feed.csv"))
        #expect(writer.failure == .writeFailed(path: occupied, reason: "it is a directory"))
        #expect(FileManager.default.fileExists(atPath: occupied))
    }
}
