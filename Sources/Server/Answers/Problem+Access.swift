internal import HTTPTypes

extension Problem {
    /// Writing where no token was configured.
    static var closed: Problem {
        Problem(
            "closed", "Nobody may do this here", .forbidden,
            "This server was started without a token. Start it with AISLE_TOKEN or --token-file to let those in who show it."
        )
    }

    /// A request without a token, or with something that is none.
    static var unauthorized: Problem {
        var problem = Problem(
            "unauthorized", "A token is needed", .unauthorized,
            "Expected the header field “Authorization: Bearer TOKEN”, found none of that form.")
        problem.fields[.wwwAuthenticate] = #"Bearer realm="aisle""#
        return problem
    }

    /// A token that is not the right one.
    static var wrongToken: Problem {
        var problem = Problem(
            "wrong-token", "The token is not the right one", .unauthorized,
            "The token that was shown is not this server's.")
        problem.fields[.wwwAuthenticate] = #"Bearer realm="aisle", error="invalid_token""#
        return problem
    }
}
