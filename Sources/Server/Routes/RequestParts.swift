// What several routes read of a request.

internal import Foundation
internal import Hummingbird
internal import NIOCore

/// The address of a request.
enum RequestPath {
    /// Bytes of a product id at most, as in clicks; what is longer is looked for by nobody.
    private static let longestID = 256

    /// The product id in the address.
    /// - Throws: `Problem` for one that is no text, or none that a feed could give.
    static func identifier(in context: BasicRequestContext) throws -> String {
        guard let raw = context.parameters.get("id"), let id = raw.removingPercentEncoding, !id.isEmpty else {
            throw Problem.invalid("id", "Expected a product id in the address, percent-encoded UTF-8.")
        }
        guard id.utf8.count <= longestID, !id.utf8.contains(0), id.trimmingCharacters(in: .whitespacesAndNewlines) == id
        else {
            throw Problem.invalid(
                "id", "Expected a product id of at most \(longestID) bytes without spaces around it and without NUL.")
        }
        return id
    }
}

/// The body of a request.
enum RequestBody {
    /// Bytes of a body that everybody may send, whatever those who write may.
    static let openLimit = 1_048_576

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
