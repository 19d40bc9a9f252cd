internal import Catalog

/// Documents of clicks, by kind and what became of them.
struct ClickCounters: Sendable {
    private let accepted = CollectedDocument.Kind.allCases.map { _ in Counter() }
    private let refused = CollectedDocument.Kind.allCases.map { _ in Counter() }

    /// Counts documents.
    func note(_ kind: CollectedDocument.Kind, accepted isAccepted: Bool, count: Int) {
        for (index, other) in CollectedDocument.Kind.allCases.enumerated() where other == kind {
            (isAccepted ? accepted : refused)[index].increment(by: count)
        }
    }

    /// Lines of the series.
    var lines: [String] {
        CollectedDocument.Kind.allCases.enumerated().flatMap { index, kind in
            [("accepted", accepted[index]), ("refused", refused[index])].map { outcome, counter in
                "aisle_ubi_documents_total{kind=\"\(kind)\",outcome=\"\(outcome)\"} \(counter.value)"
            }
        }
    }
}
