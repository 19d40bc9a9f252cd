internal import HTTPTypes

extension HTTPField.Name {
    /// The id of a request, as proxies pass it on.
    static let xRequestID: HTTPField.Name = named("X-Request-ID")

    private static func named(_ name: String) -> HTTPField.Name {
        guard let name = HTTPField.Name(name) else { preconditionFailure("\(name) is no name of a header field") }
        return name
    }
}
