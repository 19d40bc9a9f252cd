/// The id of a request in its answer and in every log line about it.
enum RequestID {
    /// Longest id that is taken over.
    private static let longest = 64

    /// An id that came with a request, where it can stand in a log line as it is; nil otherwise.
    static func accepted(_ text: String?) -> String? {
        guard let text, (1...longest).contains(text.utf8.count) else { return nil }
        let isSafe = text.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"):
                true
            default: "-._".utf8.contains(byte)
            }
        }
        return isSafe ? text : nil
    }
}
