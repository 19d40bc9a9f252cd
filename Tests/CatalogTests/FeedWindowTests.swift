import Foundation
import Testing

@testable import Catalog

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

@Suite struct FeedWindowTests {
    private static let table =
        "\u{FEFF}id,title,x\r\n\r\n1,\"한글 😀 \"\"a\"\"\r\nb\",é\r\n2,broken\r\n,no id,\r\n3,\"\"\"\",\r\n4,\"open\r\n5,z,\u{1F600}"
    private static let lines =
        "\u{FEFF}{\"id\":1,\"title\":\"한글 😀 \\ud83d\\ude00\"}\r\n\r\n{\"id\":2,\"title\":\r\nnull\r{\"id\":3,\"title\":\"é\"}"

    @Test(arguments: [(table, "feed.csv"), (lines, "feed.jsonl")]) func `reads the same through windows of any size`(
        text: String, name: String
    ) throws {
        let expected = try ReadFeed(text, name)
        #expect(expected.products.count >= 2 && expected.rejected.count >= 2)
        for size in 1...text.utf8.count + 1 {
            let feed = try ReadFeed(Array(text.utf8), name, limits: FeedLimits(bufferSize: size))
            #expect(feed.rows == expected.rows, "window of \(size) bytes")
            #expect(feed.bytesRead == text.utf8.count)
        }
    }

    @Test(arguments: Seed.samples(60)) func `reads random feeds the same through windows of any size`(seed: Seed) throws
    {
        var generator = seed.generator
        let header = "id,title,x\n"
        var bytes = Array(header.utf8)
        for id in 0..<30 { bytes += Array("\(id),\(generator.text(upTo: 12)),\(generator.text(upTo: 4))\n".utf8) }
        for _ in 0..<3 {
            bytes[Int.random(in: header.utf8.count..<bytes.count, using: &generator)] = UInt8.random(
                in: 1...255, using: &generator)
        }
        let expected = try ReadFeed(bytes, "feed.csv")
        for _ in 0..<8 {
            let limits = FeedLimits(bufferSize: Int.random(in: 1...400, using: &generator))
            #expect(try ReadFeed(bytes, "feed.csv", limits: limits).rows == expected.rows)
        }
    }

    @Test(arguments: ["feed.csv", "feed.jsonl"]) func `rejects a row beyond the limit and goes on behind it`(
        name: String
    ) throws {
        let limits = FeedLimits(bufferSize: 64, rowSize: 1_000)
        func row(_ id: Int, _ title: String) -> String {
            name == "feed.csv" ? "\(id),\(title)" : "{\"id\":\(id),\"title\":\"\(title)\"}"
        }
        for length in [2_000, 100_000] {
            let rows =
                (name == "feed.csv" ? ["id,title"] : []) + [
                    row(1, "a"), row(2, String(repeating: "x", count: length)), row(3, "c"),
                ]
            for lineEnd in ["\n", "\r", "\r\n"] {
                let feed = try ReadFeed(Array(rows.joined(separator: lineEnd).utf8), name, limits: limits)
                #expect(feed.products.map(\.id.rawValue) == ["1", "3"])
                #expect(feed.rejected.map(\.line) == [rows.count - 1])
                #expect(feed.lines == Array(rows.count - 2...rows.count))
                #expect(feed.rejected.first?.reason.hasPrefix("the row is longer than 1000 bytes; ") == true)
            }
        }
    }

    @Test func `reads a row just within the limit`() throws {
        let row = "{\"id\":1,\"title\":\"" + String(repeating: "x", count: 981) + "\"}"
        try #require(row.utf8.count == 1_000)
        let limits = FeedLimits(bufferSize: 64, rowSize: 1_001)
        #expect(try ReadFeed(Array((row + "\n" + row).utf8), limits: limits).products.count == 2)
    }

    @Test func `loses one line to an open quote that exceeds the limit`() throws {
        let text = "id,title\n1,\"open\n" + (2..<500).map { "\($0),title \($0)\n" }.joined()
        let feed = try ReadFeed(Array(text.utf8), "feed.csv", limits: FeedLimits(bufferSize: 64, rowSize: 1_000))
        #expect(feed.rejected.map(\.reason) == ["the row is longer than 1000 bytes; a quote may not be closed"])
        #expect(feed.rejected.map(\.row) == ["1,\"open"])
        #expect(feed.products.count == 498)
    }

    @Test func `reads a pipe that delivers a few bytes at a time`() async throws {
        let directory = try TemporaryDirectory()
        let path = directory.path("pipe.jsonl")
        try #require(mkfifo(path, 0o600) == 0)
        let row = "{\"id\":1,\"title\":\"" + String(repeating: "한", count: 60_000) + "\"}\n"
        let writer = Task.detached {
            let file = try FileHandle(forWritingTo: URL(filePath: path))
            var rest = Array(row.utf8)[...]
            while !rest.isEmpty {
                try file.write(contentsOf: rest.prefix(4_099))
                rest = rest.dropFirst(4_099)
            }
            try file.close()
        }
        let reader = try FeedReader(path: path)
        #expect(reader.byteCount == nil)
        guard case .product(let product, 1) = try reader.next() else {
            Issue.record("expected a product on line 1")
            return
        }
        #expect(product.title.unicodeScalars.count == 60_000)
        #expect(try reader.next() == nil)
        try await writer.value
    }
}
