// Text to embedding: tokenizer, transformer body, pooling and normalisation of a sentence-transformers model directory.
//
// Texts are tokenized, sorted by length (longest first, as the reference does) and cut into packed batches of about the same number
// of tokens; threads take batches from a shared counter. Batches are formed before threads start, and every product runs on one
// thread, so the vectors do not depend on how many threads there are. A single batch, such as a query, is computed by several threads together
// while nothing else is being encoded.

public import Foundation
internal import Synchronization
public import Tensors
public import Tokenization

/// A sentence encoder.
///
/// Immutable after `init`; any number of threads may encode at once.
///
/// `@unchecked Sendable` because the pool of scratch memory, its only mutable part, is behind a mutex.
public final class SentenceEncoder: @unchecked Sendable {
    /// What the text is for, where the model has been trained with a prompt for it.
    public enum Role: String, Sendable {
        /// What a shopper types; the prompt named "query".
        case query
        /// What is searched; the prompt named "document".
        case document
    }

    /// Whether embeddings have unit length: the model's own last step, or asked for.
    public let normalizes: Bool
    /// What the linear layers are computed in.
    public let precision: Precision
    /// The configuration the model was read with.
    public let configuration: ModelConfiguration
    /// The model's tokenizer.
    public let tokenizer: WordPieceTokenizer
    /// Where the model was read from.
    public let directory: URL

    /// Length of an embedding.
    public var dimension: Int { configuration.dimension }

    let body: BertBody
    private let idle = Mutex<[EncoderScratch]>([])
    /// Threads that encode at this moment.
    private let active = Atomic<Int>(0)
    private let team = Mutex<EncoderTeam?>(nil)

    /// Tokens of a packed batch.
    ///
    /// Enough rows for the products to run at full speed, few enough for the activations to stay in the second-level cache. OpenBLAS packs
    /// the weights for each product, which more rows pay for.
    private var tokensPerBatch: Int { precision == .float32 ? 512 : 192 }
    /// Most threads that compute one batch together; a query's layers have no work for more.
    private static let largestTeam = 4

    /// Reads a model directory.
    /// - Parameters:
    ///   - modelDirectory: as sentence-transformers writes it.
    ///   - normalizeEmbeddings: scales to unit length also where the model has no Normalize module, as the reference's
    ///     `normalize_embeddings` does.
    ///   - precision: what the linear layers are computed in.
    /// - Throws: `EncoderError` or `TokenizerError`: what is missing, damaged or not supported.
    public init(
        modelDirectory: URL, normalizeEmbeddings: Bool = false, precision: Precision = .standard
    ) throws {
        directory = modelDirectory
        self.precision = precision
        configuration = try ModelConfiguration(modelDirectory: modelDirectory)
        normalizes = configuration.normalizes || normalizeEmbeddings
        tokenizer = try WordPieceTokenizer(modelDirectory: modelDirectory, lowercases: configuration.lowercases)
        guard tokenizer.vocabularySize <= configuration.body.vocabularySize else {
            throw EncoderError.malformed(
                path: modelDirectory.path,
                expected: "at most \(configuration.body.vocabularySize) tokens (config.json)",
                found: "a vocabulary of \(tokenizer.vocabularySize)")
        }
        // An empty text consists of its special tokens: without them there would be nothing to pool.
        guard (1...configuration.maximumLength).contains(tokenizer.frameLength) else {
            throw EncoderError.malformed(
                path: modelDirectory.path,
                expected: "1 to \(configuration.maximumLength) special tokens around a text (the maximum length)",
                found: "\(tokenizer.frameLength)")
        }
        let weights = modelDirectory.appending(path: "model.safetensors")
        body = BertBody(
            configuration: configuration.body,
            weights: try BertWeights(SafeTensorsFile(path: weights.path), body: configuration.body),
            precision: precision)
    }

    /// Encodes one text.
    /// - Throws: `EncoderError.notFiniteEmbedding`.
    /// - Complexity: O(length · layers · hidden²); a query of nine tokens takes about half a millisecond with all-MiniLM-L6-v2 in bfloat16 on
    ///   two cores.
    public func encode(_ text: String, role: Role? = nil) throws -> Embedding {
        try encode(tokens(of: text, role: role))
    }

    /// Encodes one token sequence.
    /// - Throws: `EncoderError.notFiniteEmbedding`.
    /// - Precondition: between one token and the model's maximum length.
    public func encode(_ tokens: [TokenID]) throws -> Embedding {
        var vector = [Float](repeating: 0, count: dimension)
        try vector.withUnsafeMutableBufferPointer { try encode(tokens, into: $0) }
        return Embedding(vector)
    }

    /// Encodes one token sequence into memory of the caller's.
    ///
    /// Allocates nothing once the encoder has seen a sequence as long.
    /// - Parameters:
    ///   - tokens: between one token and the model's maximum length.
    ///   - vector: `dimension` values, overwritten.
    /// - Throws: `EncoderError.notFiniteEmbedding`.
    public func encode(_ tokens: [TokenID], into vector: UnsafeMutableBufferPointer<Float>) throws {
        precondition(vector.count == dimension, "room for \(vector.count) values of \(dimension)")
        checkLength(of: tokens)
        withScratch { scratch in
            scratch.batch.removeAll()
            scratch.batch.append(tokens)
            encode(scratch, isAlone: true)
            finish(scratch, sequence: 0, into: vector)
        }
        guard vector.allSatisfy(\.isFinite) else { throw EncoderError.notFiniteEmbedding(path: directory.path) }
    }

    /// Encodes many texts on all cores.
    /// - Parameters:
    ///   - texts: any number; an empty text has the vector of its special tokens.
    ///   - role: which of the model's prompts goes before each text, if the model has any.
    ///   - threads: how many threads work at once; the result is the same for every number.
    ///   - progress: told the number of finished texts now and then, from the calling thread's helpers one at a time; what it
    ///     throws stops the work and is thrown on.
    /// - Returns: one row a text, in the order of `texts`.
    /// - Throws: what `progress` throws, and `EncoderError.notFiniteEmbedding`.
    public func encode(
        _ texts: [String], role: Role? = nil, threads: Int = ProcessInfo.processInfo.activeProcessorCount,
        progress: (@Sendable (Int) throws -> Void)? = nil
    ) throws -> EmbeddingMatrix {
        try encode(sequences: tokenize(texts, role: role, threads: threads), threads: threads, progress: progress)
    }

    /// Token ids of one text as the model sees them: with its prompt and special tokens, cut at the model's maximum length.
    public func tokens(of text: String, role: Role? = nil) -> [TokenID] {
        tokenizer.encode(configuration.prompt(for: role) + text, maxLength: configuration.maximumLength)
    }

    /// Token ids of many texts, on several threads.
    public func tokenize(
        _ texts: [String], role: Role? = nil, threads: Int = ProcessInfo.processInfo.activeProcessorCount
    ) -> [[TokenID]] {
        let pieces = texts.count < 256 ? 1 : min(max(threads, 1), texts.count)
        let bounds = (0...pieces).map { texts.count * $0 / pieces }
        let parts = Mutex<[Int: [[TokenID]]]>([:])
        DispatchQueue.concurrentPerform(iterations: pieces) { piece in
            let ids = texts[bounds[piece]..<bounds[piece + 1]].map { tokens(of: $0, role: role) }
            parts.withLock { $0[piece] = ids }
        }
        return parts.withLock { parts in (0..<pieces).flatMap { parts[$0] ?? [] } }
    }

    /// Encodes token sequences for a caller that has looked at the tokens already.
    ///
    /// Otherwise as `encode(_:role:threads:progress:)`.
    /// - Precondition: each sequence has between one token and the model's maximum length.
    public func encode(
        sequences: [[TokenID]], threads: Int = ProcessInfo.processInfo.activeProcessorCount,
        progress: (@Sendable (Int) throws -> Void)? = nil
    ) throws -> EmbeddingMatrix {
        for sequence in sequences { checkLength(of: sequence) }
        var result = EmbeddingMatrix(count: sequences.count, dimension: dimension)
        let batches = Self.batches(lengths: sequences.map(\.count), tokensPerBatch: tokensPerBatch)
        let next = Atomic<Int>(0)
        let state = Mutex<(finished: Int, error: (any Error)?)>((0, nil))
        let isAlone = threads > 1 && batches.count == 1
        result.values.withUnsafeMutableBufferPointer { rows in
            let rows = SharedRows(values: rows)
            DispatchQueue.concurrentPerform(iterations: min(max(threads, 1), batches.count)) { _ in
                withScratch { scratch in
                    while true {
                        let index = next.wrappingAdd(1, ordering: .relaxed).oldValue
                        guard index < batches.count, state.withLock({ $0.error == nil }) else { return }
                        scratch.batch.removeAll()
                        for row in batches[index] { scratch.batch.append(sequences[row]) }
                        encode(scratch, isAlone: isAlone)
                        for (sequence, row) in batches[index].enumerated() {
                            finish(scratch, sequence: sequence, into: rows.row(row, dimension: dimension))
                        }
                        state.withLock { state in
                            state.finished += batches[index].count
                            guard state.error == nil else { return }
                            do { try progress?(state.finished) } catch { state.error = error }
                        }
                    }
                }
            }
        }
        if let error = state.withLock({ $0.error }) { throw error }
        guard result.isFinite else { throw EncoderError.notFiniteEmbedding(path: directory.path) }
        return result
    }

    /// Cuts texts into batches: longest first, ties in order, about `tokensPerBatch` tokens each.
    static func batches(lengths: [Int], tokensPerBatch: Int) -> [[Int]] {
        let order = lengths.indices.sorted { (lengths[$0], $1) > (lengths[$1], $0) }
        var batches: [[Int]] = []
        var tokens = 0
        for index in order {
            if batches.isEmpty || tokens + lengths[index] > tokensPerBatch {
                batches.append([])
                tokens = 0
            }
            batches[batches.count - 1].append(index)
            tokens += lengths[index]
        }
        return batches
    }

    private func checkLength(of sequence: [TokenID]) {
        precondition(
            (1...configuration.maximumLength).contains(sequence.count),
            "a sequence of \(sequence.count) tokens; the model reads 1 to \(configuration.maximumLength)")
    }

    /// Computes the token vectors of a scratch's batch into its lane.
    /// - Parameters:
    ///   - scratch: its batch goes in.
    ///   - isAlone: whether the batch is all that its caller has to do, so that idle cores may help.
    private func encode(_ scratch: EncoderScratch, isAlone: Bool) {
        body.reserve(scratch.batch, scratch.activations)
        let isQuiet = active.wrappingAdd(1, ordering: .relaxed).oldValue == 0
        defer { active.wrappingSubtract(1, ordering: .relaxed) }
        if isAlone, isQuiet, let team = helpers(), team.forward(body, scratch) { return }
        body.forward(scratch.batch, scratch.activations, scratch.lane)
    }

    /// The team, which begins with the first batch that can use it; nil where there is one core.
    private func helpers() -> EncoderTeam? {
        team.withLock { team in
            if team == nil {
                let size = min(Processors.usableCount, Self.largestTeam)
                if size > 1 { team = EncoderTeam(size: size) }
            }
            return team
        }
    }

    /// Pools one sequence of a computed batch.
    private func finish(
        _ scratch: EncoderScratch, sequence: Int, into vector: UnsafeMutableBufferPointer<Float>
    ) {
        guard let start = vector.baseAddress else { return }
        let size = configuration.body.hiddenSize
        let tokens = UnsafePointer(scratch.lane.hidden.start + scratch.batch.offsets[sequence] * size)
        for (part, mode) in configuration.pooling.enumerated() {
            mode.pool(tokens, length: scratch.batch.length(of: sequence), size: size, into: start + part * size)
        }
        if normalizes { _ = NormalizeOperation.forward(vector) }
    }

    private func withScratch(_ body: (EncoderScratch) -> Void) {
        let scratch = idle.withLock { $0.popLast() } ?? EncoderScratch()
        body(scratch)
        idle.withLock { $0.append(scratch) }
    }
}

/// The result's memory.
///
/// `@unchecked Sendable` because batches write to disjoint rows.
private struct SharedRows: @unchecked Sendable {
    let values: UnsafeMutableBufferPointer<Float>

    func row(_ index: Int, dimension: Int) -> UnsafeMutableBufferPointer<Float> {
        UnsafeMutableBufferPointer(rebasing: values[(index * dimension)..<((index + 1) * dimension)])
    }
}
