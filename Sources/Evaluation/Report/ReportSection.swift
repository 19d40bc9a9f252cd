/// A part of a report under a heading.
package struct ReportSection: Sendable {
    /// The heading.
    package var title: String
    /// Top to bottom.
    package var blocks: [ReportBlock]

    /// Puts blocks under a heading.
    ///
    /// - Parameters:
    ///   - title: the heading.
    ///   - blocks: top to bottom.
    package init(_ title: String, _ blocks: [ReportBlock]) {
        self.title = title
        self.blocks = blocks
    }
}
