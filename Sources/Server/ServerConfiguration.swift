/// How a server behaves.
public struct ServerConfiguration: Sendable, Equatable, Codable {
    /// Address to listen on; loopback unless it is told otherwise.
    public var host = "127.0.0.1"
    /// Port to listen on; 0: any that is free.
    public var port = 8080
    /// Most hits of an answer.
    public var maxHits = 100
    /// Most characters of a query.
    public var maxQueryLength = 500
    /// Bytes of a request's body at most.
    public var maxBodyBytes = 1_048_576
    /// Queries of a batch at most.
    public var maxBatch = 100
    /// Searches at once; more wait.
    public var workers = 2
    /// Searches that wait at most; more are turned away with 429.
    public var maxWaiting = 256
    /// Seconds between two looks at the index for what was committed.
    public var refreshSeconds = 0.25
    /// Origins that may read answers in a browser, besides the server's own; “*”: all.
    public var allowedOrigins: [String] = []
    /// Similarity from which a hit is close to a query; measured for all-MiniLM-L6-v2 (docs/page.md).
    public var closeEnough = 0.3
    /// Serves `/lab`, which keeps a second generation in memory.
    public var lab = false

    /// The defaults.
    public init() {}
}
