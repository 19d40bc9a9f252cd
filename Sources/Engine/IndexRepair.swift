// Builds again what derives from what is sound: a damaged graph from the stored vectors, without a model.
//
// Damaged vectors, rows and files are left alone: their source is the feed. The graph is built in memory and written in one
// transaction, so stopping at any moment leaves the old graph or the new one. It has the parameters and seed of the index; a graph that
// grew over several ingests was made reachable at other counts, so the two need not be equal link for link.

public import Foundation
internal import IndexStore
internal import VectorSearch

/// What a repair found, did and left.
public struct RepairReport: Sendable, Equatable {
    /// The check before anything was done.
    public let before: CheckReport
    /// Nodes of the graph that was built again; nil if nothing was written.
    public let rebuiltNodeCount: Int?
    /// The check afterwards; the one before, if nothing was written.
    public let after: CheckReport

    /// What to do about the errors that are left; nil if there are none, or if they say it themselves.
    public var remedy: String? {
        guard after.hasErrors(where: { $0 != "model" }) else { return nil }
        return "What is left cannot be built again from what the index holds. Ingest the feed into a new index "
            + "(aisle ingest FEED --index NEW_DIR), or restore this one from a copy."
    }
}

/// Repairs an index as far as it can be built again from itself.
public enum IndexRepair {
    /// Nodes linked between two calls of `progress`.
    private static let stepSize = 256

    /// Checks an index, builds the graph again if it is damaged and its vectors are not, and checks again.
    ///
    /// What `progress` throws stops the work; the index then has either its old graph or the complete new one.
    /// - Parameters:
    ///   - indexDirectory: the index; nobody else may be writing to it.
    ///   - progress: told what is being done and which share of it is done, 0...1.
    /// - Returns: both checks, and whether the graph was built again.
    /// - Throws: `StoreError` if the file cannot be opened as an index at all, or cannot be written.
    /// - Complexity: two checks, and O(vectors · efConstruction · M) similarities for the graph.
    public static func run(
        indexDirectory: URL, progress: (@Sendable (String, Double) throws -> Void)? = nil
    ) throws -> RepairReport {
        // Opening for writing brings an older format up to date, and fails now rather than after the check if it has to.
        _ = try IndexStore.open(at: indexDirectory, mode: .readWrite)
        let before = try IndexCheck.run(indexDirectory: indexDirectory, progress: progress)
        guard before.asksForAnotherGraph else {
            return RepairReport(before: before, rebuiltNodeCount: nil, after: before)
        }
        let count = try rebuildGraph(in: indexDirectory, progress)
        let after = try IndexCheck.run(indexDirectory: indexDirectory, progress: progress)
        return RepairReport(before: before, rebuiltNodeCount: count, after: after)
    }

    /// Builds the graph of all vectors and writes every chunk of it.
    private static func rebuildGraph(
        in indexDirectory: URL, _ progress: (@Sendable (String, Double) throws -> Void)?
    ) throws -> Int {
        let store = try IndexStore.open(at: indexDirectory, mode: .readWrite)
        let vectors = try store.loadVectors()
        var builder = HNSWBuilder(parameters: store.generation.parameters, vectors: vectors)
        while builder.count < vectors.count {
            try progress?("building the graph again", Double(builder.count) / Double(vectors.count))
            builder.link(upTo: min(builder.count + stepSize, vectors.count))
        }
        builder.repairReachability()
        try progress?("building the graph again", 1)
        try store.checkpoint(builder.graph, scope: .everyChunk)
        return vectors.count
    }
}

extension CheckReport {
    /// Whether the graph is damaged, and vectors and file are sound enough to build another one and write it.
    ///
    /// The titles are those that ``IndexCheck`` gives its findings.
    var asksForAnotherGraph: Bool {
        hasErrors { ["graph", "reachability", "recall"].contains($0) }
            && !hasErrors { ["file", "vectors"].contains($0) }
    }

    fileprivate func hasErrors(where isMeant: (_ title: String) -> Bool) -> Bool {
        findings.contains { $0.severity == .error && isMeant($0.title) }
    }
}
