// Points in time as click logs write them: ISO 8601, or counted from 1970.
//
// UBI asks for ISO 8601, with or without a zone; browsers send `Date.now()`, which is milliseconds, and OpenSearch takes both. Foundation's
// formatters each read one of the spellings. A time without a zone is taken as UTC, as OpenSearch does. Numbers from 10^11 on are
// milliseconds: as seconds they would lie behind the year 5000, as milliseconds they start in 1973.

package import Foundation
import JSONReading

/// Reads the timestamps of click logs.
package enum LogTimestamp {
    /// Seconds from which on nothing is a time of a click log, and numbers are milliseconds.
    private static let limit = 1e11

    /// The time a value stands for; nil when it stands for none.
    static func date(_ value: JSONValue) -> Date? {
        switch value {
        case .number(let digits):
            return Double(digits).flatMap(date(epoch:))
        case .text(let text):
            let trimmed = text.trimmed()
            // Shorter ones are years or days without separators.
            if trimmed.utf8.count >= 9, let epoch = Double(plain: trimmed) { return date(epoch: epoch) }
            return date(iso: trimmed)
        default:
            return nil
        }
    }

    /// The time a text in ISO 8601 stands for, UTC where it names no zone; nil when it is none.
    package static func date(iso text: String) -> Date? {
        var reader = ISOReader(text: Array(text.utf8))
        return reader.seconds().map { Date(timeIntervalSince1970: $0) }
    }

    /// A time as documents have it: ISO 8601, UTC, to the millisecond.
    ///
    /// Foundation's style cuts the fraction off where it should round, so that 0.056 s comes out as .055.
    package static func text(milliseconds: Int) -> String {
        let (seconds, rest) = milliseconds.quotientAndRemainder(dividingBy: 1_000)
        let whole = Date.ISO8601FormatStyle().format(
            Date(timeIntervalSince1970: Double(rest < 0 ? seconds - 1 : seconds)))
        let fraction = String((rest < 0 ? rest + 1_000 : rest) + 1_000).dropFirst()
        return "\(whole.dropLast()).\(fraction)Z"
    }

    private static func date(epoch: Double) -> Date? {
        let seconds = epoch.magnitude < limit ? epoch : epoch / 1_000
        return seconds.magnitude < limit ? Date(timeIntervalSince1970: seconds) : nil
    }
}

/// Reads YYYY-MM-DD[(T| )hh:mm[:ss[.fraction]][zone]].
private struct ISOReader {
    let text: [UInt8]
    private var offset = 0

    init(text: [UInt8]) {
        self.text = text
    }

    /// Seconds since 1970; nil when the text is no such time.
    mutating func seconds() -> Double? {
        guard let year = number(digits: 4), take("-"), let month = number(digits: 2), take("-"),
            let day = number(digits: 2), (1...12).contains(month),
            (1...Self.dayCount(of: month, in: year)).contains(day)
        else { return nil }
        var seconds = Double(Self.days(year: year, month: month, day: day) * 86_400)
        guard offset < text.count else { return seconds }
        guard take("T") || take("t") || take(" "), let time = timeOfDay(), let zone = zoneOffset(),
            offset == text.count
        else { return nil }
        seconds += time - Double(zone)
        return seconds
    }

    private mutating func timeOfDay() -> Double? {
        guard let hour = number(digits: 2), take(":"), let minute = number(digits: 2), hour < 24, minute < 60 else {
            return nil
        }
        var time = Double(hour * 3_600 + minute * 60)
        guard take(":") else { return time }
        // 60 is a leap second.
        guard let second = number(digits: 2), second <= 60 else { return nil }
        time += Double(second)
        guard take(".") || take(",") else { return time }
        let start = offset
        var scale = 0.1
        while offset < text.count, let digit = Self.digit(text[offset]) {
            time += Double(digit) * scale
            scale /= 10
            offset += 1
        }
        return offset > start ? time : nil
    }

    /// Seconds east of Greenwich: 0 for "Z" or nothing.
    private mutating func zoneOffset() -> Int? {
        if offset == text.count || take("Z") || take("z") { return 0 }
        let isEast = take("+")
        guard isEast || take("-"), let hours = number(digits: 2), hours < 24 else { return nil }
        guard take(":") || offset < text.count else { return (isEast ? 1 : -1) * hours * 3_600 }
        guard let minutes = number(digits: 2), minutes < 60 else { return nil }
        return (isEast ? 1 : -1) * (hours * 3_600 + minutes * 60)
    }

    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard offset < text.count, text[offset] == UInt8(ascii: character) else { return false }
        offset += 1
        return true
    }

    private mutating func number(digits count: Int) -> Int? {
        guard offset + count <= text.count else { return nil }
        var value = 0
        for byte in text[offset..<(offset + count)] {
            guard let digit = Self.digit(byte) else { return nil }
            value = value * 10 + digit
        }
        offset += count
        return value
    }

    private static func digit(_ byte: UInt8) -> Int? {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) ? Int(byte - UInt8(ascii: "0")) : nil
    }

    private static func dayCount(of month: Int, in year: Int) -> Int {
        switch month {
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    /// Days since 1970 in the Gregorian calendar (Hinnant, "chrono-compatible low-level date algorithms", `days_from_civil`).
    private static func days(year: Int, month: Int, day: Int) -> Int {
        // The year begins in March, so that the leap day is its last; 400 years, an era, have 146,097 days.
        let marchYear = month <= 2 ? year - 1 : year
        let era = (marchYear >= 0 ? marchYear : marchYear - 399) / 400
        let yearOfEra = marchYear - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 719_468
    }
}
