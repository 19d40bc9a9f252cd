// The training loop: determinism, going on after a stop, gradient caching, and what ends a run.

import Encoder
import Foundation
import Tensors
import Testing

@testable import Training

struct TrainerTests {
    private struct Stop: Error {}

    /// A loss that is no number from a given call on.
    private final class BrokenLoss: TrainingLoss, @unchecked Sendable {
        static let name = "BrokenLoss"
        let columnCount = 1...8
        private var calls = 0

        func evaluate(_ columns: [EmbeddingColumn], labels: [Float]) -> LossValue {
            calls += 1
            var value = MultipleNegativesRankingLoss().evaluate(columns, labels: labels)
            if calls == 3 { value.loss = .nan }
            return value
        }
    }

    private func arguments(_ change: (inout TrainingArguments) -> Void = { _ in }) -> TrainingArguments {
        var arguments = TrainingArguments()
        arguments.batchSize = 6
        arguments.epochs = 3
        arguments.learningRate = 1e-3
        arguments.threads = 2
        change(&arguments)
        return arguments
    }

    private func train(
        _ arguments: TrainingArguments, checkpoints: CheckpointStore? = nil, resume: Bool = false, stopAt: Int? = nil,
        loss: any TrainingLoss = MultipleNegativesRankingLoss()
    ) throws -> (weights: [Float], state: TrainingState) {
        let encoder = try Samples.encoder(dropout: arguments.dropout)
        let trainer = try Trainer(encoder, loss, Samples.pairs, arguments)
        let state = try trainer.run(checkpoints: checkpoints, resume: resume) { moment in
            if moment.step == stopAt { throw Stop() }
        }
        return (Samples.weights(encoder), state)
    }

    @Test func `the same seed gives the same bytes, another one others`() throws {
        let first = try train(arguments())
        #expect(first.state.step == 12)
        #expect(try first.weights == train(arguments()).weights)
        #expect(try first.weights != train(arguments { $0.seed = 43 }).weights)
        #expect(try first.weights != Samples.weights(Samples.encoder()))
    }

    @Test(arguments: [1, 4, 5, 11]) func `a run that was stopped goes on to the same bytes`(_ step: Int) throws {
        let directory = try TemporaryDirectory()
        let arguments = arguments { ($0.saveSteps, $0.saveTotalLimit) = (2, 2) }
        let whole = try train(arguments)
        let store = CheckpointStore(directory: directory.url, fingerprint: "run")
        #expect(throws: Stop.self) { try train(arguments, checkpoints: store, stopAt: step) }
        // As after a kill: nothing but the checkpoints is left.
        let rest = try train(arguments, checkpoints: store, resume: true)
        #expect(rest.weights == whole.weights)
        #expect(rest.state == whole.state)
        #expect(store.steps.count == 2)
    }

    @Test func `checkpoints of another run are refused`() throws {
        let directory = try TemporaryDirectory()
        let arguments = arguments { $0.saveSteps = 4 }
        let store = CheckpointStore(directory: directory.url, fingerprint: "run")
        _ = try train(arguments, checkpoints: store)
        let other = CheckpointStore(directory: directory.url, fingerprint: "another")
        #expect {
            try train(arguments, checkpoints: other, resume: true)
        } throws: { if case TrainingError.otherRun = $0 { true } else { false } }
    }

    @Test(arguments: ["optimizer.safetensors", "model.safetensors", "state.json"])
    func `a damaged checkpoint is passed over for the one before it, to the same bytes`(_ name: String) throws {
        let directory = try TemporaryDirectory()
        let arguments = arguments { $0.saveSteps = 4 }
        let whole = try train(arguments)
        let store = CheckpointStore(directory: directory.url, fingerprint: "run")
        _ = try train(arguments, checkpoints: store)
        for step in [12, 8] {
            let file = directory.url.appending(path: "checkpoint-\(step)/\(name)")
            let bytes = try Data(contentsOf: file)
            try bytes.prefix(bytes.count / 2).write(to: file)
        }
        let encoder = try Samples.encoder()
        let trainer = try Trainer(encoder, MultipleNegativesRankingLoss(), Samples.pairs, arguments)
        var restored: CheckpointStore.Restored?
        _ = try trainer.run(checkpoints: store, resume: true, onResume: { restored = $0 }) { _ in }
        #expect(restored?.state.step == 4 && restored?.passedOver.count == 2)
        #expect(Samples.weights(encoder) == whole.weights)
        // With the last one gone too there is nothing to go on from.
        let last = directory.url.appending(path: "checkpoint-4/\(name)")
        try Data().write(to: last)
        for step in [8, 12] {
            try? FileManager.default.removeItem(at: directory.url.appending(path: "checkpoint-\(step)"))
        }
        #expect {
            try train(arguments, checkpoints: store, resume: true)
        } throws: { if case TrainingError.damagedCheckpoint = $0 { true } else { false } }
    }

    @Test func `the best weights outlast a stop`() throws {
        let directory = try TemporaryDirectory()
        let arguments = arguments { ($0.evaluationSteps, $0.loadBestAtEnd, $0.saveSteps) = (1, true, 5) }
        let metric: (Int) -> Double = { $0 == 3 ? 1 : 0.5 }
        let whole = try Samples.encoder()
        _ = try Trainer(whole, MultipleNegativesRankingLoss(), Samples.pairs, arguments)
            .run(checkpoints: nil, evaluate: metric) { _ in }
        let store = CheckpointStore(directory: directory.url, fingerprint: "run")
        let stopped = try Trainer(Samples.encoder(), MultipleNegativesRankingLoss(), Samples.pairs, arguments)
        #expect(throws: Stop.self) {
            try stopped.run(checkpoints: store, evaluate: metric) { if $0.step == 7 { throw Stop() } }
        }
        let encoder = try Samples.encoder()
        let trainer = try Trainer(encoder, MultipleNegativesRankingLoss(), Samples.pairs, arguments)
        let state = try trainer.run(checkpoints: store, resume: true, evaluate: metric) { _ in }
        #expect(state.best?.step == 3)
        #expect(Samples.weights(encoder) == Samples.weights(whole))
    }

    @Test func `every batch of every epoch is a step, however many a sampler makes of one`() throws {
        let set = TrainingSet(
            (0..<40).map { TrainingSet.Row(["anchor \($0 % 7)", "answer \($0 * $0 % 11)"]) })
        func steps(_ seed: UInt64) -> [Int] {
            (0..<6).map {
                (BatchSampler.noDuplicates.batches(of: set, size: 5, seed: seed, epoch: $0).count + 1) / 2
            }
        }
        let seed = try #require((0..<100).first { Set(steps($0)).count > 1 }, "all epochs have as many steps")
        let arguments = arguments {
            ($0.sampler, $0.epochs, $0.batchSize, $0.accumulationSteps) = (.noDuplicates, 6, 5, 2)
            $0.seed = seed
        }
        let trainer = try Trainer(Samples.encoder(), MultipleNegativesRankingLoss(), set, arguments)
        var epochs: [Double] = []
        let state = try trainer.run(checkpoints: nil) { epochs.append($0.epoch) }
        #expect(state.step == steps(seed).reduce(0, +))
        #expect(state.rows == 6 * 40)
        #expect(epochs == epochs.sorted() && epochs.last == 6)
    }

    @Test func `the fingerprint tells arguments and data apart`() {
        let first = CheckpointStore.fingerprint(arguments(), Samples.pairs)
        #expect(first == CheckpointStore.fingerprint(arguments(), Samples.pairs))
        #expect(first != CheckpointStore.fingerprint(arguments { $0.seed = 1 }, Samples.pairs))
        #expect(first != CheckpointStore.fingerprint(arguments(), TrainingSet(Array(Samples.pairs.rows.dropLast()))))
    }

    @Test func `gradient caching gives the weights of the whole batch, but for rounding`() throws {
        let whole = try train(arguments { ($0.dropout, $0.maxSteps) = (false, 2) })
        let cached = try train(arguments { ($0.dropout, $0.maxSteps, $0.miniBatchSize) = (false, 2, 2) })
        let largest = zip(whole.weights, cached.weights).reduce(Float(0)) { max($0, abs($1.0 - $1.1)) }
        // Adam's first steps have the size of the learning rate whatever the gradient's, so rounding near zero shows as much.
        let differing = zip(whole.weights, cached.weights).count { abs($0 - $1) > 1e-5 }
        #expect(largest <= 4e-3)
        #expect(differing < whole.weights.count / 100)
    }

    @Test func `a loss that is no number stops with step and batch, and the weights are those of the step before`()
        throws
    {
        let encoder = try Samples.encoder()
        let trainer = try Trainer(encoder, BrokenLoss(), Samples.pairs, arguments())
        var last: [Float] = []
        let error = #expect(throws: TrainingError.self) {
            try trainer.run(checkpoints: nil) { _ in last = Samples.weights(encoder) }
        }
        guard case .notFinite(let what, let step, let texts) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(what == "The loss" && step == 3 && !texts.isEmpty)
        #expect(trainer.state.step == 2)
        #expect(try last != Samples.weights(Samples.encoder()), "two steps were made")
        #expect(Samples.weights(encoder) == last)
    }

    @Test func `training makes the loss fall and the best weights are taken at the end`() throws {
        let encoder = try Samples.encoder(dropout: false)
        let arguments = arguments { ($0.dropout, $0.evaluationSteps, $0.loadBestAtEnd) = (false, 1, true) }
        let trainer = try Trainer(encoder, MultipleNegativesRankingLoss(), Samples.pairs, arguments)
        var losses: [Double] = []
        var seen: [[Float]] = []
        let metrics = [0.1, 0.3, 0.2] + [Double](repeating: 0.15, count: 9)
        let state = try trainer.run(
            checkpoints: nil,
            evaluate: { step in
                seen.append(Samples.weights(encoder))
                return metrics[step - 1]
            }
        ) { losses.append($0.loss) }
        #expect(losses.suffix(4).reduce(0, +) < losses.prefix(4).reduce(0, +))
        #expect(state.best?.step == 2)
        #expect(Samples.weights(encoder) == seen[1])
    }

    @Test func `early stopping ends a run that does not get better`() throws {
        let encoder = try Samples.encoder()
        let trainer = try Trainer(
            encoder, MultipleNegativesRankingLoss(), Samples.pairs,
            arguments { ($0.evaluationSteps, $0.earlyStoppingPatience) = (1, 3) })
        let state = try trainer.run(checkpoints: nil, evaluate: { _ in 0.5 }) { _ in }
        #expect(state.step == 4 && state.isStoppedEarly)
    }

    @Test func `a saved model gives the embeddings of the model in training`() throws {
        let directory = try TemporaryDirectory()
        let encoder = try Samples.encoder(dropout: false)
        let trainer = try Trainer(encoder, MultipleNegativesRankingLoss(), Samples.pairs, arguments())
        _ = try trainer.run(checkpoints: nil) { _ in }
        let target = directory.url.appending(path: "model")
        try encoder.save(to: target, extra: ["tuning.json": Data("{}".utf8)])
        let texts = Samples.pairs.rows.flatMap(\.texts)
        let expected = encoder.forward(texts.map { encoder.tokens(of: $0) }, dropoutSeed: nil)
        let found = try SentenceEncoder(modelDirectory: target, precision: .float32).encode(texts).values
        for (a, b) in zip(found, expected) { #expect(abs(a - b) < 1e-5) }
        #expect(FileManager.default.fileExists(atPath: target.appending(path: "tuning.json").path))
        // Written again over the first one, nothing of which is left; but over nothing else.
        try encoder.save(to: target)
        #expect(!FileManager.default.fileExists(atPath: target.appending(path: "tuning.json").path))
        #expect(throws: EncoderError.self) { try encoder.save(to: target) }
        #expect(try FileManager.default.contentsOfDirectory(atPath: directory.url.path) == ["model"])
    }
}
