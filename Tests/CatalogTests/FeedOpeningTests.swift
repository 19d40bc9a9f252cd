import Foundation
import Testing

@testable import Catalog

@Suite struct FeedOpeningTests {
    private func failure(_ bytes: some Sequence<UInt8>, _ name: String, mapping: [String] = []) -> String? {
        do {
            _ = try ReadFeed(bytes, name, mapping: mapping)
            return nil
        } catch let error as CatalogError {
            // The feed's directory has another name in every run.
            return error.description.split(separator: name, maxSplits: 1).last.map(String.init)
        } catch {
            return "\(error)"
        }
    }

    @Test(arguments: ["feed.jsonl", "feed.csv", "feed.tsv", "feed"]) func `says when a feed is empty`(name: String) {
        for text in ["", "\u{FEFF}", "\n \r\n\t\n"] {
            #expect(failure(text.utf8, name) == ": expected products, found an empty feed")
        }
    }

    @Test func `names the columns found where one is missing`() {
        #expect(
            failure("sku,title\n1,a\n".utf8, "feed.csv")
                == ": expected a column \"id\" for id, found sku, title; say which column it is: --map id=COLUMN")
        #expect(
            failure("id,title\n".utf8, "feed.csv", mapping: ["brand=maker"])
                == ": expected a column \"maker\" for brand, found id, title; say which column it is: --map brand=COLUMN"
        )
        #expect(
            failure("id;name;Preis\n".utf8, "feed.csv")
                == ": expected at least one column of the text template title,brand,category,description, found id, name, Preis; "
                + "say which column it is: --map title=COLUMN")
        #expect(
            failure("id,title,title\n".utf8, "feed.csv")
                == ": expected one column \"title\", found it at positions 2, 3; rename all but one")
    }

    @Test(
        arguments: [
            ([0xFF, 0xFE, 0x69, 0], "UTF-16"), ([0xFE, 0xFF, 0, 0x69], "UTF-16"), ([0x7B, 0, 0x22, 0], "UTF-16LE"),
            ([0, 0x7B, 0, 0x22], "UTF-16BE"), ([0xFF, 0xFE, 0, 0], "UTF-32"),
        ] as [([UInt8], String)]) func `says how to convert other encodings`(bytes: [UInt8], encoding: String) throws
    {
        let message = try #require(failure(bytes + bytes, "feed.csv"))
        #expect(message.contains("expected UTF-8, found \(encoding)") || message.contains("> feed-utf8"))
        #expect(throws: CatalogError.self) { try ReadFeed(bytes, "feed.jsonl") }
    }

    @Test func `recognises files that are no text, and JSON arrays`() {
        #expect(
            failure([0x1F, 0x8B, 8, 0], "feed.jsonl")?.contains("a gzip archive; unpack or export it first") == true)
        #expect(failure([0x50, 0x4B, 3, 4], "feed.csv")?.contains("a ZIP archive or a spreadsheet") == true)
        #expect(failure([0, 0, 1, 0], "feed.csv")?.contains("binary data") == true)
        #expect(
            failure("\n [{\"id\":1}]".utf8, "feed.json")?.contains("found a JSON array; convert it: jq -c '.[]'")
                == true)
    }

    @Test func `says what is wrong with a header`() {
        #expect(
            failure("id,\"title\n1,a".utf8, "feed.csv")?.hasPrefix(":1: the header cannot be read: a quoted field")
                == true)
        #expect(
            failure(Array("\nid,caf".utf8) + [0xE9, 0x0A], "feed.csv")?.hasPrefix(
                ":2: the header cannot be read: invalid UTF-8") == true)
    }

    @Test(arguments: [
        ("feed.jsonl", FeedFormat.jsonl), ("a.b/feed.NDJSON", .jsonl), ("feed.json", .jsonl), ("x.csv", .csv),
        ("x.tsv", .tsv), ("x.tab", .tsv),
    ]) func `tells the format by the name`(path: String, format: FeedFormat) {
        #expect(FeedFormat(path: path) == format)
    }

    @Test(arguments: [
        ("{\"id\":1,\"title\":\"a\"}", FeedFormat.jsonl), ("\u{FEFF}\n\n {\"id\":1,\"title\":\"a\"}", .jsonl),
        ("id,title\n1,a\tb", .csv),
        ("id\ttitle\n1,\ta", .tsv), ("id;title\n1;a", .csv),
    ]) func `tells the format by the first bytes`(text: String, format: FeedFormat) throws {
        for name in ["feed", "feed.txt", ".csvx"] {
            let feed = try ReadFeed(text, name)
            #expect(feed.format == format)
            #expect(feed.products.count == 1)
        }
    }

    @Test func `says when there is no such file, or a directory`() throws {
        let directory = try TemporaryDirectory()
        let missing = directory.path("none.csv")
        #expect(throws: CatalogError.fileNotFound(path: missing)) { try FeedReader(path: missing) }
        #expect(throws: CatalogError.isDirectory(path: directory.url.path)) { try FeedReader(path: directory.url.path) }
        let file = try directory.write("id".utf8, to: "file")
        #expect(throws: CatalogError.fileNotFound(path: file + "/x")) { try FeedReader(path: file + "/x") }
    }

    @Test func `counts bytes for progress`() throws {
        let directory = try TemporaryDirectory()
        let text = "id,title\n1,a\n2,b\n\n"
        let reader = try FeedReader(path: directory.write(text.utf8, to: "feed.csv"))
        #expect(reader.byteCount == 18)
        #expect(reader.bytesRead == 9)
        _ = try reader.next()
        #expect(reader.bytesRead == 13)
        while try reader.next() != nil {}
        #expect(reader.bytesRead == 18)
        #expect(try reader.next() == nil)
    }
}
