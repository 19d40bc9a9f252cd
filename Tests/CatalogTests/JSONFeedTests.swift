import Testing

@testable import Catalog

@Suite struct JSONFeedTests {
    @Test func `reads all fields and keeps the rest as attributes`() throws {
        let product = try product(
            #"""
            {"id": "K-1", "title": " Pan\n", "description": "Heavy", "category": "Kitchen>Pans", "brand": "Halvorn", "price": 44.95, "currency": "EUR", "availability": "in stock", "image": "i.jpg", "url": "u", "color": "red", "weight_g": 1120, "set": false, "sizes": [24, "L", null], "gone": null, "blank": " "}
            """#)
        var expected = Product(id: ProductID(rawValue: "K-1"), title: "Pan", description: "Heavy")
        expected.category = CategoryPath("Kitchen > Pans")
        expected.brand = "Halvorn"
        expected.price = 44.95
        expected.currency = "EUR"
        expected.availability = "in stock"
        expected.image = "i.jpg"
        expected.url = "u"
        expected.attributes = [
            "color": .text("red"), "weight_g": .number(1120), "set": .flag(false),
            "sizes": .list([.number(24), .text("L")]),
        ]
        #expect(product == expected)
    }

    @Test func `takes integers as ids digit by digit`() throws {
        #expect(
            try product(#"{"id": 123456789012345678901234567890, "title": "a"}"#).id.rawValue
                == "123456789012345678901234567890")
        #expect(try product(#"{"id": -5, "title": "a"}"#).id.rawValue == "-5")
    }

    @Test func `keeps integers from 2^53 on as text`() throws {
        let product = try product(#"{"id": 1, "title": "a", "x": 9007199254740991, "y": 9007199254740993, "z": 1e20}"#)
        #expect(
            product.attributes == [
                "x": .number(9_007_199_254_740_991), "y": .text("9007199254740993"), "z": .number(1e20),
            ])
    }

    @Test func `lets the last of equal keys win`() throws {
        let product = try product(
            #"{"id": 1, "price": "abc", "c": 1, "title": "a", "id": 2, "price": 3, "title": "b", "c": null}"#)
        #expect(product.id.rawValue == "2")
        #expect(product.title == "b")
        #expect(product.price == 3)
        #expect(product.attributes.isEmpty)
    }

    @Test(arguments: ["null", "\"\"", "\"  \"", "\"\\u00a0\""]) func `takes blank values as missing`(value: String)
        throws
    {
        let product = try product(
            "{\"id\":1,\"title\":\"a\",\"price\":\(value),\"brand\":\(value),\"category\":\(value),\"x\":\(value)}")
        #expect(product == Product(id: ProductID(rawValue: "1"), title: "a"))
    }

    @Test func `flattens objects to dotted names and merges attributes`() throws {
        let product = try product(
            #"{"id":1,"title":"a","size":{"w":3,"of":{"box":true}},"attributes":{"color":"red","price":7},"parts":[{"n": 1}, 2]}"#
        )
        #expect(
            product.attributes == [
                "size.w": .number(3), "size.of.box": .flag(true), "color": .text("red"), "price": .number(7),
                "parts": .list([.text(#"{"n": 1}"#), .number(2)]),
            ])
        #expect(product.price == nil)
    }

    @Test func `maps keys, also inside objects`() throws {
        let row = #"{"sku": 1, "name": "a", "id": "x", "maker": {"name": "Acme"}, "top": "A", "sub": ["B", "C"]}"#
        let product = try product(row, mapping: ["id=sku", "title=name", "brand=maker.name", "category=top>sub"])
        #expect(product.id.rawValue == "1")
        #expect(product.title == "a")
        #expect(product.brand == "Acme")
        #expect(product.category?.components == ["A", "B", "C"])
        #expect(product.attributes == ["id": .text("x")])
    }

    @Test(
        arguments: [
            (#"["A", "B > C"]"#, ["A"]), (#"["A", "B"]"#, ["A", "B"]), (#"["A > B", "C > D"]"#, ["A", "B"]),
            ("7", ["7"]), ("[]", nil),
            (#"[" ", null]"#, nil), (#""A / B""#, ["A / B"]),
        ] as [(String, [String]?)]) func `reads categories given as lists`(value: String, components: [String]?) throws
    {
        #expect(try product("{\"id\":1,\"title\":\"a\",\"category\":\(value)}").category?.components == components)
    }

    @Test func `makes texts of other values and takes the first image`() throws {
        let product = try product(
            #"{"id":1,"title":12.50,"brand":["A","B"],"availability":true,"image":[null,"1.jpg","2.jpg"],"url":{}}"#)
        #expect(product.title == "12.50")
        #expect(product.brand == "A, B")
        #expect(product.availability == "true")
        #expect(product.image == "1.jpg")
        #expect(product.url == nil)
    }

    @Test func `takes the currency from the price where there is no other`() throws {
        #expect(try product(#"{"id":1,"title":"a","price":"12,90 EUR"}"#).currency == "EUR")
        #expect(try product(#"{"id":1,"title":"a","price":"12,90 EUR","currency":"eur"}"#).currency == "eur")
        #expect(try product(#"{"id":1,"title":"a","price":"12,90 €","currency":"Euro"}"#).currency == "Euro")
        #expect(try product(#"{"id":1,"title":"a","price":"12,90","currency":"CHF"}"#).currency == "CHF")
        #expect(
            try rejection(#"{"id":1,"title":"a","price":"12,90 EUR","currency":"CHF"}"#).reason
                == "price: expected one currency, found EUR in the price and CHF as currency")
    }

    @Test(
        arguments: [
            (#"{"title":"a"}"#, nil, "no id"),
            (#"{"id":null,"title":"a"}"#, nil, "no id"),
            (#"{"id":" \u00a0\t","title":"a"}"#, nil, "no id: the text is blank"),
            (#"{"id":1.5,"title":"a"}"#, nil, "no id: expected a text or an integer, found 1.5"),
            (#"{"id":1e3,"title":"a"}"#, nil, "no id: expected a text or an integer, found 1e3"),
            (#"{"id":true,"title":"a"}"#, nil, "no id: expected a text or an integer, found another kind of value"),
            (#"{"id":1}"#, "1", "no text: title,brand,category,description are all missing or blank"),
            (
                #"{"id":1,"title":" ","price":3}"#, "1",
                "no text: title,brand,category,description are all missing or blank"
            ),
            (#"{"price":"abc","title":"a","id":1}"#, "1", "price: expected a number such as 12.90, found \"abc\""),
            (#"{"id":1,"title":"a","price":-3}"#, "1", "price: expected 0 or more, found \"-3\""),
            (#"{"id":1,"title":"a","price":1e999}"#, "1", "price: expected a finite number, found \"1e999\""),
            (#"{"id":1,"title":"a","price":[1]}"#, "1", "price: expected a number, found another kind of value"),
            (#"{"id":1,"title":"a","w":-1e999}"#, "1", "w is -1e999, expected a number that a 64-bit float can hold"),
            (#"{"id":1,"title":"a\u0000b"}"#, "1", "a text holds a NUL (\\u0000)"),
            (
                "{\"id\":1,\"title\":\"a\0b\"}", "1",
                "bad JSON at column 19: expected control characters in a text to be escaped, found 0x00"
            ),
            (
                #"{"id":1,"title":"é\ud800"}"#, "1",
                "bad JSON at column 19: expected both halves of a surrogate pair, found \"\\ud800\""
            ),
            (
                #"{"id":1,"title":"é"}}"#, "1",
                "bad JSON at column 21: expected nothing after the value, found \"}\""
            ),
            ("7", nil, "bad JSON at column 1: expected an object {…}, found \"7\""),
            (
                "{", nil,
                "bad JSON at column 2: expected a text in double quotes, found the end; a product stands on one line"
            ),
        ] as [(String, String?, String)]) func `rejects a row with its reason`(row: String, id: String?, reason: String)
        throws
    {
        let rejected = try rejection("{\"id\":0,\"title\":\"first\"}\n\n" + row)
        #expect(rejected.line == 3)
        #expect(rejected.id == id)
        #expect(rejected.reason == reason)
        #expect(Array(rejected.row.utf8) == Array(row.utf8))
    }

    @Test func `rejects an array after the first row`() throws {
        let rejected = try rejection("{\"id\":0,\"title\":\"first\"}\n[1]")
        #expect(rejected.reason == "bad JSON at column 1: expected an object {…}, found \"[\"")
    }

    @Test func `rejects nesting of ten thousand levels`() throws {
        let deep =
            "{\"id\":1,\"title\":" + String(repeating: "[", count: 10_000) + String(repeating: "]", count: 10_000) + "}"
        #expect(
            try rejection(deep).reason
                == "bad JSON at column 144: expected at most 128 levels of lists and objects, found more")
    }

    @Test func `rejects invalid UTF-8 and repairs it in the report`() throws {
        let bytes = Array("{\"id\":1,\"title\":\"caf".utf8) + [0xE9] + Array("\"}\n".utf8)
        let feed = try ReadFeed(bytes)
        #expect(feed.rejected.map(\.reason) == ["invalid UTF-8: byte 21 of the row is 0xE9; save the feed as UTF-8"])
        #expect(feed.rejected.map(\.row) == ["{\"id\":1,\"title\":\"caf\u{FFFD}\"}"])
    }

    @Test func `cuts a rejected row at 2,000 scalars`() throws {
        #expect(
            try rejection("x" + String(repeating: "😀", count: 5_000)).row == "x" + String(repeating: "😀", count: 1_999))
    }

    @Test func `names the keys seen so far`() throws {
        let feed = try ReadFeed("{\"id\":1,\"title\":\"a\"}\n{\"title\":\"b\",\"x\":1,\"id\":2,\"é\":{\"y\":1}}")
        #expect(feed.columns == ["id", "title", "x", "é"])
    }

    @Test func `remembers no more than 1,024 keys and still reads the others`() throws {
        let rows = (0..<3_000).map { "{\"id\":\($0),\"key\($0)\":1,\"title\":\"a\"}" }
        let feed = try ReadFeed(rows.joined(separator: "\n"))
        #expect(feed.columns.count == 1_024)
        #expect(feed.products.enumerated().allSatisfy { $0.element.attributes == ["key\($0.offset)": .number(1)] })
        #expect(feed.products.count == 3_000)
    }

    @Test func `keeps duplicate ids, in order`() throws {
        let feed = try ReadFeed("{\"id\":1,\"title\":\"a\"}\n{\"id\":1,\"title\":\"b\"}")
        #expect(feed.products.map(\.title) == ["a", "b"])
    }
}
