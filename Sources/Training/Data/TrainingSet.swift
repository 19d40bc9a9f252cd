// What is trained on: rows of texts, and a label a row where the loss wants one.

internal import Foundation
internal import Hashing

/// Rows of training examples.
package struct TrainingSet: Sendable, Equatable {
    /// One example.
    package struct Row: Sendable, Equatable {
        /// One text a column: a sentence; anchor and positive; anchor, positive and negatives.
        package var texts: [String]
        /// A class for the batch losses, a similarity for the graded ones; 0 where the loss needs none.
        package var label: Float

        /// Pairs texts with a label.
        package init(_ texts: [String], label: Float = 0) {
            self.texts = texts
            self.label = label
        }
    }

    /// The examples, all with the same number of columns.
    package let rows: [Row]

    /// Whether rows of one label must not be each other's negatives: `no_duplicates` keeps them out of each other's batches.
    package let labelsAreExclusive: Bool

    /// Columns of each row; 0 without rows.
    package var columnCount: Int { rows.first?.texts.count ?? 0 }

    /// Takes rows.
    /// - Parameters:
    ///   - rows: all with as many texts.
    ///   - labelsAreExclusive: whether rows of one label must not be each other's negatives.
    package init(_ rows: [Row], labelsAreExclusive: Bool = false) {
        for row in rows {
            precondition(
                row.texts.count == rows[0].texts.count, "\(row.texts.count) texts beside \(rows[0].texts.count)")
        }
        self.rows = rows
        self.labelsAreExclusive = labelsAreExclusive
    }

    /// SHA-256 of the rows in their order, in hexadecimal.
    package var digest: String {
        let hash = SHA256()
        for row in rows {
            hash.update(data: Data((row.texts.joined(separator: "\u{0}") + "\u{0}\(row.label)\n").utf8))
        }
        return hash.finalize().hexadecimal
    }
}
