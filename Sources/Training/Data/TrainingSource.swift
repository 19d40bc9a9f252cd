// Where training examples come from: files a shop has, read into rows.

package import Catalog

/// Reads examples.
package enum TrainingSource {
    /// Rows of one sentence and a class; classes are numbered in the order they come.
    /// - Parameters:
    ///   - path: JSON lines, CSV or TSV with "sentence" (or "text", "title") and "label".
    ///   - isCancelled: asked while a pipe is waited for.
    /// - Returns: the rows, and the labels by their numbers.
    /// - Throws: `CatalogError`, `TrainingError.noExamples` where no two sentences share a label or all do.
    package static func sentences(
        _ path: String, isCancelled: @escaping @Sendable () -> Bool = { false }
    ) throws -> (set: TrainingSet, labels: [String]) {
        let reader = try TextRecordReader(
            path: path,
            columns: [.init(["sentence", "text", "title"]), .init(["label", "category"], .label)],
            noun: "labelled sentences", isCancelled: isCancelled)
        var builder = LabelledRows()
        while let record = try reader.next() { builder.add(record[0], label: record[1]) }
        return try builder.finish(source: path)
    }

    /// Rows of a text and a class from products and a field of theirs.
    /// - Parameters:
    ///   - field: where the labels come from.
    ///   - template: how a product's text is made.
    ///   - source: what the products are, for messages.
    ///   - visit: calls its argument with every product.
    /// - Returns: the rows, the labels by their numbers, and the number of products without a label.
    /// - Throws: as `sentences`, and what `visit` throws.
    package static func labels(
        _ field: LabelField, template: TextTemplate, of source: String,
        visit: ((Product) throws -> Void) throws -> Void
    ) throws -> (set: TrainingSet, labels: [String], unlabelled: Int) {
        var builder = LabelledRows()
        var unlabelled = 0
        try visit { product in
            guard let label = field.label(of: product) else {
                unlabelled += 1
                return
            }
            builder.add(template.text(for: product), label: label)
        }
        let (set, labels) = try builder.finish(source: "\(field) of \(source)")
        return (set, labels, unlabelled)
    }

    /// Rows of anchor and positive.
    /// - Parameters:
    ///   - path: JSON lines, CSV or TSV with "query" (or "anchor", "sentence1") and "positive" (or "sentence2").
    ///   - isGraded: whether rows carry a similarity too, "label" (or "score", "similarity"), in 0...1 or in any units of which more is nearer.
    ///   - isCancelled: asked while a pipe is waited for.
    /// - Returns: the rows; their labels are the similarities, or 0.
    /// - Throws: `CatalogError`.
    package static func pairs(
        _ path: String, isGraded: Bool = false, isCancelled: @escaping @Sendable () -> Bool = { false }
    ) throws -> TrainingSet {
        var columns: [TextRecordReader.Column] = [
            .init(["query", "anchor", "sentence1"]), .init(["positive", "sentence2"]),
        ]
        if isGraded { columns.append(gradeColumn) }
        let reader = try TextRecordReader(path: path, columns: columns, noun: "pairs", isCancelled: isCancelled)
        var rows: [TrainingSet.Row] = []
        while let record = try reader.next() {
            rows.append(
                TrainingSet.Row(Array(record.prefix(2)), label: isGraded ? Float(record[2]) ?? 0 : 0))
        }
        return TrainingSet(rows)
    }

    /// How similar a pair is.
    private static let gradeColumn = TextRecordReader.Column(["label", "score", "similarity"], .number)

    /// Whether the first pair of a file has a similarity, which only a graded loss reads; false for a pipe, which is read once.
    package static func hasGrades(_ path: String) -> Bool {
        guard path != "-", let reader = try? TextRecordReader(path: path, columns: [gradeColumn], noun: "pairs") else {
            return false
        }
        return (try? reader.next()) != nil
    }

    /// Rows of anchor, positive and negative.
    /// - Throws: `CatalogError`.
    package static func triplets(
        _ path: String, isCancelled: @escaping @Sendable () -> Bool = { false }
    ) throws -> TrainingSet {
        let reader = try TripletReader(path: path, isCancelled: isCancelled)
        var rows: [TrainingSet.Row] = []
        while let triplet = try reader.next() {
            rows.append(TrainingSet.Row([triplet.anchor, triplet.positive, triplet.negative]))
        }
        return TrainingSet(rows)
    }

    /// Rows of a query and a product that was judged relevant for it.
    /// - Parameters:
    ///   - queries: the queries to learn from.
    ///   - qrels: the judgments.
    ///   - relevantFrom: the least grade of a pair.
    ///   - text: of a product; nil where it is not in the catalog.
    /// - Returns: the pairs in the order of the queries, and how many judged products are not in the catalog.
    /// - Throws: `TrainingError.noExamples`.
    package static func judgedPairs(
        _ queries: [ShopperQuery], _ qrels: Qrels, relevantFrom: Double, text: (ProductID) throws -> String?
    ) throws -> (set: TrainingSet, missing: Int) {
        var rows: [TrainingSet.Row] = []
        var missing = 0
        for query in queries {
            let relevant = (qrels.grades[query.id] ?? [:]).filter { $0.value >= relevantFrom }
            for product in relevant.keys.sorted() {
                if let text = try text(product) {
                    rows.append(TrainingSet.Row([query.text, text]))
                } else {
                    missing += 1
                }
            }
        }
        guard !rows.isEmpty else {
            throw TrainingError.noExamples(
                source: "The judgments",
                reason: "no query has a product of the catalog graded \(relevantFrom) or more (--relevant-from).")
        }
        return (TrainingSet(rows), missing)
    }
}

/// Gathers labelled texts.
private struct LabelledRows {
    private var rows: [TrainingSet.Row] = []
    private var labels: [String] = []
    private var numbers: [String: Int] = [:]

    mutating func add(_ text: String, label: String) {
        let number = numbers[label] ?? labels.count
        if number == labels.count {
            numbers[label] = number
            labels.append(label)
        }
        rows.append(TrainingSet.Row([text], label: Float(number)))
    }

    func finish(source: String) throws -> (set: TrainingSet, labels: [String]) {
        guard labels.count > 1 else {
            throw TrainingError.noExamples(
                source: source,
                reason: labels.isEmpty
                    ? "nothing has a label." : "all have the label “\(labels[0])”; a triplet needs two labels or more.")
        }
        guard rows.count > labels.count else {
            throw TrainingError.noExamples(
                source: source,
                reason: "each of its \(labels.count) labels has one member; a triplet needs two of a label.")
        }
        return (TrainingSet(rows), labels)
    }
}
