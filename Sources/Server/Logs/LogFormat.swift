/// What a log line looks like.
public enum LogFormat: String, CaseIterable, Sendable {
    /// For people.
    case text
    /// One JSON object a line, for what gathers logs.
    case json
}
