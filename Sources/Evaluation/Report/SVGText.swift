/// One line of text in a drawing.
struct SVGText {
    /// The looks, each a class of the style sheet.
    enum Style: String {
        /// The name of the plot.
        case title
        /// The name of an axis, of a row, of a series.
        case label
        /// What stands beside ticks, and everything of less weight.
        case tick
        /// A label over drawn lines; has a rim of the paper's colour.
        case halo

        /// The font's size in units of the drawing, for measuring.
        ///
        /// The style sheet says 13, and 15 for a title, whose bold letters are an eighth wider.
        var size: Double { self == .title ? 17 : 13 }
    }

    /// Which part of the text is at its place.
    enum Anchor: String {
        /// The left end.
        case start
        /// The middle.
        case middle
        /// The right end.
        case end
    }

    /// What it says; shortened if it is wider than `maxWidth`.
    var text: String
    /// The place of the anchor, on the base line.
    var place: PlotPoint
    /// How it looks.
    var style: Style = .label
    /// Which part of it is at `place`.
    var anchor: Anchor = .start
    /// More classes of the style sheet, such as that of a series.
    var extraClass: String?
    /// In units of the drawing.
    var maxWidth: Double = .infinity
}
