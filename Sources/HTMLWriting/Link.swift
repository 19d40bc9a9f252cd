// Addresses that may stand in a page: within the server, or on the web. `javascript:`, `data:` and whatever else a browser runs or opens
// when it is clicked cannot be made into one.

/// An address that is safe to follow.
package struct Link: Sendable, Hashable {
    /// The address as it is sent, before it is escaped for HTML.
    package let text: String

    /// An address on the web, as a feed gives it.
    ///
    /// Only whole `http:` and `https:` addresses; blanks around it are dropped and those inside are encoded.
    /// - Returns: nil for every other text.
    package init?(web text: String) {
        let trimmed = text.drop(while: \.isWhitespace)
        let end = trimmed.lastIndex { !$0.isWhitespace }.map { trimmed.index(after: $0) } ?? trimmed.startIndex
        let address = trimmed[..<end]
        let start = address.prefix(8).lowercased()
        let schemeLength = start.hasPrefix("https://") ? 8 : start.hasPrefix("http://") ? 7 : 0
        // Browsers drop tabs and line breaks and read "\" as "/", so an address that holds them is not what it seems.
        let isPlain = address.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7F && $0 != "\\" }
        guard schemeLength > 0, isPlain, let host = address.dropFirst(schemeLength).first, !"/?#@: ".contains(host)
        else { return nil }
        self.text = String(address.replacing(" ", with: "%20"))
    }

    /// An address of this server.
    /// - Parameters:
    ///   - path: begins with one “/”.
    ///   - query: names and values in their order; they are encoded.
    package init(path: StaticString, query: [(name: String, value: String)] = []) {
        let path = "\(path)"
        precondition(path.hasPrefix("/") && !path.hasPrefix("//"), "expected a path of this server, found \(path)")
        let pairs = query.map { "\(Self.encoded($0.name))=\(Self.encoded($0.value))" }
        text = pairs.isEmpty ? path : path + "?" + pairs.joined(separator: "&")
    }

    /// A place in the same page.
    package init(fragment: StaticString) { text = "#\(fragment)" }

    /// Bytes that are not unreserved (RFC 3986, section 2.3), percent-encoded.
    private static func encoded(_ text: String) -> String {
        text.utf8.reduce(into: "") { result, byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "~"):
                result.unicodeScalars.append(Unicode.Scalar(byte))
            default:
                let digits = String(byte, radix: 16, uppercase: true)
                result += digits.count == 1 ? "%0\(digits)" : "%\(digits)"
            }
        }
    }
}
