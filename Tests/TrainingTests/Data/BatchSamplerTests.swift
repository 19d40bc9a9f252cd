// Batches: every row once, no text twice, labels in twos.

import Testing

@testable import Training

struct BatchSamplerTests {
    private func set(_ labels: [Float]) -> TrainingSet {
        TrainingSet(labels.enumerated().map { TrainingSet.Row(["text \($0)"], label: $1) })
    }

    @Test(arguments: [1, 7, 8, 24, 100]) func `all rows come once, the last batch short`(_ size: Int) {
        let batches = BatchSampler.shuffled.batches(of: Samples.pairs, size: size, seed: 1, epoch: 0)
        #expect(batches.flatMap { $0 }.sorted() == Array(0..<24))
        #expect(batches.dropLast().allSatisfy { $0.count == size })
    }

    @Test(arguments: BatchSampler.allCases) func `seed and epoch decide, and nothing else`(_ sampler: BatchSampler) {
        let first = sampler.batches(of: Samples.pairs, size: 4, seed: 1, epoch: 0)
        #expect(first == sampler.batches(of: Samples.pairs, size: 4, seed: 1, epoch: 0))
        #expect(first != sampler.batches(of: Samples.pairs, size: 4, seed: 1, epoch: 1))
        #expect(first != sampler.batches(of: Samples.pairs, size: 4, seed: 2, epoch: 0))
    }

    @Test func `no text stands twice in a batch, and no row is lost`() {
        let rows = (0..<40).map { TrainingSet.Row(["query \($0 % 7)", "product \($0 % 11)"]) }
        let set = TrainingSet(rows)
        let batches = BatchSampler.noDuplicates.batches(of: set, size: 8, seed: 3, epoch: 0)
        #expect(batches.flatMap { $0 }.sorted() == Array(0..<40))
        for batch in batches {
            let texts = batch.flatMap { set.rows[$0].texts }
            #expect(Set(texts).count == texts.count)
        }
    }

    @Test func `labels come in twos, at least two of them, and those with one row are left out`() {
        let labels: [Float] = [0, 0, 0, 0, 0, 1, 1, 1, 2, 2, 3]
        let set = set(labels)
        for seed in UInt64(0)..<20 {
            let batches = BatchSampler.groupByLabel.batches(of: set, size: 4, seed: seed, epoch: 0)
            #expect(!batches.isEmpty)
            #expect(Set(batches.flatMap { $0 }).count == batches.flatMap { $0 }.count)
            for batch in batches {
                let counts = batch.reduce(into: [:]) { $0[labels[$1], default: 0] += 1 }
                #expect(counts.count >= 2 && counts.values.allSatisfy { $0.isMultiple(of: 2) } && counts[3] == nil)
            }
        }
    }

    @Test func `rows of one label keep out of each other's batches where labels are exclusive`() {
        let rows = (0..<60).map { TrainingSet.Row(["anchor \($0)", "positive \($0)"], label: Float($0 % 7)) }
        let batches = BatchSampler.noDuplicates.batches(
            of: TrainingSet(rows, labelsAreExclusive: true), size: 16, seed: 3, epoch: 0)
        #expect(batches.flatMap { $0 }.sorted() == Array(0..<60))
        for batch in batches { #expect(Set(batch.map { $0 % 7 }).count == batch.count) }
        let free = BatchSampler.noDuplicates.batches(of: TrainingSet(rows), size: 16, seed: 3, epoch: 0)
        #expect(free.map(\.count) == [16, 16, 16, 12])
    }
}
