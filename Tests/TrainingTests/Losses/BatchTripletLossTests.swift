import Testing

@testable import Training

struct BatchTripletLossTests {
    /// Six points on a line: 0, 1, 3, 10, 12, 15.
    private let line = EmbeddingColumn(dimension: 1, values: [0, 1, 3, 10, 12, 15])
    private let halves: [Float] = [1, 1, 1, 2, 2, 2]

    @Test func `batch-all counts the triplets that violate the margin`() {
        let far = BatchAllTripletLoss(margin: 1).evaluate([line], labels: halves)
        #expect(far.loss == 0)
        #expect(far.activity == LossActivity(active: 0, possible: 36, noun: "triplets"))
        #expect(far.gradients == [EmbeddingColumn(rows: 6, dimension: 1)])

        let near = BatchAllTripletLoss(margin: 5).evaluate([line], labels: halves)
        #expect(near.activity?.active == violations(margin: 5))
        #expect(near.activity?.possible == 36)
    }

    private func violations(margin: Float) -> Int {
        var count = 0
        for a in 0..<6 {
            for p in 0..<6 where p != a && halves[p] == halves[a] {
                for n in 0..<6 where halves[n] != halves[a] {
                    let reach = abs(line.values[a] - line.values[p]) + margin
                    if reach > abs(line.values[a] - line.values[n]) { count += 1 }
                }
            }
        }
        return count
    }

    @Test func `batch-hard takes the farthest positive and the nearest negative`() {
        // Anchors 0 1 3 | 10 12 15: positives 3 2 3 | 5 3 5, negatives 10 9 7 | 7 9 12.
        let value = BatchHardTripletLoss(margin: 5).evaluate([line], labels: halves)
        #expect(value.loss == (0 + 0 + 1 + 3 + 0 + 0) / 6.0)
        #expect(value.activity == LossActivity(active: 2, possible: 6, noun: "anchors"))
        // 3 → 0 against 10, 10 → 15 against 3.
        #expect(value.gradients[0].values.map { ($0 * 6).rounded() } == [-1, 0, 3, -3, 0, 1])
    }

    @Test func `semi-hard takes the nearest negative beyond the positive`() {
        let points = EmbeddingColumn(dimension: 1, values: [0, 4, 3, 5])
        // 0 → 4: 3 is nearer, so 5; 4 → 0: 3 and 5 are both at 1, none beyond 4, so the farthest, and the first of equals.
        let value = BatchSemiHardTripletLoss(margin: 2).evaluate([points], labels: [1, 1, 2, 3])
        #expect(value.loss == ((4 - 5 + 2) + (4 - 1 + 2)) / 2)
        #expect(value.activity == LossActivity(active: 2, possible: 2, noun: "positive pairs"))
        #expect(value.gradients[0].values == [-0.5, 0.5, 0.5, -0.5])
    }

    @Test func `a batch of one label says what the reference says`() {
        let labels = [Float](repeating: 3, count: 6)
        let all = BatchAllTripletLoss().evaluate([line], labels: labels)
        #expect(all.loss == 0)
        #expect(all.activity == LossActivity(active: 0, possible: 0, noun: "triplets"))
        let hard = BatchHardTripletLoss().evaluate([line], labels: labels)
        #expect(hard.loss == 5)
        #expect(hard.activity == LossActivity(active: 0, possible: 0, noun: "anchors"))
        let soft = BatchHardSoftMarginTripletLoss().evaluate([line], labels: labels)
        #expect(abs(soft.loss - 0.693147180559945) < 1e-12)
        #expect(soft.activity == LossActivity(active: 0, possible: 6, noun: "anchors"))
        for value in [all, hard, soft] { #expect(value.gradients == [EmbeddingColumn(rows: 6, dimension: 1)]) }
        // Semi-hard has the anchor for its negative, and contracts the label.
        let semi = BatchSemiHardTripletLoss().evaluate([line], labels: labels)
        #expect(semi.loss > 5)
        #expect(semi.activity == LossActivity(active: 0, possible: 0, noun: "positive pairs"))
    }

    @Test func `a batch of distinct labels has no triplets, yet batch-hard spreads it`() {
        let labels: [Float] = [1, 2, 3, 4, 5, 6]
        let nothing = EmbeddingColumn(rows: 6, dimension: 1)
        #expect(BatchAllTripletLoss().evaluate([line], labels: labels).gradients == [nothing])
        #expect(BatchSemiHardTripletLoss().evaluate([line], labels: labels).gradients == [nothing])
        let hard = BatchHardTripletLoss().evaluate([line], labels: labels)
        #expect(hard.activity == LossActivity(active: 0, possible: 0, noun: "anchors"))
        #expect(hard.gradients != [nothing])
    }

    @Test func `an exactly satisfied triplet does not blow up`() {
        // Margin 0 and equal distances: the reference divides by 1e-16 here.
        let points = EmbeddingColumn(dimension: 2, values: [0, 0, 3, 0, 0, 3])
        let value = BatchAllTripletLoss(margin: 0).evaluate([points], labels: [1, 1, 2])
        #expect(value.loss == 0)
        #expect(value.activity == LossActivity(active: 0, possible: 2, noun: "triplets"))
        #expect(value.gradients == [EmbeddingColumn(rows: 3, dimension: 2)])
    }

    @Test(arguments: [2, 3, 5, 8], BatchDistance.allCases)
    func `a collapsed simplex reaches the floor`(labels: Int, distance: BatchDistance) {
        // Corners of the unit cube, centred, are a regular simplex.
        let centered = (0..<labels).flatMap { label in
            (0..<labels).map { (label == $0 ? 1 : 0) - 1 / Float(labels) }
        }
        let corners = UnitColumn(EmbeddingColumn(dimension: labels, values: centered)).embeddings
        let collapsed = EmbeddingColumn(dimension: labels, values: corners.values + corners.values + corners.values)
        let classes = (0..<(3 * labels)).map { Float($0 % labels) }
        let all = BatchAllTripletLoss(distance: distance)
        let hard = BatchHardTripletLoss(distance: distance)
        #expect(abs(all.evaluate([collapsed], labels: classes).loss - all.floor(labels: labels)) < 2e-6)
        #expect(abs(hard.evaluate([collapsed], labels: classes).loss - hard.floor(labels: labels)) < 2e-6)
    }

    @Test(arguments: 0..<40 as Range<UInt64>, BatchDistance.allCases)
    func `no unit vectors fall below the floor`(seed: UInt64, distance: BatchDistance) {
        var generator = SeededEmbeddings(seed: seed)
        let labels = 2 + Int(seed % 4)
        let classes = (0..<(3 * labels)).map { Float($0 % labels) }
        let free = generator.column(rows: classes.count, dimension: 3)
        let loss = BatchAllTripletLoss(distance: distance, margin: seed.isMultiple(of: 2) ? 5 : 1)
        let value = loss.evaluate([UnitColumn(free).embeddings], labels: classes)
        #expect(value.loss >= loss.floor(labels: labels))
    }

    @Test(arguments: 0..<40 as Range<UInt64>, BatchDistance.allCases)
    func `nor do hardest and semi-hard triplets`(seed: UInt64, distance: BatchDistance) {
        var generator = SeededEmbeddings(seed: seed)
        let labels = 2 + Int(seed % 4)
        let classes = (0..<(2 * labels)).map { Float($0 % labels) }
        let column = UnitColumn(generator.column(rows: classes.count, dimension: 2)).embeddings
        let losses: [any BatchTripletLoss] = [
            BatchHardTripletLoss(distance: distance), BatchSemiHardTripletLoss(distance: distance),
        ]
        for loss in losses { #expect(loss.evaluate([column], labels: classes).loss >= loss.floor(labels: labels)) }
    }

    @Test(arguments: BatchDistance.allCases)
    func `three labels on two antipodes reach the floor of semi-hard triplets`(distance: BatchDistance) {
        let antipodes = EmbeddingColumn(dimension: 2, values: [1, 0, 1, 0, 1, 0, 1, 0, -1, 0, -1, 0])
        let loss = BatchSemiHardTripletLoss(distance: distance)
        #expect(loss.evaluate([antipodes], labels: [0, 0, 1, 1, 2, 2]).loss == 3)
        #expect(loss.floor(labels: 3) == 3)
    }

    @Test func `the floor is the study's`() {
        let floors = [2, 3, 5, 10, 50, 1000].map { BatchAllTripletLoss().floor(labels: $0) }
        for (floor, expected) in zip(floors, [3.000, 3.268, 3.419, 3.509, 3.571, 3.585]) {
            #expect(abs(floor - expected) < 6e-4)
        }
        #expect(BatchAllTripletLoss(distance: .cosine).floor(labels: 3) == 3.5)
        #expect(BatchAllTripletLoss(margin: 0.2).floor(labels: 3) == 0)
    }

    @Test func `a margin of 2 or more cannot be satisfied on unit vectors`() {
        #expect(BatchAllTripletLoss().cannotBeSatisfiedOnUnitVectors)
        #expect(BatchHardTripletLoss(distance: .cosine, margin: 2).cannotBeSatisfiedOnUnitVectors)
        #expect(!BatchSemiHardTripletLoss(margin: 1.9).cannotBeSatisfiedOnUnitVectors)
        #expect(TripletLoss().cannotBeSatisfiedOnUnitVectors)
        #expect(!TripletLoss(distance: .manhattan).cannotBeSatisfiedOnUnitVectors)
        #expect(!TripletLoss(distance: .cosine, margin: 0.3).cannotBeSatisfiedOnUnitVectors)
    }

    @Test func `256 rows stream`() {
        var generator = SeededEmbeddings(seed: 2)
        let column = UnitColumn(generator.column(rows: 256, dimension: 4)).embeddings
        let value = BatchAllTripletLoss().evaluate([column], labels: (0..<256).map { Float($0 % 8) })
        #expect(value.activity == LossActivity(active: 256 * 31 * 224, possible: 256 * 31 * 224, noun: "triplets"))
        #expect(value.loss > BatchAllTripletLoss().floor(labels: 8))
    }
}
