/// The count of what a plot could not draw, and the sentence that admits it.
struct LeftOut {
    /// What one of them is called, for example `point`.
    let noun: String
    /// Whether an axis is logarithmic, which leaves out zero and below.
    var isLogarithmic = false
    /// Those without a place on the axes.
    var undrawable = 0
    /// Those beyond the ends of the axes.
    var outside = 0

    /// At most two sentences; none if all was drawn.
    var notes: [String] {
        var notes: [String] = []
        if undrawable > 0 {
            let kind = isLogarithmic ? "finite positive number" : "finite number"
            notes.append("\(counted(undrawable)) left out: not a \(kind).")
        }
        if outside > 0 { notes.append("\(counted(outside)) outside the axes.") }
        return notes
    }

    private func counted(_ count: Int) -> String { "\(count) \(noun)\(count == 1 ? "" : "s")" }
}
