internal import Catalog
internal import Engine
internal import HTTPTypes
internal import IndexStore

/// What stands in the page between head and foot.
enum PageContent: Sendable {
    /// Nothing was asked: the shop's categories.
    case start([FacetCounts.Value])
    /// Products for a query or for filters alone.
    case results(PageResults)
    /// A product, and those like it.
    case similar(Product, [PageHit])
    /// It did not work.
    case problem(PageProblem)
}

/// A product on the page.
struct PageHit: Sendable {
    /// Place among all products that were found, from 1.
    let rank: Int
    /// Similarity; nil where nothing was asked.
    let score: Float?
    let product: Product

    /// A hit of a search.
    init(_ hit: Hit) { (rank, score, product) = (hit.rank, hit.score, hit.product) }

    /// A product in the order of the shop.
    init(rank: Int, _ product: Product) { (self.rank, score, self.product) = (rank, nil, product) }
}

/// Products for a query or for filters alone.
struct PageResults: Sendable {
    /// What the list is.
    enum Kind: Equatable {
        /// Everything that is close to the query; `isCut` where there may be more than are shown.
        case found(isCut: Bool)
        /// Nothing is close; the nearest were asked for all the same.
        case nearestAnyway
        /// Nothing is close, so nothing is shown.
        case nothingClose
        /// No query: products in the order of the shop, so many in all.
        case browse(all: Int)
        /// No product matches the filters.
        case noneMatch
    }

    let kind: Kind
    /// Those of this page.
    let hits: [PageHit]
    /// Those of all pages.
    let count: Int
    /// Which page this is, from 1, and how many there are.
    let page, pageCount: Int
    let facets: PageFacets
    /// Whether the model could not read parts of the query.
    let isUnreadable: Bool
}

/// Counts beside the filters, each over the products that the other filters leave.
struct PageFacets: Sendable {
    let categories, brands: [FacetCounts.Value]
    let prices: [FacetCounts.PriceRange]
    let currency: String?
    /// Products in stock.
    let inStock: Int
    /// Whether any product says whether it is in stock.
    let hasAvailability: Bool
    /// Whether only the nearest, or the first, were counted.
    let isCut: Bool
}

/// What did not work, in the page's words.
enum PageProblem: Error, Sendable, CaseIterable {
    case notFound, unknownProduct, queryTooLong, invalid, busy, fault

    /// Translates what a search throws; nil for what the log should have.
    init?(_ error: any Error) {
        switch error {
        case let error as PageProblem: self = error
        case EngineError.unknownProduct: self = .unknownProduct
        // Dropped between its choice and its opening.
        case StoreError.unknownGeneration: self = .notFound
        case let error as Problem where error.status == HTTPResponse.Status.tooManyRequests.code: self = .busy
        default:
            guard let problem = Problem(error), problem.status < 500 else { return nil }
            self = problem.status == 404 ? .notFound : .invalid
        }
    }

    var status: HTTPResponse.Status {
        switch self {
        case .notFound, .unknownProduct: .notFound
        case .queryTooLong, .invalid: .unprocessableContent
        case .busy: .tooManyRequests
        case .fault: .internalServerError
        }
    }
}
