// The labels of a catalog's texts, and how the vectors lie by them.

internal import Catalog
internal import VectorSearch

/// A label for each text, as a number; texts of several products have that of the first.
struct NodeLabels {
    private let field: LabelField
    private var labels: [Int32]
    private let products: ProductsByNode

    /// Stands for no label.
    private static let none: Int32 = -1

    /// Reads the labels of all products.
    /// - Throws: `EvaluationError.noLabels` where no product has one.
    init(_ field: LabelField, of corpus: Corpus, progress: EvaluationProgress) throws {
        self.field = field
        var numbers: [String: Int32] = [:]
        var attributes: Set<String> = []
        let nodes = Dictionary(corpus.products.all.map { ($0.id, $0.node) }) { first, _ in first }
        var labels = [Int32](repeating: Self.none, count: corpus.vectors.count)
        var read = 0
        try corpus.forEachProduct { product in
            read += 1
            if read % 4_096 == 0 {
                try progress("reading labels", .items(read, of: corpus.products.count, "products"))
            }
            attributes.formUnion(product.attributes.keys)
            if product.brand != nil { attributes.insert("brand") }
            if product.category != nil { attributes.insert("category") }
            if product.availability != nil { attributes.insert("availability") }
            guard let node = nodes[product.id], let label = field.label(of: product) else { return }
            let number = numbers[label] ?? Int32(numbers.count)
            numbers[label] = number
            // Of several products the first by id, in whatever order they come.
            if labels[Int(node.rawValue)] == Self.none || corpus.products[node].first == product.id {
                labels[Int(node.rawValue)] = number
            }
        }
        guard !numbers.isEmpty else {
            throw EvaluationError.noLabels(
                field: field.description, catalog: corpus.name,
                known: Array(attributes.sorted().prefix(30)))
        }
        self.labels = labels
        products = corpus.products
    }

    /// The label of a text; nil without one.
    subscript(node: NodeID) -> Int32? {
        let label = labels[Int(node.rawValue)]
        return label == Self.none ? nil : label
    }

    /// How a sample lies by its labels.
    /// - Parameters:
    ///   - sample: texts.
    ///   - neighbors: the nearest of each, best first.
    ///   - pairs: cosines within a label and between two.
    /// - Returns: the figures.
    func geometry(
        sample: [NodeID], neighbors: [[Neighbor]], pairs: (within: [Float], between: [Float])
    ) -> GeometryEvaluation.Labels {
        let found = labels.filter { $0 != Self.none }
        let sizes = found.reduce(into: [:]) { $0[$1, default: 0] += 1 }
        let labelled = sample.indices.filter { self[sample[$0]] != nil }
        var shares: [ProductID: Double] = [:]
        for index in labelled {
            let others = neighbors[index].compactMap { self[$0.id] }
            guard !others.isEmpty, let first = products[sample[index]].first else { continue }
            shares[first] = Double(others.count { $0 == self[sample[index]] }) / Double(others.count)
        }
        // A random other text has the label of one that has n texts of N with a chance of (n - 1) / (N - 1).
        let total = Double(found.count)
        let chance = sizes.values.sorted().reduce(0.0) { $0 + Double($1) / total * Double($1 - 1) / max(total - 1, 1) }
        return GeometryEvaluation.Labels(
            field: field.description, count: sizes.count, singletonCount: sizes.values.count { $0 == 1 },
            labelledShare: Double(labelled.count) / Double(sample.count), within: Distribution(pairs.within),
            between: Distribution(pairs.between), sameLabelShare: shares.sorted { $0.key < $1.key }.map(\.value).mean,
            shares: shares, chanceShare: chance)
    }
}
