import Foundation
import Testing

@testable import Evaluation

struct ReportPaletteTests {
    enum Mode: CaseIterable {
        case light, dark

        func value(of color: ReportPalette) -> String { self == .light ? color.light : color.dark }
    }

    @Test(arguments: Mode.allCases) func `text and shapes stand out from what is behind them`(_ mode: Mode) throws {
        let grounds = ReportPalette.all.filter { $0.role == .paper || $0.role == .ground }
        for color in ReportPalette.all {
            let needed = color.role == .text ? 4.5 : color.role == .shape ? 3 : 1
            for ground in grounds where ground.role == .paper || color.role == .text {
                let ratio = try contrast(mode.value(of: color), mode.value(of: ground))
                #expect(ratio >= needed, "\(color.name) on \(ground.name): \(ratio)")
            }
        }
    }

    @Test(arguments: Mode.allCases) func `series have different colours`(_ mode: Mode) {
        let series = ReportPalette.all.filter { $0.name.hasPrefix("series-") }
        #expect(series.count == ReportPalette.seriesCount)
        #expect(Set(series.map { mode.value(of: $0) }).count == series.count)
    }

    @Test func `the style sheet names no colour that is not defined`() {
        let used = ReportStyle.css.matches(of: /var\(--([a-z0-9-]+)\)/).map { String($0.1) }
        let defined = Set(ReportPalette.all.map(\.name)).union(["c"])
        #expect(!used.isEmpty)
        #expect(Set(used).isSubset(of: defined))
        #expect(!ReportStyle.css.contains("<") && !ReportStyle.css.contains("&"), "the page is XML")
    }

    /// WCAG 2.2, “contrast ratio”.
    private func contrast(_ first: String, _ second: String) throws -> Double {
        let (first, second) = (try luminance(first), try luminance(second))
        return (max(first, second) + 0.05) / (min(first, second) + 0.05)
    }

    private func luminance(_ color: String) throws -> Double {
        let number = try #require(UInt32(color.dropFirst(), radix: 16))
        let channels = [16, 8, 0].map { shift -> Double in
            let value = Double((number >> UInt32(shift)) & 0xFF) / 255
            return value <= 0.04045 ? value / 12.92 : pow((value + 0.055) / 1.055, 2.4)
        }
        return 0.2126 * channels[0] + 0.7152 * channels[1] + 0.0722 * channels[2]
    }
}
