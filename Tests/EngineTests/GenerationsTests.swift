// A second model beside the first: building, switching, going back, and what is ingested meanwhile.

import Catalog
import Encoder
import Foundation
import GRDB
import IndexStore
import Synchronization
import Testing

@testable import Engine

struct GenerationsTests {
    private struct Stop: Error {}

    /// The tiny model with another pooling: other vectors, another fingerprint.
    private func otherModel(in shop: Shop, tuning: String? = nil) throws -> URL {
        let model = shop.directory.appending(path: "other")
        if !FileManager.default.fileExists(atPath: model.path) {
            try FileManager.default.copyItem(at: Shop.tinyModel, to: model)
        }
        let pooling = #"{"embedding_dimension": 16, "pooling_mode": "cls", "include_prompt": true}"#
        try Data(pooling.utf8).write(to: model.appending(path: "1_Pooling/config.json"))
        if let tuning { try Data(tuning.utf8).write(to: model.appending(path: "tuning.json")) }
        return model
    }

    @discardableResult
    private func rebuild(
        _ shop: Shop, force: Bool = false, progress: @escaping @Sendable (RebuildProgress) throws -> Void = { _ in }
    ) throws -> RebuildSummary {
        var options = Generations.RebuildOptions(modelDirectory: try otherModel(in: shop), modelName: "other")
        options.force = force
        options.threads = 1
        return try Generations.rebuild(shop.index, options, progress: progress)
    }

    /// Ids and scores of some searches.
    private func answers(_ engine: SearchEngine) throws -> [[String]] {
        try ["red lamp", "tea", "blue wool sock", "chair 17"].map { query in
            // Texts that are embedded in other company differ by roundings.
            try engine.search(query).hits.map { "\($0.product.id) \(($0.score * 10_000).rounded())" }
        }
    }

    /// What an index of these lines answers that was made with one model from the start.
    private func fresh(_ lines: [String], model: URL) throws -> [[String]] {
        let shop = try Shop()
        try shop.ingest(lines, model: model)
        return try answers(shop.engine())
    }

    @Test func `a rebuilt index answers as one made with the new model, and goes back to the old answers`() throws {
        let shop = try Shop()
        let lines = Shop.lines(0..<300)
        try shop.ingest(lines)
        let before = try answers(shop.engine())
        let summary = try rebuild(shop)
        #expect((summary.generation, summary.before, summary.embeddedTexts) == (2, 1, 300))
        let after = try answers(shop.engine())
        #expect(after != before)
        #expect(try after == fresh(lines, model: otherModel(in: shop)))
        let list = try Generations.list(in: shop.index)
        #expect(list.map(\.isLive) == [false, true] && list.map(\.isComplete) == [true, true])
        #expect(list.map(\.modelName) == ["tiny", "other"])
        #expect(try IndexCheck.run(indexDirectory: shop.index, sampleSize: 50).passed)

        let back = try Generations.rollback(shop.index) { _ in }
        #expect((back.generation, back.before, back.embeddedTexts) == (1, 2, 0))
        #expect(try answers(shop.engine()) == before)
        // Forth again: nothing is embedded twice.
        #expect(try rebuild(shop).embeddedTexts == 0)
        #expect(try answers(shop.engine()) == after)
    }

    @Test func `what is ingested, changed and deleted while a rebuild runs is in both generations`() throws {
        let shop = try Shop()
        try shop.ingest(Shop.lines(0..<1_500))
        let calls = Mutex(0)
        let changed = Shop.line("p3", "wool kettle of another kind")
        try rebuild(shop) { moment in
            // After the first batch and between two: the writer's lock must be free.
            let number = calls.withLock {
                $0 += 1; return $0
            }
            guard case .embedding = moment.stage, moment.done >= 1_024, number < 1_000 else { return }
            calls.withLock { $0 = 1_000 }
            try shop.ingest([changed] + Shop.lines(1_500..<1_520))
            _ = try ProductDeletion.delete([ProductID(rawValue: "p7")], from: shop.index)
        }
        #expect(calls.withLock { $0 } >= 1_000, "the ingest ran")
        let expected = Shop.lines(0..<1_520).filter { !$0.contains(#""p7""#) && !$0.contains(#""p3""#) } + [changed]
        #expect(try answers(shop.engine()) == fresh(expected, model: otherModel(in: shop)))
        _ = try Generations.rollback(shop.index) { _ in }
        #expect(try answers(shop.engine()) == fresh(expected, model: Shop.tinyModel))
    }

    @Test func `what came after a switch is embedded by the old model before it answers again`() throws {
        let shop = try Shop()
        try shop.ingest(Shop.lines(0..<50))
        try rebuild(shop)
        let more = [Shop.line("p5", "green boot and coat"), Shop.line("new", "red tea lamp")]
        try shop.ingest(more, model: nil)
        #expect(try Generations.list(in: shop.index).map(\.productCount) == [49, 51])
        #expect(throws: StoreError.self) {
            try IndexStore.open(at: shop.index, mode: .readWrite, generation: 1).makeLive()
        }
        let back = try Generations.rollback(shop.index) { _ in }
        #expect(back.embeddedTexts == 2)
        let expected = Shop.lines(0..<50).filter { !$0.contains(#""p5""#) } + more
        #expect(try answers(shop.engine()) == fresh(expected, model: Shop.tinyModel))
        #expect(try IndexCheck.run(indexDirectory: shop.index, sampleSize: 50).passed)
    }

    @Test func `a rebuild that is stopped goes on behind its last batch`() throws {
        let shop = try Shop()
        try shop.ingest(Shop.lines(0..<2_500))
        let before = try answers(shop.engine())
        #expect(throws: Stop.self) {
            try rebuild(shop) { if case .embedding = $0.stage, $0.done >= 1_024 { throw Stop() } }
        }
        #expect(try answers(shop.engine()) == before, "the old generation answers")
        #expect(try Generations.list(in: shop.index).map(\.isComplete) == [true, false])
        let rest = try rebuild(shop)
        #expect(rest.embeddedTexts == 2_500 - 1_024)
        #expect(try answers(shop.engine()) == fresh(Shop.lines(0..<2_500), model: otherModel(in: shop)))
    }

    @Test func `a model that its tuning called worse, or never judged, is refused unless it is forced`() throws {
        let shop = try Shop()
        try shop.ingest(Shop.lines(0..<20))
        _ = try otherModel(in: shop, tuning: #"{"verdict": "worse", "reasons": ["It collapsed."]}"#)
        let error = #expect(throws: EngineError.self) { try rebuild(shop) }
        #expect(error?.description.contains("It collapsed.") == true)
        #expect(try Generations.list(in: shop.index).count == 1)
        _ = try otherModel(in: shop, tuning: "{}")
        let unjudged = #expect(throws: EngineError.self) { try rebuild(shop) }
        #expect(unjudged?.description.contains("holds no verdict") == true)
        #expect(try rebuild(shop, force: true).generation == 2)
        _ = try otherModel(in: shop, tuning: #"{"verdict": "no difference"}"#)
        #expect(try rebuild(shop).embeddedTexts == 0)
    }

    @Test func `the live generation stays, others are dropped with their model`() throws {
        let shop = try Shop()
        try shop.ingest(Shop.lines(0..<20))
        try rebuild(shop)
        let models = shop.index.appending(path: "models")
        #expect(try FileManager.default.contentsOfDirectory(atPath: models.path).count == 2)
        #expect(throws: StoreError.self) { try Generations.drop(2, from: shop.index) }
        #expect(throws: StoreError.self) { try Generations.drop(9, from: shop.index) }
        try Generations.drop(1, from: shop.index)
        #expect(try FileManager.default.contentsOfDirectory(atPath: models.path).count == 1)
        #expect(try Generations.list(in: shop.index).map(\.number) == [2])
        #expect(try IndexCheck.run(indexDirectory: shop.index, sampleSize: 20).passed)
        let error = #expect(throws: EngineError.self) { try Generations.rollback(shop.index) { _ in } }
        #expect(error?.description.contains("no finished generation beside 2") == true)
    }

    @Test func `one rebuild at a time, and it waits for an ingest that writes`() throws {
        let shop = try Shop()
        try shop.ingest(Shop.lines(0..<20))
        let lock = Mutex(Optional(try BuildingLock(directory: shop.index)))
        #expect(throws: StoreError.self) { try rebuild(shop) }
        lock.withLock { $0 = nil }
        let writer = Mutex<IndexStore?>(nil)
        // Begun already, so that only batches wait.
        #expect(throws: Stop.self) { try rebuild(shop) { _ in throw Stop() } }
        writer.withLock { $0 = try? IndexStore.open(at: shop.index, mode: .readWrite) }
        let waits = Mutex(0)
        try rebuild(shop) { moment in
            guard case .waiting = moment.stage else { return }
            if waits.withLock({
                $0 += 1; return $0
            }) == 3 {
                writer.withLock { $0 = nil }
            }
        }
        #expect(waits.withLock { $0 } == 3)
    }

    @Test func `a check looks at the generations that are kept, and says what to do about a damaged one`() throws {
        let shop = try Shop()
        try shop.ingest(Shop.lines(0..<100))
        try rebuild(shop)
        let sound = try IndexCheck.run(indexDirectory: shop.index, sampleSize: 20)
        let kept = sound.findings.first { $0.title == "generation 1" }
        #expect(sound.passed && kept?.severity == .ok && kept?.detail.contains("100 of 100") == true)
        try DatabaseQueue(path: shop.connection).write { database in
            try database.execute(
                sql: "UPDATE vector_chunk SET vectors = zeroblob(length(vectors)) WHERE generation = 1")
        }
        let report = try IndexRepair.run(indexDirectory: shop.index)
        #expect(!report.after.passed && report.repairs.isEmpty)
        #expect(report.after.findings.filter { $0.severity == .error }.map(\.title) == ["generation 1"])
        #expect(report.remedy?.contains("aisle generations drop") == true)
        #expect(try shop.engine().search("red lamp").hits.count == 10)
        try Generations.drop(1, from: shop.index)
        #expect(try IndexCheck.run(indexDirectory: shop.index, sampleSize: 20).passed)
    }
}
