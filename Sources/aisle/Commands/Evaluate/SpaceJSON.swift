// The graph and the geometry of an index as JSON for programs.

import Evaluation

/// `aisle evaluate graph --json`.
struct GraphJSON: Encodable {
    struct Point: Encodable {
        let ef: Int
        let recall: [String: Double]
        let queriesPerSecond, distanceComputations, hops: Double
    }

    struct Build: Encodable {
        let vectors: Int
        let seconds: Double
    }

    let vectors, findable, dimension, maxNeighbors, efConstruction, levels: Int
    let vectorBytes, linkBytes, fileBytes: Int
    let bytesPerVector: Double
    let queries: Int
    let queryKind: String
    let exactSeconds: Double
    let exactThreads: Int
    let build: Build?
    let sweep: [Point]
    let warnings: [String]

    init(_ evaluation: GraphEvaluation) {
        vectors = evaluation.nodeCount
        findable = evaluation.findableCount
        dimension = evaluation.dimension
        maxNeighbors = evaluation.maxNeighbors
        efConstruction = evaluation.efConstruction
        levels = evaluation.levelCount
        vectorBytes = evaluation.vectorBytes
        linkBytes = evaluation.linkBytes
        fileBytes = evaluation.fileBytes
        bytesPerVector = evaluation.bytesPerVector
        queries = evaluation.queryCount
        queryKind = evaluation.queryKind
        exactSeconds = evaluation.exact.seconds
        exactThreads = evaluation.exact.threads
        build = evaluation.build.map { Build(vectors: $0.nodes, seconds: $0.seconds) }
        sweep = evaluation.points.map { point in
            let recalls = zip(evaluation.depths, point.recalls).compactMap { depth, recall in
                recall.map { ("recall@\(depth)", $0) }
            }
            return Point(
                ef: point.ef, recall: Dictionary(recalls) { first, _ in first },
                queriesPerSecond: point.queriesPerSecond, distanceComputations: point.distanceComputations,
                hops: point.hops)
        }
        warnings = evaluation.warnings
    }
}

/// `aisle evaluate geometry --json`.
struct GeometryJSON: Encodable {
    struct Cosines: Encodable {
        let count: Int
        /// nil where there is nothing to take it of.
        let mean, standardDeviation: Double?
        let quantiles: [String: Double]

        init(_ distribution: Distribution) {
            count = distribution.count
            mean = distribution.count == 0 ? nil : distribution.mean
            standardDeviation = distribution.count == 0 ? nil : distribution.standardDeviation
            quantiles = Dictionary(zip(Distribution.shares.map { "\($0)" }, distribution.quantiles)) { first, _ in first
            }
        }
    }

    struct Hubness: Encodable {
        let k, maximum: Int
        let skewness, antihubShare: Double
    }

    struct Labels: Encodable {
        let field: String
        let labels, singletons: Int
        let labelledShare, sameLabelShare, chanceShare: Double
        let within, between: Cosines
    }

    struct Finding: Encodable {
        let title, figure, state, sentence: String
    }

    let catalog, verdict: String
    let collapsed: Bool
    let products, texts, sample, dimension: Int
    let randomPairs, nearest: Cosines
    let participationRatio, sharedTextShare, equalVectorShare, nearDuplicateShare: Double
    let hubness: Hubness
    let labels: Labels?
    let findings: [Finding]
    let warnings: [String]

    init(_ evaluation: GeometryEvaluation) {
        catalog = evaluation.corpusName
        verdict = evaluation.verdict
        collapsed = evaluation.isCollapsed
        products = evaluation.productCount
        texts = evaluation.textCount
        sample = evaluation.sampleCount
        dimension = evaluation.dimension
        randomPairs = Cosines(evaluation.randomPairs)
        nearest = Cosines(evaluation.nearest)
        participationRatio = evaluation.participationRatio
        sharedTextShare = evaluation.sharedTextShare
        equalVectorShare = evaluation.equalVectorShare
        nearDuplicateShare = evaluation.nearDuplicateShare
        hubness = Hubness(
            k: evaluation.hubness.k, maximum: evaluation.hubness.maximum, skewness: evaluation.hubness.skewness,
            antihubShare: evaluation.hubness.antihubShare)
        labels = evaluation.labels.map {
            Labels(
                field: $0.field, labels: $0.count, singletons: $0.singletonCount, labelledShare: $0.labelledShare,
                sameLabelShare: $0.sameLabelShare, chanceShare: $0.chanceShare, within: Cosines($0.within),
                between: Cosines($0.between))
        }
        findings = evaluation.findings.map {
            Finding(title: $0.title, figure: $0.figure, state: $0.state.rawValue, sentence: $0.sentence)
        }
        warnings = evaluation.warnings
    }
}
