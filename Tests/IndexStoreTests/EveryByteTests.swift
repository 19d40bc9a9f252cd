// Every byte of a small index in turn, and every length it can be cut to: an error or the right answer.
//
// `AISLE_EVERY_BYTE=1` (`make damage`) takes every byte; otherwise every 61st.

import Catalog
import Foundation
import GRDB
import Testing
import VectorSearch

@testable import IndexStore

struct EveryByteTests {
    private static let takesAll = ProcessInfo.processInfo.environment["AISLE_EVERY_BYTE"] == "1"
    private static let stride = takesAll ? 1 : 61

    /// What a reader of an index asks of it.
    private struct Answers: Equatable {
        let vectors: [[Float]]
        let graph: HNSWGraph
        let live: NodeSet
        let products: [NodeID: [Product]]
        let matching: NodeSet
        let count: Int

        init(_ directory: TemporaryDirectory) throws {
            let store = try IndexStore.open(at: directory.url, mode: .readOnly)
            let loaded = try store.load()
            vectors = loaded.vectors.all
            (graph, live) = (loaded.graph, loaded.state.live)
            products = try store.products(at: (0..<UInt32(loaded.vectors.count)).map(NodeID.init))
            let filter = ProductFilter.comparison(field: "price", .less, .number(4))
            (matching, count) = try store.nodes(matching: filter)
        }
    }

    /// Twelve products in pages of 512 bytes, so that the whole file can be gone through.
    private func smallIndex() throws -> (directory: TemporaryDirectory, bytes: Data) {
        let directory = try TemporaryDirectory()
        do {
            let store = try IndexStore.create(at: directory.url, generation: newGeneration(), pageSize: 512)
            try store.ingest(
                (0..<12).map { number in product("p\(number)", "Product number \(number)") { $0.price = Double(number) }
                })
            try store.linkAndCheckpoint()
            try store.close()
        }
        return (directory, try Data(contentsOf: URL(fileURLWithPath: directory.index)))
    }

    private func write(_ bytes: Data, to directory: TemporaryDirectory) throws {
        for suffix in ["-wal", "-shm"] { unlink(directory.index + suffix) }
        try bytes.write(to: URL(fileURLWithPath: directory.index))
    }

    @Test(.timeLimit(.minutes(30))) func `a changed byte gives an error or the right answer`() throws {
        let (original, bytes) = try smallIndex()
        let expected = try Answers(original)
        let copy = try TemporaryDirectory()
        var (refused, right, wrong) = (0, 0, 0)
        for position in Swift.stride(from: 0, to: bytes.count, by: Self.stride) {
            for mask in [0xFF, UInt8(1) << UInt8(position % 8)] {
                var changed = bytes
                changed[position] ^= mask
                try write(changed, to: copy)
                do {
                    if try Answers(copy) == expected {
                        right += 1
                    } else {
                        wrong += 1
                        Issue.record("byte \(position) ^ \(mask): a wrong answer")
                    }
                } catch {
                    #expect(error is StoreError, "byte \(position) ^ \(mask): \(error)")
                    refused += 1
                }
            }
        }
        #expect(refused > 5 && right > 5)
        Attachment.record(
            "\(refused + right + wrong) changed bytes: \(refused) refused, \(right) without effect, \(wrong) with a wrong answer\n",
            named: "every-byte.txt")
    }

    @Test(.timeLimit(.minutes(30))) func `a file cut to any length is refused`() throws {
        let (_, bytes) = try smallIndex()
        let copy = try TemporaryDirectory()
        var count = 0
        for length in Swift.stride(from: 0, to: bytes.count, by: Self.stride) {
            try write(bytes.prefix(length), to: copy)
            for mode in [IndexStore.Mode.readOnly, .readWrite] {
                #expect(throws: StoreError.self, "cut to \(length)") { try IndexStore.open(at: copy.url, mode: mode) }
                count += 1
            }
        }
        Attachment.record("\(count) openings of files that were cut off, all refused\n", named: "every-length.txt")
    }
}
