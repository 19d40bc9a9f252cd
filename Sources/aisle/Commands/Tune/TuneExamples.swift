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

    /// Rows with the same candidates.
    struct Group {
        /// Their numbers.
        let rows: [Int]
        /// Products that may be negatives.
        let allowed: Set<ProductID>
        /// Whether anchors are words of a product, so that every text with all of them is as right.
        var anchorsAreWords = false
    }
    /// Which candidates are taken where nobody says otherwise.
    var defaults = HardNegativeMiner.Options()
}

/// What is set aside: by a number alone, so that the same data and seed hold out the same.
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

    func part(of number: Int) -> Part {
        var generator = SplitMix64(seed: seed, stream: number)
        let draw = Double(generator.next() >> 11) * 0x1p-53
        if draw < share { return .heldOut }
        return hasDevelopment && draw < 2 * share ? .development : .training
    }

    /// Sorts items into the parts.
    func parts<Item>(of items: [Item]) -> (training: [Item], development: [Item], heldOut: [Item]) {
        var parts: (training: [Item], development: [Item], heldOut: [Item]) = ([], [], [])
        for (number, item) in items.enumerated() {
            switch part(of: number) {
            case .training: parts.training.append(item)
            case .development: parts.development.append(item)
            case .heldOut: parts.heldOut.append(item)
            }
        }
        return parts
    }
}
