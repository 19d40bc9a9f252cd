// `kill -9` at random moments of a tuning that saves after every step: nothing older is lost, and --resume ends at the same bytes.

import Foundation
import Tensors
import Testing

@Suite(.serialized, .enabled(if: Program.url != nil, "needs the built program beside the tests"))
final class TuneKillTests {
    private static let kills = ProcessInfo.processInfo.environment["AISLE_KILLS"].flatMap(Int.init) ?? 10
    private let directory = FileManager.default.temporaryDirectory.appending(
        path: "aisle-tune-kill-\(UUID().uuidString)")

    init() throws { try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true) }

    deinit { try? FileManager.default.removeItem(at: directory) }

    /// - Returns: the exit status, or the number of the signal that ended it, and what was said.
    private func tune(_ name: String, _ more: [String], killAfter delay: Double? = nil) throws -> Program.Outcome {
        let model = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "EncoderTests/Fixtures/tiny").path
        return try Program.run(
            [
                "tune", "--model", model, "--output", directory.appending(path: name).path, "--sentences",
                directory.appending(path: "sentences.jsonl").path, "--recipe", "batch-all", "--epochs", "6",
            ] + more
        ) { process, _ in
            guard let delay else { return }
            Thread.sleep(forTimeInterval: delay)
            kill(process.processIdentifier, SIGKILL)
        }
    }

    private func weights(_ name: String) throws -> Data {
        try Data(contentsOf: directory.appending(path: "\(name)/model.safetensors"))
    }

    @Test(.timeLimit(.minutes(20)))
    func `a tuning killed at random moments loses no older checkpoint and resumes to the same bytes`() throws {
        let words = ["red", "blue", "green", "tea", "lamp", "chair", "wool", "sock", "boot", "coat"]
        let lines = (0..<60).map { number in
            #"{"sentence": "\#(words[number % 10]) \#(words[number / 10]) \#(number)", "label": "\#(number % 3)"}"#
        }
        try Data(lines.joined(separator: "\n").utf8).write(to: directory.appending(path: "sentences.jsonl"))
        let start = Date()
        let whole = try tune("whole", ["--save-steps", "1", "--save-total-limit", "2"])
        try #require(whole.status == 0, "\(whole.errors)")
        let duration = Date().timeIntervalSince(start)

        let checkpoints = directory.appending(path: "killed.checkpoints")
        var random = SplitMix64(seed: 11)
        var (survived, furthest) = (0, 0)
        var steps: Set<Int> = []
        while survived < Self.kills {
            // Towards the end of the run more often than not: a process must first come past its start.
            let outcome = try tune(
                "killed", ["--save-steps", "1", "--save-total-limit", "2", "--resume"],
                killAfter: duration * Double.random(in: 0.1...0.9, using: &random))
            // The model is there before the process ends, and its checkpoints are gone by then.
            let isDone = FileManager.default.fileExists(atPath: directory.appending(path: "killed/tuning.json").path)
            guard outcome.status == SIGKILL, !isDone else {
                #expect(outcome.status == 0 || isDone, "\(outcome.errors)")
                #expect(try weights("killed") == weights("whole"))
                try? FileManager.default.removeItem(at: checkpoints)
                try FileManager.default.removeItem(at: directory.appending(path: "killed"))
                furthest = 0
                continue
            }
            survived += 1
            let names = (try? FileManager.default.contentsOfDirectory(atPath: checkpoints.path)) ?? []
            let newest = names.compactMap { $0.hasPrefix("checkpoint-") ? Int($0.dropFirst(11)) : nil }.max() ?? 0
            #expect(newest >= furthest, "step \(furthest) was saved, and now \(newest) is the newest")
            furthest = newest
            steps.insert(newest)
        }
        let outcome = try tune("killed", ["--save-steps", "1", "--save-total-limit", "2", "--resume"])
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(try weights("killed") == weights("whole"))
        // The log has every step once, whoever made it.
        let log = try String(contentsOf: directory.appending(path: "killed/training.jsonl"), encoding: .utf8)
        #expect(log.split(separator: "\n").count == 48)
        #expect(try log == String(contentsOf: directory.appending(path: "whole/training.jsonl"), encoding: .utf8))
        #expect(steps.count > 1, "the kills all fell at one moment: \(steps)")
        Attachment.record(
            "\(survived) kills survived, with these newest steps: \(steps.sorted())", named: "tune-kills.txt")
    }
}
