/// Token sequences packed one after another, never padded.
///
/// Sequence *i* is `ids[offsets[i] ..< offsets[i + 1]]`. A sequence may be empty. Invariants: `offsets` has `count + 1`
/// entries, starts with 0, never decreases and ends with `ids.count`.
public struct TokenBatch: Hashable, Sendable {
    /// The tokens of all sequences.
    public private(set) var ids: [TokenID]

    /// Where each sequence starts in `ids`, and where the last one ends.
    public private(set) var offsets: [Int]

    /// Creates a batch without sequences.
    public init() {
        ids = []
        offsets = [0]
    }

    /// Number of sequences.
    public var count: Int {
        offsets.count - 1
    }

    /// Adds one sequence, which may be empty.
    ///
    /// - Complexity: O(tokens of the sequence), amortised.
    public mutating func append(_ sequence: some Collection<TokenID>) {
        ids.append(contentsOf: sequence)
        offsets.append(ids.count)
    }

    /// Empties the batch and keeps its memory for the next one.
    public mutating func removeAll() {
        ids.removeAll(keepingCapacity: true)
        offsets.removeLast(offsets.count - 1)
    }

    /// The tokens of one sequence.
    ///
    /// - Precondition: `sequence` is 0 or more and less than `count`.
    public subscript(sequence: Int) -> ArraySlice<TokenID> {
        ids[range(of: sequence)]
    }

    /// Number of tokens in one sequence.
    ///
    /// - Precondition: `sequence` is 0 or more and less than `count`.
    public func length(of sequence: Int) -> Int {
        range(of: sequence).count
    }

    /// Appends one sequence that `body` writes straight to the end of `ids`, which saves a copy.
    mutating func appendSequence(writing body: (inout [TokenID]) -> Void) {
        body(&ids)
        offsets.append(ids.count)
    }

    private func range(of sequence: Int) -> Range<Int> {
        precondition(
            sequence >= 0 && sequence < count,
            "sequence \(sequence) of a batch that has \(count) sequences"
        )
        return offsets[sequence]..<offsets[sequence + 1]
    }
}
