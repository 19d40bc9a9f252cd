import Testing

@testable import Catalog

@Suite struct FilterParserTests {
    private static let cheap = ProductFilter.comparison(field: "price", .less, .number(50))
    private static let acme = ProductFilter.comparison(field: "brand", .equal, .text("Acme"))
    private static let red = ProductFilter.comparison(field: "color", .equal, .text("red"))

    @Test(arguments: [
        ("price < 50", cheap),
        ("  PRICE<50 ", .comparison(field: "PRICE", .less, .number(50))),
        ("brand = Acme", acme), ("brand==\"Acme\"", acme), ("brand = 'Acme'", acme), ("`brand`=Acme", acme),
        ("brand != Acme", .comparison(field: "brand", .notEqual, .text("Acme"))),
        ("brand <> Acme", .comparison(field: "brand", .notEqual, .text("Acme"))),
        ("price >= -1.5e2", .comparison(field: "price", .greaterOrEqual, .number(-150))),
        ("price <= .5 ", .comparison(field: "price", .lessOrEqual, .number(0.5))),
        ("`a b` > 0", .comparison(field: "a b", .greater, .number(0))),
        ("size.w = 3", .comparison(field: "size.w", .equal, .number(3))),
        ("set = TRUE", .comparison(field: "set", .equal, .flag(true))),
        ("set = \"true\"", .comparison(field: "set", .equal, .text("true"))),
        ("size = \"42\"", .comparison(field: "size", .equal, .text("42"))),
        ("day = 2024-01-31", .comparison(field: "day", .equal, .text("2024-01-31"))),
        ("size = 42EU", .comparison(field: "size", .equal, .text("42EU"))),
        ("x = nan", .comparison(field: "x", .equal, .text("nan"))),
        ("x = 0x10", .comparison(field: "x", .equal, .text("0x10"))),
        ("색상 = 빨간", .comparison(field: "색상", .equal, .text("빨간"))),
        (#"x = "a\"b\\c\n\té\'""#, .comparison(field: "x", .equal, .text("a\"b\\c\n\té'"))),
        ("x = ''", .comparison(field: "x", .equal, .text(""))),
        (
            "brand in (Acme, 'Le Creuset', 3, true)",
            .oneOf(field: "brand", [.text("Acme"), .text("Le Creuset"), .number(3), .flag(true)])
        ),
        ("brand NOT IN (Acme)", .not(.oneOf(field: "brand", [.text("Acme")]))),
        ("price<50 and brand=Acme", .and([cheap, acme])),
        ("price<50 or brand=Acme AND color=red", .or([cheap, .and([acme, red])])),
        ("(price<50 or brand=Acme) and color=red", .and([.or([cheap, acme]), red])),
        ("not price<50 and brand=Acme", .and([.not(cheap), acme])),
        ("not (price<50 and not not brand=Acme)", .not(.and([cheap, .not(.not(acme))]))),
        ("price<50 and brand=Acme and color=red", .and([cheap, acme, red])),
        ("((price<50))", cheap),
        ("`not` = `and`".replacing("`and`", with: "'and'"), .comparison(field: "not", .equal, .text("and"))),
    ]) func `reads an expression`(text: String, filter: ProductFilter) throws {
        #expect(try ProductFilter(parsing: text) == filter)
    }

    @Test(arguments: [
        ("", 1, "expected a field, found the end"),
        ("brand", 6, "expected one of = != < <= > >= in after the field \"brand\", found the end"),
        ("brand = ", 9, "expected a value, found the end"),
        (
            "brand = Le Creuset", 12,
            "expected \"and\", \"or\" or the end, found \"Creuset\"; a text of several words goes in quotes"
        ),
        (
            "category = A > B", 14,
            "expected \"and\", \"or\" or the end, found \">\"; a text of several words goes in quotes"
        ),
        ("(brand = Acme", 14, "expected \")\", found the end"),
        ("brand = Acme)", 13, "expected \"and\", \"or\" or the end, found \")\""),
        ("price < abc", 9, "expected a number after \"<\", found \"abc\""),
        ("price >= \"5\"", 10, "expected a number after \">=\", found the text \"5\""),
        ("price < true", 9, "expected a number after \"<\", found \"true\""),
        ("price < 1e999", 9, "expected a number that a 64-bit float can hold, found \"1e999\""),
        ("brand in Acme", 10, "expected \"(\" after \"in\", found \"Acme\""),
        ("brand in ()", 11, "expected a value, found \")\""),
        ("brand in (a,)", 13, "expected a value, found \")\""),
        ("brand in (a b)", 13, "expected \",\" or \")\", found \"b\"; a text of several words goes in quotes"),
        ("brand not = a", 11, "expected \"in\" after \"brand not\", found \"=\""),
        ("brand = and", 9, "expected a value, found \"and\"; a text that is a keyword goes in quotes"),
        ("and brand = a", 1, "expected a field, found \"and\""),
        ("a = b and", 10, "expected a field, found the end"),
        ("'brand' = a", 1, "expected a field, found the text \"brand\"; a field name goes in backticks: `brand`"),
        ("` ` = a", 1, "expected a field, found ` `"),
        ("brand = \"Acme", 9, "this \" is opened and never closed"),
        ("brand = 'a\\", 9, "this ' is opened and never closed"),
        ("brand ! a", 7, "\"!\" has no meaning here; put a text in quotes, a field name in backticks"),
        ("brand = a; drop", 10, "\";\" has no meaning here; put a text in quotes, a field name in backticks"),
    ]) func `says what was expected and where`(text: String, column: Int, message: String) {
        #expect(throws: CatalogError.badFilter(FilterSyntaxError(text: text, column: column, message: message))) {
            try ProductFilter(parsing: text)
        }
    }

    @Test func `draws a caret under the place`() {
        let error = #expect(throws: CatalogError.self) { try ProductFilter(parsing: "색상 = 빨간\tand price < 'x'") }
        #expect(
            error?.description == """
                filter, column 21: expected a number after "<", found the text "x"
                  색상 = 빨간 and price < 'x'
                                          ^
                """)
    }

    @Test(arguments: ["(", "not "]) func `nests 99 levels and no more`(opening: String) throws {
        func nested(_ depth: Int) -> String {
            String(repeating: opening, count: depth) + "a = b"
                + (opening == "(" ? String(repeating: ")", count: depth) : "")
        }
        #expect(throws: Never.self) { try ProductFilter(parsing: nested(99)) }
        for depth in [100, 100_000] {
            let error = #expect(throws: CatalogError.self) { try ProductFilter(parsing: nested(depth)) }
            #expect(error?.description.contains("nested more than 100 deep") == true)
        }
    }

    /// A filter as text, with more parentheses than needed.
    private func text(_ filter: ProductFilter, _ generator: inout SplitMix64) -> String {
        func quoted(_ text: String, _ quote: Character) -> String {
            var result = String(quote)
            for scalar in text.unicodeScalars {
                if Character(scalar) == quote || scalar == "\\" { result += "\\" }
                result.unicodeScalars.append(scalar)
            }
            return result + String(quote)
        }
        func text(_ value: FilterValue, _ generator: inout SplitMix64) -> String {
            switch value {
            case .text(let text): quoted(text, Bool.random(using: &generator) ? "'" : "\"")
            case .number(let number): "\(number)"
            case .flag(let flag): "\(flag)"
            }
        }
        func group(_ filters: [ProductFilter], _ word: String, _ generator: inout SplitMix64) -> String {
            var parts: [String] = []
            for filter in filters { parts.append("(" + self.text(filter, &generator) + ")") }
            return parts.joined(separator: word)
        }
        switch filter {
        case .comparison(let field, let comparison, let value):
            return quoted(field, "`") + comparison.rawValue + text(value, &generator)
        case .oneOf(let field, let values):
            var texts: [String] = []
            for value in values { texts.append(text(value, &generator)) }
            return quoted(field, "`") + " in(" + texts.joined(separator: ",") + ")"
        case .and(let filters): return group(filters, "and", &generator)
        case .or(let filters): return group(filters, "OR", &generator)
        case .not(let filter): return "not (" + self.text(filter, &generator) + ")"
        }
    }

    private func random(_ generator: inout SplitMix64, depth: Int = 0) -> ProductFilter {
        func value(_ generator: inout SplitMix64) -> FilterValue {
            switch Int.random(in: 0..<3, using: &generator) {
            case 0: .text(generator.text(upTo: 8))
            case 1: .number(Double.random(in: -1e9...1e9, using: &generator))
            default: .flag(Bool.random(using: &generator))
            }
        }
        let field = "f" + generator.text(upTo: 4).trimmed() + "x"
        switch Int.random(in: 0..<(depth < 4 ? 6 : 3), using: &generator) {
        case 0:
            return .comparison(field: field, .less, .number(Double(Int.random(in: -99...99, using: &generator)) / 4))
        case 1: return .comparison(field: field, Bool.random(using: &generator) ? .equal : .notEqual, value(&generator))
        case 2:
            return .oneOf(field: field, (0...Int.random(in: 0...3, using: &generator)).map { _ in value(&generator) })
        case 3: return .not(random(&generator, depth: depth + 1))
        case let choice:
            let terms = (0...Int.random(in: 1...2, using: &generator)).map { _ in random(&generator, depth: depth + 1) }
            return choice == 4 ? .and(terms) : .or(terms)
        }
    }

    @Test(arguments: Seed.samples(200)) func `reads back random filters`(seed: Seed) throws {
        var generator = seed.generator
        let filter = random(&generator)
        let text = text(filter, &generator)
        #expect(try ProductFilter(parsing: text) == filter, "\(text)")
    }
}
