/// A drawing of measured values that a report can show.
///
/// Plots are values: the same data gives the same bytes. They use the classes of the page's style sheet instead of colours of their own, and
/// no element ids, so any number of them can stand in one page.
package protocol Plot: Sendable {
    /// What the drawing shows, in words, for those who cannot see it.
    var accessibleDescription: String { get }

    /// Draws the values as one `svg` element.
    ///
    /// - Returns: markup that is both HTML and well-formed XML; without a namespace declaration, for it stands within HTML.
    func svg() -> String
}
