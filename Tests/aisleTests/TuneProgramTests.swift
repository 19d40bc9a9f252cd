// `aisle tune` from outside, with the tiny model of the encoder's tests.

import Foundation
import Testing

@Suite(.enabled(if: Program.url != nil, "needs the built program beside the tests"))
final class TuneProgramTests {
    private static let model = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "EncoderTests/Fixtures/tiny").path
    private let directory = FileManager.default.temporaryDirectory.appending(path: "aisle-tune-\(UUID().uuidString)")

    init() throws { try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true) }

    deinit { try? FileManager.default.removeItem(at: directory) }

    private var output: String { directory.appending(path: "model").path }

    private func file(_ name: String, _ text: String) throws -> String {
        let url = directory.appending(path: name)
        try Data(text.utf8).write(to: url)
        return url.path
    }

    private static let words = ["red", "blue", "green", "tea", "lamp", "chair", "wool", "sock", "boot", "coat"]

    private var sentences: String {
        get throws {
            let lines = (0..<60).map { number in
                #"{"sentence": "\#(Self.words[number % 10]) \#(Self.words[(number / 10 + 4) % 10]) \#(number)", "label": "\#(number % 3)"}"#
            }
            return try file("sentences.jsonl", lines.joined(separator: "\n") + "\n")
        }
    }

    private func tune(_ arguments: [String]) throws -> Program.Outcome {
        try Program.run(["tune", "--model", Self.model, "--output", output] + arguments)
    }

    private func record(_ outcome: Program.Outcome) throws -> [String: Any] {
        #expect(outcome.status == 0, "\(outcome.errors)")
        let data = try Data(contentsOf: URL(filePath: output).appending(path: "tuning.json"))
        return try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    }

    @Test func `batch-all says what its margin does and writes a model with its record`() throws {
        let outcome = try tune(["--sentences", sentences, "--recipe", "batch-all", "--epochs", "2"])
        let record = try record(outcome)
        #expect(outcome.errors.contains("cannot be satisfied"))
        #expect(outcome.errors.contains("the loss is 3.268 for 3 labels"))
        #expect(record["steps"] as? Int == 16)
        #expect((record["training_loss"] as? Double ?? 0) > 3)
        #expect(["better", "no difference", "worse"].contains(record["verdict"] as? String ?? ""))
        #expect((record["before"] as? [String: Double])?["participation_ratio"] != nil)
        #expect((record["after"] as? [String: Double])?["participation_ratio"] != nil)
        // The model it wrote is one.
        let info = try Program.run(["similarity", "red lamp", "blue sock", "--model", output])
        #expect(info.status == 0, "\(info.errors)")
    }

    @Test func `the same command gives the same weights, another seed others`() throws {
        let weights = URL(filePath: output).appending(path: "model.safetensors")
        let arguments = ["--sentences", try sentences, "--epochs", "2", "--batch-size", "8"]
        #expect(try tune(arguments).status == 0)
        let first = try Data(contentsOf: weights)
        #expect(try tune(arguments).status == 0)
        #expect(try Data(contentsOf: weights) == first)
        #expect(try tune(arguments + ["--seed", "7"]).status == 0)
        #expect(try Data(contentsOf: weights) != first)
    }

    @Test func `pairs are judged by queries that were held out`() throws {
        let lines = (0..<80).map { number in
            let word = Self.words[number % 10]
            return
                #"{"query": "\#(word) \#(number)", "positive": "the \#(word) \#(Self.words[(number / 10) % 10]) \#(number)"}"#
        }
        let pairs = try file("pairs.jsonl", lines.joined(separator: "\n") + "\n")
        let record = try record(tune(["--pairs", pairs, "--batch-size", "8", "--holdout", "0.3"]))
        #expect((record["rows"] as? Int ?? 80) < 80)
        #expect((record["before"] as? [String: Double])?["ndcg@10"] != nil)
        let reasons = try #require(record["reasons"] as? [String])
        #expect(reasons.contains { $0.contains("nDCG@10") })
    }

    @Test func `an output that is no tuned model is left alone`() throws {
        let precious = URL(filePath: output, directoryHint: .isDirectory)
        try FileManager.default.createDirectory(at: precious, withIntermediateDirectories: true)
        let file = precious.appending(path: "precious.txt")
        try Data("kept".utf8).write(to: file)
        let outcome = try tune(["--sentences", sentences])
        #expect(outcome.status == 1)
        #expect(outcome.errors.contains("is no tuned model"), "\(outcome.errors)")
        #expect(try String(contentsOf: file, encoding: .utf8) == "kept")
        // Nor is the model it starts from, which has no record of a tuning.
        let copy = directory.appending(path: "base")
        try FileManager.default.copyItem(atPath: Self.model, toPath: copy.path)
        let onto = try Program.run(["tune", "--model", copy.path, "--output", copy.path, "--sentences", sentences])
        #expect(onto.status == 1)
        #expect(FileManager.default.fileExists(atPath: copy.appending(path: "model.safetensors").path))
    }

    @Test(arguments: [
        (
            "{\"sentence\": \"a\", \"label\": \"x\"}\n{\"sentence\": \"b\", \"label\": \"x\"}\n",
            "all have the label “x”"
        ),
        ("{\"sentence\": \"a\", \"label\": \"x\"}\n{\"sentence\": \"b\", \"label\": \"y\"}\n", "has one member"),
        ("{\"sentence\": \"a\"}\n", "expected a text or an integer as \"label\""), ("", "found an empty file"),
    ])
    func `data that teaches nothing is one sentence and no model`(_ text: String, _ message: String) throws {
        let outcome = try tune(["--sentences", file("bad.jsonl", text)])
        #expect(outcome.status == 1)
        #expect(outcome.errors.contains(message), "\(outcome.errors)")
        #expect(!FileManager.default.fileExists(atPath: output))
    }
}
