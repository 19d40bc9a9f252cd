// How a feed is read; the defaults suit a feed that has Aisle's own column names.

/// How to read a feed.
public struct FeedOptions: Sendable {
    /// How rows are written; nil: told from the file's name or first bytes.
    public var format: FeedFormat?
    /// Which columns are which fields.
    public var mapping: FieldMapping
    /// The text that is embedded; a row without it is rejected.
    public var template: TextTemplate
    /// Asked ten times a second while a pipe is awaited; once it is true, reading throws `CatalogError.cancelled`.
    public var isCancelled: @Sendable () -> Bool

    /// Options for a feed.
    public init(
        format: FeedFormat? = nil, mapping: FieldMapping = FieldMapping(), template: TextTemplate = .standard,
        isCancelled: @escaping @Sendable () -> Bool = { false }
    ) {
        self.format = format
        self.mapping = mapping
        self.template = template
        self.isCancelled = isCancelled
    }
}
