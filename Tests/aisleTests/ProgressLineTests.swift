import Testing

@testable import Engine
@testable import aisle

struct ProgressLineTests {
    private let rows = ProgressLine(
        state: ProgressState(label: "shop.csv", completed: 23_100, unit: .items("rows"), fraction: 0.425), rate: 245.4,
        secondsLeft: 130)

    @Test func `shows bar, share, amount, rate and time left`() {
        #expect(rows.bar(width: 75) == "shop.csv  [==========>               ]   42%  23,100 rows  245/s  2:10 left")
    }

    @Test func `a narrow terminal loses the bar, then the end of the line`() {
        #expect(rows.bar(width: 45) == "shop.csv   42%  23,100 rows  245/s  2:10 left")
        #expect(rows.bar(width: 30) == "shop.csv   42%  23,100 rows  …")
    }

    @Test(arguments: [nil, -1, 0, 0.004, 0.5, 0.999, 1, 7] as [Double?])
    func `never exceeds the width`(_ fraction: Double?) {
        let state = ProgressState(label: "상품.jsonl", completed: 1_234_567, unit: .bytes, fraction: fraction)
        for width in 0...120 {
            #expect(
                ProgressLine(state: state, rate: 1e6, secondsLeft: 3_700).bar(width: width).cellWidth <= width,
                "width \(width)")
        }
    }

    @Test func `says 100 percent only at the end`() {
        let nearly = ProgressLine(state: ProgressState(label: "x", unit: .nothing, fraction: 0.9999))
        #expect(nearly.plain == "x: 99%")
        #expect(ProgressLine(state: ProgressState(label: "x", unit: .nothing, fraction: 1)).plain == "x: 100%")
    }

    @Test func `a log gets a plain line and a last one`() {
        #expect(rows.plain == "shop.csv: 42%, 23,100 rows, 245/s, 2:10 left")
        #expect(rows.summary(seconds: 231) == "shop.csv: 23,100 rows in 3:51, 100/s")
        let bytes = ProgressState(label: "model.safetensors", completed: 90_868_376, unit: .bytes)
        #expect(ProgressLine(state: bytes, rate: 5.1e6).plain == "model.safetensors: 90.9 MB, 5.1 MB/s")
        #expect(ProgressLine(state: ProgressState(label: "waiting", unit: .nothing)).plain == "waiting")
    }
}

struct RateMeterTests {
    @Test func `measures rate and time left`() throws {
        var meter = RateMeter()
        for second in 0...10 {
            meter.note(
                ProgressState(label: "x", completed: second * 50, fraction: Double(second) / 100), at: Double(second))
        }
        #expect(meter.rate == 50)
        #expect(abs(try #require(meter.secondsLeft) - 90) < 1e-6)
    }

    @Test func `follows a step that becomes slower`() throws {
        var meter = RateMeter()
        for second in 0...100 { meter.note(ProgressState(label: "x", completed: second * 1_000), at: Double(second)) }
        for second in 101...140 {
            meter.note(ProgressState(label: "x", completed: 100_000 + second - 100), at: Double(second))
        }
        #expect(try #require(meter.rate) == 1)
    }

    @Test func `is silent until it knows`() {
        var meter = RateMeter()
        #expect(meter.rate == nil)
        meter.note(ProgressState(label: "x", completed: 1), at: 5)
        meter.note(ProgressState(label: "x", completed: 2), at: 5.1)
        #expect(meter.rate == nil)
        meter.note(ProgressState(label: "x", completed: 3), at: 6)
        #expect(meter.rate == 2)
        #expect(meter.secondsLeft == nil)
    }
}

struct HumanReadableTests {
    @Test(arguments: [(0, "0"), (999, "999"), (1_000, "1,000"), (54_667, "54,667"), (-1_234_567, "-1,234,567")])
    func `groups digits`(_ number: Int, _ text: String) {
        #expect(number.grouped == text)
    }

    @Test(arguments: [
        (0, "0 B"), (999, "999 B"), (1_000, "1.0 kB"), (999_949, "999.9 kB"), (999_950, "1.0 MB"),
        (90_868_376, "90.9 MB"),
    ])
    func `writes sizes`(_ bytes: Int, _ text: String) {
        #expect(bytes.byteSize == text)
    }

    @Test(arguments: [
        (-1, "0.0 s"), (0.84, "0.8 s"), (9.96, "10 s"), (99.4, "99 s"), (100, "1:40"), (3_723, "1:02:03"),
    ])
    func `writes durations`(_ seconds: Double, _ text: String) {
        #expect(seconds.duration == text)
    }

    @Test func `a number that rounds to zero has no sign`() {
        #expect((-0.00001).fixed(4) == "0.0000")
        #expect((-0.5).fixed(4) == "-0.5000")
    }
}
