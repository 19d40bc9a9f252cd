// The training loop, as transformers' Trainer runs it: batches → embeddings → loss → gradients → clip → optimizer → schedule.
//
// Everything random depends on the seed and on counts (epoch, step, batch), never on what happened before, so a run that goes on from a
// checkpoint makes the same bytes as one that was never stopped.

package import Encoder
internal import Foundation
internal import Tensors
internal import Tokenization

/// What a step did.
package struct TrainingMoment: Sendable, Equatable {
    /// Steps made, and steps in all.
    package let step, steps: Int
    /// Passes over the data so far.
    package let epoch: Double
    /// The step's loss, and the mean of all steps so far.
    package let loss, meanLoss: Double
    /// Norm of the gradient before clipping.
    package let gradientNorm: Double
    /// Of this step.
    package let learningRate: Double
    /// Rows trained on so far.
    package let rows: Int
    /// How much of the batch trained; nil where that means nothing.
    package let activity: LossActivity?
}

/// Fine-tunes an encoder.
package final class Trainer {
    private let encoder: TrainableEncoder
    private let loss: any TrainingLoss
    private let set: TrainingSet
    private let arguments: TrainingArguments
    private let optimizer: AdamW
    /// Token ids of each row's texts.
    private let sequences: [[[TokenID]]]
    /// What is kept between steps.
    package private(set) var state = TrainingState()
    /// Weights of the best evaluation, where they are wanted.
    private var bestWeights: FloatBuffer?

    /// Prepares a run.
    /// - Throws: `TrainingError` for data or settings that the loss cannot use.
    package init(
        _ encoder: TrainableEncoder, _ loss: any TrainingLoss, _ set: TrainingSet, _ arguments: TrainingArguments
    ) throws(TrainingError) {
        guard loss.columnCount.contains(set.columnCount) else {
            throw .invalidOption(
                name: type(of: loss).name, expected: "rows of \(loss.columnCount.lowerBound) texts or more",
                found: "\(set.columnCount)")
        }
        for (name, value) in [
            ("--epochs", arguments.epochs), ("--batch-size", arguments.batchSize),
            ("--accumulation-steps", arguments.accumulationSteps), ("--threads", arguments.threads),
        ] where value < 1 {
            throw .invalidOption(name: name, expected: "at least 1", found: "\(value)")
        }
        if arguments.sampler == .groupByLabel, arguments.batchSize < 4 || arguments.batchSize % 2 != 0 {
            throw .invalidOption(
                name: "--batch-size", expected: "an even number from 4 on for group_by_label",
                found: "\(arguments.batchSize)")
        }
        self.encoder = encoder
        self.loss = loss
        self.set = set
        self.arguments = arguments
        optimizer = AdamW(encoder, settings: arguments.optimizer)
        var known: [String: [TokenID]] = [:]
        sequences = set.rows.map { row in
            row.texts.map { text in
                if let ids = known[text] { return ids }
                let ids = encoder.tokens(of: text)
                known[text] = ids
                return ids
            }
        }
    }

    /// Batches of an epoch.
    private func batches(epoch: Int) -> [[Int]] {
        arguments.sampler.batches(of: set, size: arguments.batchSize, seed: arguments.seed, epoch: epoch)
    }

    /// Steps until the end of each epoch: a sampler may make more batches in one epoch than in another.
    private lazy var epochEnds: [Int] = {
        var ends: [Int] = []
        for epoch in 0..<arguments.epochs {
            let count = batches(epoch: epoch).count
            ends.append((ends.last ?? 0) + (count + arguments.accumulationSteps - 1) / arguments.accumulationSteps)
        }
        return ends
    }()

    /// Steps of the run.
    package var steps: Int {
        let all = epochEnds.last ?? 0
        return arguments.maxSteps > 0 ? min(arguments.maxSteps, all) : all
    }

    /// Trains to the end.
    /// - Parameters:
    ///   - checkpoints: where they are written and found; nil: none.
    ///   - resume: goes on from the newest of them that is whole.
    ///   - onResume: told where the run goes on, before its first step.
    ///   - evaluate: measures the present weights, more is better; called every `evaluationSteps`.
    ///   - onStep: told after each step; what it throws stops the run between two steps, after a checkpoint if there is a place for one.
    /// - Returns: the state at the end; the encoder has the weights.
    /// - Throws: `TrainingError`, and what the closures throw.
    package func run(
        checkpoints: CheckpointStore?, resume: Bool = false,
        onResume: (CheckpointStore.Restored) throws -> Void = { _ in }, evaluate: ((Int) throws -> Double)? = nil,
        onStep: (TrainingMoment) throws -> Void
    ) throws -> TrainingState {
        if resume, let restored = try checkpoints?.restore(into: encoder, optimizer) {
            state = restored.state
            bestWeights = restored.bestWeights
            try onResume(restored)
        }
        let steps = steps
        guard steps > 0 else {
            throw TrainingError.noExamples(source: "The data", reason: "the sampler makes no batch of it.")
        }
        let warmup = arguments.warmup < 1 ? Int((arguments.warmup * Double(steps)).rounded(.up)) : Int(arguments.warmup)
        let schedule = LearningRateSchedule(arguments.schedule, steps: steps, warmup: warmup)
        var planned = (epoch: -1, batches: [[Int]]())
        while state.step < steps, !state.isStoppedEarly {
            let epoch = epochEnds.firstIndex { state.step < $0 } ?? epochEnds.count - 1
            if planned.epoch != epoch { planned = (epoch, batches(epoch: epoch)) }
            let begin = epoch == 0 ? 0 : epochEnds[epoch - 1]
            let first = (state.step - begin) * arguments.accumulationSteps
            let part = planned.batches[first..<min(first + arguments.accumulationSteps, planned.batches.count)]
            let rate = arguments.learningRate * schedule.factor(at: state.step)
            let share = Double(state.step + 1 - begin) / Double(epochEnds[epoch] - begin)
            let moment = try step(Array(part), learningRate: rate, (steps, Double(epoch) + share))
            if let evaluate, arguments.evaluationSteps > 0, state.step % arguments.evaluationSteps == 0 {
                note(try evaluate(state.step))
            }
            do { try onStep(moment) } catch {
                try save(to: checkpoints)
                throw error
            }
            // After the step was told: whoever keeps a log of steps has every one that a checkpoint has.
            if arguments.saveSteps > 0, state.step % arguments.saveSteps == 0 { try save(to: checkpoints) }
        }
        if arguments.loadBestAtEnd, let bestWeights {
            encoder.weights.start.update(from: bestWeights.start, count: encoder.layout.count)
        }
        return state
    }

    private func save(to checkpoints: CheckpointStore?) throws {
        try checkpoints?.save(
            state, encoder, optimizer, bestWeights: bestWeights, limit: arguments.saveTotalLimit)
    }

    private func step(
        _ batches: [[Int]], learningRate: Double, _ plan: (steps: Int, epoch: Double)
    ) throws(TrainingError) -> TrainingMoment {
        encoder.zeroGradients()
        var loss = 0.0
        var activity: LossActivity?
        var culprit = batches.first ?? []
        for (index, batch) in batches.enumerated() {
            let value = accumulate(batch, share: 1 / Float(batches.count), dropoutSeed: dropoutSeed(index))
            if loss.isFinite, !value.loss.isFinite { culprit = batch }
            loss += value.loss / Double(batches.count)
            activity = value.activity
        }
        encoder.collectGradients()
        let norm = encoder.gradientNorm
        guard loss.isFinite, norm.isFinite else {
            throw .notFinite(
                what: loss.isFinite ? "The gradient" : "The loss", step: state.step + 1,
                texts: culprit.prefix(3).flatMap { set.rows[$0].texts })
        }
        // As torch.nn.utils.clip_grad_norm_ computes it.
        let clip = arguments.maxGradientNorm > 0 ? min(1, arguments.maxGradientNorm / (norm + 1e-6)) : 1
        optimizer.update(encoder, learningRate: learningRate, clip: clip)
        state.step += 1
        state.lossSum += loss
        state.rows += batches.reduce(0) { $0 + $1.count }
        return TrainingMoment(
            step: state.step, steps: plan.steps, epoch: plan.epoch, loss: loss,
            meanLoss: state.lossSum / Double(state.step), gradientNorm: norm, learningRate: learningRate,
            rows: state.rows, activity: activity)
    }

    /// Adds the gradient of one batch to the encoder's.
    private func accumulate(_ batch: [Int], share: Float, dropoutSeed: UInt64?) -> LossValue {
        let columns = set.columnCount
        // Column by column: a column's embeddings then lie together.
        let flat = (0..<columns).flatMap { column in batch.map { sequences[$0][column] } }
        let chunk = arguments.miniBatchSize > 0 ? arguments.miniBatchSize * columns : flat.count
        let chunks = stride(from: 0, to: flat.count, by: max(chunk, 1)).map { $0..<min($0 + chunk, flat.count) }
        var embeddings: [Float] = []
        for (index, range) in chunks.enumerated() {
            embeddings += encoder.forward(Array(flat[range]), dropoutSeed: Self.seed(dropoutSeed, chunk: index))
        }
        let size = batch.count * encoder.dimension
        let value = loss.evaluate(
            (0..<columns).map {
                EmbeddingColumn(
                    dimension: encoder.dimension, values: Array(embeddings[($0 * size)..<(($0 + 1) * size)]))
            }, labels: batch.map { set.rows[$0].label })
        let gradient = value.gradients.flatMap { $0.values.map { $0 * share } }
        for (index, range) in chunks.enumerated() {
            // Gradient caching (Gao et al. 2021): a chunk goes forward again with the same dropout, and then back.
            if chunks.count > 1 {
                _ = encoder.forward(Array(flat[range]), dropoutSeed: Self.seed(dropoutSeed, chunk: index))
            }
            encoder.backward(
                Array(gradient[(range.lowerBound * encoder.dimension)..<(range.upperBound * encoder.dimension)]))
        }
        return value
    }

    private func dropoutSeed(_ batch: Int) -> UInt64? {
        guard arguments.dropout else { return nil }
        var mixer = SplitMix64(seed: arguments.seed ^ 0x5EED_D209)
        let salt = mixer.next()
        return salt &+ UInt64(state.step * arguments.accumulationSteps + batch) &* 0xA076_1D64_78BD_642F
    }

    private static func seed(_ seed: UInt64?, chunk: Int) -> UInt64? {
        seed.map { $0 ^ (UInt64(chunk) &* 0xE703_7ED1_A0B4_28DB) }
    }

    /// Takes the result of an evaluation.
    private func note(_ metric: Double) {
        state.evaluations.append(TrainingState.Evaluation(step: state.step, metric: metric))
        if let best = state.best, metric <= best.metric {
            state.evaluationsWithoutImprovement += 1
            let patience = arguments.earlyStoppingPatience
            state.isStoppedEarly = patience > 0 && state.evaluationsWithoutImprovement >= patience
            return
        }
        state.best = TrainingState.Evaluation(step: state.step, metric: metric)
        state.evaluationsWithoutImprovement = 0
        guard arguments.loadBestAtEnd else { return }
        let weights = bestWeights ?? FloatBuffer(capacity: encoder.layout.count)
        weights.start.update(from: encoder.weights.start, count: encoder.layout.count)
        bestWeights = weights
    }
}
