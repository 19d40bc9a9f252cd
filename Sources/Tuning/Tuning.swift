// The course of a tuning: examples, negatives, the model before, training, the choice among candidates, the model after, verdict.

internal import Catalog
internal import Encoder
internal import Engine
package import Evaluation
internal import Foundation
internal import Training

/// One tuning.
package struct Tuning {
    private let request: TuningRequest
    private let listener: TuningListener

    private var progress: EvaluationProgress { listener.progress }

    /// What it came to.
    package struct Result: Sendable {
        /// For programs: `tuning.json`.
        package let record: TuningRecord
        /// For people.
        package let report: TuningReport
    }

    /// Prepares a tuning.
    package init(_ request: TuningRequest, _ listener: TuningListener) {
        self.request = request
        self.listener = listener
    }

    /// What is the same for every step.
    private struct Scene {
        let index: OpenedIndex?
        let base: URL
        let examples: TuningExamples
        let guards: [GuardSet]
        /// The trial's products as the model before embeds them.
        let before: Corpus
    }

    private var target: URL { request.output }

    /// Tunes, judges and writes the model.
    /// - Returns: record and report; the model stands in its place.
    /// - Throws: whatever is wrong with the data, the model or the disk; `CancellationError` when it is stopped.
    package func run() throws -> Result {
        // Before the work, not after it.
        try TrainableEncoder.checkReplaceable(target)
        let arguments = request.arguments
        let loss = try request.loss.loss(request.lossSettings)
        var sources = try DataDigests(
            request.source.files + (request.products.map { [$0] } ?? []) + request.guards.allFiles, listener)
        let scene = try prepare()
        scene.examples.notes.forEach(listener.note)
        if let warning = try MarginWarning.text(
            request.loss, request.lossSettings, labels: scene.examples.labelCount)
        {
            listener.warn(warning)
        }
        let (set, mining) = try mined(scene)
        let before = try scene.examples.trial.measure(scene.before, name: "before", progress: progress)
        let runsBefore = try guardRuns(scene, scene.before, indexed: scene.index, name: "before")

        let encoder = try TrainableEncoder(
            modelDirectory: scene.base, dropout: arguments.dropout, precision: arguments.precision,
            threads: arguments.threads)
        let candidate = CandidateModel(encoder, besides: target)
        let chooser = try chooser(scene, runsBefore)
        let blend = request.blend == .none ? nil : WeightBlend(base: encoder)
        let trainer = try Trainer(encoder, loss, set, arguments)
        sources.base = try SentenceEncoder.modelDigest(of: scene.base)
        sources.rows = set.digest
        let checkpoints = request.checkpoints(
            fingerprint: CheckpointStore.fingerprint(
                arguments, set, details: "\(sources.base) \(request.loss.rawValue) \(request.lossSettings)"))
        if let checkpoints, !request.resumes, let newest = checkpoints.steps.last {
            throw TrainingError.otherRun(
                checkpoint: checkpoints.directory.path, what: "newest checkpoint", expected: "step \(newest)",
                found: "a run that begins; give --resume to go on from it, or remove the directory")
        }
        let course = try train(trainer, checkpoints, candidate, chooser)
        let tries = try blend.map { try blended($0, encoder, candidate, chooser) } ?? []

        let tuned = try candidate.open()
        let corpus = try scene.examples.trial.corpus(of: tuned, name: "after", progress: progress)
        let after = try scene.examples.trial.measure(corpus, name: "after", progress: progress)
        let runsAfter = try guardRuns(scene, corpus, indexed: nil, name: "after")
        let outcomes = zip(scene.guards, zip(runsBefore, runsAfter)).compactMap { set, runs in
            set.outcome(before: runs.0, after: runs.1)
        }
        let verdict = scene.examples.trial.verdict(before: before, after: after, guards: outcomes)
        let record = TuningRecord(
            request, course: course, rows: set.rows.count, mining: mining, tries: tries, sources: sources,
            trial: (before, after, verdict))
        // Only now, with its verdict: a model that stood here before is replaced by one that was judged.
        try encoder.save(to: target, extra: ["training.jsonl": course.log(), "tuning.json": record.encoded()])
        if let checkpoints { try? FileManager.default.removeItem(at: checkpoints.directory) }
        var report = TuningReport(before: before, after: after, verdict: verdict)
        report.training = course.curve
        report.notes = scene.examples.notes
        report.negatives = mining.map { (Distribution($0.positives), Distribution($0.negatives)) }
        report.blends = tries.map { ($0.share, $0.score, $0.outcome.rawValue, $0.isChosen) }
        report.queries = scene.examples.trial.judged?.queries ?? []
        report.labels = scene.examples.trial.labels
        return Result(record: record, report: report)
    }

    private func prepare() throws -> Scene {
        let index: OpenedIndex?
        let base: URL
        switch request.start {
        case .model(let directory): (index, base) = (nil, directory)
        case .index(let directory):
            let opened = try OpenedIndex.open(directory)
            (index, base) = (opened, opened.encoder.directory)
        }
        let examples = try ExampleReader(
            source: request.source, products: request.products, loss: request.loss, index: index, split: request.split,
            listener: listener
        ).examples()
        let guards = try GuardReader(guards: request.guards, listener: listener).sets(
            catalog: index.map { try Self.products(of: $0) } ?? examples.trial.products,
            template: index?.template ?? examples.trial.template)
        // The index has its products' vectors already.
        let before =
            if let index, examples.triesIndex {
                try Corpus(index, name: request.startName)
            } else {
                try examples.trial.corpus(
                    of: SentenceEncoder(modelDirectory: base, normalizeEmbeddings: true), name: "before",
                    progress: progress)
            }
        return Scene(index: index, base: base, examples: examples, guards: guards, before: before)
    }

    private static func products(of index: OpenedIndex) throws -> [Product] {
        var products: [Product] = []
        try index.forEachProduct { products.append($0) }
        return products
    }

    /// Rows with their hard negatives.
    private func mined(_ scene: Scene) throws -> (TrainingSet, MiningReport?) {
        let set = scene.examples.set
        guard let plan = scene.examples.mining else { return (set, nil) }
        let shape = request.loss.shape
        var options = request.mining(plan.defaults)
        if shape == .triplets { options.negatives = 1 }
        guard options.negatives > 0 else { return (set, nil) }
        let corpus: Corpus
        if plan.isTrialCatalog {
            corpus = scene.before
        } else if let index = scene.index {
            corpus = try Corpus(index, name: request.startName)
        } else {
            corpus = try TuningTrial(products: plan.products, template: plan.template, judged: nil, labels: nil)
                .corpus(of: scene.before.encoder, name: "mining", progress: progress)
        }
        let neighborhoods = CatalogNeighborhoods(plan, for: set, in: corpus, progress: progress)
        let miner = HardNegativeMiner(options, seed: request.arguments.seed)
        let mined: TrainingSet
        let report: MiningReport
        do {
            (mined, report) = try miner.mine(set) { rows in try neighborhoods.around(rows, depth: miner.depth) }
        } catch TrainingError.noExamples where shape == .pairs {
            listener.warn("too few texts to mine hard negatives from; the other rows of a batch are the only negatives")
            return (set, nil)
        }
        listener.table(report.table)
        report.notes.forEach(listener.note)
        return (mined, report)
    }

    /// The guard sets' answers by a model; their products, which all sets share, are embedded only where neither the trial nor the index has
    /// them embedded already.
    private func guardRuns(_ scene: Scene, _ corpus: Corpus, indexed: OpenedIndex?, name: String) throws -> [Run] {
        guard let first = scene.guards.first else { return [] }
        let isOwn = request.guards.products != nil
        let searched: Corpus
        if !isOwn, scene.index == nil || scene.examples.triesIndex {
            searched = corpus
        } else if !isOwn, let indexed {
            searched = try Corpus(indexed, name: request.startName)
        } else {
            searched = try first.trial.corpus(of: corpus.encoder, name: "guard \(name)", progress: progress)
        }
        return try scene.guards.map { set in
            guard let run = try set.trial.run(in: searched, name: name, progress: progress) else {
                preconditionFailure("a guard set has queries")
            }
            return run
        }
    }

    /// What candidates are tried on; nil where nobody chooses.
    private func chooser(_ scene: Scene, _ guardRuns: [Run]) throws -> CandidateChooser? {
        guard let development = scene.examples.development else { return nil }
        let found = try development.run(
            in: scene.before, name: "before", depth: TuningTrial.poolDepth, progress: progress)
        return try CandidateChooser(
            trial: development.pooled(found),
            guards: zip(scene.guards, guardRuns).map { set, run in
                GuardSet(name: set.name, trial: try set.trial.pooled(run))
            }, base: scene.before.encoder, progress: progress)
    }

    private func train(
        _ trainer: Trainer, _ checkpoints: CheckpointStore?, _ candidate: CandidateModel, _ chooser: CandidateChooser?
    ) throws -> TrainingCourse {
        var course = TrainingCourse()
        if let checkpoints, !request.resumes || checkpoints.steps.isEmpty {
            try course.keepJournal(in: checkpoints.directory, behind: 0)
        }
        let clock = ContinuousClock()
        let start = clock.now
        var evaluating = Duration.zero
        course.state = try trainer.run(
            checkpoints: checkpoints, resume: request.resumes,
            onResume: { restored in
                for error in restored.passedOver { listener.warn("\(error)") }
                listener.note("going on behind step \(restored.state.step.grouped)")
                course.firstRow = restored.state.rows
                if let checkpoints { try course.keepJournal(in: checkpoints.directory, behind: restored.state.step) }
            },
            evaluate: chooser.map { chooser in
                { step in
                    let begin = clock.now
                    defer { evaluating += clock.now - begin }
                    return try chooser.score(candidate.open())
                }
            }
        ) { moment in
            try course.note(moment)
            let noun = "rows, loss \(moment.meanLoss.fixed(4)), gradient \(moment.gradientNorm.fixed(2))"
            var shown = EvaluationMoment.items(moment.rows, of: nil, noun)
            shown.fraction = Double(moment.step) / Double(moment.steps)
            try progress("training", shown)
        }
        course.seconds = (clock.now - start - evaluating) / .seconds(1)
        if let last = course.state.evaluations.last, request.arguments.evaluationSteps > 0 {
            let best = course.state.best ?? last
            listener.note(
                "\(chooser?.metricName ?? "metric") on data set aside: best \(best.metric.fixed(4)) at step \(best.step.grouped), last "
                    + "\(last.metric.fixed(4))" + (course.state.isStoppedEarly ? "; stopped early" : ""))
        }
        return course
    }

    /// Tries averages of the weights and leaves the encoder with the chosen one.
    private func blended(
        _ blend: WeightBlend, _ encoder: TrainableEncoder, _ candidate: CandidateModel, _ chooser: CandidateChooser?
    ) throws -> [BlendTry] {
        blend.noteTuned(encoder)
        if case .share(let share) = request.blend {
            blend.apply(share: share, to: encoder)
            return [BlendTry(share: share, score: nil, outcome: .noDifference, isChosen: true)]
        }
        guard let chooser else { preconditionFailure("validated: candidates are chosen by data set aside") }
        var tries: [BlendTry] = []
        for share in BlendTry.shares {
            blend.apply(share: share, to: encoder)
            let (score, outcome) = try chooser.judge(candidate.open())
            tries.append(BlendTry(share: share, score: score, outcome: outcome, isChosen: false))
        }
        let chosen = BlendTry.best(of: tries)
        tries[chosen].isChosen = true
        blend.apply(share: tries[chosen].share, to: encoder)
        listener.table(BlendTry.table(tries, metric: chooser.metricName))
        return tries
    }
}
