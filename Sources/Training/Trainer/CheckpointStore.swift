// Checkpoints: everything a run needs to go on as if it had never stopped.
//
// checkpoint-N/ holds model.safetensors (weights), optimizer.safetensors (moments, and which rows of the word embeddings move), best.safetensors
// (the weights of the best evaluation, where they are wanted at the end) and state.json. It is made under another name, its tensors are
// written through to the disk, and it is renamed, so a kill at any moment leaves older ones whole. One that a failing disk damaged all the
// same is passed over for the one before it.

internal import Encoder
package import Foundation
internal import Hashing
package import Tensors

/// The checkpoints of one run, in a directory.
package struct CheckpointStore: Sendable {
    /// Where they are.
    package let directory: URL
    /// What tells this run from others: arguments and data.
    package let fingerprint: String

    /// What state.json holds.
    private struct Record: Codable {
        let fingerprint: String
        let optimizerStep: Int
        let state: TrainingState
    }

    /// Names a directory; it is made with the first checkpoint.
    package init(directory: URL, fingerprint: String) {
        self.directory = directory
        self.fingerprint = fingerprint
    }

    /// Tells a run from others.
    /// - Parameters:
    ///   - arguments: how it trains.
    ///   - set: on what.
    ///   - details: what else matters: the model it starts from, the loss.
    /// - Returns: a SHA-256 in hexadecimal.
    package static func fingerprint(
        _ arguments: TrainingArguments, _ set: TrainingSet, details: String = ""
    ) -> String {
        let hash = SHA256()
        hash.update(data: Data((details + "\n").utf8))
        let json = JSONEncoder()
        json.outputFormatting = .sortedKeys
        if let data = try? json.encode(arguments) { hash.update(data: data) }
        hash.update(data: Data(set.digest.utf8))
        return hash.finalize().hexadecimal
    }

    /// The steps that have a checkpoint, ascending.
    package var steps: [Int] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: directory.path)) ?? []
        return names.compactMap { name in
            name.hasPrefix("checkpoint-") ? Int(name.dropFirst("checkpoint-".count)) : nil
        }.sorted()
    }

    private func place(_ step: Int) -> URL { directory.appending(path: "checkpoint-\(step)") }

    /// Writes a checkpoint, then removes the oldest beyond a limit.
    /// - Parameters:
    ///   - state: how far the run is.
    ///   - encoder: its weights.
    ///   - optimizer: its moments.
    ///   - bestWeights: those of the best evaluation so far; nil: none are kept.
    ///   - limit: checkpoints that are kept; 0: all.
    /// - Throws: `TrainingError.writeFailed`.
    func save(
        _ state: TrainingState, _ encoder: TrainableEncoder, _ optimizer: AdamW, bestWeights: FloatBuffer? = nil,
        limit: Int
    ) throws(TrainingError) {
        let draft = directory.appending(path: ".checkpoint-\(state.step).writing")
        let manager = FileManager.default
        do {
            try? manager.removeItem(at: draft)
            try manager.createDirectory(at: draft, withIntermediateDirectories: true)
            try encoder.saveWeights(to: draft.appending(path: "model.safetensors"))
            try saveMoments(optimizer, count: encoder.layout.count, to: draft.appending(path: "optimizer.safetensors"))
            if let bestWeights {
                let bytes = UnsafeRawBufferPointer(
                    UnsafeBufferPointer(start: bestWeights.start, count: encoder.layout.count))
                try SafeTensorsWriter.write(
                    [TensorToWrite(name: "weights", type: "F32", shape: [encoder.layout.count], bytes: bytes)],
                    to: draft.appending(path: "best.safetensors"))
            }
            let json = JSONEncoder()
            json.outputFormatting = [.sortedKeys, .prettyPrinted]
            let record = Record(fingerprint: fingerprint, optimizerStep: optimizer.step, state: state)
            try json.encode(record).write(to: draft.appending(path: "state.json"))
            if manager.fileExists(atPath: place(state.step).path) { try manager.removeItem(at: place(state.step)) }
            try manager.moveItem(at: draft, to: place(state.step))
        } catch {
            try? manager.removeItem(at: draft)
            throw .writeFailed(path: draft.path, reason: "\(error)")
        }
        guard limit > 0 else { return }
        for step in steps.dropLast(limit) { try? manager.removeItem(at: place(step)) }
    }

    private func saveMoments(_ optimizer: AdamW, count: Int, to url: URL) throws {
        func bytes(_ buffer: FloatBuffer) -> UnsafeRawBufferPointer {
            UnsafeRawBufferPointer(UnsafeBufferPointer(start: buffer.start, count: count))
        }
        let rows = optimizer.activeRows.map { $0 ? Float(1) : 0 }
        try rows.withUnsafeBytes { rows in
            try SafeTensorsWriter.write(
                [
                    TensorToWrite(
                        name: "first_moments", type: "F32", shape: [count], bytes: bytes(optimizer.firstMoments)),
                    TensorToWrite(
                        name: "second_moments", type: "F32", shape: [count], bytes: bytes(optimizer.secondMoments)),
                    TensorToWrite(
                        name: "active_rows", type: "F32", shape: [optimizer.activeRows.count], bytes: rows),
                ], to: url)
        }
    }

    /// A checkpoint that was taken.
    package struct Restored {
        /// How far the run was.
        package let state: TrainingState
        /// Weights of the best evaluation; nil where none were kept.
        package let bestWeights: FloatBuffer?
        /// Newer checkpoints that cannot be read, with what is wrong with them.
        package let passedOver: [TrainingError]
    }

    /// Takes the newest checkpoint that is whole.
    /// - Returns: what it held; nil without a checkpoint.
    /// - Throws: `TrainingError.otherRun`; `.damagedCheckpoint` where none is whole.
    func restore(into encoder: TrainableEncoder, _ optimizer: AdamW) throws(TrainingError) -> Restored? {
        var damaged: [TrainingError] = []
        for step in steps.reversed() {
            do throws(TrainingError) {
                let (state, best) = try restore(place(step), into: encoder, optimizer)
                return Restored(state: state, bestWeights: best, passedOver: damaged)
            } catch {
                guard case .damagedCheckpoint = error else { throw error }
                damaged.append(error)
            }
        }
        if let newest = damaged.first { throw newest }
        return nil
    }

    private func restore(
        _ place: URL, into encoder: TrainableEncoder, _ optimizer: AdamW
    ) throws(TrainingError) -> (TrainingState, FloatBuffer?) {
        let record: Record
        do {
            record = try JSONDecoder().decode(
                Record.self, from: Data(contentsOf: place.appending(path: "state.json")))
        } catch { throw .damagedCheckpoint(path: place.path, reason: "state.json cannot be read") }
        guard record.fingerprint == fingerprint else {
            throw .otherRun(
                checkpoint: place.path, what: "fingerprint of arguments and data", expected: record.fingerprint,
                found: fingerprint)
        }
        do {
            try encoder.loadWeights(from: place.appending(path: "model.safetensors"))
            try restoreMoments(from: place, into: optimizer, count: encoder.layout.count)
            let best = place.appending(path: "best.safetensors")
            var bestWeights: FloatBuffer?
            if FileManager.default.fileExists(atPath: best.path) {
                let weights = FloatBuffer(capacity: encoder.layout.count)
                try SafeTensorsFile(path: best.path).copy(
                    "weights", shape: [encoder.layout.count], into: weights.start)
                bestWeights = weights
            }
            optimizer.step = record.optimizerStep
            return (record.state, bestWeights)
        } catch { throw .damagedCheckpoint(path: place.path, reason: "\(error)") }
    }

    private func restoreMoments(from place: URL, into optimizer: AdamW, count: Int) throws {
        let file = try SafeTensorsFile(path: place.appending(path: "optimizer.safetensors").path)
        try file.copy("first_moments", shape: [count], into: optimizer.firstMoments.start)
        try file.copy("second_moments", shape: [count], into: optimizer.secondMoments.start)
        var rows = [Float](repeating: 0, count: optimizer.activeRows.count)
        let shape = [rows.count]
        try rows.withUnsafeMutableBufferPointer { rows in
            guard let start = rows.baseAddress else { return }
            try file.copy("active_rows", shape: shape, into: start)
        }
        optimizer.activeRows = rows.map { $0 != 0 }
    }
}
