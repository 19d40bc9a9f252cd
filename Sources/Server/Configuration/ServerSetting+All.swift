internal import Logging

extension ServerSetting {
    /// Every setting, in the order of help, `--print-config` and docs/serving.md.
    package static let all: [ServerSetting] = [
        .text("host", \.host, "Address to listen on; other machines reach 0.0.0.0 or ::."),
        .whole("port", \.port, 0...65_535, "Port; 0: any that is free."),
        .whole("workers", \.workers, 1...1_024, "Searches at once; as many as cores unless it is set."),
        .whole("maxWaiting", \.maxWaiting, 0...1_000_000, "Searches that wait at most; more are answered with 429."),
        .whole("maxHits", \.maxHits, 1...1_000, "Hits of an answer at most."),
        .whole("maxQueryLength", \.maxQueryLength, 1...100_000, "Characters of a query at most."),
        .whole("maxBatch", \.maxBatch, 1...10_000, "Queries of a batch at most."),
        .whole(
            "maxBodyBytes", \.maxBodyBytes, 1_024...1_073_741_824,
            "Bytes of a product that is written at most, more: 413; searches and clicks have 1 MiB at most."),
        .whole(
            "maxHeaderBytes", \.maxHeaderBytes, 1_024...1_048_576,
            "Bytes of a request's line and fields at most; more: 431."),
        .whole("maxConnections", \.maxConnections, 1...1_000_000, "Connections at once; more are answered with 503."),
        .decimal(
            "requestSeconds", \.requestSeconds, 0.1...3_600,
            "Seconds in which a whole request has to arrive; later: 408."),
        .decimal("idleSeconds", \.idleSeconds, 0.1...86_400, "Seconds that a connection stays open without a request."),
        .decimal(
            "refreshSeconds", \.refreshSeconds, 0.01...3_600, "Seconds between two looks at the index for what is new."),
        .decimal(
            "recallSeconds", \.recallSeconds, 0...86_400,
            "Seconds between two comparisons of the graph with exact search, for the metrics; 0: none."),
        .whole(
            "maxClickBytes", \.maxClickBytes, 0...1_099_511_627_776,
            "Bytes that collected clicks may take; beyond, they are refused."),
        .decimal(
            "closeEnough", \.closeEnough, -1...1,
            "Similarity from which a hit is close to a query; docs/page.md tells how to find it."),
        .flag("lab", \.lab, "Serve /lab, which compares generations and keeps a second one in memory."),
        .origins("cors", \.allowedOrigins, "Origins whose pages may read answers; * for all."),
        .file("tokenFile", \.tokenFile, "File with the token that writing needs; AISLE_TOKEN holds the token itself."),
        .flag("requireToken", \.requireToken, "Ask for the token everywhere but at /healthz and /readyz."),
        .file("tlsCert", \.tlsCert, "PEM file with the certificate and those that signed it; needs a build with TLS."),
        .file("tlsKey", \.tlsKey, "PEM file with the certificate's private key."),
        .choice("log", \.logLevel, of: [.debug, .info, .warning, .error], "Least level of log lines."),
        .choice("logFormat", \.logFormat, of: LogFormat.allCases, "Log lines for people, or one JSON object each."),
    ]

    /// The setting with a key.
    /// - Parameter key: the key.
    /// - Returns: the setting; nil where there is none.
    package static func named(_ key: String) -> ServerSetting? { all.first { $0.key == key } }
}
