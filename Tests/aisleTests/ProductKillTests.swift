// `kill -9` of a server at random moments while products are written over HTTP: what it acknowledged is there, nothing is there by half, and
// the index is sound.
//
// The moment is a random number of acknowledgements, not a time, with writes of others on their way. All rounds share one index, so a file
// that was killed is opened, recovered and killed again. `AISLE_KILLS` sets the number of kills (`make kill`: 200).

import Catalog
import Foundation
import IndexStore
import Synchronization
import Tensors
import Testing

@testable import Engine

/// What a product may be after a kill: what was acknowledged last, or what was sent since.
private struct Expectation: Sendable {
    /// Version that was acknowledged; 0: that there is none.
    var acknowledged = 0
    /// Versions that were sent since and not answered.
    var sent: [Int] = []

    func allows(_ found: Int) -> Bool { found == acknowledged || sent.contains(found) }
}

/// What all writers sent and were answered, by product id.
private final class Ledger: Sendable {
    let state = Mutex<(products: [String: Expectation], acknowledgements: Int)>(([:], 0))

    func send(_ version: Int, _ ids: [String]) {
        state.withLock { state in
            for id in ids { state.products[id, default: Expectation()].sent.append(version) }
        }
    }

    /// Returns the number of acknowledgements so far.
    func acknowledge(_ version: Int, _ ids: [String]) -> Int {
        state.withLock { state in
            for id in ids { state.products[id] = Expectation(acknowledged: version) }
            state.acknowledgements += 1
            return state.acknowledgements
        }
    }
}

@Suite(.serialized, .enabled(if: Program.url != nil, "needs the built program beside the tests"))
final class ProductKillTests {
    private static let kills = ProcessInfo.processInfo.environment["AISLE_KILLS"].flatMap(Int.init) ?? 10
    private static let token = "the-token-of-the-kill-tests"
    private let directory = FileManager.default.temporaryDirectory.appending(
        path: "aisle-product-kill-\(UUID().uuidString)")

    deinit { try? FileManager.default.removeItem(at: directory) }

    @Test(.timeLimit(.minutes(30)))
    func `a server killed at random moments has every write that it acknowledged, and its index is sound`()
        async throws
    {
        let index = try RunningServer.makeShop(in: directory, products: 30)
        let url = URL(fileURLWithPath: index)
        var random = SplitMix64(seed: 5)
        let ledger = Ledger()
        var unanswered = 0
        for round in 1...Self.kills {
            let server = try RunningServer(index: index, environment: ["AISLE_TOKEN": Self.token])
            let (port, process) = (server.port, server.processIdentifier)
            let last = ledger.state.withLock { $0.acknowledgements } + Int.random(in: 1...30, using: &random)
            await withTaskGroup(of: Void.self) { group in
                for writer in 0..<4 {
                    group.addTask {
                        for number in 0... {
                            let version = round * 1_000 + number + 1
                            let count = try? await Self.write(version, writer, number, port, ledger)
                            guard let count else { return }
                            if count >= last { kill(process, SIGKILL) }
                        }
                    }
                }
            }
            server.end(by: SIGKILL)

            let report = try IndexCheck.run(indexDirectory: url, sampleSize: 20)
            #expect(report.passed, "\(report.findings.filter { $0.severity == .error })")
            let store = try IndexStore.open(at: url, mode: .readOnly)
            let expected = ledger.state.withLock { $0.products }
            var batches: [Substring: Set<Int>] = [:]
            for (id, expectation) in expected {
                let product = try store.product(ProductID(rawValue: id))?.product
                let found = product?.price.map { Int($0) } ?? 0
                #expect(
                    expectation.allows(found), "\(id) is at \(found) after kill \(round), expected \(expectation)")
                if id.hasPrefix("batch") { batches[id.prefix { $0 != ":" }, default: []].insert(found) }
                unanswered += expectation.sent.count
                // What was found is true from here on.
                ledger.state.withLock { $0.products[id] = Expectation(acknowledged: found) }
            }
            for (batch, versions) in batches where versions.count > 1 {
                Issue.record("\(batch) is there by half after kill \(round): \(versions)")
            }
            try #require(store.productCount() >= 30)
        }
        let (products, acknowledgements) = ledger.state.withLock { ($0.products.count, $0.acknowledgements) }
        Attachment.record(
            "\(Self.kills) kills: \(acknowledgements) writes acknowledged over \(products) products, all there; \(unanswered) without an answer",
            named: "product-kills.txt")
        #expect(unanswered > 0, "the kills met no write on its way")
    }

    private struct Refused: Error {}

    /// One write: mostly a product of its own, sometimes several lines, sometimes a deletion.
    ///
    /// A product's price is its version.
    private static func write(
        _ version: Int, _ writer: Int, _ number: Int, _ port: Int, _ ledger: Ledger
    ) async throws -> Int {
        func send(_ method: String, _ path: String, _ body: String?, _ version: Int, _ ids: [String]) async throws
            -> Int
        {
            ledger.send(version, ids)
            let answer = try await RunningServer.ask(
                port: port, path, method: method, body, headers: ["Authorization": "Bearer \(token)"])
            // A product that is not there cannot be deleted, and is gone all the same.
            guard (200..<300).contains(answer.status) || (method == "DELETE" && answer.status == 404) else {
                Issue.record("\(method) \(path): \(answer.status) \(answer.text)")
                throw Refused()
            }
            return ledger.acknowledge(version, ids)
        }
        let own = "w\(writer)-\(number % 7)"
        switch number % 5 {
        case 3: return try await send("DELETE", "/products/\(own)", nil, 0, [own])
        case 4:
            let ids = (0..<3).map { "batch\(version)w\(writer):\($0)" }
            let lines = ids.map { #"{"id": "\#($0)", "title": "wool coat \#($0)", "price": \#(version)}"# }
            return try await send("POST", "/products", lines.joined(separator: "\n"), version, ids)
        default:
            let body = #"{"title": "red lamp \#(version) of \#(writer)", "price": \#(version)}"#
            return try await send("PUT", "/products/\(own)", body, version, [own])
        }
    }
}
