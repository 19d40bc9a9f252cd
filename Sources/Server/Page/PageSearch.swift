// From an address to what the page shows. With a query: the nearest products under the filters, those of them that are close, a page of
// those. Without one but with filters: products in the order of the shop. A filter's counts are over what the other filters leave, or setting
// one brand would hide all others.

internal import Catalog
internal import Engine

/// Finds what a page shows.
struct PageSearch: Sendable {
    let index: LiveIndex
    let limits: ServerConfiguration

    /// Products of a page.
    static let pageSize = 24
    /// Products that are counted, and shown on all pages together.
    static let nearest = Closeness.nearest

    private typealias Restriction = PageAddress.Restriction

    /// What an address shows.
    /// - Throws: `PageProblem.queryTooLong`; what searching throws.
    func content(for address: PageAddress) throws -> PageContent {
        if let id = address.similar {
            let product = try index.product(id)
            let answer = try index.similar(to: id, SearchOptions(limit: Self.pageSize))
            return .similar(product, answer.result.hits.map(PageHit.init))
        }
        guard address.query.unicodeScalars.count <= limits.maxQueryLength else { throw PageProblem.queryTooLong }
        if index.status.products == 0 { return .start([]) }
        do {
            if address.query.contains(where: { !$0.isWhitespace }) { return .results(try search(address)) }
        } catch EngineError.emptyQuery {
            // Only characters without width, which the model does not see either.
        }
        if address.restrictions.isEmpty { return .start(try index.categories()) }
        return .results(try browse(address))
    }

    private func search(_ address: PageAddress) throws -> PageResults {
        // A category is walked down, so its own count is over what it holds.
        let counted = address.restrictions.subtracting([.category]).sorted { "\($0)" < "\($1)" }
        let options = ([nil] + counted.map(Optional.some)).map {
            SearchOptions(limit: Self.nearest, filter: address.filter(without: $0))
        }
        let results = try index.search(address.query, each: options).map(\.result)
        let closeness = Closeness(threshold: limits.closeEnough)
        let shown = results.map { address.showsNearest ? $0.hits : closeness.close($0.hits) }
        let others = Dictionary(uniqueKeysWithValues: zip(counted, shown.dropFirst().map { $0.map(\.product) }))
        let isCut = shown[0].count == Self.nearest
        let kind: PageResults.Kind
        switch results[0].hits.first {
        case nil: kind = .noneMatch
        case .some(let best) where closeness.isClose(best): kind = .found(isCut: isCut)
        case .some: kind = address.showsNearest ? .nearestAnyway : .nothingClose
        }
        return page(
            kind, shown[0].map(PageHit.init), address, others, isCut: isCut,
            isUnreadable: !results[0].warnings.isEmpty)
    }

    private func browse(_ address: PageAddress) throws -> PageResults {
        let found = try index.products(matching: address.filter(), limit: Self.nearest)
        var others: [Restriction: [Product]] = [:]
        for restriction in address.restrictions where restriction != .category {
            others[restriction] =
                try index.products(matching: address.filter(without: restriction), limit: Self.nearest).products
        }
        let hits = found.products.enumerated().map { PageHit(rank: $0.offset + 1, $0.element) }
        return page(
            hits.isEmpty ? .noneMatch : .browse(all: found.matchingCount), hits, address, others,
            isCut: found.matchingCount > hits.count, isUnreadable: false)
    }

    private func page(
        _ kind: PageResults.Kind, _ hits: [PageHit], _ address: PageAddress, _ others: [Restriction: [Product]],
        isCut: Bool, isUnreadable: Bool
    ) -> PageResults {
        let products = hits.map(\.product)
        func counts(_ restriction: Restriction) -> FacetCounts {
            FacetCounts(others[restriction] ?? products, below: address.category)
        }
        let (price, stock) = (counts(.price), counts(.availability).availability)
        let facets = PageFacets(
            categories: counts(.category).categories, brands: counts(.brand).brands, prices: price.prices,
            currency: price.currency,
            inStock: stock.filter { Availability($0.value) == .inStock }.map(\.count).reduce(0, +),
            hasAvailability: !stock.isEmpty, isCut: isCut)
        let pageCount = max((hits.count + Self.pageSize - 1) / Self.pageSize, 1)
        let page = min(address.page, pageCount)
        return PageResults(
            kind: kind, hits: Array(hits.dropFirst((page - 1) * Self.pageSize).prefix(Self.pageSize)),
            count: hits.count,
            page: page, pageCount: pageCount, facets: facets, isUnreadable: isUnreadable)
    }
}
