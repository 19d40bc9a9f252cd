public import Tensors

/// How far a rebuild is.
public struct RebuildProgress: Sendable, Equatable {
    /// What is being done.
    public enum Stage: Sendable, Equatable {
        /// Products are embedded by the new model.
        case embedding
        /// Vectors are copied from the generation that answers.
        case copying
        /// The generation that answered before is removed.
        case dropping
        /// The file's free pages are given back.
        case shrinking
        /// Vectors are linked into the graph.
        case linking
        /// Another process writes to the index; its id, where it is known.
        case waiting(holder: Int?)
    }

    /// What is being done.
    public var stage = Stage.embedding
    /// Products, or vectors, that are done.
    public var done = 0
    /// Those there are.
    public var total = 0
    /// Whether the generation that is built answers already.
    public var hasSwitched = false

    /// At the beginning.
    public init() {}
}

/// What a rebuild came to.
public struct RebuildSummary: Sendable, Equatable {
    /// The generation that answers now, and the one before it; the same where nothing had to be done.
    public let generation, before: Int
    /// Its model, for people.
    public let modelName: String
    /// What the model's linear layers are computed in.
    public let precision: Precision
    /// Products in it, distinct texts of them, and texts that were embedded by this run.
    public let productCount, textCount, embeddedTexts: Int
    /// Of the whole run.
    public let seconds: Double
}
