// Judgments on their way to `Qrels`, each with its line, so that two which contradict each other can be named.

/// Collects judgments and finds contradictions.
struct QrelsBuilder {
    /// A grade and where it came from.
    struct Entry {
        let grade: Double
        let line: Int
    }

    private(set) var entries: [QueryID: [ProductID: Entry]] = [:]
    /// Queries in the order of their first judgments.
    private(set) var queryIDs: [QueryID] = []

    /// Adds a judgment, unless another one of its query and product has another grade.
    /// - Returns: that other one; nil when all is well.
    mutating func insert(_ judgment: Judgment, line: Int) -> Entry? {
        let entry = Entry(grade: judgment.grade, line: line)
        guard let index = entries.index(forKey: judgment.query) else {
            queryIDs.append(judgment.query)
            entries[judgment.query] = [judgment.product: entry]
            return nil
        }
        if let earlier = entries.values[index][judgment.product] {
            return earlier.grade == judgment.grade ? nil : earlier
        }
        entries.values[index][judgment.product] = entry
        return nil
    }
}
