/// A part of a section.
package indirect enum ReportBlock: Sendable {
    /// A paragraph.
    case text(String)
    /// A call-out: what the reader must know about the figures.
    case note(String)
    /// A call-out: what makes the figures doubtful. It carries the word “Warning”, not its colour alone.
    case warning(String)
    /// Rows of cells under headers.
    case table(ReportTable)
    /// A plot; neighbours stand side by side where the window is wide.
    case figure(any Plot, caption: String)
    /// Blocks that are folded up under a summary until the reader asks for them.
    case details(String, [ReportBlock])
}
