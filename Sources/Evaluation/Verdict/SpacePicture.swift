// The cloud of vectors on a plane, before and after: a collapse is seen at once.

internal import Catalog
internal import Tensors
internal import VectorSearch

/// Draws a catalog's texts on their first two principal axes, coloured by label.
struct SpacePicture {
    private let names: [String]
    private let labels: [ProductID: String]
    private let hasLabels: Bool

    /// Texts that are drawn.
    private static let sampleSize = 1_500
    /// Labels with a colour of their own.
    private static let coloured = 6
    /// Draws the texts.
    private static let seed: UInt64 = 42

    /// Chooses the labels to colour: the largest.
    /// - Parameters:
    ///   - field: where labels come from; nil: the first level of the category.
    ///   - corpus: the catalog.
    /// - Throws: what reading the products throws.
    init(_ field: LabelField?, of corpus: Corpus) throws {
        var labels: [ProductID: String] = [:]
        try corpus.forEachProduct { product in
            let label = field.map { $0.label(of: product) } ?? product.category?.components.first
            if let label { labels[product.id] = label }
        }
        let sizes = labels.values.reduce(into: [:]) { $0[$1, default: 0] += 1 }
        names = sizes.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.prefix(Self.coloured).map(\.key)
        self.labels = labels
        hasLabels = !labels.isEmpty
    }

    /// Draws a catalog as two models embed it, at one scale.
    func plots(_ before: Corpus, _ after: Corpus) -> (before: MapPlot, after: MapPlot) {
        var plots = (before: plot("Before", before), after: plot("After", after))
        let points = [plots.before, plots.after].flatMap { $0.groups + ($0.rest.map { [$0] } ?? []) }.flatMap(\.points)
        let reach = max(points.map { max(abs($0.x), abs($0.y)) }.max() ?? 0, Self.leastReach)
        for path in [\MapPlot.x, \MapPlot.y] {
            plots.before[keyPath: path].range = -reach...reach
            plots.after[keyPath: path].range = -reach...reach
        }
        return plots
    }

    /// Where all texts lie on one point there is still something to draw.
    private static let leastReach = 0.01

    private func plot(_ title: String, _ corpus: Corpus) -> MapPlot {
        let all = corpus.findable.map { Array($0) } ?? (0..<corpus.vectors.count).map { NodeID(rawValue: UInt32($0)) }
        var generator = SplitMix64(seed: Self.seed)
        let nodes = all.shuffled(using: &generator).prefix(Self.sampleSize)
        let projection = PlaneProjection(nodes.map { corpus.vectors[$0] })
        var points: [String: [MapPlot.Group.Point]] = [:]
        var rest: [MapPlot.Group.Point] = []
        for node in nodes {
            let place = projection.place(corpus.vectors[node])
            if let label = corpus.products[node].first.flatMap({ labels[$0] }), names.contains(label) {
                points[label, default: []].append(place)
            } else {
                rest.append(place)
            }
        }
        let axes = projection.plotAxes
        return MapPlot(
            title: title, groups: names.map { MapPlot.Group(name: $0, points: points[$0] ?? []) },
            rest: rest.isEmpty
                ? nil : MapPlot.Group(name: hasLabels ? "other labels" : "texts", points: rest), x: axes.x, y: axes.y)
    }
}
