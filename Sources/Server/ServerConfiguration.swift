internal import Foundation
public import Logging

/// How a server behaves.
///
/// What a person can set of it stands in `ServerSetting.all`.
public struct ServerConfiguration: Sendable, Equatable {
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
    public var workers = ProcessInfo.processInfo.activeProcessorCount
    /// Searches that wait at most; more are turned away with 429.
    public var maxWaiting = 256
    /// Seconds between two looks at the index for what was committed.
    public var refreshSeconds = 0.25
    /// Seconds between two comparisons of the graph with exact search, for the metrics; 0: none.
    public var recallSeconds = 600.0
    /// Bytes that collected clicks may take on the disk.
    public var maxClickBytes = 4_000_000_000
    /// Origins that may read answers in a browser, besides the server's own; “*”: all.
    public var allowedOrigins: [String] = []
    /// Similarity from which a hit is close to a query; measured for all-MiniLM-L6-v2 (docs/page.md).
    public var closeEnough = 0.3
    /// Serves `/lab`, which keeps a second generation in memory.
    public var lab = false
    /// Bytes of a request's line and header fields at most.
    public var maxHeaderBytes = 32_768
    /// Connections at once; more are turned away with 503.
    public var maxConnections = 1_000
    /// Seconds in which a whole request has to arrive.
    public var requestSeconds = 30.0
    /// Seconds that a connection may stay open without a request.
    public var idleSeconds = 60.0
    /// What a writer has to show; nil: nobody writes.
    public var token: BearerToken?
    /// The file that the token was read from; nil where it came otherwise.
    public var tokenFile: String?
    /// Whether reading needs the token as well.
    public var requireToken = false
    /// A file with the certificate and what signed it, in PEM; nil: no TLS.
    public var tlsCert: String?
    /// A file with the certificate's private key, in PEM.
    public var tlsKey: String?
    /// Least level of log lines.
    public var logLevel = Logger.Level.info
    /// What a log line looks like.
    public var logFormat = LogFormat.text

    /// The defaults.
    public init() {}
}
