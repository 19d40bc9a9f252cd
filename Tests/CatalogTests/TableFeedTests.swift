import Testing

@testable import Catalog

@Suite struct TableFeedTests {
    @Test func `reads fields by the header and keeps other columns as texts`() throws {
        let feed = try ReadFeed("id,title,price,gtin,color\n1,Pan,\"1,299.00\",00123,\n2,Pot,,,red\n", "feed.csv")
        var first = Product(id: ProductID(rawValue: "1"), title: "Pan")
        first.price = 1299
        first.attributes = ["gtin": .text("00123")]
        var second = Product(id: ProductID(rawValue: "2"), title: "Pot")
        second.attributes = ["color": .text("red")]
        #expect(feed.rows == [.product(first, line: 2), .product(second, line: 3)])
        #expect(feed.columns == ["id", "title", "price", "gtin", "color"])
    }

    @Test func `matches header names in any case, the exact one first`() throws {
        let feed = try ReadFeed("ID,Title,title\n1,Shouted,exact\n", "feed.csv")
        #expect(feed.products.map(\.id.rawValue) == ["1"])
        #expect(feed.products.map(\.title) == ["exact"])
        #expect(feed.products.map(\.attributes) == [["Title": .text("Shouted")]])
    }

    @Test func `detects the delimiter of European spreadsheets`() throws {
        let feed = try ReadFeed("\u{FEFF}sep=;\r\nid;title;price\r\n1;\"Pan; blau\";12,90\r\n", "feed.csv")
        #expect(feed.products.map(\.title) == ["Pan; blau"])
        #expect(feed.products.map(\.price) == [12.9])
        #expect(feed.lines == [3])
    }

    @Test func `reads tab-separated values with quotes`() throws {
        let feed = try ReadFeed("id\ttitle\n1\t\"a\tb\"\"\"\n2\t19\" rack, black\n3\t\"Best\" pan\n4\td\n", "feed.tsv")
        #expect(feed.products.map(\.title) == ["a\tb\"", "19\" rack, black", "d"])
        #expect(feed.rejected.map(\.line) == [4])
    }

    @Test func `counts the lines inside quotes and names the line a row starts on`() throws {
        let feed = try ReadFeed("id,title\r\n\r\n1,\"a\r\nb\rc\nd\"\r\n \r\n2,x\n3,y", "feed.csv")
        #expect(feed.lines == [3, 8, 9])
        #expect(feed.products.map(\.title) == ["a\r\nb\rc\nd", "x", "y"])
    }

    @Test(arguments: ["\n", "\r\n", "\r"]) func `reads every line end`(lineEnd: String) throws {
        let feed = try ReadFeed(["id,title", "1,a", "", "2,b"].joined(separator: lineEnd), "feed.csv")
        #expect(feed.products.map(\.title) == ["a", "b"])
        #expect(feed.lines == [2, 4])
        let withEnd = try ReadFeed(["id,title", "1,a", ""].joined(separator: lineEnd), "feed.csv")
        #expect(withEnd.lines == [2])
    }

    @Test func `joins category columns and maps names`() throws {
        let feed = try ReadFeed(
            "sku,name,dept,group,type\n1,Shirt,Apparel,,Shirts\n", "feed.csv",
            mapping: ["id=sku", "title=name", "category=dept>group>type"])
        #expect(feed.products.map(\.category?.description) == ["Apparel > Shirts"])
        #expect(feed.products.map(\.attributes) == [[:]])
    }

    @Test func `fills two fields from one column`() throws {
        let feed = try ReadFeed("id,name\n1,Pan\n", "feed.csv", mapping: ["title=name", "description=name"])
        #expect(feed.products.map(\.title) == ["Pan"])
        #expect(feed.products.map(\.description) == ["Pan"])
    }

    @Test func `makes a list of repeated attribute columns and ignores nameless ones`() throws {
        let feed = try ReadFeed("id,title,pic,,pic,pic\n1,a,x,?,y,z\n2,b,,?,,z\n", "feed.csv")
        #expect(
            feed.products.map(\.attributes) == [
                ["pic": .list([.text("x"), .text("y"), .text("z")])], ["pic": .text("z")],
            ])
    }

    @Test(
        arguments: [
            ("1,a,b", "1", "expected 2 fields as in the header, found 3"),
            ("1", "1", "expected 2 fields as in the header, found 1"),
            (",a", nil, "no id"),
            ("\u{A0},a", nil, "no id"),
            ("1,", "1", "no text: title,brand,category,description are all missing or blank"),
            ("1,a\0b", "1", "the row holds a NUL byte"),
            (
                "1,\"a\"b", nil,
                "field 2: expected a delimiter or the line's end after the closing quote; a quote inside a quoted field is written twice"
            ),
            ("1,\"a", nil, "a quoted field is opened and never closed"),
        ] as [(String, String?, String)]) func `rejects a row with its reason`(row: String, id: String?, reason: String)
        throws
    {
        let rejected = try rejection("id,title\n0,first\n\n" + row, "feed.csv")
        #expect(rejected.line == 4)
        #expect(rejected.id == id)
        #expect(rejected.reason == reason)
        #expect(rejected.row == row)
    }

    @Test func `loses one line to a quote that is never closed`() throws {
        let feed = try ReadFeed("id,title\n1,\"open\n2,b\n3,\"c\nd\"\n4,\"e\"\"\n5,f\n", "feed.csv")
        #expect(feed.products.map(\.id.rawValue) == ["2", "3", "5"])
        #expect(feed.rejected.map(\.line) == [2, 6])
        #expect(feed.rejected.map(\.row) == ["1,\"open", "4,\"e\"\""])
    }

    @Test func `rejects invalid UTF-8 row by row`() throws {
        let feed = try ReadFeed(Array("id,title\n1,caf".utf8) + [0xE9] + Array("\n2,b\n".utf8), "feed.csv")
        #expect(feed.rejected.map(\.line) == [2])
        #expect(feed.products.map(\.title) == ["b"])
    }

    @Test func `reads a header without rows`() throws {
        for text in ["id,title", "id,title\n", "\n\nid,title\r\n\r\n"] {
            #expect(try ReadFeed(text, "feed.csv").rows.isEmpty)
        }
    }

    @Test func `takes an attribute as the template's text`() throws {
        let feed = try ReadFeed("id,name\n1,Pan\n", "feed.csv", template: TextTemplate("name"))
        #expect(feed.products.count == 1)
    }
}
