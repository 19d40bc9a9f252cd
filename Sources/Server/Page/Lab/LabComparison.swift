internal import Catalog

/// Two rankings of the same shop side by side.
struct LabComparison: Equatable {
    /// Where a product went from the left ranking to the right one.
    enum Move: Equatable {
        /// So many places; above 0: up.
        case by(Int)
        /// It is on the right only.
        case new
        /// It is on the left only.
        case gone
    }

    /// What became of the left ranking's products, in its order.
    let left: [Move]
    /// Where the right ranking's products came from, in its order.
    let right: [Move]

    /// Products in both.
    var shared: Int { right.count { $0 != .new } }
    /// Whether both begin with the same product.
    let hasSameFirst: Bool
    /// Places that the shared ones moved by, on average; nil where none is shared.
    var meanMove: Double? {
        let places = right.compactMap { if case .by(let places) = $0 { abs(places) } else { nil } }
        return places.isEmpty ? nil : Double(places.reduce(0, +)) / Double(places.count)
    }

    /// Compares two rankings, each of different products.
    init(_ left: [ProductID], _ right: [ProductID]) {
        let leftPlaces = Dictionary(uniqueKeysWithValues: zip(left, left.indices))
        let rightPlaces = Dictionary(uniqueKeysWithValues: zip(right, right.indices))
        self.left = left.enumerated().map { place, id in rightPlaces[id].map { .by(place - $0) } ?? .gone }
        self.right = right.enumerated().map { place, id in leftPlaces[id].map { .by($0 - place) } ?? .new }
        hasSameFirst = left.first != nil && left.first == right.first
    }
}
