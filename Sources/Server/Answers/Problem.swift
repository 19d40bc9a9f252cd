// What went wrong with a request, as RFC 9457 has it.

internal import Catalog
internal import Engine
internal import Foundation
internal import HTTPTypes
internal import Hummingbird
internal import IndexStore
internal import NIOCore

/// Problem details: what is wrong, and which part of the request.
struct Problem: Error, Encodable {
    /// Names the kind of problem; “urn:aisle:problem:” and a word.
    let type: String
    /// The kind in words.
    let title: String
    /// HTTP status.
    let status: Int
    /// This occurrence in words.
    var detail: String
    /// The parameter or member that is wrong; nil where it is no single one.
    var field: String?
    /// The request's id, as in the log.
    var instance: String?
    /// Seconds after which it may be tried again, for the header.
    var retryAfter: Int?
    /// What became of the rows of an upload.
    var upload: UploadAnswer?
    /// Header fields of the answer besides its type.
    var fields: HTTPFields = [:]

    private enum CodingKeys: CodingKey {
        case type, title, status, detail, field, instance, upload
    }

    init(_ word: String, _ title: String, _ status: HTTPResponse.Status, _ detail: String, field: String? = nil) {
        type = "urn:aisle:problem:\(word)"
        self.title = title
        self.status = Int(status.code)
        self.detail = detail
        self.field = field
    }

    /// A part of the request that cannot be used.
    static func invalid(_ field: String?, _ detail: String) -> Problem {
        Problem("invalid-request", "The request cannot be used", .unprocessableContent, detail, field: field)
    }

    /// A request that cannot be read.
    static func malformed(_ detail: String) -> Problem {
        Problem("malformed-request", "The request cannot be read", .badRequest, detail)
    }

    /// Nothing is there.
    static func notFound(_ detail: String, field: String? = nil) -> Problem {
        Problem("not-found", "Nothing is there", .notFound, detail, field: field)
    }

    /// A body that is too large.
    static func tooLarge(limit: Int) -> Problem {
        Problem(
            "too-large", "The body is too large", .contentTooLarge, "Expected a body of at most \(limit) bytes.")
    }

    /// Too many requests at once.
    static var busy: Problem {
        var problem = Problem(
            "busy", "Too many searches at once", .tooManyRequests,
            "As many searches wait as may; try again in a second.")
        problem.retryAfter = 1
        return problem
    }

    /// Too many writes at once.
    static var writersBusy: Problem {
        var problem = Problem(
            "busy", "Too many writes at once", .tooManyRequests, "As many writes wait as may; try again in a second.")
        problem.retryAfter = 1
        return problem
    }

    /// Another process writes to the index.
    static var locked: Problem {
        var problem = Problem(
            "locked", "The index is being written to", .serviceUnavailable,
            "Another process, an ingest for example, writes to the index; try again when it has finished. Searches go on."
        )
        problem.retryAfter = 10
        return problem
    }

    /// The index cannot be written.
    static func unwritable(_ status: HTTPResponse.Status, _ detail: String) -> Problem {
        Problem("unwritable", "The index cannot be written", status, detail)
    }

    /// A fault of the server; nothing of its inside is told.
    static var fault: Problem {
        Problem(
            "fault", "The server failed", .internalServerError, "The request was not at fault; the log has the reason.")
    }

    /// Translates what the engine throws; nil for what is no fault of the request.
    init?(_ error: any Error) {
        switch error {
        case let error as Problem: self = error
        case EngineError.emptyQuery: self = .invalid("q", EngineError.emptyQuery.description)
        case EngineError.unknownProduct(let id, let similar):
            let hint = similar.isEmpty ? "" : " Did you mean \(similar.joined(separator: ", "))?"
            self = .notFound("There is no product with the id “\(id)”.\(hint)", field: "id")
        case EngineError.emptyIndex: self = .notFound("The index holds no products yet.")
        case EngineError.invalidOption(_, let expected, let found):
            self = .invalid(nil, "Expected \(expected), found \(found).")
        case StoreError.locked, StoreError.busy: self = .locked
        case StoreError.diskFull:
            self = .unwritable(.init(code: 507), "There is no space left on the server's disk; nothing was written.")
        case StoreError.readOnly, StoreError.permissionDenied:
            self = .unwritable(.serviceUnavailable, "The server has no right to write the index; nothing was written.")
        case StoreError.unknownField, StoreError.unsupportedFilter: self = .invalid("where", "\(error)")
        case let error as CatalogError: self = .invalid("where", error.description)
        case let error as HTTPError where error.status == .notFound:
            self = .notFound("There is nothing at this address.")
        case let error as HTTPError where error.status.code < 500:
            self = Problem(
                "invalid-request", "The request cannot be used", error.status, error.body ?? "It is not as expected.")
        default: return nil
        }
    }

    /// The answer.
    func response() -> Response {
        let body = (try? JSONAnswer.encode(self)) ?? ByteBuffer(string: "{}")
        var headers = fields
        headers[.contentType] = "application/problem+json"
        if let retryAfter { headers[.retryAfter] = "\(retryAfter)" }
        return Response(status: .init(code: status), headers: headers, body: .init(byteBuffer: body))
    }
}
