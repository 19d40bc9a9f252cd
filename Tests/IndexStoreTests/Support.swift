// What the suites share: a directory that cleans up after itself, seeded products, vectors, and small indexes built from them.

public import Catalog
import Foundation
import GRDB
import Tensors
import Testing
import VectorSearch

@testable import IndexStore

/// A directory of its own for a test.
final class TemporaryDirectory: Sendable {
    let url: URL
    init() throws {
        url = FileManager.default.temporaryDirectory.appendingPathComponent("aisle-store-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }
    deinit {
        _ = chmod(url.path, 0o755)
        try? FileManager.default.removeItem(at: url)
    }
    var index: String { url.appendingPathComponent("index.sqlite").path }
    /// What a connection behind the store's back opens so that its pages have checksums.
    var connection: String { IndexStore.indexPath(index, mode: .readWrite) }

    /// Another directory with copies of the index and, if there is one, its log.
    func copy() throws -> TemporaryDirectory {
        let other = try TemporaryDirectory()
        try FileManager.default.copyItem(atPath: index, toPath: other.index)
        if FileManager.default.fileExists(atPath: index + "-wal") {
            try FileManager.default.copyItem(atPath: index + "-wal", toPath: other.index + "-wal")
        }
        return other
    }

    /// Runs SQL on the file behind the store's back.
    func tamper(_ sql: String, _ arguments: StatementArguments = []) throws {
        var configuration = Configuration()
        configuration.foreignKeysEnabled = false
        let path = FileManager.default.fileExists(atPath: index) ? connection : index
        let queue = try DatabaseQueue(path: path, configuration: configuration)
        try queue.writeWithoutTransaction { connection in
            try connection.execute(sql: "PRAGMA synchronous = OFF")
            try connection.execute(sql: sql, arguments: arguments)
        }
        try queue.close()
    }

    /// Reads one blob behind the store's back.
    func blob(_ sql: String) throws -> Data {
        let queue = try DatabaseQueue(path: connection)
        return try #require(try queue.read { try Data.fetchOne($0, sql: sql) })
    }
}

/// SplitMix64: the same numbers for the same seed, everywhere.
struct Seeded: RandomNumberGenerator {
    var state: UInt64
    init(_ seed: UInt64) { state = seed }
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}

let dimension = 8

/// A unit vector that depends on the text alone, standing in for an encoder.
func vector(of text: String, dimension: Int = dimension) -> [Float] {
    var generator = Seeded(text.utf8.reduce(14_695_981_039_346_656_037) { ($0 ^ UInt64($1)) &* 1_099_511_628_211 })
    let values = (0..<dimension).map { _ in Float.random(in: -1...1, using: &generator) }
    let length = values.reduce(0) { $0 + $1 * $1 }.squareRoot()
    return values.map { $0 / length }
}

func newGeneration(
    dimension: Int = dimension, parameters: HNSWParameters = .standard, precision: Precision = .float32
) throws -> NewGeneration {
    NewGeneration(
        fingerprint: try #require(ModelFingerprint(rawValue: String(repeating: "3f9a", count: 16))),
        modelName: "tiny", precision: precision, dimension: dimension, parameters: parameters,
        createdAt: Date(timeIntervalSince1970: 1_750_000_000.123))
}

func product(_ id: String, _ title: String, _ change: (inout Product) -> Void = { _ in }) -> Product {
    var product = Product(id: ProductID(rawValue: id), title: title)
    change(&product)
    return product
}

extension IndexStore {
    /// Ingests products as the engine does: known texts keep their node, new ones get the next.
    func ingest(_ products: [Product]) throws {
        let texts = products.map { generation.template.text(for: $0) }
        var nodes = try nodes(of: texts.map { TextHash(of: $0) })
        let first = try nodeCount()
        var batch = IngestBatch(
            products: [], firstNewNode: NodeID(rawValue: UInt32(first)), newNodes: [], vectors: [])
        for (product, text) in zip(products, texts) {
            let hash = TextHash(of: text)
            if nodes[hash] == nil {
                nodes[hash] = NodeID(rawValue: UInt32(first + batch.newNodes.count))
                batch.newNodes.append(hash)
                batch.vectors += vector(of: text, dimension: generation.dimension)
            }
            batch.products.append((product, hash, try #require(nodes[hash])))
        }
        try commit(batch)
    }

    /// Links all vectors and writes the graph.
    @discardableResult
    func linkAndCheckpoint() throws -> HNSWGraph {
        let loaded = try load()
        var builder = HNSWBuilder(continuing: loaded.graph, vectors: loaded.vectors)
        builder.link(upTo: loaded.vectors.count)
        let graph = builder.finish()
        try checkpoint(graph)
        return graph
    }
}

/// An index with `count` products of different texts, linked, closed.
func makeIndex(
    products count: Int, parameters: HNSWParameters = .standard
) throws -> TemporaryDirectory {
    let directory = try TemporaryDirectory()
    let store = try IndexStore.create(at: directory.url, generation: newGeneration(parameters: parameters))
    try store.ingest((0..<count).map { product("p\($0)", "Product number \($0)") })
    try store.linkAndCheckpoint()
    return directory
}

/// The error an operation must throw.
func storeError<Value>(
    sourceLocation: SourceLocation = #_sourceLocation, _ body: () throws -> Value
) throws -> StoreError {
    try #require(throws: StoreError.self, sourceLocation: sourceLocation) { _ = try body() }
}

extension VectorTable {
    var all: [[Float]] { (0..<count).map { self[NodeID(rawValue: UInt32($0))] } }
}

extension ProductID: ExpressibleByStringLiteral {
    /// Lets tests write an id as a literal.
    public init(stringLiteral value: String) { self.init(rawValue: value) }
}
