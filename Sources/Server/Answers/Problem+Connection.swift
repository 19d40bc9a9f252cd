internal import HTTPTypes

extension Problem {
    /// A request that does not arrive.
    static func tooSlow(seconds: Double) -> Problem {
        Problem(
            "too-slow", "The request did not arrive", .requestTimeout,
            "Expected a whole request within \(seconds) seconds.")
    }

    /// Header fields, or a request line, that are too long.
    static func headerTooLarge(limit: Int) -> Problem {
        Problem(
            "header-too-large", "The header is too large", .requestHeaderFieldsTooLarge,
            "Expected a request line and header fields of at most \(limit) bytes, and at most \(ConnectionLimits.maxFields) fields."
        )
    }

    /// Too many connections at once.
    static var full: Problem {
        var problem = Problem(
            "full", "Too many connections at once", .serviceUnavailable,
            "As many connections are open as may; try again in a second.")
        problem.retryAfter = 1
        return problem
    }

    /// A version of HTTP that is not spoken.
    static var wrongVersion: Problem {
        Problem(
            "wrong-version", "The version is not spoken", .httpVersionNotSupported, "Expected HTTP/1.1 or HTTP/1.0.")
    }

    /// An expectation that cannot be met.
    static var unmetExpectation: Problem {
        Problem(
            "unmet-expectation", "The expectation cannot be met", .expectationFailed,
            "Expected “Expect: 100-continue” or no such field.")
    }

    /// A method that an address does not have.
    static func methodNotAllowed(_ allowed: String) -> Problem {
        var problem = Problem(
            "method-not-allowed", "Not that way", .methodNotAllowed,
            allowed.isEmpty ? "This server does not have that method." : "This address has the methods \(allowed).")
        problem.fields[.allow] = allowed
        return problem
    }
}
