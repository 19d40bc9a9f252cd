/// Text cleaning of BERT models: the reference's `BertNormalizer`, scalar for scalar.
///
/// Four steps, each optional, in this order: drop control characters and make white space a space; put spaces around
/// ideographs; decompose canonically (NFD) and drop nonspacing marks; lowercase each scalar for itself (so no final
/// sigma). Here they run in one pass over the UTF-8 bytes. ASCII goes through a table of 128 bytes; only combining
/// marks have to wait, in `NormalizedText.marks`, until the next starter shows that their order is final.
struct BertNormalizer: Sendable {
    /// Which steps are taken.
    struct Options: Hashable, Sendable {
        var cleansText = true
        var separatesChinese = true
        /// nil follows `lowercases`.
        var stripsAccents: Bool?
        var lowercases = true

        /// The same steps, and lower-casing if they have none; whether accents are dropped stays as it was.
        func lowercasing() -> Options {
            var options = self
            options.stripsAccents = stripsAccents ?? lowercases
            options.lowercases = true
            return options
        }
    }

    private static let dropped: UInt8 = 0xFF
    private static let space: UInt8 = 0x20

    private let options: Options
    private let stripsAccents: Bool
    private let traits = ScalarTraits.shared
    /// What each ASCII byte becomes, or `dropped`.
    private let asciiForms: [UInt8]

    /// Prepares the steps.
    init(options: Options) {
        self.options = options
        stripsAccents = options.stripsAccents ?? options.lowercases
        let traits = self.traits
        asciiForms = (0..<0x80).map { (byte: UInt8) in
            let classes = traits[UInt32(byte)].classes
            if options.cleansText, classes.contains(.removed) { return Self.dropped }
            if options.cleansText, classes.contains(.whitespace) { return Self.space }
            return options.lowercases && (0x41...0x5A).contains(byte) ? byte | 0x20 : byte
        }
    }

    /// Replaces the contents of `output` by the normal form of a part of `text`.
    ///
    /// - Complexity: O(bytes), plus sorting of each run of combining marks.
    func normalize(_ text: Span<UInt8>, _ range: Range<Int>, into output: inout NormalizedText) {
        output.bytes.removeAll(keepingCapacity: true)
        var position = range.lowerBound
        while position < range.upperBound {
            let byte = text[position]
            guard byte < 0x80 else {
                append(text.scalar(advancing: &position), to: &output)
                continue
            }
            position += 1
            let form = asciiForms[Int(byte)]
            if form == Self.dropped { continue }
            endRun(&output)
            output.bytes.append(form)
        }
        endRun(&output)
    }

    private func append(_ scalar: UInt32, to output: inout NormalizedText) {
        let entry = traits[scalar]
        if options.cleansText {
            if entry.classes.contains(.removed) { return }
            if entry.classes.contains(.whitespace) { return appendSpace(to: &output) }
        }
        let isSeparated = options.separatesChinese && ScalarTraits.isChinese(scalar)
        if isSeparated { appendSpace(to: &output) }
        if stripsAccents {
            decompose(scalar, entry, into: &output)
        } else {
            emit(scalar, entry, to: &output)
        }
        if isSeparated { appendSpace(to: &output) }
    }

    private func appendSpace(to output: inout NormalizedText) {
        endRun(&output)
        output.bytes.append(Self.space)
    }

    private func decompose(_ scalar: UInt32, _ entry: ScalarTraits.Entry, into output: inout NormalizedText) {
        if entry.classes.contains(.decomposes) {
            for part in traits.decomposition(entry) {
                order(part, traits[part], in: &output)
            }
        } else if HangulSyllable.range.contains(scalar) {
            endRun(&output)
            HangulSyllable.decompose(scalar) { emit($0, traits[$0], to: &output) }
        } else {
            order(scalar, entry, in: &output)
        }
    }

    /// Canonical ordering: starters go out, marks wait for their run to end.
    private func order(_ scalar: UInt32, _ entry: ScalarTraits.Entry, in output: inout NormalizedText) {
        if entry.combiningClass == 0 {
            endRun(&output)
            emit(scalar, entry, to: &output)
        } else {
            output.marks.append((entry.combiningClass, scalar))
        }
    }

    /// Sends out the waiting marks, by combining class, equal classes in the order of the text.
    @inline(__always)
    private func endRun(_ output: inout NormalizedText) {
        if output.marks.isEmpty { return }
        sendMarks(&output)
    }

    private func sendMarks(_ output: inout NormalizedText) {
        let marks = output.marks
        output.marks.removeAll()
        let order = marks.indices.sorted { (marks[$0].combiningClass, $0) < (marks[$1].combiningClass, $1) }
        for index in order {
            let scalar = marks[index].scalar
            emit(scalar, traits[scalar], to: &output)
        }
    }

    /// The last two steps, which look at one scalar at a time.
    private func emit(_ scalar: UInt32, _ entry: ScalarTraits.Entry, to output: inout NormalizedText) {
        if stripsAccents, entry.classes.contains(.nonspacingMark) { return }
        guard options.lowercases, entry.classes.contains(.hasLowercase) else {
            output.bytes.append(scalar: scalar)
            return
        }
        for form in traits.lowercase(entry) {
            output.bytes.append(scalar: form)
        }
    }
}

/// Output of the normalizer, reused from text to text.
struct NormalizedText {
    /// Valid UTF-8.
    fileprivate(set) var bytes: [UInt8] = []
    /// Combining marks since the last starter.
    fileprivate var marks: [(combiningClass: UInt8, scalar: UInt32)] = []
}

/// Canonical decomposition of Hangul syllables (The Unicode Standard, section 3.12).
enum HangulSyllable {
    /// All precomposed syllables.
    static let range: ClosedRange<UInt32> = 0xAC00...0xD7A3

    /// Gives `body` the two or three conjoining jamo of a syllable.
    static func decompose(_ syllable: UInt32, _ body: (UInt32) -> Void) {
        let index = syllable - range.lowerBound
        body(0x1100 + index / 588)
        body(0x1161 + index % 588 / 28)
        if index % 28 > 0 { body(0x11A7 + index % 28) }
    }
}
