/// What the reference knows about each Unicode scalar: its classes, decomposition and lowercase form.
///
/// The reference combines libraries that follow different Unicode versions, none of which is the standard library's of
/// this toolchain, so its own tables are carried along (`ScalarTables`, `CanonicalDecompositions`) and unpacked once,
/// in about two milliseconds, into a two-stage table: 256 scalars a page, one shared page for the many without traits.
/// Immutable; shared by all tokenizers.
struct ScalarTraits: Sendable {
    /// Traits of one scalar.
    struct Entry: Sendable {
        var classes: Classes = []
        /// Canonical combining class; 0 for starters.
        var combiningClass: UInt8 = 0
        /// Index into the decompositions plus 1; 0 for none.
        fileprivate var decomposition: UInt16 = 0
        /// Index into the lowercase mappings plus 1; 0 for none.
        fileprivate var lowercase: UInt16 = 0
    }

    /// Classes that normalizer and pre-tokenizer ask for.
    struct Classes: OptionSet, Sendable {
        let rawValue: UInt8

        /// Removed by cleaning: control, format, private use, and U+FFFD.
        static let removed = Classes(rawValue: 1)
        /// Separates words.
        static let whitespace = Classes(rawValue: 2)
        /// A word of its own.
        static let punctuation = Classes(rawValue: 4)
        /// Removed by accent stripping.
        static let nonspacingMark = Classes(rawValue: 8)
        /// Has a canonical decomposition in the table.
        static let decomposes = Classes(rawValue: 16)
        /// Has a lowercase form other than itself.
        static let hasLowercase = Classes(rawValue: 32)
    }

    /// The one instance.
    static let shared = ScalarTraits()

    /// Page of each block of 256 scalars; page 0 has no traits.
    private var pages = [UInt16](repeating: 0, count: 0x1100)
    private var entries = [Entry](repeating: Entry(), count: 256)
    private var decompositions: [[UInt32]] = []
    private var lowercases: [[UInt32]] = []

    private init() {
        mark(ScalarTables.removed, as: .removed)
        mark(ScalarTables.whitespace, as: .whitespace)
        mark(ScalarTables.punctuation, as: .punctuation)
        mark(ScalarTables.nonspacingMarks, as: .nonspacingMark)
        readCombiningClasses()
        readLowercase()
        readDecompositions()
    }

    /// The traits of `scalar`.
    @inline(__always)
    subscript(scalar: UInt32) -> Entry {
        entries[Int(pages[Int(scalar >> 8)]) << 8 | Int(scalar & 0xFF)]
    }

    /// Full canonical decomposition of a scalar whose traits say that it decomposes.
    func decomposition(_ entry: Entry) -> [UInt32] {
        decompositions[Int(entry.decomposition) - 1]
    }

    /// Lowercase form of a scalar whose traits say that it has one.
    func lowercase(_ entry: Entry) -> [UInt32] {
        lowercases[Int(entry.lowercase) - 1]
    }

    /// Whether the reference puts spaces around `scalar`: ideographs, but neither kana nor Hangul.
    ///
    /// U+2B820–U+2B91F are missing as in the reference, whose list has a slip there.
    @inline(__always)
    static func isChinese(_ scalar: UInt32) -> Bool {
        switch scalar {
        case ..<0x3400: false
        case 0x4E00...0x9FFF, 0x3400...0x4DBF, 0xF900...0xFAFF: true
        case ..<0x20000: false
        case 0x20000...0x2A6DF, 0x2A700...0x2B73F, 0x2B740...0x2B81F, 0x2B920...0x2CEAF, 0x2F800...0x2FA1F: true
        default: false
        }
    }
}

// MARK: - Unpacking the tables

extension ScalarTraits {
    private mutating func mark(_ table: StaticString, as classes: Classes) {
        var reader = TableReader(table)
        while let range = reader.range() {
            for scalar in range {
                update(scalar) { $0.classes.formUnion(classes) }
            }
        }
    }

    private mutating func readCombiningClasses() {
        var reader = TableReader(ScalarTables.combiningClasses)
        var combiningClass: UInt8 = 0
        while let range = reader.range() {
            if reader.skip("=") {
                combiningClass = UInt8(truncatingIfNeeded: range.lowerBound)
                continue
            }
            for scalar in range {
                update(scalar) { $0.combiningClass = combiningClass }
            }
            _ = reader.skip(";")
        }
    }

    private mutating func readLowercase() {
        var reader = TableReader(ScalarTables.lowercase)
        while let range = reader.range() {
            let stride = reader.skip("/") ? reader.number() ?? 1 : 1
            _ = reader.skip(":")
            let target = reader.sum()
            for scalar in Swift.stride(from: range.lowerBound, through: range.upperBound, by: Int(stride)) {
                lowercases.append(target.map { $0 + scalar - range.lowerBound })
                let index = UInt16(lowercases.count)
                update(scalar) {
                    $0.classes.insert(.hasLowercase)
                    $0.lowercase = index
                }
            }
        }
    }

    private mutating func readDecompositions() {
        var reader = TableReader(CanonicalDecompositions.runs)
        var scalar: UInt32 = 0
        while let first = reader.number() {
            if reader.skip(":") {
                scalar = first
                decompositions.append(reader.sum())
            } else {
                decompositions.append(reader.sum(startingWith: first))
            }
            let index = UInt16(decompositions.count)
            update(scalar) {
                $0.classes.insert(.decomposes)
                $0.decomposition = index
            }
            scalar += 1
        }
    }

    private mutating func update(_ scalar: UInt32, _ change: (inout Entry) -> Void) {
        let block = Int(scalar >> 8)
        if pages[block] == 0 {
            pages[block] = UInt16(entries.count >> 8)
            entries.append(contentsOf: repeatElement(Entry(), count: 256))
        }
        change(&entries[Int(pages[block]) << 8 | Int(scalar & 0xFF)])
    }
}

/// Reads hexadecimal numbers and the punctuation between them from a table in the source.
private struct TableReader {
    private let bytes: [UInt8]
    private var position = 0

    init(_ table: StaticString) {
        bytes = table.withUTF8Buffer { Array($0) }
    }

    /// Skips spaces and reads a number, if one follows.
    mutating func number() -> UInt32? {
        while position < bytes.count, bytes[position] == UInt8(ascii: " ") {
            position += 1
        }
        var value: UInt32 = 0
        let start = position
        while position < bytes.count, let digit = Character(UnicodeScalar(bytes[position])).hexDigitValue {
            value = value << 4 | UInt32(digit)
            position += 1
        }
        return position == start ? nil : value
    }

    /// Reads `first` or `first-last`.
    mutating func range() -> ClosedRange<UInt32>? {
        guard let first = number() else { return nil }
        return first...(skip("-") ? number() ?? first : first)
    }

    /// Reads `a+b+c`.
    mutating func sum(startingWith first: UInt32? = nil) -> [UInt32] {
        var terms = [first ?? number()].compactMap(\.self)
        while skip("+"), let next = number() {
            terms.append(next)
        }
        return terms
    }

    /// Skips `mark` if it comes next.
    mutating func skip(_ mark: UnicodeScalar) -> Bool {
        guard position < bytes.count, bytes[position] == UInt8(ascii: mark) else { return false }
        position += 1
        return true
    }
}
