// Points and rectangles in the units of an SVG's viewBox, y growing downwards.

/// A place in a drawing.
struct PlotPoint: Equatable {
    /// From the left edge.
    var x: Double
    /// From the top edge.
    var y: Double
}

/// An upright rectangle in a drawing.
struct PlotRect: Equatable {
    /// The left edge.
    var minX: Double
    /// The top edge.
    var minY: Double
    /// Not negative.
    var width: Double
    /// Not negative.
    var height: Double

    /// The right edge.
    var maxX: Double { minX + width }
    /// The bottom edge.
    var maxY: Double { minY + height }
    /// Half way between the left and right edges.
    var midX: Double { minX + width / 2 }
    /// Half way between the top and bottom edges.
    var midY: Double { minY + height / 2 }

    /// Whether the inner parts have a point in common.
    func intersects(_ other: PlotRect) -> Bool {
        minX < other.maxX && other.minX < maxX && minY < other.maxY && other.minY < maxY
    }

    /// Whether the other lies within, edges included.
    func contains(_ other: PlotRect) -> Bool {
        minX <= other.minX && other.maxX <= maxX && minY <= other.minY && other.maxY <= maxY
    }

    /// The part of a straight line that lies within (Liang and Barsky, 1984).
    ///
    /// Clipping here instead of by a `clipPath` needs no element id, so figures cannot clash within a page.
    ///
    /// - Parameters:
    ///   - start: where the line begins.
    ///   - end: where it ends.
    /// - Returns: nil if the line misses the rectangle.
    func clipped(from start: PlotPoint, to end: PlotPoint) -> (start: PlotPoint, end: PlotPoint)? {
        let (dx, dy) = (end.x - start.x, end.y - start.y)
        let edges = [
            (-dx, start.x - minX), (dx, maxX - start.x),
            (-dy, start.y - minY), (dy, maxY - start.y),
        ]
        var (enter, leave) = (0.0, 1.0)
        for (direction, distance) in edges {
            if direction == 0 {
                guard distance >= 0 else { return nil }
            } else if direction < 0 {
                enter = max(enter, distance / direction)
            } else {
                leave = min(leave, distance / direction)
            }
        }
        guard enter <= leave else { return nil }
        return (
            PlotPoint(x: start.x + enter * dx, y: start.y + enter * dy),
            PlotPoint(x: start.x + leave * dx, y: start.y + leave * dy)
        )
    }
}
