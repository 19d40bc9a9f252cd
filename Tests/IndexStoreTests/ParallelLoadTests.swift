// Vectors read by several threads are those that one thread reads, and damage is found by either.

import Foundation
import GRDB
import Testing
import VectorSearch

@testable import IndexStore

struct ParallelLoadTests {
    /// A closed index with several chunks of vectors, of 384 values each.
    private func index() throws -> TemporaryDirectory {
        let directory = try TemporaryDirectory()
        let store = try IndexStore.create(at: directory.url, generation: newGeneration(dimension: 384))
        for first in stride(from: 0, to: 2_300, by: 700) {
            try store.ingest((first..<min(first + 700, 2_300)).map { product("p\($0)", "Product number \($0)") })
        }
        try store.close()
        return directory
    }

    private func load(
        _ directory: TemporaryDirectory, threads: Int = 3, scope: IndexStore.VerificationScope = .opening
    ) throws -> VectorTable {
        let store = try IndexStore.open(at: directory.url, mode: .readOnly)
        return try store.read {
            try store.vectorsInParallel($0, scope: scope, threads: threads, progress: nil) {}.table
        }
    }

    private func changed(_ directory: TemporaryDirectory, _ change: (inout Data) -> Void) throws -> TemporaryDirectory {
        let copy = try directory.copy()
        let url = URL(fileURLWithPath: copy.index)
        var bytes = try Data(contentsOf: url)
        change(&bytes)
        try bytes.write(to: url)
        return copy
    }

    @Test(arguments: [0, 1, 3]) func `any number of threads reads what one does`(threads: Int) throws {
        let directory = try index()
        let expected = try IndexStore.open(at: directory.url, mode: .readOnly).loadVectors().all
        #expect(expected.count == 2_300)
        for scope in [IndexStore.VerificationScope.opening, .everything] {
            #expect(try load(directory, threads: threads, scope: scope).all == expected)
        }
    }

    @Test func `a changed page, a page of zeros and a page in another's place are found`() throws {
        let directory = try index()
        let blob = try directory.blob("SELECT vectors FROM vector_chunk WHERE first_node = 700")
        let file = try Data(contentsOf: URL(fileURLWithPath: directory.index))
        let size = Schema.pageSize
        // Begin, middle and end of a blob, each found by its bytes.
        for offset in [64, blob.count / 2, blob.count - 16] {
            let piece = blob[offset..<offset + 16]
            let place = try #require(file.range(of: piece)).lowerBound
            let page = place / size * size
            for change in [
                { (bytes: inout Data) in bytes[place] ^= 1 },
                { bytes in bytes.replaceSubrange(page..<page + size, with: Data(count: size)) },
                { bytes in bytes.replaceSubrange(page..<page + size, with: bytes[page - size..<page]) },
            ] {
                let copy = try changed(directory, change)
                #expect(throws: StoreError.self, "offset \(offset)") { try load(copy) }
            }
        }
    }

    @Test func `opening trusts the pages, a check looks at the blobs too`() throws {
        let directory = try index()
        try directory.tamper("UPDATE vector_chunk SET checksum = zeroblob(32) WHERE first_node = 1400")
        #expect(try load(directory).count == 2_300)
        let error = try storeError { try load(directory, scope: .everything) }
        #expect(error.description.contains("the vectors of nodes 1400...2099 of generation 1: expected checksum"))
    }
}
