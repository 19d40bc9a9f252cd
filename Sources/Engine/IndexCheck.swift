// Is the index telling the truth? Looks at every part of it, from the file to the answers.

internal import Encoder
public import Foundation
internal import IndexStore
internal import Tensors
internal import VectorSearch

/// Checks an index without changing it.
public enum IndexCheck {
    /// Recall@10 below which the graph counts as broken: a sound one has 0.98 and more at the defaults on product titles.
    static let recallFloor = 0.95
    /// Neighbours that recall is measured over.
    static let neighborCount = 10

    /// Examines file, rows, checksums, vectors, graph, model and recall.
    /// - Parameters:
    ///   - indexDirectory: the index.
    ///   - sampleSize: nodes whose graph neighbours are compared with the exact ones.
    ///   - progress: told what is being looked at and which share of it is done, 0...1.
    /// - Returns: findings; `passed` unless one of them is an error.
    /// - Throws: `StoreError` only if the file cannot be opened as an index at all.
    /// - Complexity: reads everything once; O(sampleSize · vectors) similarities.
    public static func run(
        indexDirectory: URL, sampleSize: Int = 1_000, progress: (@Sendable (String, Double) throws -> Void)? = nil
    ) throws -> CheckReport {
        let store = try IndexStore.open(at: indexDirectory, mode: .examine)
        var report = CheckReport()
        try addStoreFindings(of: store, to: &report, progress)
        try progress?("model", 0)
        addModelFinding(of: store, in: indexDirectory, to: &report)
        try progress?("vectors and graph", 0)
        do {
            let index = try ReadyIndex(store)
            addGraphFindings(of: index, to: &report)
            try addRecallFinding(of: index, sampleSize: sampleSize, to: &report, progress)
        } catch let error as StoreError {
            report.add(.error, "vectors and graph", "cannot be loaded: \(error.problem)")
        }
        try addFindingsOfOtherGenerations(than: store, in: indexDirectory, to: &report, progress)
        return report
    }

    /// Title of a finding about a generation that does not answer.
    static func title(ofGeneration number: Int) -> String { "generation \(number)" }

    /// Those that are kept to go back to: their chunks, graphs and models, without recall.
    private static func addFindingsOfOtherGenerations(
        than store: IndexStore, in directory: URL, to report: inout CheckReport,
        _ progress: (@Sendable (String, Double) throws -> Void)?
    ) throws {
        // Where the list cannot be read, the file's own findings say so.
        guard let generations = try? store.generations() else { return }
        for state in generations where !state.isLive {
            let title = title(ofGeneration: state.record.id)
            try progress?(title, 0)
            do {
                let other = try IndexStore.open(at: directory, mode: .examine, generation: state.record.id)
                let index = try ReadyIndex(other)
                _ = try IndexModel.open(in: directory, other.generation)
                let faults = index.graph.invariantViolations()
                if let fault = faults.first {
                    report.add(.error, title, "\(state.record.modelName): \(fault)")
                } else {
                    report.add(
                        .ok, title,
                        "\(state.record.modelName) in \(state.record.precision.rawValue), kept: \(index.productCount) of \(state.productCount) products, as written"
                    )
                }
            } catch {
                report.add(
                    .error, title,
                    "\(state.record.modelName) in \(state.record.precision.rawValue), kept: cannot be gone back to: \((error as? StoreError)?.problem ?? "\(error)")"
                )
            }
        }
    }

    private static func addStoreFindings(
        of store: IndexStore, to report: inout CheckReport, _ progress: (@Sendable (String, Double) throws -> Void)?
    ) throws {
        // Rows are visited inside one transaction, which a thrown error would not end any sooner: it is thrown afterwards.
        var stop: (any Error)?
        let findings = try store.integrityFindings { done, all in
            guard stop == nil else { return }
            do { try progress?("file and rows", Double(done) / Double(max(all, 1))) } catch { stop = error }
        }
        if let stop { throw stop }
        for finding in findings { report.add(.error, finding.part.rawValue, finding.message) }
        do { try addCounts(of: store, isSound: findings.isEmpty, to: &report) } catch {
            report.add(.error, "file", error.problem)
        }
    }

    private static func addCounts(
        of store: IndexStore, isSound: Bool, to report: inout CheckReport
    ) throws(StoreError) {
        let products = try store.productCount()
        let nodes = try store.nodeCount()
        if isSound {
            report.add(
                .ok, "file, rows and checksums",
                "\(products) products, \(nodes) distinct texts of \(store.generation.dimension) dimensions, all as written"
            )
        }
        let use = try store.spaceUse()
        let advice = "`aisle compact --index DIR` makes a smaller index without them"
        if use.orphanCount > 0 {
            report.add(
                .ok, "orphans",
                "\(use.orphanCount) texts without a product; they are never hits, "
                    + (use.hasManyOrphans ? "but take room and time: \(advice)" : "and serve again if the text returns")
            )
        }
        if use.hasManyChunks {
            report.add(
                .ok, "chunks",
                "\(use.chunkCount) for \(nodes) vectors, most of single writes; `aisle compact --index DIR` puts them together"
            )
        }
    }

    private static func addModelFinding(of store: IndexStore, in directory: URL, to report: inout CheckReport) {
        do {
            _ = try IndexModel.open(in: directory, store.generation)
            let generation = store.generation
            report.add(
                .ok, "model",
                "\(generation.modelName) \(generation.fingerprint.short) in \(generation.precision.rawValue), as recorded"
            )
        } catch {
            report.add(.error, "model", "\(error)")
        }
    }

    private static func addGraphFindings(of index: ReadyIndex, to report: inout CheckReport) {
        let violations = index.graph.invariantViolations()
        for violation in violations.prefix(10) { report.add(.error, "graph", violation) }
        if violations.count > 10 { report.add(.error, "graph", "and \(violations.count - 10) more violations") }
        let unreachable = index.graph.unreachableNodes()
        if let first = unreachable.first {
            report.add(
                .error, "reachability", "\(unreachable.count) nodes cannot be reached, the first is \(first.rawValue)")
        }
        if violations.isEmpty, unreachable.isEmpty {
            report.add(
                .ok, "graph",
                "\(index.graph.count) nodes on \(index.graph.maxLevel + 1) levels, links in range, "
                    + "every node reachable")
        }
        addLinkFindings(of: index, to: &report)
        let tail = index.vectors.count - index.savedNodeCount
        if tail > 0 {
            report.add(
                .ok, "tail",
                (tail == 1 ? "1 vector that was" : "\(tail) vectors that were")
                    + " committed after the graph was saved; linked at each open until a larger ingest saves the graph")
        }
    }

    /// Where links lead, and which vectors are there more than once.
    private static func addLinkFindings(of index: ReadyIndex, to report: inout CheckReport) {
        let degrees = InDegrees(of: index.graph, over: index.vectors)
        func percent(_ part: Double) -> String {
            String(format: "%.1f %%", 100 * degrees.share(ofMostLinked: part))
        }
        let shares =
            "at most \(degrees.maximum) to one vector; the most linked 1 % of the vectors have \(percent(0.01)), 10 % have \(percent(0.1))"
        if degrees.hasHubs {
            report.add(.error, "hubs", "links lead to a few vectors, and searches miss the others: \(shares)")
        } else {
            report.add(.ok, "links", shares)
        }
        if degrees.hasLonelyTwins {
            report.add(
                .error, "twins",
                "\(degrees.lonelyTwinCount) texts have the vectors of others and are linked from none of them; searches miss them"
            )
        } else if degrees.twinCount > 0 {
            report.add(
                .ok, "twins",
                degrees.twinCount == 1
                    ? "1 text has the vector of another one: the model sees no difference"
                    : "\(degrees.twinCount) texts have the vectors of others: the model sees no difference")
        }
    }

    /// Recall@10 at the default ef: nodes of a seeded sample as queries, themselves not counted.
    private static func addRecallFinding(
        of index: ReadyIndex, sampleSize: Int, to report: inout CheckReport,
        _ progress: (@Sendable (String, Double) throws -> Void)?
    ) throws {
        let count = index.vectors.count
        let k = min(neighborCount, count - 1)
        guard k >= 1 else {
            report.add(.ok, "recall", "not measured: fewer than two texts")
            return
        }
        var generator = SplitMix64(seed: 20)
        let sample = Array((0..<count).shuffled(using: &generator).prefix(sampleSize))
        let searcher = HNSWSearcher(graph: index.graph, vectors: index.vectors)
        let exact = ExactSearcher(vectors: index.vectors, count: count)
        var found = 0
        // In blocks, so that the exact answers come from a matrix product and the progress moves.
        for start in stride(from: 0, to: sample.count, by: 100) {
            let block = sample[start..<min(start + 100, sample.count)]
            let queries = block.map { index.vectors[NodeID(rawValue: UInt32($0))] }
            let answers = exact.search(
                nearEach: queries, limit: k + 1, threads: ProcessInfo.processInfo.activeProcessorCount)
            for ((row, query), answer) in zip(zip(block, queries), answers) {
                let own = NodeID(rawValue: UInt32(row))
                let expected = answer.filter { $0.id != own }.prefix(k)
                let actual = searcher.search(near: query, limit: k + 1, ef: 64).filter { $0.id != own }.prefix(k)
                found += Recall.found(actual, of: expected)
            }
            try progress?("recall", Double(start + block.count) / Double(sample.count))
        }
        let recall = Double(found) / Double(k * sample.count)
        let figure = String(
            format: "recall@%d %.4f at ef 64 against exact search, %d nodes as queries", k, recall, sample.count)
        report.add(recall >= recallFloor ? .ok : .error, "recall", figure)
    }
}
