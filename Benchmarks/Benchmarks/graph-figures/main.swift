// The graph's figures for scripts/bench-graph: one JSON object a line.
//
// Usage: graph-figures VECTORS.npy QUERIES.npy [--k 10] [--threads 2] [--ef 10,16,…] [--rescore 24,…] [--float32] [--no-growth]
//                      [--filters FILE]
//
// Both files hold unit vectors in float32. The build uses THREADS threads, a search one. Recall counts the nodes of the exact
// answer over the float32 vectors that are found, by id; queries a second are the best of three passes over all queries.

import Foundation
import Measuring
import Tensors

@testable import VectorSearch

let arguments = Arguments(Array(CommandLine.arguments.dropFirst()))
guard arguments.files.count == 2 else {
    let usage =
        "Usage: graph-figures VECTORS.npy QUERIES.npy [--k 10] [--threads 2] [--ef 10,16,…] [--rescore 24,…] [--float32] [--no-growth] [--filters FILE]\n"
    FileHandle.standardError.write(Data(usage.utf8))
    exit(64)
}
let base = try NumPyMatrix(path: arguments.files[0])
let asked = try NumPyMatrix(path: arguments.files[1])
let dimension = base.dimension
let walk = arguments.isFloat32 ? Walk.float32 : Walk(dimension: dimension)
let queries = (0..<asked.count).map { asked.rows($0..<$0 + 1) }
let table = VectorTable(dimension: dimension, walk: walk)
/// The vectors as they were given, for the exact answers.
let unrounded = VectorTable(dimension: dimension, walk: .float32)
var codingSeconds = 0.0
for first in stride(from: 0, to: base.count, by: 4_096) {
    let rows = base.rows(first..<min(first + 4_096, base.count))
    codingSeconds += seconds { table.append(rows) }
    unrounded.append(rows)
}

/// The nearest vectors to each query, of all or of some.
func exactAnswers(among allowed: NodeSet? = nil) -> [Set<NodeID>] {
    ExactSearcher(vectors: unrounded, count: unrounded.count)
        .search(nearEach: queries, limit: arguments.k, allowed: allowed, threads: arguments.threads)
        .map { Set($0.map(\.id)) }
}

/// Recall and speed at each width.
func showSearches(of graph: HNSWGraph, _ what: String, among allowed: NodeSet? = nil) throws {
    let truth = exactAnswers(among: allowed)
    let searcher = HNSWSearcher(graph: graph, vectors: table, walk: walk)
    let answers = UnsafeMutableBufferPointer<Neighbor>.allocate(capacity: arguments.k)
    defer { answers.deallocate() }
    for rescore in arguments.rescores {
        for ef in arguments.widths {
            var (hits, hops, comparisons, rescored, best) = (0, 0, 0, 0, Double.infinity)
            for (query, exact) in zip(queries, truth) {
                hits += searcher.search(near: query, limit: arguments.k, ef: ef, rescore: rescore, allowed: allowed)
                    .count { exact.contains($0.id) }
                hops += searcher.statistics.hops
                comparisons += searcher.statistics.distanceComputations
                rescored += searcher.statistics.rescored
            }
            for _ in 0..<3 {
                let time = seconds {
                    for query in queries {
                        query.withUnsafeBufferPointer {
                            _ = searcher.search(near: $0, into: answers, ef: ef, rescore: rescore, allowed: allowed)
                        }
                    }
                }
                best = min(best, time)
            }
            let count = Double(queries.count)
            try Output.show([
                "what": what, "ef": ef, "rescore": rescore ?? HNSWSearcher.rescore(limit: arguments.k),
                "recall": (Double(hits) / (count * Double(arguments.k)) * 1e5).rounded() / 1e5,
                "queries_per_s": (count / best).rounded(), "hops": Double(hops) / count,
                "comparisons": Double(comparisons) / count, "rescored": Double(rescored) / count,
            ])
        }
    }
}

/// Builds a graph: at once, or two thirds of it at once and the rest one by one, which is half as much again.
func build(growing: Bool) -> (graph: HNSWGraph, seconds: Double) {
    var builder = HNSWBuilder(parameters: .standard, vectors: table)
    let time = seconds {
        builder.link(upTo: growing ? table.count / 3 * 2 : table.count, threads: arguments.threads)
        while builder.count < table.count { builder.linkNext() }
        builder.repairReachability()
    }
    return (builder.graph, time)
}

let (graph, time) = build(growing: false)
let links = (0..<graph.count).reduce(0) { $0 + graph.neighbors(of: NodeID(rawValue: UInt32($1)), level: 0).count }
try Output.show([
    "what": "build", "seconds": time, "vectors": table.count, "vectors_per_s": (Double(table.count) / time).rounded(),
    "threads": arguments.threads, "walk": "\(walk)", "coding_seconds": codingSeconds,
    "instruction_set": VectorMath.instructionSet, "links_per_node": Double(links) / Double(graph.count),
    "vector_bytes": Double(table.byteCount) / Double(table.count),
    "graph_bytes": Double(graph.byteCount) / Double(table.count),
])
try showSearches(of: graph, "search")
if let path = arguments.filters {
    let figures = FilterFigures(graph: graph, table: table, queries: queries, k: arguments.k)
    let exact = ExactSearcher(vectors: unrounded, count: unrounded.count)
    for filter in try FilterFigures.read(path, count: table.count) {
        try figures.show(filter, exact: exact, threads: arguments.threads)
    }
}
if !arguments.skipsGrowth {
    let (grown, time) = build(growing: true)
    try Output.show(["what": "growth", "seconds": time])
    try showSearches(of: grown, "search after growth")
    // Of the two thirds that were there first, one half has lost its products to the third that came.
    var allowed = NodeSet(allBelow: table.count)
    for node in 0..<table.count / 3 { allowed.remove(NodeID(rawValue: UInt32(node))) }
    try showSearches(of: grown, "search after replacement", among: allowed)
}
