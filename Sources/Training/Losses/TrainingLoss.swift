// What all losses have in common: embeddings and labels in, a number and its gradient out.
//
// A loss is a pure function. It knows no model, no tokens and no optimizer: the trainer embeds each column, asks the loss for
// d loss / d embedding, and sends that down through the encoder. Names, defaults and formulas are those of sentence-transformers 6.2.0
// (sentence_transformer/losses), so that a recipe written for it means the same here.

/// What a loss says about a batch.
package struct LossValue: Sendable, Equatable {
    /// The number to make small.
    package var loss: Double
    /// d loss / d embedding, one for each column, in their order.
    package var gradients: [EmbeddingColumn]
    /// How much of the batch trains, for people; nil where every row always does.
    package var activity: LossActivity?

    /// A value with its gradients.
    package init(loss: Double, gradients: [EmbeddingColumn], activity: LossActivity? = nil) {
        self.loss = loss
        self.gradients = gradients
        self.activity = activity
    }
}

/// How much of a batch trains: “12 of 96 triplets”.
package struct LossActivity: Sendable, Equatable {
    /// Those that pull or push now.
    package var active: Int
    /// Those the batch has.
    package var possible: Int
    /// What is counted, in the plural.
    package var noun: String

    /// A count of its kind.
    package init(active: Int, possible: Int, noun: String) {
        self.active = active
        self.possible = possible
        self.noun = noun
    }
}

/// A function of a batch's embeddings with its exact gradient.
package protocol TrainingLoss: Sendable {
    /// The reference's name, “BatchAllTripletLoss”.
    static var name: String { get }

    /// Columns a row must have: 1 is a labelled sentence, 2 a pair, 3 a triplet.
    var columnCount: ClosedRange<Int> { get }

    /// Value and gradient of a batch.
    ///
    /// - Parameters:
    ///   - columns: as many as `columnCount` says, of the same rows and dimension; at least one row.
    ///   - labels: one number a row: class ids (whole numbers up to 2²⁴) for the batch losses, target similarities for
    ///     CosineSimilarityLoss and CoSENTLoss; the others ignore them.
    /// - Returns: the loss, and a gradient of each column's shape. An embedding that is not finite makes the loss NaN, for the
    ///   trainer to stop at; nothing may hide it.
    func evaluate(_ columns: [EmbeddingColumn], labels: [Float]) -> LossValue
}

extension TrainingLoss {
    /// Stops at a batch of the wrong shape, and gives its number of rows.
    func checkedRows(_ columns: [EmbeddingColumn]) -> Int {
        precondition(
            columnCount.contains(columns.count), "\(Self.name) takes \(columnCount) columns, not \(columns.count)")
        let first = columns[0]
        precondition(first.rows > 0, "\(Self.name) of no rows")
        for column in columns {
            precondition(
                column.rows == first.rows && column.dimension == first.dimension,
                "\(Self.name): columns of (\(first.rows), \(first.dimension)) and (\(column.rows), \(column.dimension))"
            )
        }
        return first.rows
    }

    /// Stops at labels that do not fit the rows, or at one that is no number (it would equal no label, itself included).
    func check(_ labels: [Float], rows: Int) {
        precondition(labels.count == rows, "\(Self.name): \(labels.count) labels for \(rows) rows")
        precondition(labels.allSatisfy(\.isFinite), "\(Self.name): a label is not finite")
    }
}
