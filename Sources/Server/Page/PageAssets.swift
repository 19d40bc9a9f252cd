// Style, scripts and icon, built into the program. Their addresses carry a digest of their bytes, so that a browser may keep them for ever
// and still gets the next ones with the next program.

internal import Foundation
internal import HTMLWriting
internal import HTTPTypes
internal import Hashing
internal import Hummingbird
internal import NIOCore

/// A file that the page loads.
enum PageAsset: String, CaseIterable, Sendable {
    case style = "page.css"
    case script = "page.js"
    case records = "ubi.js"
    case icon = "icon.svg"

    private struct Content {
        let bytes: [UInt8]
        let digest: String

        init(_ bytes: [UInt8]) {
            self.bytes = bytes
            digest = String(SHA256.hash(data: Data(bytes)).hexadecimal.prefix(16))
        }
    }

    private static let contents: [PageAsset: Content] = [
        .style: Content(PackageResources.page_css), .script: Content(PackageResources.page_js),
        .records: Content(PackageResources.ubi_js), .icon: Content(PackageResources.icon_svg),
    ]

    private var content: Content { Self.contents[self] ?? Content([]) }

    private var type: String {
        switch self {
        case .style: "text/css; charset=utf-8"
        case .script, .records: "text/javascript; charset=utf-8"
        case .icon: "image/svg+xml"
        }
    }

    /// Its address, which changes with its bytes.
    var link: Link {
        let version = [(name: "v", value: content.digest)]
        return switch self {
        case .style: Link(path: "/assets/page.css", query: version)
        case .script: Link(path: "/assets/page.js", query: version)
        case .records: Link(path: "/assets/ubi.js", query: version)
        case .icon: Link(path: "/assets/icon.svg", query: version)
        }
    }

    /// The file, or that the browser has it already.
    /// - Parameter request: says which version it asks for, and which it has.
    /// - Returns: 200 with the bytes, or 304.
    func response(to request: Request) -> Response {
        let tag = "\"\(content.digest)\""
        let isVersioned = request.uri.query == "v=\(content.digest)"
        let headers: HTTPFields = [
            .contentType: type, .eTag: tag,
            .cacheControl: isVersioned ? "public, max-age=31536000, immutable" : "no-cache",
        ]
        let known = (request.headers[.ifNoneMatch] ?? "").split(separator: ",").map {
            $0.trimmingCharacters(in: .whitespaces)
        }
        if known.contains(tag) || known.contains("W/" + tag) || known.contains("*") {
            return Response(status: .notModified, headers: headers)
        }
        return Response(status: .ok, headers: headers, body: .init(byteBuffer: ByteBuffer(bytes: content.bytes)))
    }
}
