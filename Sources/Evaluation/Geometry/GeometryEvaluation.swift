// Is the space healthy? What the vectors of a catalog look like as a cloud of points.
//
// Fine-tuning with the wrong loss or margin pulls all texts together. Accuracy on labels or triplets does not show it, since a label's
// point is still nearest to itself; search inside a category is ruined all the same. The figures here show it at a glance.

package import Catalog

/// The vectors of a catalog, measured.
package struct GeometryEvaluation: Sendable, Equatable {
    /// How often vectors are among the nearest of others (Radovanović, Nanopoulos & Ivanović 2010).
    package struct Hubness: Sendable, Equatable {
        /// Neighbours that are counted.
        package let k: Int
        /// Skewness of the k-occurrence: 0 symmetric, above it a few vectors are neighbours of very many.
        package let skewness: Double
        /// The highest k-occurrence; k is the mean.
        package let maximum: Int
        /// Share of vectors that are nobody's neighbour.
        package let antihubShare: Double
        /// The k-occurrences, in the order of the sample.
        package let occurrences: [Int]
    }

    /// How the vectors lie by a label.
    package struct Labels: Sendable, Equatable {
        /// The field they come from.
        package let field: String
        /// Different labels, and those with one vector only.
        package let count, singletonCount: Int
        /// Share of the sample that has a label.
        package let labelledShare: Double
        /// Cosines of pairs with one label, and of pairs with two.
        package let within, between: Distribution
        /// Mean, over the texts with a label, of the share of their nearest `neighborCount` with the same one; neighbours without a label
        /// are left out of it.
        package let sameLabelShare: Double
        /// The shares that this is the mean of, by the first product of each text.
        package let shares: [ProductID: Double]
        /// What chance would give.
        package let chanceShare: Double
    }

    /// What was measured, for people.
    package let corpusName: String
    /// Products, distinct texts of them, and how many of those were looked at.
    package let productCount, textCount, sampleCount: Int
    /// Values of a vector.
    package let dimension: Int
    /// Cosines of random pairs.
    package let randomPairs: Distribution
    /// Cosines to the nearest other vector.
    package let nearest: Distribution
    /// Dimensions the cloud really uses: (sum of the covariance's eigenvalues)² / sum of their squares.
    package let participationRatio: Double
    /// Share of products whose text another product has as well.
    package let sharedTextShare: Double
    /// Share of texts with another text of the same vector, and with one at a cosine of `nearDuplicate` or more.
    package let equalVectorShare, nearDuplicateShare: Double
    package let hubness: Hubness
    /// Share of products, of the first of them, whose text is mostly words that the model does not know.
    package let unknownShare: Double
    /// nil without a field.
    package let labels: Labels?
    /// Sentences about what is odd.
    package let warnings: [String]

    /// Neighbours that are looked at.
    package static let neighborCount = 10
    /// Cosine from which a text counts as nearly another one.
    package static let nearDuplicate = 0.95
    /// Cosine from which vectors count as equal: what float32 can tell.
    package static let equal = 0.999999
}
