// Log lines for what gathers logs: one JSON object a line, whatever stands in a message.

internal import Foundation
public import Logging

/// Writes `{"level":…,"message":…,"metadata":{…},"time":…}`, keys in order, each line in one piece.
public struct JSONLogHandler: LogHandler {
    private struct Line: Encodable {
        let time: String
        let level: String
        let message: String
        let metadata: Metadata?
    }

    /// Metadata as JSON: texts, objects and arrays of them.
    private enum Metadata: Encodable {
        case text(String), object([String: Metadata]), list([Metadata])

        init(_ value: Logger.MetadataValue) {
            switch value {
            case .string(let text): self = .text(text)
            case .stringConvertible(let value): self = .text(value.description)
            case .dictionary(let members): self = .object(members.mapValues(Metadata.init))
            case .array(let values): self = .list(values.map(Metadata.init))
            }
        }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.singleValueContainer()
            switch self {
            case .text(let text): try container.encode(text)
            case .object(let members): try container.encode(members)
            case .list(let values): try container.encode(values)
            }
        }
    }

    /// Least level that is written.
    public var logLevel = Logger.Level.info
    /// What stands in every line.
    public var metadata: Logger.Metadata = [:]
    /// Gives what depends on the task.
    public var metadataProvider: Logger.MetadataProvider?

    private let write: @Sendable (Data) -> Void

    /// Prepares a handler.
    /// - Parameter write: takes a line with its end, from any thread.
    init(write: @escaping @Sendable (Data) -> Void) { self.write = write }

    /// A handler that writes to standard error.
    /// - Parameter label: the logger's name, which is the program's and so not written.
    /// - Returns: the handler.
    public static func standardError(label: String) -> JSONLogHandler {
        // A line is one call of write(2), so that lines of two threads do not mix; where nobody reads there is nobody to tell.
        JSONLogHandler { line in try? FileHandle.standardError.write(contentsOf: line) }
    }

    /// Metadata under a key.
    public subscript(metadataKey key: String) -> Logger.MetadataValue? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    /// Writes a line.
    public func log(event: LogEvent) {
        var all = metadata
        if let provided = metadataProvider?.get() { all.merge(provided) { $1 } }
        if let own = event.metadata { all.merge(own) { $1 } }
        if let error = event.error { all["error"] = "\(error)" }
        let line = Line(
            time: Date.now.formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true)),
            level: event.level.rawValue, message: event.message.description,
            metadata: all.isEmpty ? nil : Metadata(.dictionary(all)))
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        guard var data = try? encoder.encode(line) else { return }
        data.append(UInt8(ascii: "\n"))
        write(data)
    }
}
