// What the tests of evaluation share: seeds, ids as literals, runs and judgments, shops and catalogs with the encoder's tiny model.

public import Catalog
import Encoder
import Engine
import Foundation
import Tensors
import Testing
import VectorSearch

@testable import Evaluation

/// The seed of one random case, printed with a failure and runnable alone.
struct Seed: CustomTestStringConvertible, Sendable {
    let value: UInt64
    var testDescription: String { "seed \(value)" }

    static func samples(_ count: UInt64) -> [Seed] { (1...count).map { Seed(value: $0) } }

    var generator: SplitMix64 { SplitMix64(seed: value) }
}

extension ProductID: ExpressibleByStringLiteral {
    /// An id as a literal.
    public init(stringLiteral value: String) { self.init(rawValue: value) }
}

extension QueryID: ExpressibleByStringLiteral {
    /// An id as a literal.
    public init(stringLiteral value: String) { self.init(rawValue: value) }
}

extension NodeID {
    /// Short form for tests.
    init(_ row: Int) { self.init(rawValue: UInt32(row)) }
}

extension SplitMix64 {
    /// A normal value (Box & Muller).
    mutating func gaussian() -> Double {
        let (u, v) = (1 - Double.random(in: 0..<1, using: &self), Double.random(in: 0..<1, using: &self))
        return (-2 * log(u)).squareRoot() * cos(2 * .pi * v)
    }

    /// A direction, every one as likely as the others.
    mutating func direction(_ dimension: Int) -> [Double] { (0..<dimension).map { _ in gaussian() } }
}

/// Listens to progress and goes on.
let silent: EvaluationProgress = { _, _ in }

/// Makes what evaluations are made of.
enum Samples {
    /// Two layers, 16 wide; its vocabulary knows a few English words and all letters and digits.
    static let tinyModel = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "EncoderTests/Fixtures/tiny")

    static func encoder() throws -> SentenceEncoder {
        try SentenceEncoder(modelDirectory: tinyModel, normalizeEmbeddings: true, precision: .float32)
    }

    /// A run whose scores fall by one from hit to hit.
    static func run(_ name: String, _ rankings: KeyValuePairs<QueryID, [ProductID]>) -> Run {
        var run = Run(name: name)
        for (query, ranking) in rankings {
            run.append(
                query, ranking.enumerated().map { RankedProduct(product: $1, score: Double(ranking.count - $0)) })
        }
        return run
    }

    static func qrels(_ grades: KeyValuePairs<QueryID, [ProductID: Double]>) throws -> Qrels {
        try Qrels(
            grades.flatMap { query, grades in
                grades.sorted { $0.key < $1.key }.map { Judgment(query: query, product: $0.key, grade: $0.value) }
            })
    }

    /// Queries whose ids are q0, q1 and so on.
    static func queries(_ texts: [String]) -> [ShopperQuery] {
        texts.enumerated().map { ShopperQuery(id: QueryID(rawValue: "q\($0)"), text: $1) }
    }

    /// A vector divided by its length.
    static func unit(_ values: [Double]) -> [Float] {
        let length = values.reduce(0) { $0 + $1 * $1 }.squareRoot()
        return values.map { Float($0 / length) }
    }

    /// A catalog of vectors: row n belongs to the product "p<n>", with an attribute "kind" where `kinds` has one.
    static func corpus(_ vectors: [[Float]], kinds: [String?] = [], name: String = "shop") throws -> Corpus {
        let table = VectorTable(dimension: try #require(vectors.first).count)
        table.append(vectors.flatMap { $0 })
        var products: [ProductID: Product] = [:]
        for row in vectors.indices {
            var product = Product(id: ProductID(rawValue: "p\(row)"), title: "text \(row)")
            if row < kinds.count, let kind = kinds[row] { product.attributes["kind"] = .text(kind) }
            products[product.id] = product
        }
        let nodes = vectors.indices.map { (id: ProductID(rawValue: "p\($0)"), node: NodeID($0)) }
        let embedded = Corpus.Embedded(vectors: table, nodes: nodes, template: .standard)
        return Corpus(name: name, encoder: try encoder(), embedded, rows: rows(Array(products.values)))
    }

    /// A catalog of products, embedded in their order by the tiny model unless another one is named.
    static func corpus(
        of products: [Product], by model: SentenceEncoder? = nil, template: TextTemplate = .standard,
        name: String = "shop"
    ) throws -> Corpus {
        let encoder = try model ?? encoder()
        var builder = CorpusBuilder(encoder: encoder, template: template, progress: silent)
        for product in products { try builder.add(product, share: nil) }
        return Corpus(name: name, encoder: encoder, try builder.finish(name: name), rows: rows(products))
    }

    /// Finds and visits products, of one id the last one.
    private static func rows(_ products: [Product]) -> (
        details: @Sendable ([ProductID]) throws -> [ProductID: Product],
        forEach: @Sendable ((Product) throws -> Void) throws -> Void
    ) {
        let known = Dictionary(products.map { ($0.id, $0) }) { $1 }
        return (
            { ids in known.filter { ids.contains($0.key) } },
            { visit in try known.values.sorted { $0.id < $1.id }.forEach(visit) }
        )
    }
}

/// A directory that is removed with the value.
final class TemporaryDirectory: Sendable {
    let url: URL

    init() throws {
        url = FileManager.default.temporaryDirectory.appending(path: "aisle-evaluation-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: url) }

    func path(_ name: String) -> String { url.appending(path: name).path }

    /// Writes a file and gives its path.
    func write(_ text: String, to name: String) throws -> String {
        try Data(text.utf8).write(to: url.appending(path: name))
        return path(name)
    }
}

/// A shop: a feed, and an index of it.
struct Shop {
    let directory: TemporaryDirectory
    let feed: String
    var index: URL { directory.url.appending(path: "index") }

    /// Writes and ingests a JSONL feed.
    init(_ lines: [String]) throws {
        directory = try TemporaryDirectory()
        feed = try directory.write(lines.map { $0 + "\n" }.joined(), to: "feed.jsonl")
        var options = IngestOptions()
        options.modelDirectory = Samples.tinyModel
        options.precision = .float32
        _ = try Ingester(indexDirectory: index, options: options).ingest(feed: feed) { _ in }
    }

    func opened() throws -> OpenedIndex { try OpenedIndex.open(index) }

    /// The catalog of the index.
    func corpus(named name: String = "shop") throws -> Corpus { try Corpus(opened(), name: name) }

    /// The catalog of the feed, by the same model.
    func feedCorpus() throws -> (corpus: Corpus, rejected: RejectedRows?) {
        try Corpus.read(feed: feed, options: FeedOptions(), encoder: Samples.encoder(), progress: silent)
    }

    /// A line of a feed.
    static func line(_ id: String, _ title: String, _ rest: String = "") -> String {
        #"{"id": "\#(id)", "title": "\#(title)"\#(rest.isEmpty ? "" : ", " + rest)}"#
    }

    static let words = [
        "red", "blue", "green", "tea", "pot", "kettle", "chair", "lamp", "wool", "sock", "boot", "coat",
    ]

    /// Products of a few words and a number: texts differ, but for every ninth product, which has the text of the one before.
    static func lines(_ count: Int, seed: UInt64 = 1) -> [String] {
        var generator = SplitMix64(seed: seed)
        var (title, category) = ("", "")
        return (0..<count).map { number in
            if number % 9 != 8 {
                title = text(&generator) + " \(number)"
                category = "\(words[number % 5]) > \(number % 3)"
            }
            // Ids do not rise with the rows, so that the order of ids is not that of nodes.
            return line("p\(number * 7_919 % 10_007)", title, #""category": "\#(category)""#)
        }
    }

    /// One to four words.
    static func text(_ generator: inout SplitMix64) -> String {
        (0..<Int.random(in: 1...4, using: &generator)).map { _ in words[generator.next(below: words.count)] }
            .joined(separator: " ")
    }

    /// Texts that shoppers may type.
    static func queries(_ count: Int, seed: UInt64) -> [ShopperQuery] {
        var generator = SplitMix64(seed: seed)
        return Samples.queries((0..<count).map { _ in text(&generator) })
    }
}

extension Run {
    /// Product ids of a query's ranking, best first.
    func ids(_ query: QueryID) -> [String]? { self[query]?.map(\.product.rawValue) }
}

/// The tiny model with a tokenizer that keeps case and accents, and one more token: é as one scalar.
enum AccentModel {
    static func encoder() throws -> SentenceEncoder {
        let directory = try TemporaryDirectory()
        try write(to: directory)
        return try withExtendedLifetime(directory) {
            try SentenceEncoder(modelDirectory: directory.url, normalizeEmbeddings: true)
        }
    }

    private static func write(to directory: TemporaryDirectory) throws {
        for name in try FileManager.default.contentsOfDirectory(atPath: Samples.tinyModel.path) {
            try FileManager.default.copyItem(
                at: Samples.tinyModel.appending(path: name), to: directory.url.appending(path: name))
        }
        for name in ["tokenizer.json", "tokenizer_config.json"] {
            let url = directory.url.appending(path: name)
            var object = try #require(
                try JSONSerialization.jsonObject(with: Data(contentsOf: url)) as? [String: Any])
            if var normalizer = object["normalizer"] as? [String: Any], var model = object["model"] as? [String: Any],
                var vocabulary = model["vocab"] as? [String: Any]
            {
                normalizer["lowercase"] = false
                normalizer["strip_accents"] = false
                vocabulary["\u{E9}"] = 105
                model["vocab"] = vocabulary
                object["normalizer"] = normalizer
                object["model"] = model
            }
            if object["do_lower_case"] != nil { object["do_lower_case"] = false }
            try JSONSerialization.data(withJSONObject: object).write(to: url)
        }
    }
}
