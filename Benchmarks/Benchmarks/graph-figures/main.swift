// The graph's figures for scripts/bench-graph: one JSON object a line.
//
// Usage: graph-figures VECTORS.npy QUERIES.npy [--k 10] [--threads 2] [--ef 10,16,…] [--rescore 24,…] [--float32] [--no-growth]
//
// Both files hold unit vectors in float32. The build uses THREADS threads, a search one. Recall counts the nodes of the exact
// answer that are found, by id; queries a second are the best of three passes over all queries.

import Foundation
import Tensors

@testable import VectorSearch

struct Arguments {
    var files: [String] = []
    var k = 10
    var threads = 2
    var widths = [10, 16, 20, 24, 28, 32, 40, 48, 64, 128, 256]
    var rescores: [Int?] = [nil]
    var isFloat32 = false
    var skipsGrowth = false

    init(_ words: [String]) {
        var words = words[...]
        while let word = words.popFirst() {
            switch word {
            case "--float32": isFloat32 = true
            case "--no-growth": skipsGrowth = true
            case "--k": k = words.popFirst().flatMap { Int($0) } ?? k
            case "--threads": threads = words.popFirst().flatMap { Int($0) } ?? threads
            case "--ef": widths = (words.popFirst() ?? "").split(separator: ",").compactMap { Int($0) }
            case "--rescore": rescores = (words.popFirst() ?? "").split(separator: ",").map { Int($0) }
            default: files.append(word)
            }
        }
    }
}

/// Rows of a NumPy file of little-endian float32 in C order.
func rows(of path: String) throws -> (values: [Float], dimension: Int) {
    let data = try Data(contentsOf: URL(fileURLWithPath: path))
    guard data.count > 10, data.starts(with: [0x93, 0x4E, 0x55, 0x4D, 0x50, 0x59, 1]) else {
        throw CocoaError(.fileReadCorruptFile, userInfo: [NSFilePathErrorKey: path])
    }
    let length = Int(data[8]) | Int(data[9]) << 8
    let header = String(decoding: data[10..<10 + length], as: UTF8.self)
    let numbers = header.components(separatedBy: "'shape': (").last?.prefix { $0 != ")" }
        .split(separator: ",").compactMap { Int($0.trimmingCharacters(in: .whitespaces)) }
    guard header.contains("'<f4'"), header.contains("'fortran_order': False"), let numbers, numbers.count == 2,
        data.count == 10 + length + 4 * numbers[0] * numbers[1]
    else { throw CocoaError(.fileReadCorruptFile, userInfo: [NSFilePathErrorKey: path]) }
    var values = [Float](repeating: 0, count: numbers[0] * numbers[1])
    values.withUnsafeMutableBytes { _ = data.copyBytes(to: $0, from: (10 + length)...) }
    return (values, numbers[1])
}

func show(_ figures: [String: Any]) throws {
    let data = try JSONSerialization.data(withJSONObject: figures, options: .sortedKeys)
    FileHandle.standardOutput.write(data + Data("\n".utf8))
}

func seconds(_ work: () -> Void) -> Double { ContinuousClock().measure(work) / .seconds(1) }

let arguments = Arguments(Array(CommandLine.arguments.dropFirst()))
guard arguments.files.count == 2 else {
    let usage =
        "Usage: graph-figures VECTORS.npy QUERIES.npy [--k 10] [--threads 2] [--ef 10,16,…] [--rescore 24,…] [--float32] [--no-growth]\n"
    FileHandle.standardError.write(Data(usage.utf8))
    exit(64)
}
let base = try rows(of: arguments.files[0])
let asked = try rows(of: arguments.files[1])
let dimension = base.dimension
let walk = arguments.isFloat32 ? Walk.float32 : Walk(dimension: dimension)
let queries = stride(from: 0, to: asked.values.count, by: dimension).map {
    Array(asked.values[$0..<$0 + dimension])
}
let table = VectorTable(dimension: dimension, walk: walk)
let codingSeconds = seconds { table.append(base.values) }
let truth = ExactSearcher(vectors: table, count: table.count)
    .search(nearEach: queries, limit: arguments.k, threads: arguments.threads).map { Set($0.map(\.id)) }

/// Recall and speed at each width.
func showSearches(of graph: HNSWGraph, _ what: String) throws {
    let searcher = HNSWSearcher(graph: graph, vectors: table, walk: walk)
    let answers = UnsafeMutableBufferPointer<Neighbor>.allocate(capacity: arguments.k)
    defer { answers.deallocate() }
    for rescore in arguments.rescores {
        for ef in arguments.widths {
            var (hits, hops, comparisons, rescored, best) = (0, 0, 0, 0, Double.infinity)
            for (query, exact) in zip(queries, truth) {
                hits += searcher.search(near: query, limit: arguments.k, ef: ef, rescore: rescore)
                    .count { exact.contains($0.id) }
                hops += searcher.statistics.hops
                comparisons += searcher.statistics.distanceComputations
                rescored += searcher.statistics.rescored
            }
            for _ in 0..<3 {
                let time = seconds {
                    for query in queries {
                        query.withUnsafeBufferPointer {
                            _ = searcher.search(near: $0, into: answers, ef: ef, rescore: rescore)
                        }
                    }
                }
                best = min(best, time)
            }
            let count = Double(queries.count)
            try show([
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
try show([
    "what": "build", "seconds": time, "vectors": table.count, "vectors_per_s": (Double(table.count) / time).rounded(),
    "threads": arguments.threads, "walk": "\(walk)", "coding_seconds": codingSeconds,
    "instruction_set": VectorMath.instructionSet, "links_per_node": Double(links) / Double(graph.count),
    "vector_bytes": Double(table.byteCount) / Double(table.count),
    "graph_bytes": Double(graph.byteCount) / Double(table.count),
])
try showSearches(of: graph, "search")
if !arguments.skipsGrowth {
    let (grown, time) = build(growing: true)
    try show(["what": "growth", "seconds": time])
    try showSearches(of: grown, "search after growth")
}
