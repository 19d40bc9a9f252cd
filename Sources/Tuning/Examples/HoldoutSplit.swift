internal import Tensors
internal import Training

/// What is set aside: by a text alone, so that the same text goes to one side whatever stands around it, in this file and in a longer one.
package struct HoldoutSplit: Sendable {
    /// Where an item goes.
    package enum Part: Sendable {
        case training
        /// For choosing between candidates.
        case development
        /// For the verdict.
        case heldOut
    }

    let seed: UInt64
    /// Share that is held out for the verdict; as much again for development where that is wanted.
    let share: Double
    let hasDevelopment: Bool

    /// Sets a share aside.
    /// - Parameters:
    ///   - seed: draws.
    ///   - share: that is held out for the verdict.
    ///   - hasDevelopment: whether as much again is set aside for choosing between candidates.
    package init(seed: UInt64, share: Double, hasDevelopment: Bool) {
        self.seed = seed
        self.share = share
        self.hasDevelopment = hasDevelopment
    }

    /// Where a text goes; case and blanks do not matter.
    package func part(of text: String) -> Part {
        let words = text.lowercased().split(whereSeparator: \.isWhitespace).joined(separator: " ")
        // FNV-1a, 64 bits: the same on every machine.
        let hash = words.utf8.reduce(0xCBF2_9CE4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
        var generator = SplitMix64(seed: seed ^ hash)
        let draw = Double(generator.next() >> 11) * 0x1p-53
        if draw < share { return .heldOut }
        return hasDevelopment && draw < 2 * share ? .development : .training
    }

    /// Sorts items into the parts.
    /// - Throws: `TrainingError.invalidOption` where a part that is wanted stays too small to say anything.
    func parts<Item>(
        of items: [Item], noun: String, by text: (Item) -> String
    ) throws -> (training: [Item], development: [Item], heldOut: [Item]) {
        var parts: (training: [Item], development: [Item], heldOut: [Item]) = ([], [], [])
        for item in items {
            switch part(of: text(item)) {
            case .training: parts.training.append(item)
            case .development: parts.development.append(item)
            case .heldOut: parts.heldOut.append(item)
            }
        }
        func count(_ items: [Item]) -> Int { Set(items.map(text)).count }
        let wanted = [(share > 0, parts.heldOut), (hasDevelopment, parts.development)]
        for (isWanted, items) in wanted where isWanted && count(items) < Self.least {
            throw TrainingError.invalidOption(
                name: "--holdout",
                expected:
                    "a share of the \(count(parts.training) + count(parts.development) + count(parts.heldOut)) \(noun) that sets aside at least \(Self.least) (0 sets none aside)",
                found: "\(share), which sets aside \(count(items))")
        }
        return parts
    }

    /// Fewer texts have no neighbours to speak of.
    private static let least = 3
}
