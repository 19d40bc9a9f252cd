// Generations side by side: the live one, and those that are kept.

import Catalog
import Foundation
import GRDB
import Tensors
import Testing
import VectorSearch

@testable import IndexStore

struct GenerationTests {
    /// An index with two products, and the record of a second, empty generation.
    private func twoGenerations() throws -> TemporaryDirectory {
        let directory = try TemporaryDirectory()
        let store = try IndexStore.create(at: directory.url, generation: newGeneration())
        try store.ingest([product("a", "red lamp"), product("b", "blue lamp")])
        let first = store.generation
        try store.close()
        let second = GenerationRecord(
            id: 2, fingerprint: first.fingerprint, modelName: "tuned", precision: .float32,
            dimension: first.dimension,
            parameters: first.parameters, template: first.template, createdAt: first.createdAt)
        try directory.tamper(
            """
            INSERT INTO generation (id, fingerprint, model_name, dimension, template, max_neighbors, ef_construction, seed,
                                    created_at, checksum)
            SELECT 2, fingerprint, 'tuned', dimension, template, max_neighbors, ef_construction, seed, created_at, ?
            FROM generation WHERE id = 1
            """, [second.checksum.data])
        return directory
    }

    @Test func `opens the live generation unless another one is asked for`() throws {
        let directory = try twoGenerations()
        let live = try IndexStore.open(at: directory.url, mode: .readOnly)
        #expect(live.generation.id == 1)
        #expect(try live.load().vectors.count == 2)
        let kept = try IndexStore.open(at: directory.url, mode: .readOnly, generation: 2)
        #expect(kept.generation.modelName == "tuned")
        #expect(try kept.load().vectors.count == 0)
        #expect(try kept.productNodes().isEmpty)
    }

    @Test func `a kept generation answers as before after another one went live`() throws {
        let directory = try twoGenerations()
        try directory.tamper("UPDATE live SET generation = 2")
        #expect(try IndexStore.open(at: directory.url, mode: .readOnly).generation.id == 2)
        let first = try IndexStore.open(at: directory.url, mode: .readOnly, generation: 1)
        #expect(try first.productNodes().map(\.id.rawValue) == ["a", "b"])
        #expect(try first.load().vectors.count == 2)
    }

    @Test func `a generation that is not kept is named with those that are`() throws {
        let directory = try twoGenerations()
        let expected = StoreError.unknownGeneration(path: directory.index, number: 3, kept: [1, 2])
        #expect(throws: expected) { try IndexStore.open(at: directory.url, mode: .readOnly, generation: 3) }
        #expect(expected.description.hasSuffix("there is no generation 3; kept are: 1, 2"))
    }

    @Test func `products are listed by node, then by id`() throws {
        let directory = try TemporaryDirectory()
        let store = try IndexStore.create(at: directory.url, generation: newGeneration())
        try store.ingest([product("z", "red lamp"), product("b", "blue lamp"), product("a", "red lamp")])
        #expect(try store.productNodes().map(\.id.rawValue) == ["a", "z", "b"])
        #expect(try store.productNodes().map(\.node.rawValue) == [0, 0, 1])
    }
}
