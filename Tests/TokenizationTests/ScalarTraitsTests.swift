import Foundation
import Testing

@testable import Tokenization

/// The tables against Foundation's Unicode data, which is newer: equal wherever Unicode promises stability.
struct ScalarTraitsTests {
    private static let scalars = (UInt32(0)...0x10FFFF).compactMap(UnicodeScalar.init)
    private let traits = ScalarTraits.shared

    @Test func `decomposes as Foundation does up to Unicode 12`() {
        for scalar in Self.scalars where isAssigned(scalar, by: (12, 1)) && !HangulSyllable.range.contains(scalar.value)
        {
            let entry = traits[scalar.value]
            let ours = entry.classes.contains(.decomposes) ? traits.decomposition(entry) : [scalar.value]
            // ASCII and ideographs are most of Unicode and decompose to themselves.
            if ours == [scalar.value], scalar.properties.isIdeographic { continue }
            let theirs = String(scalar).decomposedStringWithCanonicalMapping.unicodeScalars.map(\.value)
            #expect(ours == theirs, "\(scalar.escaped(asASCII: true))")
        }
    }

    @Test func `decomposes Hangul syllables by the formula`() {
        for value in HangulSyllable.range {
            var ours: [UInt32] = []
            HangulSyllable.decompose(value) { ours.append($0) }
            let theirs = UnicodeScalar(value).map { String($0).decomposedStringWithCanonicalMapping.unicodeScalars }
            #expect(ours == theirs?.map(\.value))
        }
    }

    @Test func `lowercases as the standard library does up to Unicode 16`() {
        for scalar in Self.scalars where isAssigned(scalar, by: (16, 0)) {
            let entry = traits[scalar.value]
            let ours = entry.classes.contains(.hasLowercase) ? traits.lowercase(entry) : [scalar.value]
            let theirs = scalar.properties.lowercaseMapping.unicodeScalars.map(\.value)
            #expect(ours == theirs, "\(scalar.escaped(asASCII: true))")
        }
    }

    @Test func `knows combining classes up to Unicode 8`() {
        for scalar in Self.scalars where isAssigned(scalar, by: (8, 0)) {
            let entry = traits[scalar.value]
            if entry.classes.contains(.decomposes) { continue }
            let theirs = scalar.properties.canonicalCombiningClass.rawValue
            #expect(entry.combiningClass == theirs, "\(scalar.escaped(asASCII: true))")
        }
    }

    @Test func `knows white space`() {
        for scalar in Self.scalars {
            let isWhitespace = traits[scalar.value].classes.contains(.whitespace)
            #expect(isWhitespace == scalar.properties.isWhitespace, "\(scalar.escaped(asASCII: true))")
        }
    }

    @Test func `removes control, format and private-use characters`() {
        for scalar: UnicodeScalar in ["\0", "\u{1F}", "\u{7F}", "\u{85}", "\u{AD}", "\u{200B}", "\u{E000}", "\u{FFFD}"]
        {
            #expect(traits[scalar.value].classes.contains(.removed))
        }
        // Unassigned scalars and noncharacters stay, although the reference's comment says otherwise.
        for scalar: UnicodeScalar in ["\t", "\n", "\r", " ", "a", "\u{378}", "\u{FFFE}", "\u{10FFFF}"] {
            #expect(!traits[scalar.value].classes.contains(.removed))
        }
    }

    private func isAssigned(_ scalar: UnicodeScalar, by version: Unicode.Version) -> Bool {
        scalar.properties.age.map { $0 <= version } ?? false
    }
}
