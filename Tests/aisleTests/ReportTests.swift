// What commands print, from values made here.

import Catalog
import Foundation
import Testing

@testable import Engine
@testable import aisle

struct IngestReportTests {
    private var summary: IngestSummary {
        var summary = IngestSummary()
        summary.feed = "shop.csv"
        (summary.rows, summary.added, summary.changed, summary.unchanged, summary.rejected) = (1_010, 900, 80, 20, 10)
        (summary.embeddedTexts, summary.reusedTexts, summary.seconds) = (970, 10, 4)
        (summary.productCount, summary.nodeCount) = (1_000, 970)
        summary.rejectedByReason = ["no id": 3, "price": 6, "bad JSON at column": 1]
        summary.rejectedRowsPath = "shop.csv.rejected.jsonl"
        return summary
    }

    @Test func `sums up in four lines`() {
        let missing = URL(filePath: "/nowhere/at/all")
        #expect(
            IngestReport(summary: summary, index: "indexes/shop", indexDirectory: missing).lines == [
                "shop.csv: 1,010 rows in 4.0 s",
                "  products: 900 new, 80 changed, 20 unchanged, 10 rejected",
                "  texts: 970 embedded (243 docs/s), 10 had a vector already",
                "  indexes/shop: 1,000 products, 970 distinct texts, 0 B on disk, the model included",
            ])
    }

    @Test func `after an interrupt tells only what the index holds`() {
        var summary = summary
        summary.interrupted = true
        #expect(
            IngestReport(summary: summary, index: "i", indexDirectory: URL(filePath: "/nowhere")).lines == [
                "i: 1,000 products, 970 distinct texts, 0 B on disk, the model included"
            ])
    }

    @Test func `counts rejections by reason, the commonest first`() {
        #expect(
            IngestReport(summary: summary, index: "i", indexDirectory: URL(filePath: "/nowhere")).rejectionLines == [
                "rejected 10 rows:", "  6  price", "  3  no id", "  1  bad JSON at column",
                "  each with its line and reason in shop.csv.rejected.jsonl",
            ])
    }

    @Test func `does not point to a file that was not written`() {
        var summary = summary
        summary.rejectedRowsProblem = "shop.csv.rejected.jsonl: cannot be written (Permission denied)"
        #expect(
            IngestReport(summary: summary, index: "i", indexDirectory: URL(filePath: "/nowhere")).rejectionLines == [
                "rejected 10 rows:", "  6  price", "  3  no id", "  1  bad JSON at column",
            ])
    }

    @Test func `says nothing of rejections where there are none`() {
        #expect(
            IngestReport(summary: IngestSummary(), index: "i", indexDirectory: URL(filePath: "/nowhere")).rejectionLines
                .isEmpty)
    }
}

struct FeedProgressTests {
    private func moment(rows: Int, bytes: Int, embedded: Int) -> IngestProgress {
        var moment = IngestProgress()
        (moment.stage, moment.rowsRead, moment.bytesRead, moment.byteCount, moment.embedded) = (
            .embedding, rows, bytes, 1_000, embedded
        )
        return moment
    }

    @Test func `interpolates inside a batch and never goes back`() {
        let progress = FeedProgress(feed: "/data/shop.jsonl")
        let moments = [
            (100, 200, 50), (100, 200, 100), (100, 200, 100), (200, 400, 150), (200, 400, 160), (200, 400, 160),
            (300, 600, 160),
        ]
        let states = moments.map { progress.state(at: moment(rows: $0.0, bytes: $0.1, embedded: $0.2)) }
        #expect(states.map(\.completed) == [50, 100, 100, 150, 160, 200, 300])
        #expect(states.map(\.fraction) == [0.1, 0.2, 0.2, 0.3, 0.32, 0.4, 0.6])
        #expect(states[0].label == "shop.jsonl")
    }
}

struct SearchReportTests {
    @Test(
        arguments: [("KRW", "12900 KRW"), ("krw", "12900 krw"), ("USD", "12900.00 USD"), (nil, "12900.00")]
            as [(String?, String)])
    func `writes cents only where the currency has them`(_ currency: String?, _ expected: String) throws {
        var product = Product(id: ProductID(rawValue: "p"), title: "t")
        (product.price, product.currency) = (12_900, currency)
        let result = SearchResult(
            hits: [Hit(rank: 1, score: 1, product: product)], warnings: [], matchingCount: nil, productCount: 1)
        let lines = SearchReport(question: .query("x"), result: result).table.lines(width: nil)
        #expect(try #require(lines.last).hasSuffix("  " + expected))
    }

    @Test func `prints a price with cents and currency, and Korean aligned`() {
        var product = Product(id: ProductID(rawValue: "p1"), title: "담요")
        (product.price, product.currency, product.brand) = (12.5, "EUR", "Halvorn")
        product.category = CategoryPath("Home > Bedding")
        let result = SearchResult(
            hits: [Hit(rank: 1, score: 0.81234, product: product)], warnings: [], matchingCount: nil, productCount: 1)
        #expect(
            SearchReport(question: .query("x"), result: result).table.lines(width: nil) == [
                "rank   score  id  title  brand    category            price",
                "   1  0.8123  p1  담요   Halvorn  Home > Bedding  12.50 EUR",
            ])
    }
}
