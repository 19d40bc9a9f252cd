// The answer to a search, as a table for people or as JSON for programs.

import Catalog
import Engine
import Foundation

/// What was asked and what was found.
struct SearchReport {
    /// The query's text, or the id of the product that was asked about.
    enum Question {
        case query(String)
        case product(ProductID)
    }

    let question: Question
    let result: SearchResult

    /// Opens an index and shows how far it is, if that takes long.
    static func openEngine(_ directory: URL) throws -> SearchEngine {
        let reporter = ProgressReporter(quietBelow: 2)
        let engine = try SearchEngine.open(indexDirectory: directory) { share in
            reporter.update(ProgressState(label: "opening the index", unit: .nothing, fraction: share))
        }
        reporter.finish()
        return engine
    }

    /// Writes hits to standard output and warnings to standard error.
    func write(to output: StandardOutput, asJSON: Bool) throws {
        if asJSON {
            try output.json(SearchJSON(self))
            return
        }
        result.warnings.forEach(Log.warning)
        guard !result.hits.isEmpty else {
            try output.line(emptyAnswer)
            return
        }
        let terminal = Terminal.output
        let lines = table.lines(width: terminal.isInteractive ? terminal.width : nil)
        for (index, line) in lines.enumerated() {
            try output.line(index == 0 ? Style.bold(line, on: terminal) : line)
        }
        if let count = result.matchingCount {
            Log.line(
                "\(result.hits.count.grouped) of \(count.of("matching product")), \(result.productCount.grouped) in the index"
            )
        }
    }

    /// The hits as a table.
    var table: TextTable {
        var table = TextTable(columns: [
            .init(header: "rank", isRightAligned: true, isCuttable: false),
            .init(header: "score", isRightAligned: true, isCuttable: false),
            .init(header: "id", isCuttable: false),
            .init(header: "title"), .init(header: "brand"), .init(header: "category"),
            .init(header: "price", isRightAligned: true, isCuttable: false),
        ])
        for hit in result.hits {
            let product = hit.product
            table.append([
                "\(hit.rank)", Double(hit.score).fixed(4), product.id.rawValue, product.title, product.brand ?? "",
                product.category?.description ?? "", Self.price(of: product),
            ])
        }
        return table
    }

    private var emptyAnswer: String {
        if result.matchingCount == 0 {
            return "No product matches --where; there are \(result.productCount.of("product")) in the index."
        }
        switch question {
        case .query: return "No product was found."
        case .product(let id): return "There is no other product to compare \(id) with."
        }
    }

    /// Currencies without a minor unit in ISO 4217: a price in won has no cents.
    private static let wholeCurrencies: Set<String> = [
        "BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "VND", "VUV", "XAF", "XOF", "XPF",
    ]

    private static func price(of product: Product) -> String {
        guard let price = product.price else { return "" }
        let amount = price.fixed(wholeCurrencies.contains(product.currency?.uppercased() ?? "") ? 0 : 2)
        return product.currency.map { "\(amount) \($0)" } ?? amount
    }
}

/// The JSON form: query (or product), hits with rank, score and the product's own fields, warnings.
private struct SearchJSON: Encodable {
    let query: String?
    let product: ProductID?
    let hits: [HitJSON]
    let warnings: [String]
    let matchingCount: Int?
    let productCount: Int

    init(_ report: SearchReport) {
        switch report.question {
        case .query(let text): (query, product) = (text, nil)
        case .product(let id): (query, product) = (nil, id)
        }
        hits = report.result.hits.map(HitJSON.init)
        warnings = report.result.warnings
        matchingCount = report.result.matchingCount
        productCount = report.result.productCount
    }
}

private struct HitJSON: Encodable {
    enum CodingKeys: CodingKey {
        case rank, score
    }

    let hit: Hit

    func encode(to encoder: any Encoder) throws {
        try hit.product.encode(to: encoder)
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(hit.rank, forKey: .rank)
        try container.encode(hit.score, forKey: .score)
    }
}
