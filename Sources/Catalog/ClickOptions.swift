// What counts in a click log and how much. The defaults suit a shop with some thousand searches; none of them is a law.

/// How clicks become judgments.
public struct ClickOptions: Hashable, Sendable {
    /// What a click weighs; finite and more than 0.
    public var clickWeight = 1.0
    /// What adding to the cart weighs, beside the click that mostly comes before it; finite and not negative.
    public var addToCartWeight = 3.0
    /// What buying weighs, beside the click and the cart; finite and not negative.
    public var purchaseWeight = 5.0
    /// Whether "view" and "watch" are clicks; shops that log a view for each page opened from anywhere say no.
    public var countsViewsAsClicks = false

    /// Whether expected clicks are used where there are impressions; without them, weighted clicks are counted.
    ///
    /// Turn it off for a log with impressions for so few of its searches that the clicks of the others are missed.
    public var correctsPositionBias = true
    /// The last rank with a click-through rate of its own; those behind it share one.
    public var rankDepth = 20
    /// How many impressions at the mean rate of the whole log are added to each rank; finite and not negative.
    ///
    /// Pulls the rate of a rank with little evidence toward the mean and keeps it above 0.
    public var priorImpressions = 20.0

    /// Expected clicks that are added to those of each pair; finite and not negative.
    ///
    /// 0 is plain COEC, by which one click at a rank with a rate of 0.02 counts 50; with 1 it counts just under 1, while a pair with
    /// hundreds of expected clicks hardly changes.
    public var priorExpectedClicks = 0.0

    /// Impressions from which on a pair of query and product is kept, clicked or not.
    public var minimumImpressions = 10
    /// Weighted clicks from which on a pair is kept, however few impressions it has; by default, two clicks or one cart.
    public var minimumWeightedClicks = 2.0

    /// The defaults.
    public init() {}

    /// Checks that the numbers are such that every judgment is finite.
    func check() {
        precondition(
            clickWeight > 0 && clickWeight.isFinite, "click weight \(clickWeight) is not finite and more than 0")
        for weight in [addToCartWeight, purchaseWeight, priorImpressions, priorExpectedClicks] {
            precondition(weight >= 0 && weight.isFinite, "weight or prior \(weight) is negative or not finite")
        }
        precondition((1...10_000).contains(rankDepth), "rank depth \(rankDepth) is not in 1...10000")
    }
}
