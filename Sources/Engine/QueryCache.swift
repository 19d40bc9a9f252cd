internal import Synchronization

/// Queries of one model that were embedded already: shoppers ask the same things, and embedding is most of a search's work.
///
/// Holds the queries used last: half of them for certain. New ones go into a young half; when that is full it becomes the old half, and what
/// was asked again since has moved to the young one. Any thread may ask.
final class QueryCache: Sendable {
    /// By UTF-8: texts that Unicode calls equivalent are equal as strings, and may be other tokens to a model.
    private typealias Key = [UInt8]

    private struct Halves {
        var young: [Key: EmbeddedQuery] = [:]
        var old: [Key: EmbeddedQuery] = [:]
    }

    private let halves = Mutex(Halves())
    private let capacity: Int

    /// Longest query that is kept, in UTF-8 bytes; what a shopper types is shorter.
    private static let longestQuery = 256

    /// An empty cache.
    /// - Parameter capacity: queries of a half; with 384 dimensions, 4,096 of them are 7 MB.
    init(capacity: Int = 4_096) { self.capacity = max(capacity, 1) }

    /// A query's embedding: the one that is kept, or a new one.
    /// - Throws: what embedding throws; nothing is kept then.
    func embedded(_ query: String, _ embed: (String) throws -> EmbeddedQuery) rethrows -> EmbeddedQuery {
        let key = Key(query.utf8)
        if let known = look(up: key) { return known }
        let new = try embed(query)
        if key.count <= Self.longestQuery { halves.withLock { keep(new, of: key, in: &$0) } }
        return new
    }

    /// Embeds those of several queries that are not kept, all at once.
    /// - Throws: what embedding throws; nothing is kept then.
    func prepare(
        _ queries: [String], _ embed: ([String]) throws -> [(query: String, embedded: EmbeddedQuery)]
    ) rethrows {
        let missing = queries.filter { $0.utf8.count <= Self.longestQuery && look(up: Key($0.utf8)) == nil }
        // One alone is embedded when it is asked.
        guard missing.count > 1 else { return }
        let new = try embed(missing)
        halves.withLock { halves in
            for (query, embedded) in new { keep(embedded, of: Key(query.utf8), in: &halves) }
        }
    }

    /// Embeddings of queries asked lately: as many as are wanted, spread over all that are kept.
    func recent(_ count: Int) -> [[Float]] {
        let kept = halves.withLock { $0.young.merging($0.old) { young, _ in young } }
        let queries = kept.keys.sorted { $0.lexicographicallyPrecedes($1) }
        let step = max(queries.count / max(count, 1), 1)
        return stride(from: 0, to: queries.count, by: step).prefix(count).compactMap { kept[queries[$0]]?.vector }
    }

    private func look(up key: Key) -> EmbeddedQuery? {
        halves.withLock { halves in
            if let known = halves.young[key] { return known }
            guard let known = halves.old[key] else { return nil }
            keep(known, of: key, in: &halves)
            return known
        }
    }

    private func keep(_ embedded: EmbeddedQuery, of key: Key, in halves: inout Halves) {
        if halves.young.count >= capacity {
            halves.old = halves.young
            halves.young.removeAll(keepingCapacity: true)
        }
        halves.young[key] = embedded
    }
}
