// The rows of a body are those of a file with the same bytes, wherever the body is cut.

import Foundation
import Testing

@testable import Catalog

struct ProductLinesTests {
    private static let text = """
        {"id": "a", "title": "Tea"}\r
        \r

        {"id": "b", "title": "Kaffee größer 🍵", "size": [1, "x"]}
           \t
        {"title": "no id"}
        not JSON
        {"id": 7, "price": "12.50 EUR", "title": "Pot"}\r{"id": "c", "title": "CR alone"}
        [1, 2]
        {"id": "d", "title": "last, without a line end"}
        """

    private func rows(of bytes: [UInt8], cutAt cuts: [Int], maxRowBytes: Int = 1_048_576) -> [FeedRow] {
        var lines = ProductLines(template: .standard, maxRowBytes: maxRowBytes)
        var rows: [FeedRow] = []
        var start = 0
        for cut in cuts + [bytes.count] {
            rows += lines.rows(in: bytes[start..<cut])
            start = cut
        }
        return rows + lines.finish()
    }

    private func rowsOfFile(_ bytes: [UInt8]) throws -> [FeedRow] {
        let file = FileManager.default.temporaryDirectory.appending(path: "lines-\(UUID().uuidString).jsonl")
        defer { try? FileManager.default.removeItem(at: file) }
        try Data(bytes).write(to: file)
        let reader = try FeedReader(path: file.path)
        var rows: [FeedRow] = []
        while let row = try reader.next() { rows.append(row) }
        return rows
    }

    @Test func `a body gives the rows of a file, wherever it is cut`() throws {
        let bytes = Array(Self.text.utf8)
        let expected = try rowsOfFile(bytes)
        #expect(expected.count == 8)
        for first in bytes.indices {
            #expect(rows(of: bytes, cutAt: [first]) == expected, "cut at \(first)")
        }
        #expect(rows(of: bytes, cutAt: Array(bytes.indices)) == expected)
    }

    @Test func `bytes that are no UTF-8 and a byte order mark are met as in a file`() throws {
        let bytes: [UInt8] =
            [0xEF, 0xBB, 0xBF] + Array(#"{"id": "a", "title": "x"}"#.utf8) + [0x0A]
            + Array(#"{"id": "b", "title": ""#.utf8)
            + [0xFF] + Array("\"}\n".utf8)
        #expect(try rows(of: bytes, cutAt: [2, 5, 40]) == rowsOfFile(bytes))
    }

    @Test func `a row that is too long is rejected once and the next one is read`() throws {
        let long = #"{"id": "a", "title": ""# + String(repeating: "x", count: 300) + #""}"#
        let bytes = Array("\(long)\n{\"id\": \"b\", \"title\": \"short\"}\r\n\(long)".utf8)
        for cuts in [[], [100], [50, 150, 250], Array(stride(from: 1, to: bytes.count, by: 7))] {
            let found = rows(of: bytes, cutAt: cuts, maxRowBytes: 200)
            let described = found.map { row in
                switch row {
                case .product(let product, let line): "\(product.id) \(line)"
                case .rejected(let row): "\(row.kind) \(row.line)"
                }
            }
            #expect(described == ["row too long 1", "b 2", "row too long 3"], "cuts \(cuts)")
        }
    }

    @Test func `one object may span lines and takes its id from the address`() {
        let bytes = Array("{\n  \"title\": \"Tea\",\n  \"price\": 3\n}\n".utf8)
        guard
            case .product(let product, _) = ProductLines.product(
                from: bytes, defaultID: ProductID(rawValue: "x/1"), template: .standard)
        else {
            Issue.record("no product")
            return
        }
        #expect(product.id.rawValue == "x/1" && product.title == "Tea" && product.price == 3)
        guard case .rejected(let row) = ProductLines.product(from: bytes, defaultID: nil, template: .standard) else {
            Issue.record("a product without an id")
            return
        }
        #expect(row.kind == "no id")
    }

    @Test func `an empty body has no rows`() {
        #expect(rows(of: [], cutAt: []).isEmpty)
        #expect(rows(of: Array("\n \r\n\t".utf8), cutAt: [1, 2, 3]).isEmpty)
    }
}
