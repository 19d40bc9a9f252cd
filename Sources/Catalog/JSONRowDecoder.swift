// Rows that are JSON objects, one a line.
//
// Rows of a feed mostly have the same keys in the same order, so each key is first compared with the one that followed the last key in an
// earlier row: no string is made and nothing is hashed for it. Keys that no field takes become attributes; the object "attributes", which
// is how Aisle writes products, is merged into them.

import JSONReading

/// Reads the rows of a JSONL feed.
struct JSONRowDecoder: RowDecoder {
    private struct Key {
        let bytes: [UInt8]
        let name: String
        let targets: [FieldTarget]
    }

    /// Most different keys that are remembered: a bound on memory for feeds whose keys are data.
    private static let maxKeys = 1_024
    private static let attributesKey = "attributes"

    private let mapping: FieldMapping
    private var assembler: ProductAssembler
    private var keys: [Key] = []
    private var keyIndex: [String: Int] = [:]
    /// Places whose column the user named and no row had yet.
    private var unseen: Set<FieldTarget>

    init(template: TextTemplate, mapping: FieldMapping, defaultID: ProductID? = nil) {
        self.mapping = mapping
        unseen = Set(
            ProductField.allCases.filter(mapping.isExplicit).flatMap { field in
                mapping.columns(for: field).indices.map { FieldTarget(field: field, part: $0) }
            })
        assembler = ProductAssembler(template: template, mapping: mapping, defaultID: defaultID)
    }

    var columns: [String] { keys.map(\.name) }

    var unseenColumn: (field: ProductField, column: String)? {
        ProductField.allCases.lazy.compactMap { field in
            mapping.columns(for: field).enumerated()
                .first { unseen.contains(FieldTarget(field: field, part: $0.offset)) }
                .map { (field, $0.element) }
        }.first
    }

    var hintForLongRow: String { "a product stands on one line" }

    mutating func frame(_ bytes: UnsafeBufferPointer<UInt8>, atEnd: Bool) -> RowFrame {
        guard let end = LineEnd(in: bytes, atEnd: atEnd) else { return .incomplete }
        return .complete(content: end.content, length: end.length, lines: 1)
    }

    mutating func product(from row: UnsafeBufferPointer<UInt8>) throws(RowRejection) -> Product {
        assembler.reset()
        var scanner = JSONScanner(row)
        do {
            try readObject(&scanner, row)
        } catch {
            let column = 1 + row.prefix(error.offset).count { $0 & 0xC0 != 0x80 }
            let hint = error.offset == row.count ? "; \(hintForLongRow)" : ""
            throw RowRejection(
                id: assembler.identifierIfReadable(), kind: "bad JSON",
                reason: "bad JSON at column \(column): expected \(error.expected), found \(error.found)\(hint)")
        }
        if scanner.foundNUL {
            throw RowRejection(id: assembler.identifierIfReadable(), reason: "a text holds a NUL (\\u0000)")
        }
        return try assembler.assemble()
    }

    private mutating func readObject(_ scanner: inout JSONScanner, _ row: UnsafeBufferPointer<UInt8>)
        throws(JSONSyntaxError)
    {
        scanner.skipWhitespace()
        guard scanner.take(UInt8(ascii: "{")) else { throw scanner.unexpected("an object {…}") }
        scanner.skipWhitespace()
        var guess = 0
        if !scanner.take(UInt8(ascii: "}")) {
            repeat {
                scanner.skipWhitespace()
                let key = try readKey(&scanner, row, guess: &guess)
                try scanner.readColon()
                let value = try scanner.readValue(depth: 1)
                set(key, to: value, row)
            } while try scanner.readsOn(to: UInt8(ascii: "}"))
        }
        try scanner.expectEnd()
    }

    /// Reads a key; `guess` is the index of the remembered key that is likely next.
    private mutating func readKey(
        _ scanner: inout JSONScanner, _ row: UnsafeBufferPointer<UInt8>, guess: inout Int
    ) throws(JSONSyntaxError) -> Key {
        let (span, hasEscapes) = try scanner.readTextSpan()
        if !hasEscapes, guess < keys.count, Self.equal(keys[guess].bytes, row, span) {
            guess += 1
            return keys[guess - 1]
        }
        let name = hasEscapes ? try scanner.unescaped(span) : scanner.text(span)
        if let index = keyIndex[name] {
            guess = index + 1
            return keys[index]
        }
        let key = Key(bytes: Array(name.utf8), name: name, targets: mapping.targets(ofColumn: name))
        if keys.count < Self.maxKeys {
            keyIndex[name] = keys.count
            keys.append(key)
            guess = keys.count
        }
        return key
    }

    private static func equal(_ bytes: [UInt8], _ row: UnsafeBufferPointer<UInt8>, _ span: Range<Int>) -> Bool {
        guard bytes.count == span.count else { return false }
        for index in bytes.indices where bytes[index] != row[span.lowerBound + index] { return false }
        return true
    }

    private mutating func set(_ key: Key, to value: JSONValue, _ row: UnsafeBufferPointer<UInt8>) {
        if case .object(let members, _) = value {
            for member in members {
                let name = key.name == Self.attributesKey ? member.key : "\(key.name).\(member.key)"
                setFlattened(name, to: member.value, row)
            }
        } else {
            fill(key.targets, or: key.name, with: value, row)
        }
    }

    /// Sets what stands inside an object; a mapping may name it by its dotted name.
    private mutating func setFlattened(_ name: String, to value: JSONValue, _ row: UnsafeBufferPointer<UInt8>) {
        if case .object(let members, _) = value {
            for member in members { setFlattened("\(name).\(member.key)", to: member.value, row) }
        } else {
            let targets = mapping.targets(ofColumn: name).filter { mapping.isExplicit($0.field) }
            fill(targets, or: name, with: value, row)
        }
    }

    private mutating func fill(
        _ targets: [FieldTarget], or name: String, with value: JSONValue, _ row: UnsafeBufferPointer<UInt8>
    ) {
        if targets.isEmpty {
            assembler.setAttribute(name, to: value, row: row)
        } else {
            for target in targets {
                assembler.set(target, to: value)
                if !unseen.isEmpty { unseen.remove(target) }
            }
        }
    }
}
