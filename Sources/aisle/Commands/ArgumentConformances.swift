// Types of the engine that can be read from the command line by their raw value.

public import ArgumentParser
public import Catalog
public import Encoder
public import Tensors

extension FeedFormat: ExpressibleByArgument {}

extension SimilarityFunction: ExpressibleByArgument {}

extension Precision: ExpressibleByArgument {}
