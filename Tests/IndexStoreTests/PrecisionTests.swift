// What a model was computed in: recorded with a generation, covered by its checksum, and float32 in files that are older than the record.

import Foundation
import GRDB
import Tensors
import Testing
import VectorSearch

@testable import IndexStore

struct PrecisionTests {
    /// A closed index of some products as Aisle wrote it before format 2: made by the first migration alone.
    private func indexOfFormat1() throws -> TemporaryDirectory {
        let source = try makeIndex(products: 20)
        let directory = try TemporaryDirectory()
        let queue = try DatabaseQueue(path: directory.index)
        try queue.writeWithoutTransaction { connection in
            try connection.execute(
                sql: "PRAGMA page_size = 8192; PRAGMA application_id = \(DatabaseHeader.applicationID)")
            try connection.execute(sql: Schema.migrations[0])
            try connection.execute(sql: "PRAGMA user_version = 1; PRAGMA journal_mode = WAL")
            try connection.execute(sql: "ATTACH ? AS source", arguments: [source.index])
            let tables = [
                "generation", "live", "product", "field", "facet", "node", "entry", "vector_chunk", "link_chunk",
            ]
            for table in tables {
                let columns = try String.fetchAll(
                    connection, sql: "SELECT name FROM pragma_table_info(?, 'main')", arguments: [table]
                ).joined(separator: ", ")
                try connection.execute(
                    sql: "INSERT INTO main.\(table) (\(columns)) SELECT \(columns) FROM source.\(table)")
            }
            try connection.execute(sql: "DETACH source")
        }
        try queue.close()
        return directory
    }

    private func format(of directory: TemporaryDirectory) throws -> Int? {
        try DatabaseQueue(path: directory.connection).read { try Int.fetchOne($0, sql: "PRAGMA user_version") }
    }

    @Test func `a file of format 1 is read as float32 and left as it is`() throws {
        let directory = try indexOfFormat1()
        let store = try IndexStore.open(at: directory.url, mode: .readOnly)
        #expect(store.generation.precision == .float32)
        #expect(try store.productCount() == 20 && store.load().graph.count == 20)
        #expect(try store.generations().map(\.record) == [store.generation])
        #expect(try store.isLive && store.integrityFindings() == [])
        #expect(try format(of: directory) == 1)
    }

    @Test func `opened for writing it gets the newest format with the checksum it had, and who reads it goes on`()
        throws
    {
        let directory = try indexOfFormat1()
        let checksum = try directory.blob("SELECT checksum FROM generation")
        let reader = try IndexStore.open(at: directory.url, mode: .readOnly)
        let version = try reader.dataVersion()
        let writer = try IndexStore.open(at: directory.url, mode: .readWrite)
        #expect(try format(of: directory) == Schema.version)
        #expect(try reader.dataVersion() != version)
        #expect(try reader.isLive && writer.generation == reader.generation)
        try writer.ingest([product("new", "Brand new")])
        #expect(try reader.productCount() == 21)
        #expect(try reader.integrityFindings() == [])
        #expect(try directory.blob("SELECT checksum FROM generation") == checksum)
        #expect(try IndexStore.open(at: directory.url, mode: .readOnly).generation == reader.generation)
    }

    @Test func `a generation in another precision is begun beside one of format 1`() throws {
        let directory = try indexOfFormat1()
        let store = try IndexStore.open(at: directory.url, mode: .readWrite)
        var new = NewGeneration(store.generation)
        #expect(new.precision == .float32)
        new.precision = .bfloat16
        #expect(try store.begin(new).precision == .bfloat16)
        #expect(try store.generations().map(\.record.precision) == [.float32, .bfloat16])
        #expect(NewGeneration(try store.generations()[1].record).precision == .bfloat16)
    }

    @Test(arguments: Precision.allCases) func `a precision that was changed is damage, whatever it was`(
        recorded: Precision
    ) throws {
        for other in Precision.allCases where other != recorded {
            let directory = try TemporaryDirectory()
            try IndexStore.create(at: directory.url, generation: newGeneration(precision: recorded)).close()
            #expect(try IndexStore.open(at: directory.url, mode: .readOnly).generation.precision == recorded)
            try directory.tamper("UPDATE generation SET precision = ?", [other.rawValue])
            let error = try storeError { try IndexStore.open(at: directory.url, mode: .readOnly) }
            guard case .damaged(directory.index, "the generation record", _, _) = error else { throw error }
        }
    }

    @Test func `a precision that nobody knows names those that are known`() throws {
        let directory = try makeIndex(products: 1)
        #expect(throws: DatabaseError.self) { try directory.tamper("UPDATE generation SET precision = 'fp4'") }
        try directory.tamper("PRAGMA ignore_check_constraints = 1; UPDATE generation SET precision = 'fp4'")
        let error = try storeError { try IndexStore.open(at: directory.url, mode: .readOnly) }
        #expect(error.description.contains("expected a precision of f32, bf16, int8, found fp4"), "\(error)")
    }

    @Test func `a file that calls itself format 2 without the column is damaged`() throws {
        let directory = try indexOfFormat1()
        try directory.tamper("PRAGMA user_version = 2")
        let error = try storeError { try IndexStore.open(at: directory.url, mode: .readOnly) }
        guard case .damaged(directory.index, "the schema", _, _) = error else { throw error }
    }
}
