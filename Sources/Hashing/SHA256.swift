// SHA-256 (FIPS 180-4) by OpenSSL's libcrypto: checksums of blobs, digests of models and texts.
//
// The door to COpenSSL. The system's library is used because it is there already, has the processor's SHA instructions, and needs no
// building (docs/decisions/0005-sha256-from-libcrypto.md). The names are swift-crypto's, so that one import decides between them.

internal import COpenSSL
package import Foundation

/// A hash under construction: `update` any number of times, then `finalize`.
///
/// Not thread-safe.
package final class SHA256 {
    /// Bytes of a digest.
    package static let byteCount = 32

    private let context: OpaquePointer

    /// Starts with no bytes.
    package init() {
        guard let context = EVP_MD_CTX_new() else { preconditionFailure("no memory for a hash") }
        self.context = context
        check(EVP_DigestInit_ex(context, EVP_sha256(), nil), "begin")
    }

    deinit { EVP_MD_CTX_free(context) }

    /// Adds bytes.
    package func update(bufferPointer: UnsafeRawBufferPointer) {
        check(EVP_DigestUpdate(context, bufferPointer.baseAddress, bufferPointer.count), "update")
    }

    /// Adds bytes.
    package func update(data: some DataProtocol) {
        for region in data.regions { region.withUnsafeBytes { update(bufferPointer: $0) } }
    }

    /// The digest of everything that was added; the hash is used up.
    package func finalize() -> Digest {
        var bytes = [UInt8](repeating: 0, count: Self.byteCount)
        check(EVP_DigestFinal_ex(context, &bytes, nil), "finish")
        return Digest(bytes: bytes)
    }

    /// The digest of some bytes.
    package static func hash(data: some DataProtocol) -> Digest {
        let hash = SHA256()
        hash.update(data: data)
        return hash.finalize()
    }

    /// 32 bytes.
    package struct Digest: Hashable, Sendable, Sequence {
        private let bytes: [UInt8]

        fileprivate init(bytes: [UInt8]) { self.bytes = bytes }

        /// The bytes in order.
        package func makeIterator() -> IndexingIterator<[UInt8]> { bytes.makeIterator() }

        /// Lends the bytes.
        package func withUnsafeBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
            try bytes.withUnsafeBytes(body)
        }
    }
}

extension Sequence<UInt8> {
    /// Two lower-case digits a byte, as checksums are written.
    package var hexadecimal: String {
        let digits = Array("0123456789abcdef".utf8)
        return String(decoding: flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }
}

/// SHA-256 fails only where libcrypto itself is broken or forbids it; nothing outside the program can bring that about.
private func check(_ result: Int32, _ step: String) {
    precondition(result == 1, "libcrypto could not \(step) a SHA-256 hash")
}
