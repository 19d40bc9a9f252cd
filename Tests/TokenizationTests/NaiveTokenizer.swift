import Foundation

@testable import Tokenization

/// The reference's algorithm in its plainest form: whole strings, one step after another, Foundation's own Unicode.
///
/// Right only where Foundation's Unicode tables and the reference's agree, hence `NaiveTokenizer.alphabet`.
struct NaiveTokenizer {
    var ids: [[UInt8]: Int32]
    var options: BertNormalizer.Options
    var maxWordLength: Int

    init(_ configuration: TokenizerConfiguration) {
        ids = [:]
        for entry in configuration.vocabulary {
            ids[Array(entry.token.utf8)] = entry.id.rawValue
        }
        options = configuration.normalizer
        maxWordLength = configuration.maxWordLength
    }

    /// Ids of a text without added tokens, without special tokens around them.
    func encode(_ text: String) -> [Int32] {
        words(normalize(text)).flatMap(pieces)
    }

    func normalize(_ text: String) -> [UnicodeScalar] {
        var scalars = Array(text.unicodeScalars)
        if options.cleansText {
            scalars = scalars.filter { !isRemoved($0) }.map { $0.properties.isWhitespace ? " " : $0 }
        }
        if options.separatesChinese {
            scalars = scalars.flatMap { ScalarTraits.isChinese($0.value) ? [" ", $0, " "] : [$0] }
        }
        if options.stripsAccents ?? options.lowercases {
            var string = String.UnicodeScalarView()
            string.append(contentsOf: scalars)
            scalars = String(string).decomposedStringWithCanonicalMapping.unicodeScalars
                .filter { $0.properties.generalCategory != .nonspacingMark }
        }
        if options.lowercases {
            scalars = scalars.flatMap { Array($0.properties.lowercaseMapping.unicodeScalars) }
        }
        return scalars
    }

    private func words(_ scalars: [UnicodeScalar]) -> [[UnicodeScalar]] {
        scalars.split { $0.properties.isWhitespace }.flatMap { part in
            var words: [[UnicodeScalar]] = [[]]
            for scalar in part {
                if isPunctuation(scalar) {
                    words += [[scalar], []]
                } else {
                    words[words.count - 1].append(scalar)
                }
            }
            return words.filter { !$0.isEmpty }
        }
    }

    private func pieces(_ word: [UnicodeScalar]) -> [Int32] {
        let unknown = ids[Array("[UNK]".utf8)] ?? -1
        if word.count > maxWordLength { return [unknown] }
        var pieces: [Int32] = []
        var start = 0
        while start < word.count {
            var end = word.count
            while end > start, id(of: word[start..<end], continues: start > 0) == nil {
                end -= 1
            }
            guard let id = id(of: word[start..<end], continues: start > 0), end > start else { return [unknown] }
            pieces.append(id)
            start = end
        }
        return pieces
    }

    private func id(of piece: ArraySlice<UnicodeScalar>, continues: Bool) -> Int32? {
        ids[Array((continues ? "##" : "").utf8) + piece.flatMap { Array(String($0).utf8) }]
    }

    private func isRemoved(_ scalar: UnicodeScalar) -> Bool {
        if scalar == "\t" || scalar == "\n" || scalar == "\r" { return false }
        switch scalar.properties.generalCategory {
        case .control, .format, .privateUse: return true
        default: return scalar == "\u{FFFD}"
        }
    }

    private func isPunctuation(_ scalar: UnicodeScalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .connectorPunctuation, .dashPunctuation, .openPunctuation, .closePunctuation, .initialPunctuation,
            .finalPunctuation, .otherPunctuation:
            return true
        default:
            return "$+<=>^`|~".unicodeScalars.contains(scalar)
        }
    }
}

extension NaiveTokenizer {
    /// Scalars that old and new Unicode tables describe alike, from many scripts.
    static let alphabet: [UnicodeScalar] = {
        let blocks: [ClosedRange<UInt32>] = [
            0x20...0x7E, 0x00...0x24F, 0x300...0x345, 0x370...0x3FF, 0x400...0x4FF, 0x5B0...0x5EA, 0x620...0x655,
            0x900...0x94D, 0x1100...0x1112, 0x1161...0x1175, 0x11A8...0x11C2, 0x1E00...0x1EFF, 0x1F00...0x1FFE,
            0x2000...0x2040, 0x20A0...0x20B5, 0x2100...0x214D, 0x3000...0x30FF, 0x4E00...0x4E20, 0xAC00...0xAC40,
            0xF900...0xF920, 0xFB00...0xFB4F, 0xFF00...0xFF9F, 0x1F600...0x1F610, 0x20000...0x20010,
        ]
        return blocks.joined().compactMap(UnicodeScalar.init).filter { scalar in
            scalar.properties.age.map { $0 < (6, 1) } ?? false
        }
    }()

    /// A random text: letters of the vocabulary half of the time, so that words are spelled as well as unknown.
    static func text(length: Int, using generator: inout SplitMix) -> String {
        let common = Array("abdeiklmnorstx    .-éÉ".unicodeScalars)
        var text = String.UnicodeScalarView()
        for _ in 0..<length {
            let pool = Bool.random(using: &generator) ? common : alphabet
            if let scalar = pool.randomElement(using: &generator) { text.append(scalar) }
        }
        return String(text)
    }
}
