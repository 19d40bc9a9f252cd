// The secret that lets someone write (RFC 6750).
//
// Only its digest is kept: nothing that prints, dumps or compares it can give it away, and digests are of one length, so that a comparison
// takes the same time whatever was shown.

internal import Catalog
internal import Foundation
internal import Hashing

/// A token that was agreed on.
public struct BearerToken: Sendable, Equatable {
    /// Characters at least: sixteen of the base 64 alphabet are 96 bits.
    public static let minimumLength = 16

    private let digest: [UInt8]

    /// Takes a token.
    /// - Parameter text: the token; a line's end behind it is no part of it.
    /// - Throws: `TokenError` for one that is short or cannot stand in a header field.
    public init(_ text: String) throws(TokenError) {
        var bytes = Array(text.utf8)
        while let last = bytes.last, last == UInt8(ascii: "\n") || last == UInt8(ascii: "\r") { bytes.removeLast() }
        guard bytes.allSatisfy(Self.isAllowed) else { throw .unsuitable }
        guard bytes.count >= Self.minimumLength else { throw .short(bytes.count) }
        digest = Self.digest(of: bytes)
    }

    /// Reads a token from a file that others than its owner and group cannot read.
    /// - Parameter path: the file.
    /// - Throws: `TokenError`.
    public init(file path: String) throws(TokenError) {
        let bytes: Data
        do {
            // A named pipe that nobody writes to would be waited for.
            let type =
                try FileManager.default.attributesOfItem(
                    atPath: URL(filePath: path).resolvingSymlinksInPath().path)[.type] as? FileAttributeType
            guard type == .typeRegular else { throw TokenError.unreadable(path, "it is no regular file") }
            let handle = try FileHandle(forReadingFrom: URL(filePath: path))
            defer { try? handle.close() }
            // Asked of the open file, so that no other file can take its place in between.
            var status = stat()
            guard fstat(handle.fileDescriptor, &status) == 0 else {
                throw TokenError.unreadable(path, String(cString: strerror(errno)))
            }
            guard status.st_mode & Self.forbidden == 0 else { throw TokenError.exposed(path, status.st_mode & 0o777) }
            bytes = try handle.read(upToCount: Self.longestFile) ?? Data()
        } catch let error as TokenError { throw error } catch {
            throw .unreadable(path, SystemReason.text(of: error))
        }
        guard let text = String(bytes: bytes, encoding: .utf8) else { throw .unsuitable }
        try self.init(text)
    }

    /// Whether this is the token; takes as long for a wrong one as for the right one.
    /// - Parameter shown: what was shown.
    /// - Returns: whether it is.
    public func matches(_ shown: some StringProtocol) -> Bool {
        Self.areEqual(digest, Self.digest(of: Array(shown.utf8)))
    }

    /// Compares digests, in constant time as well.
    public static func == (left: BearerToken, right: BearerToken) -> Bool { areEqual(left.digest, right.digest) }

    /// Bits of a file's mode: others may not read or write it, the group may not write it.
    ///
    /// The group may read, since that is how secrets are handed to a service that is not their owner.
    private static let forbidden: mode_t = 0o027

    /// Bytes that are read; no token is as long.
    private static let longestFile = 4_096

    private static func digest(of bytes: [UInt8]) -> [UInt8] { Array(SHA256.hash(data: bytes)) }

    private static func areEqual(_ left: [UInt8], _ right: [UInt8]) -> Bool {
        zip(left, right).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
    }

    /// Letters, digits and `-._~+/=`, as RFC 6750 has it.
    static func isAllowed(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: "-._~+/=".utf8.contains(byte)
        }
    }
}

extension BearerToken: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// Says that it is a token, not which.
    public var description: String { "a token" }
    /// The same.
    public var debugDescription: String { description }
    /// Nothing to look into.
    public var customMirror: Mirror { Mirror(self, children: []) }
}
