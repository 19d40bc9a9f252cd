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
}
