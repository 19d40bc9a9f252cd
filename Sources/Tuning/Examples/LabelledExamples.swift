// Examples from labels: the products of an index by a field of theirs, or sentences with a label each.
//
// For a loss over labelled batches the rows are the texts themselves. For a contrastive one there are two kinds of rows:
//
//     a product, another one of its label, one of a sibling label      labels come apart
//     half of a product's title, the product, another one of its label    products of a label stay apart
//
// Siblings share a parent in the category tree (as in taxonomy-based negatives, Home Depot, arXiv:2511.00694). No batch holds two rows of
// one label: they would be each other's negatives, a contradiction whose only solution is one point for the label. That is measured: pairs
// within a label alone, in plain batches, bring the cosine within a label to 0.95 and a product's rank in its own category from 0.70 to 0.27.
// For the same reason, and since a few large labels must not outweigh the others, each label gives a bounded number of rows.

internal import Catalog
internal import Engine
internal import Evaluation
internal import Foundation
internal import Tensors
internal import Training

/// Reads labelled examples.
struct LabelledExamples {
    /// A product with its text and label.
    private struct Item {
        let product: Product
        let text: String
        let label: Int
    }

    private let reader: ExampleReader

    init(_ reader: ExampleReader) { self.reader = reader }

    /// Reads the examples and sets a part aside.
    func examples() throws -> TuningExamples {
        try reader.check(reader.shape != .graded)
        let (items, labels, field, template, notes) = try read()
        // By text, so that none is on both sides.
        let parts = try reader.split.parts(of: items, noun: "texts", by: \.text)
        let (train, heldOut) = (parts.training, parts.heldOut)
        guard !train.isEmpty else {
            throw TrainingError.noExamples(source: reader.source.description, reason: "everything is held out.")
        }
        let distinct = Self.distinct(train)
        let pairs = Self.pairs(distinct, seed: reader.split.seed)
        var examples = TuningExamples(
            set: reader.shape == .labelled
                ? TrainingSet(train.map { TrainingSet.Row([$0.text], label: Float($0.label)) }) : pairs.set,
            // Of what is held out nothing was trained on; where nothing is, all texts make up the space.
            trial: try TuningTrial(
                products: (heldOut.isEmpty ? items : heldOut).map(\.product), template: template, judged: nil,
                labels: field),
            labelCount: labels.count)
        examples.trial.labelsWereSeen = heldOut.isEmpty
        guard !examples.set.rows.isEmpty else {
            throw TrainingError.noExamples(
                source: reader.source.description, reason: "no label has two different texts to pair.")
        }
        if reader.split.hasDevelopment {
            examples.development = try TuningTrial(
                products: parts.development.map(\.product), template: template, judged: nil, labels: field)
        }
        if reader.shape != .labelled {
            examples.mining = plan(for: pairs, distinct, labels, field, template)
        }
        examples.notes = notes + Self.notes(on: items)
        if template.description.split(separator: ",").contains(where: { $0 == field.fieldName }) {
            examples.notes.append(
                "The text that is embedded contains the label (--text \(template)): neighbours with the same label partly tell that it was read."
            )
        }
        return examples
    }

    private func read() throws -> (
        items: [Item], labels: [String], field: LabelField, template: TextTemplate, notes: [String]
    ) {
        if case .sentences(let path) = reader.source {
            let (set, labels) = try TrainingSource.sentences(path, isCancelled: reader.listener.isCancelled)
            let items = set.rows.enumerated().map { number, row in
                var product = Product(id: ProductID(rawValue: "text-\(number)"), title: row.texts[0])
                product.brand = labels[Int(row.label)]
                return Item(product: product, text: row.texts[0], label: Int(row.label))
            }
            return (items, labels, try LabelField("brand"), try TextTemplate("title"), [])
        }
        guard case .labels(let name) = reader.source, let index = reader.index else {
            preconditionFailure("validated: labels come from an index")
        }
        let field = try LabelField(name)
        var products: [Product] = []
        let (set, labels, unlabelled) = try TrainingSource.labels(
            field, template: index.template, of: reader.source.description
        ) { take in
            try index.forEachProduct { product in
                if field.label(of: product) != nil { products.append(product) }
                try take(product)
            }
        }
        let items = zip(set.rows, products).map { row, product in
            Item(product: product, text: row.texts[0], label: Int(row.label))
        }
        return (
            items, labels, field, index.template,
            unlabelled == 0
                ? []
                : [
                    "\(unlabelled.of("product")) without a value for \(name) left out; they stay in the index and are found as before."
                ]
        )
    }

    /// The first product of each text.
    private static func distinct(_ items: [Item]) -> [Item] {
        var seen: Set<String> = []
        return items.filter { seen.insert($0.text).inserted }
    }

    /// Rows of each kind that a label gives at most.
    private static let rowsPerLabel = 100

    /// Both kinds of rows, and the products that each of the second kind asks for.
    private static func pairs(_ items: [Item], seed: UInt64) -> (set: TrainingSet, titles: [Int: ProductID]) {
        let groups = Dictionary(grouping: items) { $0.label }.sorted { $0.key < $1.key }
        var generator = SplitMix64(seed: seed)
        var rows: [TrainingSet.Row] = []
        var titles: [Int: ProductID] = [:]
        for (label, group) in groups where group.count > 1 {
            for item in group.shuffled(using: &generator).prefix(rowsPerLabel) {
                var other = group[generator.next(below: group.count)]
                while other.text == item.text { other = group[generator.next(below: group.count)] }
                rows.append(TrainingSet.Row([item.text, other.text], label: Float(label)))
                guard let half = HalfTitle.of(item.product.title, &generator), half != item.text else { continue }
                titles[rows.count] = item.product.id
                rows.append(TrainingSet.Row([half, item.text], label: Float(label)))
            }
        }
        return (TrainingSet(rows, labelsAreExclusive: true), titles)
    }

    /// Negatives of a pair are products of its label's siblings, those of half a title other products of the label.
    private func plan(
        for pairs: (set: TrainingSet, titles: [Int: ProductID]), _ items: [Item], _ labels: [String],
        _ field: LabelField, _ template: TextTemplate
    ) -> MiningPlan {
        let parents = Self.parents(of: items, labels, field)
        let members = Dictionary(grouping: items) { $0.label }.mapValues { Set($0.map(\.product.id)) }
        let children = Dictionary(grouping: labels.indices) { parents[$0] }
        var plan = MiningPlan(products: items.map(\.product), template: template)
        plan.isTrialCatalog = false
        let rows = Dictionary(grouping: pairs.set.rows.indices) { Int(pairs.set.rows[$0].label) }
        for (label, rows) in rows.sorted(by: { $0.key < $1.key }) {
            // Without a parent, or as its only child, a label has all others for siblings.
            let others =
                parents[label] == nil
                ? [] : (children[parents[label]] ?? []).filter { $0 != label && members[$0] != nil }
            let own = members[label] ?? []
            let siblings: MiningPlan.Candidates =
                others.isEmpty ? .allBut(own) : .only(others.reduce(into: []) { $0.formUnion(members[$1] ?? []) })
            plan.groups.append(MiningPlan.Group(rows: rows.filter { pairs.titles[$0] == nil }, allowed: siblings))
            plan.groups.append(
                MiningPlan.Group(
                    rows: rows.filter { pairs.titles[$0] != nil }, allowed: .only(own), anchorsAreWords: true))
        }
        for (row, product) in pairs.titles { plan.known[pairs.set.rows[row].texts[0], default: []].insert(product) }
        // The label says that they are wrong, so neither rank nor similarity has to.
        plan.defaults.rangeMin = 0
        plan.defaults.rangeMax = 50
        plan.defaults.relativeMargin = nil
        return plan
    }

    /// What a label stands under: the level above it where it is a category, otherwise the category that most of its products are in.
    private static func parents(of items: [Item], _ labels: [String], _ field: LabelField) -> [String?] {
        let groups = Dictionary(grouping: items) { $0.label }
        return labels.indices.map { label in
            if field.isCategory {
                let path = labels[label].components(separatedBy: CategoryPath.separator)
                return path.count > 1 ? path.dropLast().joined(separator: CategoryPath.separator) : nil
            }
            let counts = (groups[label] ?? []).compactMap { $0.product.category?.description }
                .reduce(into: [:]) { $0[$1, default: 0] += 1 }
            return counts.max { ($0.value, $1.key) < ($1.value, $0.key) }?.key
        }
    }

    /// What the labels are like, in sentences.
    private static func notes(on items: [Item]) -> [String] {
        let counts = items.reduce(into: [:]) { $0[$1.label, default: 0] += 1 }
        let single = counts.values.count { $0 == 1 }
        guard single > 0 else { return [] }
        return [
            "\(single.of("label")) with one member \(single == 1 ? "serves" : "serve") as negatives only; join them with others if they mean the same."
        ]
    }
}
