// What is healthy, in sentences: each figure beside what the untuned model gives.
//
// The references are all-MiniLM-L6-v2 as it comes, measured with this program on three catalogs: the sample shop (1,002 texts of all
// fields), Home Depot (53,474 titles) and Myntra (31,304 titles, many of them variants). The collapsed ones are the same model tuned with
// BatchAllTripletLoss at its default margin 5: on 305 sentences with three labels, and on the sample shop's titles with twenty. It gave a
// participation ratio of 1.6 to 6.6, median cosines within a label of 0.93 to 0.99, and, with twenty labels, a mean random-pair cosine of
// 0.07 that looks healthy. So no single figure decides; docs/evaluation.md has the table. Labels that are narrow (the colours of one
// product) lie on one point with any model: a label's cosine says collapsed only where the space as a whole is unusual too.

internal import Engine

extension GeometryEvaluation {
    /// A figure and what it says.
    package struct Finding: Sendable, Equatable {
        /// How bad it is.
        package enum State: String, Sendable {
            /// As on the untuned model, or a matter of the catalog.
            case healthy
            /// Too few texts to tell.
            case unknown
            /// Worth a look.
            case unusual
            /// The texts have fallen together.
            case collapsed
        }

        /// What the figure is.
        package let title: String
        /// Its value, with a unit.
        package let figure: String
        /// How bad it is.
        package let state: State
        /// What is healthy, and what this is.
        package let sentence: String
    }

    /// Values from which a figure is no longer as on the untuned model.
    private enum Bound {
        static let randomPairs = (unusual: 0.45, collapsed: 0.6)
        static let randomSpread = 0.2
        static let participation = (unusual: 25.0, collapsed: 8.0)
        static let nearDuplicates = 0.75
        static let equalVectors = (unusual: 0.05, collapsed: 0.3)
        static let hubness = 3.0
        static let unknown = 0.2
        static let leastGap = 0.05
        static let within = (unusual: 0.8, collapsed: 0.9)
        /// Fewer texts do not fill the dimensions they could use.
        static let textsForParticipation = 100
    }

    /// One finding a figure.
    package var findings: [Finding] {
        [randomPairFinding, participationFinding, nearestFinding, duplicateFinding, hubnessFinding]
            + (labels.map { [labelFinding($0), neighborFinding($0)] } ?? [])
    }

    /// Whether one of the findings says so.
    package var isCollapsed: Bool { findings.contains { $0.state == .collapsed } }

    /// The findings in one or two sentences.
    package var verdict: String {
        let collapsed = findings.filter { $0.state == .collapsed }
        let unusual = findings.filter { $0.state == .unusual }
        if !collapsed.isEmpty {
            let cause =
                unknownShare >= Bound.unknown
                ? "The cause is likely the language: \((unknownShare * 100).fixed(0)) % of the texts are mostly words that the model does "
                    + "not know ([UNK]); a multilingual model would read them."
                : "Loss and margin are the usual cause (a margin above 2 on unit vectors cannot be reached)."
            return
                "Collapsed: \(Self.list(collapsed)). Texts that should be told apart lie on nearly the same point, so search cannot "
                + "rank them; do not build an index with this model. \(cause)"
        }
        if !unusual.isEmpty {
            return
                "Not collapsed, but unusual: \(Self.list(unusual)). Compare with the model before tuning on the same products."
        }
        let isUncertain = findings.contains { $0.state == .unknown }
        return isUncertain
            ? "Nothing unusual, but \(sampleCount.of("text")) are too few to call the space healthy."
            : "Healthy: nothing here is out of the range of the untuned all-MiniLM-L6-v2."
    }

    private static func list(_ findings: [Finding]) -> String {
        findings.map { "\($0.title.lowercased()) \($0.figure)" }.joined(separator: "; ")
    }

    private var randomPairFinding: Finding {
        let mean = randomPairs.mean
        var state = Finding.State.healthy
        if mean >= Bound.randomPairs.unusual || randomPairs.standardDeviation >= Bound.randomSpread { state = .unusual }
        if mean >= Bound.randomPairs.collapsed { state = .collapsed }
        let quantiles = randomPairs.quantiles
        let judgement: String
        switch state {
        case .healthy: judgement = "This is nothing unusual."
        case .unusual:
            judgement =
                mean >= Bound.randomPairs.unusual
                ? "Here everything is rather alike."
                : "Here pairs are either much alike or opposite: the texts stand in a few clumps."
        case .unknown: judgement = ""
        case .collapsed: judgement = "Here two products picked at random look alike."
        }
        return Finding(
            title: "Random-pair cosine",
            figure: "mean \(mean.fixed(3)), spread \(randomPairs.standardDeviation.fixed(3))"
                + (quantiles.isEmpty ? "" : ", middle 90 % \(quantiles[1].fixed(2)) to \(quantiles[5].fixed(2))"),
            state: state,
            sentence:
                "Healthy is a mean near 0.1 to 0.15 in a mixed catalog and up to 0.35 in one of one kind (fashion), with a spread of "
                + "0.11 to 0.13. \(judgement)")
    }

    private var participationFinding: Finding {
        // A model of few dimensions cannot use many.
        let collapsed = min(Bound.participation.collapsed, Double(dimension) / 16)
        let unusual = min(Bound.participation.unusual, Double(dimension) / 8)
        let canTell = sampleCount >= Bound.textsForParticipation
        let state: Finding.State =
            !canTell
            ? .unknown
            : participationRatio < collapsed ? .collapsed : participationRatio < unusual ? .unusual : .healthy
        let judgement: String
        switch state {
        case .unknown: judgement = "So few texts cannot show it."
        case .healthy: judgement = "This is nothing unusual."
        case .unusual: judgement = "Here the texts differ in few ways only."
        case .collapsed: judgement = "Here hardly more than the labels it was tuned on is left."
        }
        return Finding(
            title: "Participation ratio", figure: "\(participationRatio.fixed(1)) of \(dimension) dimensions",
            state: state,
            sentence:
                "How many dimensions the texts really use; healthy is 71 to 81 in a mixed catalog, 44 in one of one kind. \(judgement)"
        )
    }

    private var nearestFinding: Finding {
        let state: Finding.State = nearDuplicateShare >= Bound.nearDuplicates ? .unusual : .healthy
        return Finding(
            title: "Near duplicates",
            figure:
                "\((nearDuplicateShare * 100).fixed(1)) % of texts have another within cosine \(Self.nearDuplicate), the nearest lies at "
                + "\(nearest.mean.fixed(3)) on average",
            state: state,
            sentence:
                "This depends on the catalog: 0.2 % where products differ, 32 % and 57 % where variants are listed one by one. "
                + (state == .healthy
                    ? "This is nothing unusual." : "Here more than that is nearly the same to the model."))
    }

    private var duplicateFinding: Finding {
        var state = Finding.State.healthy
        if equalVectorShare >= Bound.equalVectors.unusual { state = .unusual }
        if equalVectorShare >= Bound.equalVectors.collapsed { state = .collapsed }
        return Finding(
            title: "Exact duplicates",
            figure:
                "\((sharedTextShare * 100).fixed(1)) % of products share their text, \((equalVectorShare * 100).fixed(2)) % of distinct texts "
                + "have the vector of another",
            state: state,
            sentence:
                "Shared texts are the catalog's own doing and cost nothing, they are one node. Different texts with one vector should "
                + "be rare (0 to 1.4 %: other upper case, words the model does not know). "
                + (state == .healthy ? "They are." : "Here the model cannot tell many texts apart."))
    }

    private var hubnessFinding: Finding {
        let state: Finding.State = hubness.skewness > Bound.hubness ? .unusual : .healthy
        return Finding(
            title: "Hubness",
            figure:
                "skew \(hubness.skewness.fixed(2)), \((hubness.antihubShare * 100).fixed(1)) % are nobody's neighbour, the largest hub is that "
                + "of \(hubness.maximum.grouped)",
            state: state,
            sentence:
                "How unevenly texts of the sample are among the \(hubness.k) nearest of others in it; healthy is a skew of 0.9 to 1.9 with 0.3 to 2.5 % nobody's "
                + "neighbours. "
                + (state == .healthy
                    ? "This is nothing unusual." : "Here a few products turn up everywhere and others are never found.")
        )
    }

    private func labelFinding(_ labels: Labels) -> Finding {
        let median = labels.within.median
        var state = Finding.State.healthy
        let gap = labels.within.mean - labels.between.mean
        let isMeaningless = labels.within.count > 0 && labels.between.count > 0 && gap < Bound.leastGap
        if median >= Bound.within.unusual || isMeaningless { state = .unusual }
        let spaceIsUnusual = randomPairFinding.state != .healthy || participationFinding.state != .healthy
        if median >= Bound.within.collapsed, spaceIsUnusual { state = .collapsed }
        let judgement: String
        switch state {
        case .healthy, .unknown: judgement = "Products of a label can be told apart."
        case .unusual where isMeaningless: judgement = "Here the label says next to nothing about the text."
        case .unusual: judgement = "Here products of one label lie rather close together."
        case .collapsed:
            judgement = "Here the products of a label lie on one point, and search inside a category is ruined."
        }
        return Finding(
            title: "Cosine within and between labels",
            figure: "\(Self.mean(labels.within)) within (median \(labels.within.count == 0 ? "–" : median.fixed(3))), "
                + "\(Self.mean(labels.between)) between, "
                + "\(labels.count.of("label")) of \(labels.field)",
            state: labels.within.count == 0 ? .healthy : state,
            sentence:
                "Healthy is 0.28 within a broad category and 0.47 to 0.63 within a narrow one, 0.1 to 0.3 above the pairs between. "
                + (labels.within.count == 0 ? "No label has two texts in the sample." : judgement))
    }

    /// A mean, or a dash where there is nothing to take it of.
    private static func mean(_ distribution: Distribution) -> String {
        distribution.count == 0 ? "–" : distribution.mean.fixed(3)
    }

    private func neighborFinding(_ labels: Labels) -> Finding {
        Finding(
            title: "Neighbours with the same label",
            figure:
                "\((labels.sameLabelShare * 100).fixed(1)) % of the \(Self.neighborCount) nearest that have one, \((labels.chanceShare * 100).fixed(1)) % by chance",
            state: labels.sameLabelShare < min(2 * labels.chanceShare, 0.5) && labels.count > 1 ? .unusual : .healthy,
            sentence:
                "The untuned model gives 42 % with 131 small categories and 91 % with 170 of which some are large. More is better as long "
                + "as products within a label can still be told apart: a collapsed model is good at this.")
    }
}
