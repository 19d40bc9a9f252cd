package import Tensors

/// A product asked for as a shopper remembers it: by some of its title's words.
package enum HalfTitle {
    /// A title with fewer words has no half that says anything.
    private static let leastWords = 4

    /// Half of a title's words, in their order.
    /// - Parameters:
    ///   - title: words between blanks.
    ///   - generator: draws them.
    /// - Returns: nil for a title of fewer than four words.
    package static func of(_ title: String, _ generator: inout SplitMix64) -> String? {
        let words = title.split(separator: " ")
        guard words.count >= leastWords else { return nil }
        let kept = words.indices.shuffled(using: &generator).prefix(words.count / 2).sorted()
        return kept.map { words[$0] }.joined(separator: " ")
    }
}
