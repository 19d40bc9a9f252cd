// SHA-256 digests as values: 32 bytes held inline, so that a dictionary of a batch's hashes allocates nothing per key.

package import Foundation
internal import Hashing

/// A SHA-256 digest: 32 bytes.
struct Digest: Hashable, Sendable {
    /// The bytes in order, eight to a word, in memory order.
    private let words: SIMD4<UInt64>

    init(of bytes: some DataProtocol) {
        self.init(SHA256.hash(data: bytes))
    }

    /// The digest a hash function holds after its last update.
    init(_ digest: SHA256.Digest) {
        var words = SIMD4<UInt64>()
        withUnsafeMutableBytes(of: &words) { target in
            digest.withUnsafeBytes { target.copyMemory(from: $0) }
        }
        self.words = words
    }

    /// Reads a stored digest; nil unless there are exactly 32 bytes.
    init?(stored: Data) {
        guard stored.count == 32 else { return nil }
        var words = SIMD4<UInt64>()
        _ = withUnsafeMutableBytes(of: &words) { stored.copyBytes(to: $0) }
        self.words = words
    }

    /// The 32 bytes.
    var data: Data { withUnsafeBytes(of: words) { Data($0) } }

    // One word of a cryptographic digest is as good a hash as any.
    func hash(into hasher: inout Hasher) { hasher.combine(words.x) }
}

extension Digest: CustomStringConvertible {
    /// The first six bytes in hexadecimal: what error messages print.
    var description: String { data.prefix(6).hexadecimal }
}

/// SHA-256 of the text a node embeds: products with the same text share one node.
package struct TextHash: Hashable, Sendable, CustomStringConvertible {
    let digest: Digest

    /// Hashes the UTF-8 bytes of the text exactly as it goes to the encoder.
    package init(of text: String) { digest = Digest(of: Data(text.utf8)) }

    init(_ digest: Digest) { self.digest = digest }

    /// The 32 bytes.
    package var data: Data { digest.data }

    /// The first twelve hexadecimal digits.
    package var description: String { digest.description }
}
