// A write that the operating system refuses, at every point of what writes: afterwards the index is as it was before or as it is meant to be, and
// the error is one for people.
//
// `AISLE_EVERY_BYTE=1` (`make damage`) tries every write; otherwise some are passed over.

import CWriteFaults
import Catalog
import Foundation
import IndexStore
import Testing

@testable import Engine

@Suite(.serialized, .enabled(if: aisle_makes_write_faults() != 0, "needs writes that can be made to fail"))
struct WriteFaultTests {
    private static let triesAll = ProcessInfo.processInfo.environment["AISLE_EVERY_BYTE"] == "1"

    /// What is done to an index of 120 products, of which 30 have changed: 150 nodes.
    enum Operation: String, CaseIterable, CustomTestStringConvertible {
        case ingest, checkpoint, delete, compact

        var testDescription: String { rawValue }

        func run(on shop: Shop) throws {
            switch self {
            case .ingest: try shop.ingest(Shop.lines(120..<160), model: nil)
            case .checkpoint:
                let store = try IndexStore.open(at: shop.index, mode: .readWrite)
                try store.checkpoint(ReadyIndex(store).graph, scope: .everyChunk)
            case .delete:
                _ = try ProductDeletion.delete((0..<40).map { ProductID(rawValue: "p\($0)") }, from: shop.index)
            case .compact: _ = try Compaction.run(shop.index) { _ in }
            }
        }
    }

    /// What an index says of its products and answers.
    private struct State: Equatable {
        let products: [ProductID]
        let hits: [String]
    }

    private func state(of shop: Shop) throws -> State {
        let report = try IndexCheck.run(indexDirectory: shop.index, sampleSize: 20)
        #expect(report.passed, "\(report.findings.filter { $0.severity == .error })")
        let store = try IndexStore.open(at: shop.index, mode: .readOnly)
        let hits = try shop.engine().search("red lamp", SearchOptions(limit: 20, exact: true)).hits
        return State(
            products: try store.productNodes().map(\.id).sorted(),
            hits: hits.map { "\($0.product.id) \(($0.score * 10_000).rounded())" })
    }

    private func base() throws -> Shop {
        let shop = try Shop()
        try shop.ingest(Shop.lines(0..<120))
        try shop.ingest((0..<30).map { Shop.line("p\($0)", "wool kettle of another kind \($0)") })
        return shop
    }

    @Test(arguments: Operation.allCases)
    func `a write that fails leaves the index as before or after, whichever write it is`(operation: Operation) throws {
        let base = try base()
        let before = try state(of: base)
        let whole = try copy(of: base)
        try operation.run(on: whole)
        let after = try state(of: whole)
        #expect((operation == .ingest || operation == .delete) == (before != after))
        var (tried, told, keptBefore) = (0, 0, 0)
        for (code, stays) in [(EIO, false), (ENOSPC, true)] {
            var number = 1
            while true {
                let shop = try copy(of: base)
                let path = shop.index.resolvingSymlinksInPath().path
                let (error, calls) = path.withCString { directory in
                    aisle_write_faults_begin(directory, number, code, stays ? 1 : 0)
                    let result = Result { try operation.run(on: shop) }
                    let calls = aisle_write_faults_end()
                    guard case .failure(let error) = result else { return (nil as (any Error)?, calls) }
                    return (error, calls)
                }
                if calls < number {
                    #expect(error == nil, "nothing failed, and yet: \(String(describing: error))")
                    break
                }
                tried += 1
                let found = try state(of: shop)
                #expect(found == before || found == after, "write \(number) of \(operation), errno \(code)")
                if let error {
                    told += 1
                    if found == before { keptBefore += 1 }
                    expectForPeople(error, code: code, path: shop.index.path)
                } else {
                    #expect(found == after, "write \(number) of \(operation): said to be done, and is not")
                }
                // The same again, with a disk that writes.
                try operation.run(on: shop)
                #expect(try state(of: shop) == after, "write \(number) of \(operation), done again")
                number += Self.triesAll ? 1 : max(1, number / 3)
            }
        }
        #expect(told > 3)
        Attachment.record(
            "\(operation): \(tried) writes made to fail, \(told) of them told, \(keptBefore) with the state before\n",
            named: "write-faults-\(operation).txt")
    }

    private func copy(of shop: Shop) throws -> Shop {
        let other = try Shop()
        try FileManager.default.copyItem(at: shop.index, to: other.index)
        return other
    }

    private func expectForPeople(_ error: any Error, code: Int32, path: String) {
        guard let error = error as? StoreError else {
            Issue.record("no error of the store: \(error)")
            return
        }
        switch error {
        // SQLite does not say why the shared memory beside its log could not grow, and a full disk is the common reason.
        case .diskFull: break
        case .unreadable: #expect(error.description.contains("index.sqlite"), "\(error)")
        default: Issue.record("\(error)")
        }
    }
}
