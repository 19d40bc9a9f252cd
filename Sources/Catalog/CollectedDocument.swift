// A UBI document of a shop's page, checked and in the form in which it is stored.
//
// The form is JSON on one line without white space: members in their order, unknown ones among them, numbers with the digits they were
// sent with. The same document sent again therefore has the same text, whatever its white space and escapes. A document without a time gets
// the server's, and has no identity: a second one like it may be a second event.

internal import Foundation
internal import JSONReading

/// A query or an event that may be stored.
package struct CollectedDocument: Hashable, Sendable {
    /// What a document is; the numbers stand in files.
    package enum Kind: Int, CaseIterable, Sendable {
        /// What was asked and shown.
        case query = 1
        /// What a shopper did.
        case event = 2
    }

    /// What it is.
    package let kind: Kind
    /// The document on one line.
    package let text: String
    /// Its time in milliseconds since 1970.
    package let milliseconds: Int
    /// Whether it came with that time.
    package let hasOwnTime: Bool

    /// Checks a document.
    /// - Parameters:
    ///   - value: the document as it was sent.
    ///   - kind: what it has to be.
    ///   - now: the server's clock.
    /// - Throws: `UBIFault` for the first member that is wrong.
    init(_ value: JSONValue, as kind: Kind, now: Date) throws(UBIFault) {
        let given = try UBIRules(now: now).check(value, as: kind)
        self.kind = kind
        hasOwnTime = given != nil
        milliseconds = Int(((given ?? now).timeIntervalSince1970 * 1_000).rounded())
        text = given != nil ? value.oneLine : value.dated(milliseconds: milliseconds).oneLine
        let count = text.utf8.count
        guard count <= UBIRules.maxBytes else {
            throw UBIFault(path: "", expected: "a document of at most \(UBIRules.maxBytes) bytes", found: "\(count)")
        }
    }

    /// Takes a document that was checked before: one that is read from its file.
    package init(stored text: String, kind: Kind, milliseconds: Int, hasOwnTime: Bool) {
        self.kind = kind
        self.text = text
        self.milliseconds = milliseconds
        self.hasOwnTime = hasOwnTime
    }
}

extension JSONValue {
    /// The object with this time instead of a missing one.
    fileprivate func dated(milliseconds: Int) -> JSONValue {
        guard case .object(let members, let source) = self else { return self }
        let text = LogTimestamp.text(milliseconds: milliseconds)
        let kept = members.filter { !$0.key.utf8.elementsEqual("timestamp".utf8) }
        return .object(kept + [JSONMember(key: "timestamp", value: .text(text))], source: source)
    }
}
