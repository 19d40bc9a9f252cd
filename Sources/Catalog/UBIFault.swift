// Why a document that a page sent is refused: the path of the member, and both sides.

/// What is wrong with one member of a UBI document.
package struct UBIFault: Error, Hashable, CustomStringConvertible {
    /// The member as a path, “event_attributes.object.object_id” or “query_response_hit_ids[3]”; empty for the document itself.
    package let path: String
    /// What may stand there.
    package let expected: String
    /// What stands there.
    package let found: String

    /// Both sides in a sentence; the path stands beside it.
    package var description: String { "Expected \(expected), found \(found)." }
}
