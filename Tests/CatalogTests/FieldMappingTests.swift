import Foundation
import Synchronization
import Testing

@testable import Catalog

@Suite struct FieldMappingTests {
    @Test func `names columns for fields`() throws {
        let mapping = try FieldMapping(parsing: ["title=product name", " id = sku ", "category= a > b>c", "url=x=y"])
        #expect(mapping.columns(for: .title) == ["product name"])
        #expect(mapping.columns(for: .id) == ["sku"])
        #expect(mapping.columns(for: .category) == ["a", "b", "c"])
        #expect(mapping.columns(for: .url) == ["x=y"])
        #expect(mapping.columns(for: .brand) == ["brand"])
        #expect(mapping.targets(ofColumn: "b") == [FieldTarget(field: .category, part: 1)])
        #expect(mapping.targets(ofColumn: "id").isEmpty)
    }

    @Test(arguments: [
        ("title", "expected FIELD=COLUMN, as in title=product_name"),
        (
            "name=x",
            "expected a field (id, title, description, category, brand, price, currency, availability, image, url), found \"name\""
        ),
        ("title=", "expected a column after \"=\", found nothing"),
        ("category= > ", "expected a column after \"=\", found nothing"),
    ]) func `refuses what is no pair`(pair: String, reason: String) {
        #expect(throws: CatalogError.badMapping(pair, reason: reason)) { try FieldMapping(parsing: [pair]) }
    }

    @Test func `refuses to map a field twice`() {
        #expect(throws: CatalogError.badMapping("id=b", reason: "id is mapped already, to \"a\"")) {
            try FieldMapping(parsing: ["id=a", "id=b"])
        }
    }

    @Test func `a column of JSON lines that no row had is named with those there are`() throws {
        let rows = "{\"id\":1,\"name\":\"pan\",\"a\":{\"b\":\"Acme\"}}\n{\"id\":2,\"name\":null}\n"
        func reader(_ mapping: [String]) throws -> FeedReader {
            let directory = try TemporaryDirectory()
            let path = try directory.write(rows.utf8, to: "feed.jsonl")
            let reader = try FeedReader(path: path, options: FeedOptions(mapping: FieldMapping(parsing: mapping)))
            while try reader.next() != nil {}
            return reader
        }
        try reader(["title=name", "brand=a.b"]).checkMappedColumns()
        try reader([]).checkMappedColumns()
        for (mapping, field, column) in [
            ("title=product_name", "title", "product_name"), ("category=name>kind", "category", "kind"),
        ] {
            let reader = try reader([mapping])
            let error = CatalogError.missingColumn(
                feed: reader.name, field: field, column: column, columns: ["id", "name", "a"])
            #expect(throws: error) { try reader.checkMappedColumns() }
        }
    }

    @Test func `a stop is heeded while a pipe is awaited, even one that nobody has opened for writing`() throws {
        let directory = try TemporaryDirectory()
        let pipe = directory.path("feed.jsonl")
        try #require(mkfifo(pipe, 0o600) == 0)
        let asked = Mutex(0)
        let options = FeedOptions(isCancelled: {
            asked.withLock {
                $0 += 1
                return $0 > 2
            }
        })
        #expect(throws: CatalogError.cancelled(feed: pipe)) { try FeedReader(path: pipe, options: options) }
        #expect(asked.withLock { $0 } == 3)
    }
}
