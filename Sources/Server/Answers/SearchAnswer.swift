internal import Catalog
internal import Engine

/// What a search answers.
struct SearchAnswer: Encodable {
    /// The query, as it was asked; nil for products like another one.
    var query: String?
    /// The product that was asked about; nil for a query.
    var product: String?
    /// Best first.
    let hits: [HitAnswer]
    /// Which page of hits this is, from 1.
    let page: Int
    /// Sentences about what could not be read of the query.
    let warnings: [String]
    /// Products that match the filter; nil without one.
    let matchingCount: Int?
    /// Products in the index.
    let productCount: Int
    /// The generation whose model and vectors answered.
    let generation: Int
    /// Whether the best hit of the search is close; nil where no query was asked.
    var closeEnough: Bool?
    /// Counts over the nearest products; nil where none were asked for.
    var facets: FacetCounts?
    /// Milliseconds from the request's arrival at a worker to the answer.
    let milliseconds: Double

    init(
        _ answer: LiveIndex.Answer, query: String? = nil, product: String? = nil, page: Int, skipping: Int,
        milliseconds: Double
    ) {
        self.query = query
        self.product = product
        hits = answer.result.hits.dropFirst(skipping).map(HitAnswer.init)
        self.page = page
        warnings = answer.result.warnings
        matchingCount = answer.result.matchingCount
        productCount = answer.result.productCount
        generation = answer.generation
        self.milliseconds = milliseconds
    }
}

/// A hit: the product's fields, its rank and score.
struct HitAnswer: Encodable {
    private enum CodingKeys: CodingKey {
        case rank, score
    }

    let hit: Hit

    init(_ hit: Hit) { self.hit = hit }

    func encode(to encoder: any Encoder) throws {
        try hit.product.encode(to: encoder)
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(hit.rank, forKey: .rank)
        try container.encode(hit.score, forKey: .score)
    }
}
