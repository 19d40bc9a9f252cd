// Searches among some of the vectors: what a filter costs, and what it finds.

import Foundation
import Measuring
import Tensors

@testable import VectorSearch

/// Filters over one graph, each a set of nodes that may be found.
struct FilterFigures {
    let graph: HNSWGraph
    let table: VectorTable
    let queries: [[Float]]
    let k: Int

    /// A set of nodes with its name and share.
    struct Filter {
        let name: String
        let share: Double
        let allowed: NodeSet
    }

    /// The filters of a file: a line each with name, share and, in hexadecimal, the bits of the nodes from 0 on, eight a byte, lowest first.
    static func read(_ path: String, count: Int) throws -> [Filter] {
        try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n").map { line in
            let words = line.split(separator: " ")
            guard words.count == 3, let share = Double(words[1]), words[2].utf8.count == (count + 7) / 8 * 2 else {
                throw CocoaError(.fileReadCorruptFile, userInfo: [NSFilePathErrorKey: path])
            }
            var allowed = NodeSet(capacity: count)
            let digits = Array(words[2].utf8)
            func value(_ digit: UInt8) -> Int { digit < 0x40 ? Int(digit) - 0x30 : Int(digit) - 0x57 }
            for byte in 0..<digits.count / 2 {
                let bits = value(digits[2 * byte]) << 4 | value(digits[2 * byte + 1])
                for bit in 0..<8 where bits >> bit & 1 == 1 { allowed.insert(NodeID(rawValue: UInt32(8 * byte + bit))) }
            }
            return Filter(name: String(words[0]), share: share, allowed: allowed)
        }
    }

    /// Shows recall and speed of a search as it is done, of a walk through the graph, and of a comparison with all that may be found.
    /// - Parameters:
    ///   - filter: what may be found.
    ///   - exact: searches the same rows in float32.
    ///   - threads: of the exact search.
    /// - Throws: where standard output cannot be written.
    func show(_ filter: Filter, exact: ExactSearcher, threads: Int) throws {
        let truth = exact.search(nearEach: queries, limit: k, allowed: filter.allowed, threads: threads)
            .map { Set($0.map(\.id)) }
        let searcher = HNSWSearcher(graph: graph, vectors: table)
        let search = NeighborSearch(vectors: table)
        let request = NeighborSearch.Request(limit: k, allowed: filter.allowed)
        let wide = NeighborSearch.Request(limit: k, ef: 256, allowed: filter.allowed)
        let kept = ExactSearcher(vectors: table, count: table.count)
        let ways: [(String, ([Float]) -> [Neighbor])] = [
            ("search", { search.neighbors(near: $0, request) { $0(searcher) } }),
            ("search, ef 256", { search.neighbors(near: $0, wide) { $0(searcher) } }),
            ("walk", { searcher.search(near: $0, limit: k, ef: 64, allowed: filter.allowed) }),
            ("exact", { kept.search(near: $0, limit: k, allowed: filter.allowed) }),
        ]
        for (way, find) in ways {
            var (hits, wanted, best) = (0, 0, Double.infinity)
            for (query, exact) in zip(queries, truth) {
                hits += find(query).prefix(k).count { exact.contains($0.id) }
                wanted += exact.count
            }
            for _ in 0..<2 { best = min(best, seconds { for query in queries { _ = find(query) } }) }
            try Output.show([
                "what": "filter", "filter": filter.name, "share": filter.share, "allowed": filter.allowed.count,
                "way": way, "recall": (Double(hits) / Double(max(wanted, 1)) * 1e5).rounded() / 1e5,
                "queries_per_s": (Double(queries.count) / best).rounded(),
            ])
        }
    }
}
