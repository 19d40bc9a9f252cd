import Foundation
import Testing

@testable import Catalog
@testable import JSONReading

@Suite struct LogTimestampTests {
    @Test func `writes what it reads, to the millisecond`() throws {
        for milliseconds in Array(1_769_860_800_000..<1_769_860_801_000) + [0, -1, -1_000, 951_782_400_001] {
            let text = LogTimestamp.text(milliseconds: milliseconds)
            let date = try #require(LogTimestamp.date(iso: text))
            #expect(Int((date.timeIntervalSince1970 * 1_000).rounded()) == milliseconds, "\(text)")
        }
        #expect(LogTimestamp.text(milliseconds: 1_769_860_800_056) == "2026-01-31T12:00:00.056Z")
        #expect(LogTimestamp.text(milliseconds: -1) == "1969-12-31T23:59:59.999Z")
    }

    @Test(arguments: [
        ("2018-11-13T20:20:39+00:00", 1_542_140_439.0), ("2018-11-13T20:20:39Z", 1_542_140_439),
        ("2018-11-13T20:20:39", 1_542_140_439), ("2018-11-13 20:20:39z", 1_542_140_439),
        ("2018-11-13T22:50:39+02:30", 1_542_140_439), ("2018-11-13T12:20:39-0800", 1_542_140_439),
        ("2018-11-13T12:20:39-08", 1_542_140_439), ("2025-01-24T07:31:30.699+0000", 1_737_703_890.699),
        ("2025-01-24T07:31:30,5Z", 1_737_703_890.5), ("2025-01-24T07:31:30.699123456Z", 1_737_703_890.699123456),
        ("2025-01-24T07:31", 1_737_703_860), ("2024-02-29", 1_709_164_800), (" 1970-01-01 ", 0),
        ("1969-12-31T23:59:59Z", -1), ("2000-02-29T00:00:00Z", 951_782_400), ("1717527766059", 1_717_527_766.059),
        ("1717527766", 1_717_527_766), ("2016-12-31T23:59:60Z", 1_483_228_800),
    ]) func `reads texts`(text: String, seconds: Double) throws {
        let date = try #require(LogTimestamp.date(.text(text)))
        #expect(abs(date.timeIntervalSince1970 - seconds) < 1e-6)
    }

    @Test(arguments: [
        ("1717527766059", 1_717_527_766.059), ("1717527766", 1_717_527_766), ("1717527766.25", 1_717_527_766.25),
        ("0", 0), ("1.717527766059e12", 1_717_527_766.059),
    ]) func `reads numbers as seconds or milliseconds`(digits: String, seconds: Double) throws {
        let date = try #require(LogTimestamp.date(.number(digits)))
        #expect(abs(date.timeIntervalSince1970 - seconds) < 1e-6)
    }

    @Test(arguments: [
        "", " ", "now", "2024", "20240516", "2024-5-16", "2024-13-01", "2023-02-29", "1900-02-29", "2024-04-31",
        "2024-01-00", "2024-01-01T", "2024-01-01T25:00:00Z", "2024-01-01T10:61:00Z", "2024-01-01T10:00:61Z",
        "2024-01-01T10:00:00.Z", "2024-01-01T10:00:00+25:00", "2024-01-01T10:00:00Z ago", "2024-01-01T10:00:00+0",
        "2024-01-01T10:00:00+01:", "16/05/2024", "1e300", "é024-01-01",
    ]) func `takes nothing else for a time`(text: String) {
        #expect(LogTimestamp.date(.text(text)) == nil)
    }

    @Test(arguments: [
        JSONValue.null, .flag(true), .number("1e999"), .number("-1e20"), .list([]), .object([], source: 0..<2),
    ]) func `takes no other value for a time`(value: JSONValue) {
        #expect(LogTimestamp.date(value) == nil)
    }

    @Test(arguments: Seed.samples(200)) func `agrees with Foundation on random times`(seed: Seed) throws {
        var generator = seed.generator
        // From 1621 on: before 1582, Foundation goes by the Julian calendar and ISO 8601 does not.
        let seconds = Double(Int.random(in: -11_000_000_000...90_000_000_000, using: &generator))
        let date = Date(timeIntervalSince1970: seconds)
        let text = date.formatted(.iso8601)
        #expect(LogTimestamp.date(.text(text)) == date, "\(text)")
    }
}
