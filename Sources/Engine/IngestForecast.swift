// What an ingest would do, without doing it: the feed is read and compared as an ingest reads and compares it, a sample of its new texts
// is embedded to learn how long the rest takes, and nothing is written.

public import Catalog
internal import Encoder
public import Foundation
internal import IndexStore
internal import Tensors
internal import VectorSearch

/// What an ingest of some feeds would bring, and what it would take.
public struct IngestEstimate: Sendable, Equatable, Codable {
    /// A row that would be rejected.
    public struct Rejection: Sendable, Equatable, Codable {
        /// Where it stands.
        public let feed: String
        /// Its line, from 1.
        public let line: Int
        /// Why.
        public let reason: String
    }

    /// Rows of the feeds, rejected ones included.
    public internal(set) var rows = 0
    /// Products that are not in the index, are in it with other content, and are in it just so.
    public internal(set) var added = 0, changed = 0, unchanged = 0
    /// Rows that would be rejected.
    public internal(set) var rejected = 0
    /// The first of them.
    public internal(set) var rejections: [Rejection] = []
    /// Rows whose id comes again.
    public internal(set) var repeatedIDs = 0
    /// Distinct texts that have no vector yet.
    public internal(set) var textsToEmbed = 0
    /// Tokens of them, by the sample's share.
    public internal(set) var tokens = 0
    /// Texts that were embedded as a sample.
    public internal(set) var sampleTexts = 0
    /// How many such texts the model embeds a second.
    public internal(set) var textsPerSecond = 0.0
    /// Seconds for reading and writing, embedding, and linking; together the ingest's.
    public internal(set) var readingSeconds = 0.0, embeddingSeconds = 0.0, linkingSeconds = 0.0
    /// Bytes that the file grows by, and bytes of memory that the ingest takes at most.
    public internal(set) var diskBytes = 0, memoryBytes = 0

    /// Of the whole ingest.
    public internal(set) var seconds = 0.0
}

/// Estimates an ingest.
public enum IngestForecast {
    /// Texts of the sample.
    private static let sampleSize = 256
    /// Rejected rows that are named.
    private static let rejectionsNamed = 10
    /// Seconds of one core to link a vector of 384 values among 53,667, as `make bench-graph` measures it; it grows with the logarithm of
    /// the count.
    private static let linkSeconds = 120e-6
    /// Seconds to write a changed product's row, filter values and node.
    private static let rowSeconds = 60e-6
    /// Bytes of a node's and an entry's rows with their indexes, and of a product's beside its texts.
    private static let rowBytes = 200

    /// Reads feeds as an ingest would and estimates what it would take.
    /// - Parameters:
    ///   - feeds: their paths.
    ///   - indexDirectory: the index, which need not be there; it is neither locked nor changed.
    ///   - options: those of the ingest.
    ///   - progress: told after each batch how many rows were read; what it throws stops the work.
    /// - Returns: counts, which are exact, and the estimate.
    /// - Throws: `CatalogError` for a feed that cannot be read, `EngineError` for another model or other fields than the index's; `StoreError`.
    public static func run(
        feeds: [String], indexDirectory: URL, options: IngestOptions, progress: (Int) throws -> Void = { _ in }
    ) throws -> IngestEstimate {
        let exists = FileManager.default.fileExists(atPath: indexDirectory.appending(path: "index.sqlite").path)
        let store = try exists ? IndexStore.open(at: indexDirectory, mode: .readOnly) : nil
        try store.map { try options.check(against: $0.generation, index: indexDirectory) }
        let template = store?.generation.template ?? options.template ?? .standard
        let encoder = try openEncoder(store, options, indexDirectory)
        var reading = FeedTally(store: store, template: template, sampleSize: sampleSize)
        let start = ContinuousClock.now
        for path in feeds {
            let reader = try FeedReader(
                path: path,
                options: FeedOptions(
                    format: options.format, mapping: options.mapping, template: template,
                    isCancelled: options.isCancelled))
            try reading.read(reader, batchSize: options.batchSize, rejectionsNamed: rejectionsNamed, progress)
            try reader.checkMappedColumns()
        }
        var estimate = reading.estimate
        let nodeCount = try store?.nodeCount() ?? 0
        estimate.readingSeconds =
            (ContinuousClock.now - start) / .seconds(1) + Double(estimate.added + estimate.changed) * rowSeconds
        try embed(reading.sample, by: encoder, of: reading.textBytes, threads: options.threads, &estimate)
        let all = nodeCount + estimate.textsToEmbed
        let neighbors = store?.generation.parameters.maxNeighbors ?? 16
        let perNode = encoder.dimension * MemoryLayout<Float>.size + 2 * neighbors * MemoryLayout<UInt32>.size
        // Beside embedding, which keeps all cores busy.
        estimate.linkingSeconds =
            Double(estimate.textsToEmbed) * linkSeconds * (0.3 + 0.7 * Double(encoder.dimension) / 384)
            * log2(Double(max(all, 2))) / 15.7 / Double(max(options.threads, 1))
        estimate.seconds = estimate.readingSeconds + estimate.embeddingSeconds + estimate.linkingSeconds
        estimate.diskBytes =
            estimate.textsToEmbed * (perNode + rowBytes) + reading.changedBytes + estimate.added * rowBytes
        // In memory values take 16 bits, and every vector has its codes beside it.
        let inMemory = perNode - encoder.dimension * (MemoryLayout<Float>.size - MemoryLayout<UInt16>.size)
        estimate.memoryBytes =
            peakMemory() + all * (inMemory + neighbors + CodeMath.stride(dimension: encoder.dimension))
        return estimate
    }

    private static func openEncoder(
        _ store: IndexStore?, _ options: IngestOptions, _ directory: URL
    ) throws -> SentenceEncoder {
        if let store { return try IndexModel.open(in: directory, store.generation) }
        guard let model = options.modelDirectory else { throw EngineError.modelNeeded(index: directory.path) }
        return try SentenceEncoder(
            modelDirectory: model, normalizeEmbeddings: true, precision: options.precision ?? .standard)
    }

    /// Embeds the sample; the rest is taken to be as long, byte for byte.
    private static func embed(
        _ sample: [String], by encoder: SentenceEncoder, of textBytes: Int, threads: Int,
        _ estimate: inout IngestEstimate
    ) throws {
        guard !sample.isEmpty else { return }
        func embed(_ texts: [String]) throws -> (seconds: Double, tokens: Int) {
            let start = ContinuousClock.now
            let sequences = encoder.tokenize(texts, role: .document, threads: threads)
            _ = try encoder.encode(sequences: sequences, threads: threads)
            return ((ContinuousClock.now - start) / .seconds(1), sequences.reduce(0) { $0 + $1.count })
        }
        // The first call packs weights and wakes threads.
        _ = try embed(Array(sample.prefix(16)))
        let (seconds, tokens) = try embed(sample)
        let share = Double(textBytes) / Double(max(sample.reduce(0) { $0 + $1.utf8.count }, 1))
        estimate.sampleTexts = sample.count
        estimate.textsPerSecond = Double(sample.count) / seconds
        estimate.tokens = Int(Double(tokens) * share)
        estimate.embeddingSeconds = seconds * share
    }

    /// Most memory this process has had: the model and what embedding needs are in it.
    private static func peakMemory() -> Int {
        var usage = rusage()
        guard getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage) == 0 else { return 0 }
        return usage.ru_maxrss * 1_024
    }
}
