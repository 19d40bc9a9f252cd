// What a page sends at once: a document, an array of them, or one a line. All of them are taken, or none.

package import Foundation
internal import JSONReading

/// Reads the documents of a request.
package enum UBISubmission {
    /// How the documents stand in the bytes.
    package enum Layout: Sendable {
        /// One object, or an array of objects.
        case json
        /// An object a line; blank lines are passed over.
        case lines
    }

    /// Documents at once at most.
    package static let maxDocuments = 1_000

    /// Reads and checks all documents.
    /// - Parameters:
    ///   - bytes: as they were sent.
    ///   - layout: how the documents stand in them.
    ///   - kind: what each of them has to be.
    ///   - now: the server's clock.
    /// - Returns: the documents in their order, at least one.
    /// - Throws: `UBISubmissionError` for the first that is wrong.
    package static func read(
        _ bytes: [UInt8], _ layout: Layout, as kind: CollectedDocument.Kind, now: Date
    ) throws(UBISubmissionError) -> [CollectedDocument] {
        let values: [JSONValue]
        var isSingle = false
        switch layout {
        case .lines: values = try lines(bytes)
        case .json:
            let value = try parse(bytes[...], line: nil)
            if case .list(let elements) = value {
                values = elements
            } else {
                values = [value]
                isSingle = true
            }
        }
        guard (1...maxDocuments).contains(values.count) else { throw .count(values.count) }
        var documents: [CollectedDocument] = []
        documents.reserveCapacity(values.count)
        for (index, value) in values.enumerated() {
            do {
                documents.append(try CollectedDocument(value, as: kind, now: now))
            } catch {
                throw .invalid(index: isSingle ? nil : index, error, documents: values.count)
            }
        }
        return documents
    }

    private static func lines(_ bytes: [UInt8]) throws(UBISubmissionError) -> [JSONValue] {
        let lines = bytes.split(separator: 0x0A, omittingEmptySubsequences: false)
        // Counted before anything is parsed: a line costs more than its bytes.
        let count = lines.count { !isBlank($0) }
        guard count <= maxDocuments else { throw .count(count) }
        var values: [JSONValue] = []
        for (index, line) in lines.enumerated() where !isBlank(line) {
            values.append(try parse(line, line: index + 1))
        }
        return values
    }

    private static func isBlank(_ line: ArraySlice<UInt8>) -> Bool {
        line.allSatisfy { $0 == 0x20 || $0 == 0x09 || $0 == 0x0D }
    }

    private static func parse(_ bytes: ArraySlice<UInt8>, line: Int?) throws(UBISubmissionError) -> JSONValue {
        do { return try JSONValue(parsing: Array(bytes)) } catch {
            let place = line.map { "line \($0), byte \(error.offset)" } ?? "byte \(error.offset)"
            throw .malformed("Expected \(error.expected) at \(place), found \(error.found).")
        }
    }
}

/// Why nothing of a request was taken.
package enum UBISubmissionError: Error, Hashable, CustomStringConvertible {
    /// It is no JSON; the sentence says where and why.
    case malformed(String)
    /// It holds no document, or too many.
    case count(Int)
    /// The document at this place, from 0, is wrong; nil where it came alone. `documents` came with it.
    case invalid(index: Int?, UBIFault, documents: Int)

    /// How many documents are refused, as far as they could be told apart.
    package var documents: Int {
        switch self {
        case .malformed: 1
        case .count(let count): count
        case .invalid(_, _, let documents): documents
        }
    }

    /// The path of the member that is wrong, “[3].action_name”; nil where it is no single one.
    package var field: String? {
        guard case .invalid(let index, let fault, _) = self else { return nil }
        let place = index.map { "[\($0)]" } ?? ""
        let path = fault.path.isEmpty || place.isEmpty ? place + fault.path : "\(place).\(fault.path)"
        return path.isEmpty ? nil : path
    }

    /// What was expected and found.
    package var description: String {
        switch self {
        case .malformed(let reason): reason
        case .count(let count): "Expected 1 to \(UBISubmission.maxDocuments) documents, found \(count)."
        case .invalid(_, let fault, _): fault.description
        }
    }
}
