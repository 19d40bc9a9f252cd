// What a source of examples gives: rows to train on, what is set aside for the verdict, and what negatives may be mined from.

import Catalog
import Evaluation
import Tensors
import Training

/// What a source gave.
struct TuneExamples {
    /// Rows to train on, before negatives are mined.
    let set: TrainingSet
    /// What is held out for the verdict.
    var trial: TuningTrial
    /// What is held out for choosing between candidates; nil where nobody chooses.
    var development: TuningTrial?
    /// What negatives are mined from; nil where rows have theirs.
    var mining: MiningPlan?
    /// Whether the trial's products are those of the index, which has their vectors.
    var triesIndex = false
    /// Labels in the data; 0 where it has none.
    var labelCount = 0
    /// Sentences about the data.
    var notes: [String] = []
}

/// Where negatives come from, and what none may be.
struct MiningPlan {
    /// The texts that may be negatives.
    let products: [Product]
    /// How a product's text is made.
    let template: TextTemplate
    /// What is known to be right for an anchor.
    var known: [String: Set<ProductID>] = [:]
    /// Rows that share what may be a negative of theirs; empty: everything may be one.
    var groups: [Group] = []

    /// Products that may be negatives.
    enum Candidates {
        case only(Set<ProductID>)
        case allBut(Set<ProductID>)
    }

    /// Rows with the same candidates.
    struct Group {
        /// Their numbers.
        let rows: [Int]
        /// Products that may be negatives.
        let allowed: Candidates
        /// Whether anchors are words of a product, so that every text with all of them is as right.
        var anchorsAreWords = false
    }
    /// Whether they are the trial's products too.
    var isTrialCatalog = true
    /// Which candidates are taken where nobody says otherwise.
    var defaults = HardNegativeMiner.Options()
}

/// What is set aside: by a text alone, so that the same text goes to one side whatever stands around it, in this file and in a longer one.
struct HoldoutSplit {
    /// Where an item goes.
    enum Part {
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

    /// Where a text goes; case and blanks do not matter.
    func part(of text: String) -> Part {
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
