// Query relevance judgments, as TREC calls them: the truth a search is measured against.
//
// A product without a judgment has no grade, which is not the same as the grade 0: whoever measures decides what it counts.
// Immutable. Every grade is finite.

/// Grades of products by query.
public struct Qrels: Sendable {
    /// The grade of each judged product, by query.
    public let grades: [QueryID: [ProductID: Double]]
    /// The judged queries, in the order of their first judgments.
    public let queryIDs: [QueryID]
    /// Pairs of a query and a product that have a grade.
    public let judgmentCount: Int
    /// The lowest grade; nil without judgments.
    public let lowestGrade: Double?
    /// The highest grade; nil without judgments.
    public let highestGrade: Double?

    /// Takes judgments in any order; the same one may come twice.
    /// - Throws: `CatalogError.conflictingGrades` when a query and a product have two grades.
    public init(_ judgments: some Sequence<Judgment>) throws(CatalogError) {
        var builder = QrelsBuilder()
        for (index, judgment) in judgments.enumerated() {
            if let earlier = builder.insert(judgment, line: index + 1) {
                throw .conflictingGrades(
                    query: judgment.query.rawValue, product: judgment.product.rawValue,
                    grades: [earlier.grade, judgment.grade])
            }
        }
        self.init(of: builder)
    }

    private init(of builder: QrelsBuilder) {
        grades = builder.entries.mapValues { $0.mapValues(\.grade) }
        queryIDs = builder.queryIDs
        judgmentCount = grades.values.reduce(0) { $0 + $1.count }
        lowestGrade = grades.values.lazy.compactMap { $0.values.min() }.min()
        highestGrade = grades.values.lazy.compactMap { $0.values.max() }.max()
    }

    /// Reads a file of judgments: a TSV with a header, or TREC qrels.
    /// - Parameters:
    ///   - path: the file; "-" is standard input.
    ///   - isCancelled: asked before each line, and while a pipe is waited for.
    /// - Returns: at least one judgment.
    /// - Throws: `CatalogError` when the file cannot be read, for its first bad line, or for one that contradicts an earlier one.
    public static func read(
        path: String, isCancelled: @escaping @Sendable () -> Bool = { false }
    ) throws(CatalogError) -> Qrels {
        let reader = try JudgmentReader(path: path, isCancelled: isCancelled)
        var builder = QrelsBuilder()
        while let judgment = try reader.next() {
            if isCancelled() { throw .cancelled(feed: reader.name) }
            if let earlier = builder.insert(judgment, line: reader.line) {
                throw FilePosition(path: reader.name, line: reader.line).fault(
                    "expected one grade for query \"\(judgment.query.rawValue.shortened)\" and product "
                        + "\"\(judgment.product.rawValue.shortened)\", found \(judgment.grade.plainText) here and "
                        + "\(earlier.grade.plainText) on line \(earlier.line); remove one of the two lines")
            }
        }
        return Qrels(of: builder)
    }

    /// The grade of a product for a query; nil where there is no judgment.
    /// - Complexity: O(1).
    public func grade(of product: ProductID, for query: QueryID) -> Double? {
        grades[query]?[product]
    }
}
