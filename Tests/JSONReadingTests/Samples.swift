// Seeds and random texts.

import Testing

/// The seed of one random case, printed with a failure and runnable alone.
struct Seed: CustomTestStringConvertible, Sendable {
    let value: UInt64
    var testDescription: String { "seed \(value)" }

    static func samples(_ count: UInt64) -> [Seed] {
        (1...count).map { Seed(value: $0) }
    }

    var generator: SplitMix64 { SplitMix64(state: value) }
}

/// Steele, Lea and Flood's SplitMix64: the same numbers on every machine.
struct SplitMix64: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// A text of up to `length` scalars, from all that JSON and UTF-8 readers get wrong: quotes, escapes, wide scalars.
    mutating func text(upTo length: Int) -> String {
        let scalars: [UnicodeScalar] = [
            "a", "b", "Z", "7", " ", "\"", "'", ",", ";", "\t", "|", "\n", "\r", "\\", "/", ">", "é", "\u{301}", "한",
            "😀", "\u{FFFF}",
            "\u{A0}", "{", "]", ":", "\u{7F}",
        ]
        var text = String.UnicodeScalarView()
        for _ in 0..<Int.random(in: 0...length, using: &self) {
            text.append(scalars.randomElement(using: &self) ?? "a")
        }
        return String(text)
    }
}
