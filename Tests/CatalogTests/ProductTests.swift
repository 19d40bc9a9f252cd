import Foundation
import Testing

@testable import Catalog

@Suite struct ProductTests {
    static func random(_ generator: inout SplitMix64) -> Product {
        func text(_ generator: inout SplitMix64) -> String? {
            let text = generator.text(upTo: 12).trimmed()
            return text.isEmpty ? nil : text
        }
        func attribute(_ generator: inout SplitMix64, depth: Int) -> AttributeValue {
            switch Int.random(in: 0..<(depth == 0 ? 5 : 3), using: &generator) {
            case 0: .number(Double(Int.random(in: -9999...9999, using: &generator)) / 8)
            case 1: .flag(Bool.random(using: &generator))
            case 2: .text(text(&generator) ?? "x")
            default:
                .list(
                    (0...Int.random(in: 0...2, using: &generator)).map { _ in attribute(&generator, depth: depth + 1) })
            }
        }
        var product = Product(
            id: ProductID(rawValue: text(&generator) ?? "1"), title: text(&generator) ?? "t",
            description: text(&generator) ?? "")
        product.category = CategoryPath(generator.text(upTo: 12))
        product.brand = text(&generator)
        product.price =
            Bool.random(using: &generator) ? Double(Int.random(in: 0...999_999, using: &generator)) / 100 : nil
        product.currency = text(&generator)
        product.availability = text(&generator)
        product.image = text(&generator)
        product.url = text(&generator)
        for index in 0..<Int.random(in: 0...4, using: &generator) {
            product.attributes["\(index)" + generator.text(upTo: 4)] = attribute(&generator, depth: 0)
        }
        return product
    }

    @Test(arguments: Seed.samples(100)) func `returns from JSON as it went, through Codable and through a feed`(
        seed: Seed
    ) throws {
        var generator = seed.generator
        let product = Self.random(&generator)
        let data = try JSONEncoder().encode(product)
        #expect(try JSONDecoder().decode(Product.self, from: data) == product)
        #expect(try ReadFeed(data).rows == [.product(product, line: 1)])
    }

    @Test func `writes exactly the documented keys`() throws {
        var product = Product(id: ProductID(rawValue: "7"), title: "Pan")
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        #expect(
            String(decoding: try encoder.encode(product), as: UTF8.self)
                == #"{"attributes":{},"description":"","id":"7","title":"Pan"}"#)
        product.category = CategoryPath("A>B")
        product.price = 12
        product.attributes = ["set": .flag(true), "sizes": .list([.number(24), .text("L")])]
        #expect(
            String(decoding: try encoder.encode(product), as: UTF8.self)
                == #"{"attributes":{"set":true,"sizes":[24,"L"]},"category":"A > B","description":"","id":"7","price":12,"title":"Pan"}"#
        )
    }

    @Test(arguments: [
        #"{"id":" ","title":"a"}"#, #"{"id":"1","price":-1}"#, #"{"title":"a"}"#, #"{"id":"1","category":" > "}"#,
        #"{"id":"1","attributes":{"a":null}}"#, #"{"id":"1","attributes":{"a":{}}}"#,
    ]) func `refuses JSON that is no product`(json: String) {
        #expect(throws: DecodingError.self) { try JSONDecoder().decode(Product.self, from: Data(json.utf8)) }
    }

    @Test func `ids that look the same but differ in bytes are two ids`() {
        let composed = ProductID(rawValue: "caf\u{E9}")
        let decomposed = ProductID(rawValue: "cafe\u{301}")
        #expect(composed.rawValue == decomposed.rawValue)
        #expect(composed != decomposed)
        #expect(Set([composed, decomposed]).count == 2)
        #expect(decomposed < composed)
    }

    @Test(arguments: Seed.samples(20)) func `ids are ordered by their bytes`(seed: Seed) {
        var generator = seed.generator
        let ids = (0..<50).map { _ in ProductID(rawValue: generator.text(upTo: 3)) }
        let byBytes = ids.map { Array($0.rawValue.utf8) }.sorted { $0.lexicographicallyPrecedes($1) }
        #expect(ids.sorted().map { Array($0.rawValue.utf8) } == byBytes)
    }

    @Test func `attributes read as people write them`() {
        let value = AttributeValue.list([
            .number(12), .number(0.5), .flag(false), .text("red"), .number(1e20), .number(-0.0),
        ])
        #expect(value.description == "12, 0.5, false, red, 1e+20, 0")
    }
}

@Suite struct CategoryPathTests {
    @Test(arguments: [
        ("A > B > C", ["A", "B", "C"]), ("A>B", ["A", "B"]), (" A >> B > ", ["A", "B"]), ("A / B", ["A / B"]),
        ("A", ["A"]),
        ("Wok & Co., 50%  off > \u{A0}X", ["Wok & Co., 50%  off", "X"]), (">\u{301}x", ["\u{301}x"]),
    ]) func `splits at greater-than signs only`(text: String, components: [String]) throws {
        let path = try #require(CategoryPath(text))
        #expect(path.components == components)
        #expect(path.description == components.joined(separator: " > "))
        #expect(CategoryPath(path.description) == path)
        #expect(CategoryPath(components: components) == path)
    }

    @Test(arguments: ["", " ", ">", " > > "]) func `has at least one component`(text: String) {
        #expect(CategoryPath(text) == nil)
    }

    @Test func `contains what lies below by whole components`() throws {
        let path = try #require(CategoryPath("Home > Pan"))
        for (text, isBelow) in [
            ("Home > Pan", true), ("Home>Pan>Wok", true), ("Home > Pans", false), ("Home", false),
            ("Pan > Home", false),
        ] {
            #expect(path.isPrefix(of: try #require(CategoryPath(text))) == isBelow, "\(text)")
        }
    }
}
