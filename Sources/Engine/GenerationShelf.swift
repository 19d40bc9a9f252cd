// Searches in a generation that does not answer, for those who compare models: the live one is in memory anyway, and one more may be.

internal import Catalog
public import Foundation
internal import Synchronization

/// Lends generations that are kept beside the live one; at most one of them is open.
///
/// Any number of threads may ask; whoever asks for one that is not open waits until it is, which costs the time and memory of opening an index.
public final class GenerationShelf: Sendable {
    private struct Open {
        /// Number, model, precision and time: a number can be given again after its generation was dropped.
        let summary: GenerationSummary
        let engine: SearchEngine

        func isStill(_ other: GenerationSummary) -> Bool {
            summary.number == other.number && summary.fingerprint == other.fingerprint
                && summary.precision == other.precision && summary.createdAt == other.createdAt
        }
    }

    private let directory: URL
    private let open = Mutex<Open?>(nil)

    /// Begins with nothing open.
    /// - Parameter directory: holds `index.sqlite` and `models/`.
    public init(_ directory: URL) { self.directory = directory }

    /// The generations there are, by number; one that was dropped is closed.
    /// - Throws: `StoreError`.
    public func generations() throws -> [GenerationSummary] {
        let kept = try Generations.list(in: directory)
        open.withLock { open in
            if let held = open, !kept.contains(where: held.isStill) { open = nil }
        }
        return kept
    }

    /// Number of the generation that is open; nil: none.
    public var openNumber: Int? { open.withLock { $0?.summary.number } }

    /// Finds the products nearest in meaning to a query, in one generation.
    ///
    /// Products that changed since have no entry in a generation that does not answer, so they are not found.
    /// - Parameters:
    ///   - query: what a shopper would type.
    ///   - generation: one of ``generations()``.
    ///   - options: how to search.
    /// - Returns: the hits.
    /// - Throws: `EngineError.emptyQuery`, `.emptyIndex` for a generation without entries; `StoreError`, `EncoderError`.
    public func search(
        _ query: String, in generation: GenerationSummary, _ options: SearchOptions
    ) throws -> SearchResult {
        let engine = try open.withLock { open in
            if let held = open, held.isStill(generation) { return held.engine }
            // Let go of first, so that two are never in memory because of the shelf.
            open = nil
            let engine = try SearchEngine.open(indexDirectory: directory, generation: generation.number)
            open = Open(summary: generation, engine: engine)
            return engine
        }
        return try engine.search(query, options)
    }
}
