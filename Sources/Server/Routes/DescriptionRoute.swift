internal import HTTPTypes
internal import Hummingbird
internal import NIOCore

/// `/openapi.json`: the API described for programs (OpenAPI 3.1), as the file beside this source says.
enum DescriptionRoute {
    /// Adds the route.
    static func add(to router: Router<BasicRequestContext>) {
        let description = ByteBuffer(bytes: PackageResources.openapi_json)
        router.get("openapi.json") { _, _ in
            Response(
                status: .ok, headers: [.contentType: "application/json", .cacheControl: "no-cache"],
                body: .init(byteBuffer: description))
        }
    }
}
