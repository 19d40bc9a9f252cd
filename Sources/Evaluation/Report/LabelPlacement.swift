// Where to write beside points so that all of it can be read.
//
// Greedy: each label in turn takes the best of sixteen places around its point, the near ones first. A place is impossible if it leaves the
// area or covers another label or a marker, and the worse the more lines run through it. A label without a possible place is not written;
// its marker's title still holds it. Greedy placement is not optimal, but its result depends on nothing but the input, and a plot of a dozen
// points per series leaves it room enough.

/// The labels written so far, and what they must not cover.
struct LabelPlacement {
    /// What the labels must stay within.
    let area: PlotRect
    /// Markers and labels.
    private var obstacles: [PlotRect]
    /// Drawn lines, which a label should not cover.
    private let lines: [(start: PlotPoint, end: PlotPoint)]

    /// Directions from the point, in order of preference: y grows downwards.
    private static let directions: [(x: Double, y: Double)] = [
        (1, -1), (1, 1), (-1, -1), (-1, 1), (1, 0), (-1, 0), (0, -1), (0, 1),
    ]
    /// From the point to the nearest edge of the label.
    private static let distances = [7.0, 16]
    /// Half the width of a marker.
    private static let markerRadius = 5.0

    init(area: PlotRect, points: [PlotPoint], lines: [(start: PlotPoint, end: PlotPoint)]) {
        self.area = area
        self.lines = lines
        obstacles = points.map {
            PlotRect(
                minX: $0.x - Self.markerRadius, minY: $0.y - Self.markerRadius, width: 2 * Self.markerRadius,
                height: 2 * Self.markerRadius)
        }
    }

    /// Finds a place for a label and keeps later ones off it.
    ///
    /// - Parameters:
    ///   - width: of the label.
    ///   - height: of the label.
    ///   - point: what it belongs to.
    /// - Returns: nil if every place is taken.
    mutating func place(width: Double, height: Double, at point: PlotPoint) -> PlotRect? {
        var best: (rect: PlotRect, cost: Int)?
        for distance in Self.distances {
            for direction in Self.directions {
                let rect = Self.rect(width: width, height: height, center: point, offset: (direction, distance))
                guard area.contains(rect), !obstacles.contains(where: rect.intersects) else { continue }
                let cost = lines.count { rect.clipped(from: $0.start, to: $0.end) != nil }
                if cost < best?.cost ?? .max { best = (rect, cost) }
            }
        }
        if let best { obstacles.append(best.rect) }
        return best?.rect
    }

    private static func rect(
        width: Double, height: Double, center: PlotPoint, offset: (direction: (x: Double, y: Double), distance: Double)
    ) -> PlotRect {
        let (direction, distance) = offset
        // Diagonal places are a little nearer, for their corner is what is near the point.
        let reach = direction.x != 0 && direction.y != 0 ? distance * 0.6 : distance
        let x = center.x + direction.x * (reach + width / 2) - width / 2
        let y = center.y + direction.y * (reach + height / 2) - height / 2
        return PlotRect(minX: x, minY: y, width: width, height: height)
    }
}
