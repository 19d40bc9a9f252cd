// Numbers as a reader of an English report expects them, whatever the locale of the machine: comma between thousands, a point before
// decimals, the typographic minus (U+2212, as wide as the plus), and never a negative zero.

import Foundation

/// The text of numbers in plots.
enum NumberText {
    /// The typographic minus.
    private static let minus = "\u{2212}"
    private static let superscripts = Array("⁰¹²³⁴⁵⁶⁷⁸⁹")

    /// Writes a number with this many decimals.
    ///
    /// - Parameters:
    ///   - value: finite.
    ///   - decimals: digits after the point.
    /// - Returns: for example `−1,234.50`.
    static func fixed(_ value: Double, decimals: Int) -> String {
        // `String(format:)` without a locale is the C locale's.
        let digits = String(format: "%.\(decimals)f", value.magnitude)
        let parts = digits.split(separator: ".", omittingEmptySubsequences: false)
        let text = grouped(parts[0]) + (parts.count > 1 ? "." + parts[1] : "")
        return value < 0 && digits.contains(where: { $0 != "0" && $0 != "." }) ? minus + text : text
    }

    /// Writes a number as mantissa and power of ten, a mantissa of one left out.
    ///
    /// - Parameters:
    ///   - value: finite.
    ///   - decimals: digits after the mantissa's point.
    /// - Returns: for example `−2.5×10⁻⁷`, `10⁶`, `0`.
    static func scientific(_ value: Double, decimals: Int) -> String {
        guard value != 0 else { return "0" }
        let parts = String(format: "%.\(decimals)e", value.magnitude).split(separator: "e")
        guard parts.count == 2, let exponent = Int(parts[1]) else { return fixed(value, decimals: decimals) }
        let power = "10" + superscript(exponent)
        return (value < 0 ? minus : "") + (parts[0] == "1" ? power : parts[0] + "×" + power)
    }

    /// Writes a value with the decimals that suit its neighbours.
    ///
    /// - Parameters:
    ///   - value: finite.
    ///   - decimals: from ``decimals(for:)`` of all values shown together.
    ///   - isSigned: whether a positive value gets a plus, as differences do.
    /// - Returns: fixed where that is readable, otherwise scientific.
    static func value(_ value: Double, decimals: Int, isSigned: Bool = false) -> String {
        let isPlain = value.magnitude < 1e7 && (value == 0 || value.magnitude >= 1e-5)
        let text = isPlain ? fixed(value, decimals: decimals) : scientific(value, decimals: 2)
        return isSigned && value > 0 ? "+" + text : text
    }

    /// The decimals at which the largest of these values shows three significant digits.
    static func decimals(for values: [Double]) -> Int {
        let largest = values.map(\.magnitude).max() ?? 0
        guard largest > 0 else { return 0 }
        return max(0, min(6, 2 - Int(log10(largest).rounded(.down))))
    }

    private static func grouped(_ digits: Substring) -> String {
        var text = ""
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index).isMultiple(of: 3) { text.append(",") }
            text.append(digit)
        }
        return text
    }

    private static func superscript(_ exponent: Int) -> String {
        (exponent < 0 ? "⁻" : "")
            + String(String(exponent.magnitude).compactMap(\.wholeNumberValue).map { superscripts[$0] })
    }
}
