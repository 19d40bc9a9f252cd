// What several routes read of a request.

internal import Foundation
internal import Hummingbird
internal import NIOCore

/// The address of a request.
enum RequestPath {
    /// The product id in the address.
    /// - Throws: `Problem` for one that is no text.
    static func identifier(in context: BasicRequestContext) throws -> String {
        guard let raw = context.parameters.get("id"), let id = raw.removingPercentEncoding, !id.isEmpty else {
            throw Problem.invalid("id", "Expected a product id in the address, percent-encoded UTF-8.")
        }
        return id
    }
}

/// The body of a request.
enum RequestBody {
    /// All of it.
    /// - Throws: `Problem.tooLarge`.
    static func bytes(of request: Request, upTo limit: Int) async throws -> [UInt8] {
        do {
            return Array(try await request.body.collect(upTo: limit).readableBytesView)
        } catch is NIOTooManyBytesError {
            throw Problem.tooLarge(limit: limit)
        }
    }
}
