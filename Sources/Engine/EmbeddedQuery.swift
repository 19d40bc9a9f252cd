internal import Encoder

/// query → tokens → embedding, with what the model could not read of it.
struct EmbeddedQuery: Sendable {
    /// Of unit length.
    let vector: [Float]
    /// Sentences for people.
    let warnings: [String]

    /// Embeds a query.
    /// - Throws: `EngineError.emptyQuery` for one without anything to read.
    init(_ query: String, by encoder: SentenceEncoder) throws {
        guard query.contains(where: { !$0.isWhitespace }) else { throw EngineError.emptyQuery }
        let tokens = encoder.tokens(of: query, role: .query)
        // Zero-width characters and the like are no white space, but the tokenizer drops them too.
        guard tokens.count > encoder.tokens(of: "", role: .query).count else { throw EngineError.emptyQuery }
        let embedding = try encoder.encode(sequences: [tokens], threads: 1)[0]
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
        vector = embedding.values
        self.warnings = warnings
    }
}
