// Types of the engine that can be read from the command line by their raw value.

public import ArgumentParser
public import Catalog
public import Encoder

extension FeedFormat: ExpressibleByArgument {}

extension SimilarityFunction: ExpressibleByArgument {}

extension LabelField: ExpressibleByArgument {
    /// Reads a field's name; nil where it is none.
    public init?(argument: String) {
        guard let field = try? LabelField(argument) else { return nil }
        self = field
    }
}
