// What a person said about a hit: one row of the judgments that a search is evaluated with.

/// How relevant a product is for a query.
public struct Judgment: Hashable, Sendable {
    /// The query that was asked.
    public let query: QueryID
    /// The product that was judged.
    public let product: ProductID
    /// How relevant the product is, on the shop's own scale: the higher, the more; finite.
    public let grade: Double

    /// Takes a judgment; the grade must be finite.
    public init(query: QueryID, product: ProductID, grade: Double) {
        precondition(grade.isFinite, "query \(query), product \(product): grade \(grade) is not finite")
        self.query = query
        self.product = product
        self.grade = grade
    }
}
