internal import Encoder
internal import Tokenization

/// query → tokens → embedding, with what the model could not read of it.
struct EmbeddedQuery: Sendable {
    /// Of unit length.
    let vector: [Float]
    /// Sentences for people.
    let warnings: [String]

    /// Embeds a query.
    /// - Throws: `EngineError.emptyQuery` for one without anything to read.
    init(_ query: String, by encoder: SentenceEncoder) throws {
        let tokens = try Self.tokens(of: query, encoder)
        self.init(query, tokens, try encoder.encode(tokens).values, encoder)
    }

    private init(_ query: String, _ tokens: [TokenID], _ vector: [Float], _ encoder: SentenceEncoder) {
        let unknown = UnknownTokens(text: query, tokens: tokens, tokenizer: encoder.tokenizer)
        var warnings: [String] = []
        if unknown.isMostlyUnknown {
            warnings.append(
                "The model knows no pieces of \(unknown.unknown) of the query's \(unknown.words) words ([UNK]); "
                    + "the hits say little. A multilingual model would read them.")
        }
        if tokens.count == encoder.configuration.maximumLength {
            warnings.append(
                "The query reaches the model's limit of \(tokens.count) tokens; what is beyond it is not read.")
        }
        self.vector = vector
        self.warnings = warnings
    }

    /// Embeds several queries in one pass through the model, on one thread.
    ///
    /// In float32 a query's sums are rounded otherwise in other company: scores differ in the seventh digit. In bfloat16 and int8 they are not.
    /// - Parameters:
    ///   - queries: each once.
    ///   - encoder: the model.
    /// - Returns: an embedding for each that has something to read.
    /// - Throws: what the encoder throws.
    static func embed(
        _ queries: [String], by encoder: SentenceEncoder
    ) throws -> [(query: String, embedded: EmbeddedQuery)] {
        let asked = queries.compactMap { query in (try? tokens(of: query, encoder)).map { (query: query, tokens: $0) } }
        guard !asked.isEmpty else { return [] }
        let rows = try encoder.encode(sequences: asked.map(\.tokens), threads: 1)
        return asked.enumerated().map { row, entry in
            (entry.query, EmbeddedQuery(entry.query, entry.tokens, rows[row].values, encoder))
        }
    }

    private static func tokens(of query: String, _ encoder: SentenceEncoder) throws -> [TokenID] {
        guard query.contains(where: { !$0.isWhitespace }) else { throw EngineError.emptyQuery }
        let tokens = encoder.tokens(of: query, role: .query)
        // Zero-width characters and the like are no white space, but the tokenizer drops them too.
        guard tokens.count > encoder.tokens(of: "", role: .query).count else { throw EngineError.emptyQuery }
        return tokens
    }
}
