// Which rows make up a batch, as sentence-transformers' batch samplers have it. A plan for an epoch depends on seed and epoch alone, so a run
// that is taken up again needs nothing but their numbers.

internal import Tensors

/// How batches are put together.
package enum BatchSampler: String, Sendable, CaseIterable, Codable {
    /// All rows in random order, the last batch short.
    case shuffled = "batch_sampler"
    /// In random order, no text twice in a batch, nor a label where labels are exclusive: what in-batch negatives need. Rows that fit nowhere
    /// make batches of their own.
    case noDuplicates = "no_duplicates"
    /// Two rows of a label at a time: what triplets within a batch need.
    case groupByLabel = "group_by_label"

    /// The batches of an epoch.
    /// - Parameters:
    ///   - set: the rows.
    ///   - size: rows of a batch, at least 1; for `groupByLabel` even and at least 4.
    ///   - seed: of the run.
    ///   - epoch: from 0.
    /// - Returns: row numbers, batch by batch.
    /// - Complexity: O(rows), for `noDuplicates` O(rows · batches that a row is put off) in the worst case.
    package func batches(of set: TrainingSet, size: Int, seed: UInt64, epoch: Int) -> [[Int]] {
        precondition(size >= 1, "batches of \(size) rows")
        var mixer = SplitMix64(seed: seed, stream: epoch)
        var generator = SplitMix64(seed: mixer.next())
        switch self {
        case .shuffled:
            let order = set.rows.indices.shuffled(using: &generator)
            return stride(from: 0, to: order.count, by: size).map { Array(order[$0..<min($0 + size, order.count)]) }
        case .noDuplicates: return withoutDuplicates(set, size: size, &generator)
        case .groupByLabel: return byLabel(set, size: size, &generator)
        }
    }

    private func withoutDuplicates(_ set: TrainingSet, size: Int, _ generator: inout SplitMix64) -> [[Int]] {
        var waiting = set.rows.indices.shuffled(using: &generator)
        var batches: [[Int]] = []
        while !waiting.isEmpty {
            var batch: [Int] = []
            var texts: Set<String> = []
            var labels: Set<Float> = []
            var rest: [Int] = []
            var index = 0
            while index < waiting.count, batch.count < size {
                let row = waiting[index]
                let found = Set(set.rows[row].texts)
                let label = set.rows[row].label
                if texts.isDisjoint(with: found), !set.labelsAreExclusive || !labels.contains(label) {
                    texts.formUnion(found)
                    labels.insert(label)
                    batch.append(row)
                } else {
                    rest.append(row)
                }
                index += 1
            }
            rest.append(contentsOf: waiting[index...])
            waiting = rest
            batches.append(batch)
        }
        return batches
    }

    /// Each label with two rows or more gives two a round, in an order that changes with every round; the rounds end when fewer than two
    /// labels have two rows left, and what is left is dropped.
    private func byLabel(_ set: TrainingSet, size: Int, _ generator: inout SplitMix64) -> [[Int]] {
        precondition(size >= 4 && size.isMultiple(of: 2), "batches of \(size) rows; an even number from 4 on is needed")
        var groups: [Float: [Int]] = [:]
        var labels: [Float] = []
        for row in set.rows.indices.shuffled(using: &generator) {
            let label = set.rows[row].label
            if groups[label] == nil { labels.append(label) }
            groups[label, default: []].append(row)
        }
        labels = labels.filter { (groups[$0]?.count ?? 0) >= 2 }
        var batches: [[Int]] = []
        var batch: [Int] = []
        while labels.count >= 2 {
            labels.shuffle(using: &generator)
            for label in labels {
                batch.append(contentsOf: groups[label]?.suffix(2) ?? [])
                groups[label]?.removeLast(2)
                if batch.count == size {
                    batches.append(batch)
                    batch = []
                }
            }
            labels = labels.filter { (groups[$0]?.count ?? 0) >= 2 }
        }
        if batch.count >= 4 { batches.append(batch) }
        return batches
    }
}
