import Testing

@testable import Evaluation

struct LabelPlacementTests {
    private let area = PlotRect(minX: 0, minY: 0, width: 300, height: 200)

    @Test(arguments: 0..<50 as Range<UInt64>) func `labels stay inside and off each other and the markers`(
        _ seed: UInt64
    ) {
        var random = ReportRandom(seed: seed)
        let points = (0..<40).map { _ in
            PlotPoint(x: .random(in: 0...300, using: &random), y: .random(in: 0...200, using: &random))
        }
        var placement = LabelPlacement(area: area, points: points, lines: [])
        let labels = points.compactMap { placement.place(width: 40, height: 14, at: $0) }
        #expect(labels.count > 5)
        for (index, label) in labels.enumerated() {
            #expect(area.contains(label))
            #expect(!labels[..<index].contains(where: label.intersects))
            #expect(
                !points.contains { label.intersects(PlotRect(minX: $0.x - 4, minY: $0.y - 4, width: 8, height: 8)) })
        }
    }

    @Test func `prefers the side without a line`() throws {
        let point = PlotPoint(x: 150, y: 100)
        let upRight = (start: point, end: PlotPoint(x: 300, y: 50))
        var placement = LabelPlacement(area: area, points: [point], lines: [upRight])
        let place = placement.place(width: 40, height: 14, at: point)
        let rect = try #require(place)
        #expect(rect.clipped(from: upRight.start, to: upRight.end) == nil)
    }

    @Test func `finds no place in an area that is too small`() {
        var placement = LabelPlacement(area: PlotRect(minX: 0, minY: 0, width: 30, height: 10), points: [], lines: [])
        let place = placement.place(width: 40, height: 14, at: PlotPoint(x: 5, y: 5))
        #expect(place == nil)
    }

    @Test func `clips a line at the edges`() throws {
        let clipped = try #require(area.clipped(from: PlotPoint(x: -100, y: 100), to: PlotPoint(x: 400, y: 100)))
        #expect(clipped.start == PlotPoint(x: 0, y: 100))
        #expect(clipped.end == PlotPoint(x: 300, y: 100))
        #expect(area.clipped(from: PlotPoint(x: -10, y: 10), to: PlotPoint(x: 10, y: -20)) == nil)
    }
}
