// Numbers as people read them: 54,667 · 90.9 MB · 2:05.

internal import Foundation

extension Int {
    /// The number with a comma between groups of three digits.
    package var grouped: String {
        let digits = String(magnitude)
        var result = ""
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index).isMultiple(of: 3) { result.append(",") }
            result.append(digit)
        }
        return (self < 0 ? "-" : "") + result
    }

    /// This number of bytes in decimal units: 999 B, 1.2 kB, 90.9 MB.
    package var byteSize: String {
        var value = Double(self)
        guard value >= 1_000 else { return "\(self) B" }
        for unit in ["kB", "MB", "GB"] {
            value /= 1_000
            if value < 999.95 { return value.fixed(1) + " " + unit }
        }
        return (value / 1_000).fixed(1) + " TB"
    }

    /// "1 product", "2 products"; "1 query", "2 queries" with a plural of its own.
    package func of(_ noun: String, plural: String? = nil) -> String {
        "\(grouped) \(self == 1 ? noun : plural ?? noun + "s")"
    }
}

extension String {
    /// The text as a sentence: a capital in front, a full stop behind.
    package var capitalizedSentence: String {
        prefix(1).uppercased() + dropFirst() + (last == "." ? "" : ".")
    }
}

extension Double {
    /// The number with so many digits after the point; a negative number that rounds to zero has no sign.
    package func fixed(_ digits: Int) -> String {
        let text = String(format: "%.\(digits)f", self)
        return text.hasPrefix("-") && !text.contains { ("1"..."9").contains($0) } ? String(text.dropFirst()) : text
    }

    /// A rate as people read it: two significant digits below 10, whole numbers above.
    package var rate: String {
        self < 9.95 ? fixed(1) : Int(Swift.min(rounded(), 1e15)).grouped
    }

    /// This number of seconds as a duration: 0.8 s, 42 s, 2:05, 1:02:03.
    package var duration: String {
        if self < 9.95 { return Swift.max(self, 0).fixed(1) + " s" }
        let seconds = Int(Swift.min(rounded(), 1e15))
        if seconds < 100 { return "\(seconds) s" }
        let (hours, minutes) = (seconds / 3_600, seconds / 60 % 60)
        let tail = String(format: "%02d", seconds % 60)
        return hours > 0 ? "\(hours):\(String(format: "%02d", minutes)):\(tail)" : "\(minutes):\(tail)"
    }
}
