import Testing

@testable import Catalog

@Suite struct DelimitedScannerTests {
    /// The records of a text; nil where one is broken.
    private func records(_ text: String, delimiter: Character = ",") -> [[String]]? {
        var scanner = DelimitedScanner(delimiter: delimiter.asciiValue ?? 0)
        var rest = Array(text.utf8)
        var records: [[String]] = []
        while !rest.isEmpty {
            let frame = rest.withUnsafeBufferPointer { bytes in
                let frame = scanner.frame(bytes, atEnd: true)
                if case .complete = frame { records.append(scanner.fields.indices.map { scanner.text($0, in: bytes) }) }
                return frame
            }
            guard case .complete(_, let length, _) = frame else { return nil }
            rest.removeFirst(length)
        }
        return records
    }

    @Test(arguments: [
        ("a,b,c\n", [["a", "b", "c"]]),
        ("a,b,c", [["a", "b", "c"]]),
        ("a,,\r\n,,c\r\n", [["a", "", ""], ["", "", "c"]]),
        ("a\rb\r\nc\nd", [["a"], ["b"], ["c"], ["d"]]),
        ("\"a,b\",\"c\"\"d\"\n", [["a,b", "c\"d"]]),
        ("\"one\r\ntwo\",x\n", [["one\r\ntwo", "x"]]),
        ("19\" monitor,5'\n", [["19\" monitor", "5'"]]),
        ("\"\",\"\"\"\"\n", [["", "\""]]),
        ("\"\"\"\"\"\",a", [["\"\"", "a"]]),
        (" padded , \"x\" \n", [["padded", "\"x\""]]),
        ("\u{A0}é\u{3000},\u{A0}", [["é", ""]]),
    ]) func `splits records as RFC 4180 has it`(text: String, expected: [[String]]) {
        #expect(records(text) == expected)
    }

    @Test(arguments: ["\"a\"b,c\n", "\"a\" ,b\n", "\"a\nb", "\"", "x,\"\"\""]) func `refuses stray and open quotes`(
        text: String
    ) {
        #expect(records(text) == nil)
    }

    /// A field in quotes; by scalars, since a quote with a combining mark is a `Character` of its own.
    private static func quoted(_ text: String) -> String {
        "\"" + text.unicodeScalars.map { $0 == "\"" ? "\"\"" : String($0) }.joined() + "\""
    }

    @Test(arguments: Seed.samples(60)) func `reads back what a naive writer wrote`(seed: Seed) {
        var generator = seed.generator
        let delimiter = [",", ";", "\t", "|"].randomElement(using: &generator) ?? ","
        let lineEnd = ["\n", "\r\n", "\r"].randomElement(using: &generator) ?? "\n"
        let table = (0..<20).map { _ in (0..<3).map { _ in generator.text(upTo: 10) } }
        let text = table.map { row in
            row.map(Self.quoted).joined(separator: delimiter) + lineEnd
        }.joined()
        #expect(records(text, delimiter: Character(delimiter)) == table.map { $0.map { $0.trimmed() } })
    }

    @Test(arguments: Seed.samples(60)) func `asks for more bytes rather than guess`(seed: Seed) {
        var generator = seed.generator
        let fields = (0..<3).map { _ in Self.quoted(generator.text(upTo: 6)) }
        let record = Array(fields.joined(separator: ",").utf8) + Array("\r\n".utf8)
        let whole = record + Array("next".utf8)
        var scanner = DelimitedScanner(delimiter: UInt8(ascii: ","))
        for count in 0...whole.count {
            let frame = whole[..<count].withUnsafeBufferPointer { scanner.frame($0, atEnd: false) }
            guard count >= record.count else {
                #expect(frame == .incomplete, "after \(count) of \(record.count) bytes")
                continue
            }
            guard case .complete(let content, let length, _) = frame else {
                Issue.record("\(frame) after \(count) of \(record.count) bytes")
                continue
            }
            #expect(content == record.count - 2 && length == record.count)
        }
    }

    @Test(arguments: [
        ("a,b", ","), ("a;b;\"c,d,e,f\"", ";"), ("a\tb", "\t"), ("a|b|c,d", "|"), ("a", ","), ("a,b;c", ","),
    ])
    func `finds the delimiter in the header`(line: String, delimiter: Character) {
        let found = Array(line.utf8).withUnsafeBufferPointer { DelimitedHeader.delimiter(of: $0) }
        #expect(found == delimiter.asciiValue)
    }
}
