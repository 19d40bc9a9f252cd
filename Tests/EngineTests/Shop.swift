// A shop for a test: a directory with a feed and an index, and the encoder's tiny model.

import Catalog
import Foundation
import GRDB
import Tensors
import Testing

@testable import Engine
@testable import IndexStore

/// A temporary directory with an index in it; removed at the end.
final class Shop: Sendable {
    let directory: URL
    var index: URL { directory.appending(path: "index") }
    /// What a connection behind the program's back opens so that its pages have checksums.
    var connection: String { IndexStore.indexPath(index.appending(path: "index.sqlite").path, mode: .readWrite) }

    /// Changes the database behind the program's back.
    func tamper(_ sql: String) throws {
        let queue = try DatabaseQueue(path: connection)
        try queue.writeWithoutTransaction { connection in
            try connection.execute(sql: "PRAGMA foreign_keys = OFF")
            try connection.execute(sql: sql)
        }
        try queue.close()
    }

    /// Two layers, 16 wide; its vocabulary knows a few English words.
    static let tinyModel = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "EncoderTests/Fixtures/tiny")

    init() throws {
        directory = FileManager.default.temporaryDirectory.appending(path: "aisle-shop-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: directory) }

    /// Writes a feed and gives its path.
    func feed(_ lines: [String], named name: String = "feed.jsonl") throws -> String {
        let url = directory.appending(path: name)
        try Data(lines.map { $0 + "\n" }.joined().utf8).write(to: url)
        return url.path
    }

    /// Ingests lines of a JSONL feed; into a new index in float32, where texts in other company differ by roundings only.
    @discardableResult
    func ingest(
        _ lines: [String], model: URL? = Shop.tinyModel, precision: Precision? = nil, batchSize: Int = 1_024,
        progress: @escaping @Sendable (IngestProgress) throws -> Void = { _ in }
    ) throws -> IngestSummary {
        var options = IngestOptions()
        options.modelDirectory = model
        options.batchSize = batchSize
        let isThere = FileManager.default.fileExists(atPath: index.appending(path: "index.sqlite").path)
        options.precision = precision ?? (isThere ? nil : .float32)
        return try Ingester(indexDirectory: index, options: options).ingest(feed: feed(lines), progress: progress)
    }

    /// A shop of 300 products.
    static func filled() throws -> Shop {
        let shop = try Shop()
        try shop.ingest(Shop.lines(0..<300))
        return shop
    }

    func load() throws -> LoadedIndex { try IndexStore.open(at: index, mode: .readOnly).load() }

    /// Where the index keeps its model.
    func modelDirectory() throws -> URL {
        let models = try FileManager.default.contentsOfDirectory(atPath: index.appending(path: "models").path)
        return index.appending(path: "models").appending(path: try #require(models.first))
    }

    /// A model store in a directory of the shop's, empty at first.
    var models: ModelStore { ModelStore(environment: ["AISLE_HOME": directory.appending(path: "home").path]) }

    func engine() throws -> SearchEngine { try SearchEngine.open(indexDirectory: index) }

    /// A line of a feed.
    static func line(_ id: String, _ title: String, _ rest: String = "") -> String {
        #"{"id": "\#(id)", "title": "\#(title)"\#(rest.isEmpty ? "" : ", " + rest)}"#
    }

    /// Products whose titles all differ.
    static func lines(_ range: Range<Int>) -> [String] {
        let words = ["red", "blue", "green", "tea", "pot", "kettle", "chair", "lamp", "wool", "sock", "boot", "coat"]
        return range.map { number in
            line(
                "p\(number)", "\(words[number % 12]) \(words[number / 12 % 12]) \(number)",
                #""price": \#(number), "category": "A > \#(number % 5)", "size": "\#(number % 3)""#)
        }
    }
}
