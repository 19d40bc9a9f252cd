// What the suites share: a directory that removes itself, an index by the encoder's tiny model, a listener that remembers warnings.

import Catalog
import Engine
import Foundation
import Synchronization
import Tensors
import Testing
import Training

@testable import Tuning

/// A directory of its own for a test.
final class Workshop: Sendable {
    let directory = FileManager.default.temporaryDirectory.appending(path: "aisle-tuning-\(UUID().uuidString)")

    private let heard = Mutex<[String]>([])

    /// What the listener was warned of.
    var warnings: [String] { heard.withLock { $0 } }

    /// Two layers, 16 wide.
    static let tinyModel = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "EncoderTests/Fixtures/tiny")
    static let words = ["red", "blue", "green", "tea", "lamp", "chair", "wool", "sock", "boot", "coat"]

    init() throws { try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true) }

    deinit { try? FileManager.default.removeItem(at: directory) }

    var listener: TuningListener {
        TuningListener(
            progress: { _, _ in }, isCancelled: { false }, note: { _ in },
            warn: { [self] line in heard.withLock { $0.append(line) } }, table: { _ in })
    }

    func file(_ name: String, _ lines: [String]) throws -> String {
        let url = directory.appending(path: name)
        try Data((lines.joined(separator: "\n") + "\n").utf8).write(to: url)
        return url.path
    }

    /// An index of products in two trees of three categories.
    func index(_ count: Int = 120, fields: String = "title") throws -> OpenedIndex {
        let lines = (0..<count).map { number in
            let (top, sub) = (["Home", "Garden"][number % 2], number / 2 % 3)
            let title = "\(Self.words[number % 10]) \(Self.words[number / 10 % 10]) thing number \(number)"
            return
                #"{"id": "p\#(number)", "title": "\#(title)", "category": "\#(top) > \#(top)\#(sub)", "tree": "\#(top)"}"#
        }
        var options = IngestOptions()
        options.modelDirectory = Self.tinyModel
        options.precision = .float32
        options.template = try TextTemplate(fields)
        let place = directory.appending(path: "index")
        _ = try Ingester(indexDirectory: place, options: options).ingest(feed: file("feed.jsonl", lines)) { _ in }
        return try OpenedIndex.open(place)
    }

    func examples(
        _ source: TuningSource, loss: LossChoice = .multipleNegatives, index: OpenedIndex? = nil,
        products: String? = nil,
        holdout: Double = 0.2, hasDevelopment: Bool = false
    ) throws -> TuningExamples {
        try ExampleReader(
            source: source, products: products, loss: loss, index: index,
            split: HoldoutSplit(seed: 42, share: holdout, hasDevelopment: hasDevelopment), listener: listener
        ).examples()
    }
}
