/// Why a token cannot be used.
public enum TokenError: Error, Equatable, CustomStringConvertible {
    /// Too short; how many characters it has.
    case short(Int)
    /// Characters that cannot stand in a header field.
    case unsuitable
    /// The file cannot be read, and why.
    case unreadable(String, String)
    /// Others can read the file; its mode.
    case exposed(String, UInt32)

    /// A sentence for people.
    public var description: String {
        switch self {
        case .short(let count):
            "expected a token of at least \(BearerToken.minimumLength) characters, found \(count); make one with `openssl rand -hex 32`"
        case .unsuitable:
            "expected a token of letters, digits and -._~+/=, found other characters; make one with `openssl rand -hex 32`"
        case .unreadable(let path, let reason):
            "expected a file with a token at \(path), found that it cannot be read: \(reason)"
        case .exposed(let path, let mode):
            "expected \(path) to be readable by its owner and group only, found mode \(String(mode, radix: 8)); run `chmod 600 \(path)`"
        }
    }
}
