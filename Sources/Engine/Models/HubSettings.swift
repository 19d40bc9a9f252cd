// What the environment says about the hub; the variables have the names and meanings of Hugging Face's own clients.

internal import Foundation

/// How to reach the hub.
struct HubSettings: Sendable {
    /// How often and how patiently a request is repeated.
    struct Patience: Sendable {
        /// Repetitions of a request after the first.
        var retries = 4
        /// Pause before the first repetition; each further one is twice as long.
        var firstDelay = Duration.milliseconds(500)
        /// Longest pause that is waited for when the hub asks for one.
        var longestDelay = Duration.seconds(60)
        /// Longest silence of a connection, in seconds.
        var idleTimeout = 60.0
        /// Longest wait for the first answer of a host, in seconds; a firewall that drops packets gives none.
        var answerTimeout = 15.0
    }

    /// Address without a slash at its end: `HF_ENDPOINT`.
    let endpoint: URL
    /// Access token: `HF_TOKEN`.
    let token: String?
    /// How patient to be.
    let patience: Patience

    /// Reads the environment.
    /// - Throws: `ModelError.malformedSetting`; `.offline` if `HF_HUB_OFFLINE` says so.
    init(environment: [String: String], patience: Patience, pulling name: ModelName) throws(ModelError) {
        if let value = environment["HF_HUB_OFFLINE"], ["1", "true", "yes", "on"].contains(value.lowercased()) {
            throw .offline(variable: "HF_HUB_OFFLINE=\(value)", name: name.text)
        }
        self.patience = patience
        endpoint = try Self.endpoint(environment["HF_ENDPOINT"] ?? "")
        token = try Self.token(environment["HF_TOKEN"] ?? "")
    }

    /// Address of a file of a repository.
    func url(repository: String, file: String) -> URL {
        endpoint.appending(path: "\(repository)/resolve/main/\(file)")
    }

    /// Whether an address belongs to the endpoint, so that the token may go there.
    func isOwn(_ url: URL) -> Bool {
        func port(_ url: URL) -> Int { url.port ?? (url.scheme?.lowercased() == "https" ? 443 : 80) }
        return url.scheme?.lowercased() == endpoint.scheme?.lowercased()
            && url.host()?.lowercased() == endpoint.host()?.lowercased()
            && port(url) == port(endpoint)
    }

    private static func endpoint(_ value: String) throws(ModelError) -> URL {
        var text = value.trimmingCharacters(in: .whitespacesAndNewlines)
        if text.isEmpty { text = "https://huggingface.co" }
        while text.hasSuffix("/") { text.removeLast() }
        let expected = "an address like https://huggingface.co"
        guard let url = URL(string: text), ["http", "https"].contains(url.scheme?.lowercased()),
            url.host()?.isEmpty == false,
            url.query() == nil, url.fragment() == nil
        else { throw .malformedSetting(variable: "HF_ENDPOINT", expected: expected, found: "“\(value)”") }
        guard url.user() == nil, url.password() == nil else {
            throw .malformedSetting(
                variable: "HF_ENDPOINT", expected: expected, found: "an address with a user name or password in it")
        }
        return url
    }

    private static func token(_ value: String) throws(ModelError) -> String? {
        let token = value.trimmingCharacters(in: .whitespacesAndNewlines)
        guard token.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw .malformedSetting(
                variable: "HF_TOKEN", expected: "printable ASCII characters without spaces",
                found: "other characters (not shown)")
        }
        return token.isEmpty ? nil : token
    }
}
