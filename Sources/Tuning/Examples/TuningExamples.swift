// What a source of examples gives: rows to train on, what is set aside for the verdict, and what negatives may be mined from.

internal import Catalog
internal import Evaluation
internal import Tensors
internal import Training

/// What a source gave.
struct TuningExamples {
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
