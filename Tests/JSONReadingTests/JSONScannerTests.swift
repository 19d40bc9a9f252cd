import Foundation
import Testing

@testable import JSONReading

@Suite struct JSONScannerTests {
    private static func scan(_ bytes: [UInt8]) -> Result<JSONValue, JSONSyntaxError> {
        Result { () throws(JSONSyntaxError) in try JSONValue(parsing: bytes) }
    }

    /// What both readers can be compared in: true and false are 1 and 0, as Foundation may bridge them; the last of equal keys wins;
    /// numbers may differ by a few units in the last place, since Foundation reads long fractions through `Decimal`.
    private indirect enum Plain: Equatable {
        case null
        case number(Double)
        case text([UInt8])
        case list([Plain])
        case object([String: Plain])

        init(_ value: JSONValue) throws {
            switch value {
            case .null: self = .null
            case .flag(let flag): self = .number(flag ? 1 : 0)
            case .number(let text): self = .number(try #require(Double(text)))
            case .text(let text): self = .text(Array(text.utf8))
            case .list(let elements): self = .list(try elements.map(Plain.init))
            case .object(let members, _):
                self = .object(try Dictionary(members.map { ($0.key, try Plain($0.value)) }, uniquingKeysWith: { $1 }))
            }
        }

        static func == (left: Plain, right: Plain) -> Bool {
            switch (left, right) {
            case (.null, .null): true
            case (.number(let left), .number(let right)): left == right || abs(left - right) <= 4 * left.ulp
            case (.text(let left), .text(let right)): left == right
            case (.list(let left), .list(let right)): left == right
            case (.object(let left), .object(let right)): left == right
            default: false
            }
        }

        /// Whether a number is too large for a float; Foundation refuses such a text.
        var holdsInfinity: Bool {
            switch self {
            case .number(let number): number.isInfinite
            case .list(let elements): elements.contains(where: \.holdsInfinity)
            case .object(let members): members.values.contains(where: \.holdsInfinity)
            case .null, .text: false
            }
        }

        init(foundation object: Any) {
            switch object {
            case let list as [Any]: self = .list(list.map(Plain.init(foundation:)))
            case let object as [String: Any]: self = .object(object.mapValues(Plain.init(foundation:)))
            case let number as NSNumber: self = .number(number.doubleValue)
            case let text as String: self = .text(Array(text.utf8))
            default: self = .null
            }
        }
    }

    /// Foundation's answer; nil when it refuses the text.
    private static func oracle(_ bytes: [UInt8]) -> Plain? {
        (try? JSONSerialization.jsonObject(with: Data(bytes), options: .fragmentsAllowed)).map(Plain.init(foundation:))
    }

    private static func document(_ generator: inout SplitMix64, depth: Int = 0) -> String {
        func space(_ generator: inout SplitMix64) -> String {
            ["", "", "", " ", "\t", "\r\n"].randomElement(using: &generator) ?? ""
        }
        func quoted(_ generator: inout SplitMix64) -> String {
            let escapes = [
                "\\u00e9", "\\ud83d\\ude00", "\\n", "\\/", "\\\"", "\\\\", "\\b\\f\\r\\t", "\\uFFFF", "\\u0001",
            ]
            var text = ""
            for scalar in generator.text(upTo: 8).unicodeScalars
            where scalar != "\"" && scalar != "\\" && scalar.value >= 32 {
                text.unicodeScalars.append(scalar)
                if Int.random(in: 0..<6, using: &generator) == 0 {
                    text += escapes.randomElement(using: &generator) ?? ""
                }
            }
            return "\"\(text)\""
        }
        let value: String
        switch Int.random(in: 0..<(depth < 4 ? 9 : 6), using: &generator) {
        case 0: value = "null"
        case 1: value = Bool.random(using: &generator) ? "true" : "false"
        case 2: value = String(Int.random(in: -1000...1000, using: &generator))
        case 3: value = "\(Double.random(in: -1e6...1e6, using: &generator))"
        case 4:
            value =
                ["0", "-0", "1e3", "1E-7", "2.50e+10", "0.1", "123456789012345678"].randomElement(using: &generator)
                ?? "0"
        case 5: value = quoted(&generator)
        case 6, 7:
            let members = (0..<Int.random(in: 0...4, using: &generator)).map { _ in
                space(&generator) + quoted(&generator) + space(&generator) + ":"
                    + document(&generator, depth: depth + 1)
            }
            value = "{" + members.joined(separator: ",") + space(&generator) + "}"
        default:
            let elements = (0..<Int.random(in: 0...4, using: &generator)).map { _ in
                document(&generator, depth: depth + 1)
            }
            value = "[" + elements.joined(separator: ",") + space(&generator) + "]"
        }
        return space(&generator) + value + space(&generator)
    }

    @Test(arguments: Seed.samples(40)) func `reads random documents as JSONSerialization does`(seed: Seed) throws {
        var generator = seed.generator
        for _ in 0..<100 {
            let text = Self.document(&generator)
            let oracle = try #require(Self.oracle(Array(text.utf8)), "the generator made bad JSON: \(text)")
            #expect(try Plain(Self.scan(Array(text.utf8)).get()) == oracle, "\(text)")
        }
    }

    @Test(arguments: Seed.samples(40)) func `refuses damaged documents that JSONSerialization refuses`(seed: Seed)
        throws
    {
        var generator = seed.generator
        for _ in 0..<100 {
            var bytes = Array(Self.document(&generator).utf8)
            let place = Int.random(in: 0..<bytes.count, using: &generator)
            switch Int.random(in: 0..<4, using: &generator) {
            case 0: bytes.remove(at: place)
            case 1: bytes.insert("\"\\{}[],:0e.-u \n".utf8.randomElement(using: &generator) ?? 0, at: place)
            case 2: bytes[place] = UInt8.random(in: 1...255, using: &generator)
            default: bytes.removeSubrange(place...)
            }
            let text = String(decoding: bytes, as: UTF8.self)
            switch Self.scan(bytes) {
            case .success(let value):
                let plain = try Plain(value)
                if plain.holdsInfinity { continue }
                let oracle = try #require(Self.oracle(bytes), "only the scanner takes \(text)")
                #expect(plain == oracle, "\(text)")
            case .failure(let error):
                #expect((0...bytes.count).contains(error.offset))
                // Foundation takes a comma before the end of a list or object; JSON does not.
                let isTrailingComma = error.offset < bytes.count && "]}".utf8.contains(bytes[error.offset])
                #expect(
                    isTrailingComma || Self.oracle(bytes) == nil,
                    "only JSONSerialization takes \(text): expected \(error.expected)")
            }
        }
    }

    @Test(arguments: [
        ("{\"a\" 1}", 5, "\":\" after the key", "\"1\""),
        ("{\"a\":1", 6, "\",\" or \"}\"", "the end"),
        ("{\"a\":é}", 5, "a value", "\"é\""),
        ("{\"a\": }", 6, "a value", "\"}\""),
        ("{", 1, "a text in double quotes", "the end"),
        ("[01]", 2, "no digit after a leading 0", "\"1\""),
        ("[1.]", 3, "a digit", "\"]\""),
        ("--1", 1, "a digit", "\"-\""),
        ("[1 2]", 3, "\",\" or \"]\"", "\"2\""),
        ("[nul]", 4, "null", "\"]\""),
        ("tru", 3, "true", "the end"),
        ("[1] x", 4, "nothing after the value", "\"x\""),
        ("1\u{0}", 1, "nothing after the value", "0x00"),
        ("\"a\u{1}\"", 2, "control characters in a text to be escaped", "0x01"),
        ("\"abc", 4, "the closing quote of a text", "the end"),
        ("\"abc\\", 5, "the closing quote of a text", "the end"),
        ("\"\\x\"", 1, "an escape sequence", "\"\\x\""),
        ("\"\\é\"", 1, "an escape sequence", "\"\\é\""),
        ("\"\\u12g4\"", 1, "four hexadecimal digits after \\u", "\"\\u12g4\""),
        ("\"\\u12\"", 1, "four hexadecimal digits after \\u", "\"\\u12\""),
        ("\"a\\ud83d b\"", 2, "both halves of a surrogate pair", "\"\\ud83d\""),
        ("\"\\ude00\\ud83d\"", 1, "both halves of a surrogate pair", "\"\\ude00\""),
        ("\"\\ud83d\\u0041\"", 1, "both halves of a surrogate pair", "\"\\ud83d\""),
        ("{1:2}", 1, "a text in double quotes", "\"1\""),
        ("[1,]", 3, "a value", "\"]\""),
        ("NaN", 0, "a value", "\"N\""),
        ("", 0, "a value", "the end"),
    ]) func `says what is wrong and where`(text: String, offset: Int, expected: String, found: String) {
        let error = JSONSyntaxError(offset: offset, expected: expected, found: found)
        #expect(Self.scan(Array(text.utf8)) == .failure(error))
    }

    @Test func `reads every escape of a code unit that is no surrogate`() throws {
        let wrong = (UInt16.min...UInt16.max).filter { unit in
            let digits = String(unit, radix: 16)
            let text = "\"\\u" + String(repeating: "0", count: 4 - digits.count) + digits + "\""
            let expected = UnicodeScalar(unit).map { JSONValue.text(String($0)) }
            return (try? Self.scan(Array(text.utf8)).get()) != expected
        }
        #expect(wrong == [])
    }

    @Test(arguments: [("[", "]"), ("{\"a\":", "}")]) func `nests 128 levels and no more`(open: String, close: String) {
        func nested(_ depth: Int) -> [UInt8] {
            let inside = open == "[" ? "" : "1"
            return Array((String(repeating: open, count: depth) + inside + String(repeating: close, count: depth)).utf8)
        }
        #expect((try? Self.scan(nested(128)).get()) != nil)
        for depth in [129, 10_000, 1_000_000] {
            let expected = JSONSyntaxError(
                offset: 128 * open.utf8.count, expected: "at most 128 levels of lists and objects", found: "more")
            #expect(Self.scan(nested(depth)) == .failure(expected))
        }
    }
}
