// The only writer of SVG elements. Every number goes through `number`, every text through `Escaping`.

import Foundation
internal import HTMLWriting

/// A drawing under construction.
struct SVGBuilder {
    /// The shapes that tell series apart where colour does not.
    enum Marker: Int, CaseIterable {
        case circle, square, triangle, diamond, wedge, cross
    }

    /// Of the viewBox.
    let width: Double
    /// One element each, in drawing order.
    private var elements: [String] = []

    init(width: Double) {
        self.width = width
    }

    /// Draws a straight line.
    mutating func line(from start: PlotPoint, to end: PlotPoint, class name: String) {
        elements.append(
            "<line class=\"\(name)\" x1=\"\(Self.number(start.x))\" y1=\"\(Self.number(start.y))\""
                + " x2=\"\(Self.number(end.x))\" y2=\"\(Self.number(end.y))\"/>")
    }

    /// Draws a rectangle.
    mutating func rectangle(_ rect: PlotRect, class name: String, title: String? = nil) {
        let place = "x=\"\(Self.number(rect.minX))\" y=\"\(Self.number(rect.minY))\""
        let size = "width=\"\(Self.number(rect.width))\" height=\"\(Self.number(rect.height))\""
        append("rect", "class=\"\(name)\" \(place) \(size)", title: title)
    }

    /// Draws a circle.
    mutating func circle(at place: PlotPoint, radius: Double, class name: String, title: String? = nil) {
        let center = "cx=\"\(Self.number(place.x))\" cy=\"\(Self.number(place.y))\""
        append("circle", "class=\"\(name)\" \(center) r=\"\(Self.number(radius))\"", title: title)
    }

    /// Draws straight lines through points.
    mutating func path(_ points: [PlotPoint], class name: String) {
        guard let first = points.first else { return }
        let rest = points.dropFirst().map { "L\(Self.coordinates($0))" }.joined()
        elements.append("<path class=\"\(name)\" d=\"M\(Self.coordinates(first))\(rest)\"/>")
    }

    /// Draws the shape of a series, about nine units across at scale 1.
    mutating func marker(
        _ marker: Marker, at place: PlotPoint, scale: Double = 1, class name: String, title: String? = nil
    ) {
        let corners: [(Double, Double)]
        switch marker {
        case .circle: return circle(at: place, radius: 4.5 * scale, class: name, title: title)
        case .square: corners = [(-4, -4), (4, -4), (4, 4), (-4, 4)]
        case .triangle: corners = [(0, -5.5), (5, 4), (-5, 4)]
        case .diamond: corners = [(0, -5.5), (5.5, 0), (0, 5.5), (-5.5, 0)]
        case .wedge: corners = [(0, 5.5), (5, -4), (-5, -4)]
        case .cross:
            corners = [
                (-1.5, -5), (1.5, -5), (1.5, -1.5), (5, -1.5), (5, 1.5), (1.5, 1.5), (1.5, 5), (-1.5, 5), (-1.5, 1.5),
                (-5, 1.5),
                (-5, -1.5), (-1.5, -1.5),
            ]
        }
        let points = corners.map { Self.coordinates(PlotPoint(x: place.x + scale * $0.0, y: place.y + scale * $0.1)) }
        append("path", "class=\"\(name)\" d=\"M\(points.joined(separator: "L"))Z\"", title: title)
    }

    /// Writes a line of text; the whole text is its title if it had to be shortened.
    mutating func text(_ label: SVGText) {
        let shown = TextMeasure.shortened(label.text, to: label.maxWidth, size: label.style.size)
        let title = shown == label.text ? "" : "<title>\(Escaping.escaped(label.text))</title>"
        let anchor = label.anchor == .start ? "" : " text-anchor=\"\(label.anchor.rawValue)\""
        let name = [label.style.rawValue, label.extraClass].compactMap(\.self).joined(separator: " ")
        elements.append(
            "<text class=\"\(name)\" x=\"\(Self.number(label.place.x))\" y=\"\(Self.number(label.place.y))\"\(anchor)>"
                + title + Escaping.escaped(shown) + "</text>")
    }

    /// The finished element.
    ///
    /// - Parameters:
    ///   - height: of the viewBox.
    ///   - description: what is heard instead of the drawing.
    /// - Returns: the `svg` element, one line for each element within.
    func finished(height: Double, description: String) -> String {
        """
        <svg viewBox="0 0 \(Self.number(width)) \(Self.number(height))" role="img" aria-label="\(Escaping.escaped(description))">
        \(elements.joined(separator: "\n"))
        </svg>
        """
    }

    private mutating func append(_ element: String, _ attributes: String, title: String?) {
        if let title {
            elements.append("<\(element) \(attributes)><title>\(Escaping.escaped(title))</title></\(element)>")
        } else {
            elements.append("<\(element) \(attributes)/>")
        }
    }

    private static func coordinates(_ point: PlotPoint) -> String {
        "\(number(point.x)) \(number(point.y))"
    }

    /// A coordinate with at most two decimals: a hundredth of a unit is less than a pixel on any screen.
    static func number(_ value: Double) -> String {
        precondition(value.isFinite, "\(value) is no coordinate")
        var text = String(format: "%.2f", value)
        while text.hasSuffix("0") { text.removeLast() }
        if text.hasSuffix(".") { text.removeLast() }
        return text == "-0" ? "0" : text
    }
}
