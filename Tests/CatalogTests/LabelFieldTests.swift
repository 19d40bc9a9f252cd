import Testing

@testable import Catalog

@Suite struct LabelFieldTests {
    private static let lamp =
        #"{"id": "a", "title": "Lamp", "category": "Home > Light>Lamps", "brand": " Oak & Co ", "#
        + #""availability": "in stock", "colour": "red", "size": 7, "sale": true, "materials": ["oak", "steel"], "#
        + #""blank": "  ", "brand:1": "odd", "specs": {"width": 3}}"#

    @Test(arguments: [
        ("category", "Home > Light > Lamps"), ("category:1", "Home"), ("category:2", "Home > Light"),
        ("category:3", "Home > Light > Lamps"), ("category:9", "Home > Light > Lamps"),
        ("brand", "Oak & Co"), ("availability", "in stock"), ("colour", "red"), ("size", "7"), ("sale", "true"),
        ("materials", "oak, steel"), (" colour ", "red"), (" category:1 ", "Home"), ("brand:1", "odd"),
        ("specs.width", "3"),
        ("blank", nil), ("Colour", nil), ("missing", nil), ("colour:1", nil), ("title", nil), ("Category", nil),
    ])
    func `a label is the value of the field`(field: String, label: String?) throws {
        let lamp = try product(Self.lamp)
        #expect(try LabelField(field).label(of: lamp) == label)
        #expect(try LabelField(field).description == field)
    }

    @Test(arguments: ["category", "category:1", "brand", "availability", "colour"])
    func `a product without the field has no label`(field: String) throws {
        #expect(try LabelField(field).label(of: product(#"{"id": "a", "title": "Lamp"}"#)) == nil)
    }

    @Test func `blank values are no labels, and blanks around a value do not make another one`() throws {
        var lamp = Product(id: ProductID(rawValue: "a"), title: "Lamp")
        lamp.brand = " \u{A0} "
        lamp.attributes = ["colour": .text(" red\t"), "none": .list([])]
        #expect(try LabelField("brand").label(of: lamp) == nil)
        #expect(try LabelField("none").label(of: lamp) == nil)
        #expect(try LabelField("colour").label(of: lamp) == "red")
    }

    @Test(arguments: [
        ("", "label field \"\": expected the name of a field, found a blank text"),
        (" \t", "label field \" \t\": expected the name of a field, found a blank text"),
        (
            "category:",
            "label field \"category:\": expected a number of levels from 1 on behind the colon, found \"\""
        ),
        (
            "category:0",
            "label field \"category:0\": expected a number of levels from 1 on behind the colon, found \"0\""
        ),
        (
            "category:-2",
            "label field \"category:-2\": expected a number of levels from 1 on behind the colon, found \"-2\""
        ),
        (
            "category:two",
            "label field \"category:two\": expected a number of levels from 1 on behind the colon, found \"two\""
        ),
        (
            "category:1:2",
            "label field \"category:1:2\": expected a number of levels from 1 on behind the colon, found \"1:2\""
        ),
        (
            "category:99999999999999999999",
            "label field \"category:99999999999999999999\": expected a number of levels from 1 on behind the colon, found "
                + "\"99999999999999999999\""
        ),
    ])
    func `a name that is none is refused in a sentence`(field: String, message: String) {
        let error = #expect(throws: CatalogError.self) { try LabelField(field) }
        #expect(error?.description == message)
    }
}
