// `aisle tune` from outside, with the tiny model of the encoder's tests.

import Foundation
import FoundationXML
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
        // Nothing is held out, so nothing can be called better.
        #expect(["no difference", "worse"].contains(record["verdict"] as? String ?? ""))
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
        let record = try record(tune(["--pairs", pairs, "--batch-size", "8", "--holdout", "0.3"]))
        #expect((record["rows"] as? Int ?? 80) < 80)
        #expect((record["before"] as? [String: Double])?["ndcg@10"] != nil)
        let reasons = try #require(record["reasons"] as? [String])
        #expect(reasons.contains { $0.contains("nDCG@10") })
    }

    private var pairs: String {
        get throws {
            let lines = (0..<80).map { number in
                let word = Self.words[number % 10]
                return
                    #"{"query": "\#(word) \#(number)", "positive": "the \#(word) \#(Self.words[(number / 10) % 10]) \#(number)"}"#
            }
            return try file("pairs.jsonl", lines.joined(separator: "\n") + "\n")
        }
    }

    @Test func `hard negatives are mined, their quantiles told and recorded`() throws {
        let outcome = try tune(["--pairs", pairs, "--batch-size", "8", "--hard-negatives", "2", "--range-min", "3"])
        let mining = try #require(try record(outcome)["mining"] as? [String: Any])
        #expect(outcome.errors.contains("cosine of anchor and"), "\(outcome.errors)")
        #expect(outcome.errors.contains("at ranks 3 to 100 left out"), "\(outcome.errors)")
        #expect((mining["options"] as? [String: Any])?["negatives"] as? Int == 2)
        // None at all is another run.
        let without = try record(tune(["--pairs", pairs, "--batch-size", "8", "--hard-negatives", "0"]))
        #expect(without["mining"] == nil)
        #expect(without["training_loss"] as? Double != nil)
    }

    @Test func `a guard set that loses makes the verdict worse, and the page tells the whole story`() throws {
        // The guard tells texts of one label apart, which this recipe unlearns.
        let titles = (0..<60).map { "\(Self.words[$0 % 10]) \(Self.words[($0 / 10 + 4) % 10])" }
        let products = titles.enumerated().map { #"{"id": "g\#($0)", "title": "\#($1) \#($0)"}"# }
        let feed = try file("guard.jsonl", products.joined(separator: "\n") + "\n")
        let queries = titles.enumerated().map { #"{"id": "q\#($0)", "text": "\#($0) \#($1)"}"# }
        let asked = try file("queries.jsonl", queries.joined(separator: "\n") + "\n")
        let judged = ["query_id\tproduct_id\trelevance"] + (0..<60).map { "q\($0)\tg\($0)\t1" }
        let qrels = try file("qrels.tsv", judged.joined(separator: "\n") + "\n")
        let page = directory.appending(path: "report.html")
        let outcome = try tune([
            "--sentences", sentences, "--recipe", "batch-all", "--epochs", "8", "--learning-rate", "3e-3", "--guard",
            asked,
            qrels, "--guard-products", feed, "--report", page.path, "--json",
        ])
        let record = try record(outcome)
        #expect(record["verdict"] as? String == "worse")
        let guards = try #require(record["guards"] as? [[String: Any]])
        #expect(guards.count == 1 && guards[0]["isLost"] as? Bool == true, "\(guards)")
        #expect((record["reasons"] as? [String])?.contains { $0.hasPrefix("Guard ") && $0.contains(" lost") } == true)
        let data = try #require(record["data"] as? [String: Any])
        #expect((data["files"] as? [String: String])?.count == 4)
        #expect((data["base"] as? String)?.count == 64)
        // Standard output is the record alone.
        #expect(try JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) is [String: Any])
        let html = try String(contentsOf: page, encoding: .utf8)
        for part in [
            "Did it help?", "What must not lose", "Loss", "within a label", "first principal axis", "Before", "After",
        ] {
            #expect(html.contains(part), "\(part)")
        }
        #expect(try XMLDocument(data: Data(html.utf8), options: []).rootElement()?.name == "html")
    }

    @Test func `blend auto tries averages and keeps the best by data set aside`() throws {
        let outcome = try tune([
            "--pairs", pairs, "--batch-size", "8", "--holdout", "0.2", "--blend", "auto", "--epochs", "3",
            "--learning-rate", "1e-3",
        ])
        let record = try record(outcome)
        let tries = try #require(record["blend"] as? [[String: Any]])
        #expect(tries.map { $0["share"] as? Double } == [0.25, 0.5, 0.75, 1])
        let chosen = try #require(tries.first { $0["isChosen"] as? Bool == true })
        let best = tries.filter { $0["outcome"] as? String != "worse" }.compactMap { $0["score"] as? Double }.max()
        #expect(best == nil || chosen["score"] as? Double == best)
        #expect(outcome.errors.contains("share of the tuned weights"))
        // A third part was set aside for the choice.
        #expect((record["rows"] as? Int ?? 80) < 64)
        let half = directory.appending(path: "half").path
        _ = try Program.run([
            "tune", "--model", Self.model, "--output", half, "--pairs", pairs, "--batch-size", "8", "--blend", "0",
        ])
        let weights = try Data(contentsOf: URL(filePath: half).appending(path: "model.safetensors"))
        let base = try Program.run(["similarity", "red lamp", "blue sock", "--model", Self.model])
        #expect(try Program.run(["similarity", "red lamp", "blue sock", "--model", half]).output == base.output)
        #expect(!weights.isEmpty)
    }

    @Test func `measurements during training choose the weights and end the run`() throws {
        let outcome = try tune([
            "--pairs", pairs, "--batch-size", "4", "--holdout", "0.2", "--eval-steps", "2", "--load-best-at-end",
            "--early-stopping-patience", "2", "--epochs", "40", "--learning-rate", "1e-3",
        ])
        let record = try record(outcome)
        #expect(outcome.errors.contains("on data set aside: best"), "\(outcome.errors)")
        #expect((record["steps"] as? Int ?? 0) < 40 * 12)
        let leftovers = try FileManager.default.contentsOfDirectory(atPath: directory.path)
        #expect(!leftovers.contains { $0.contains("candidate") }, "\(leftovers)")
        for (arguments, message) in [
            (["--load-best-at-end"], "needs --eval-steps"), (["--eval-steps", "2", "--holdout", "0"], "set aside"),
            (["--blend", "1.5"], "blend"), (["--guard", "one"], "--guard takes"),
            (["--margin", "2"], "a loss that has one"),
            (["--loss", "TripletLoss", "--distance", "far"], "euclidean or manhattan or cosine"),
            (["--range-min", "9", "--range-max", "3"], "must be below"), (["--hard-negatives", "-1"], "from 0 to 64"),
        ] {
            let mistake = try tune(["--pairs", pairs] + arguments)
            #expect(mistake.status != 0, "\(arguments)")
            #expect(mistake.errors.contains(message), "\(arguments): \(mistake.errors)")
        }
    }

    @Test(arguments: [
        "MultipleNegativesRankingLoss", "CachedMultipleNegativesRankingLoss", "TripletLoss", "CosineSimilarityLoss",
        "CoSENTLoss",
    ])
    func `every loss over pairs trains from the command line`(_ loss: String) throws {
        let lines = (0..<40).map { number in
            let (a, b) = (Self.words[number % 10], Self.words[(number * 7 + 3) % 10])
            return
                #"{"query": "\#(a) \#(number)", "positive": "the \#(b) \#(number)", "label": \#(Double(number % 5) / 4)}"#
        }
        let graded = try file("graded.jsonl", lines.joined(separator: "\n") + "\n")
        let record = try record(tune(["--pairs", graded, "--loss", loss, "--batch-size", "8", "--holdout", "0"]))
        #expect(record["loss"] as? String == loss)
        #expect((record["training_loss"] as? Double)?.isFinite == true)
    }

    @Test(arguments: [
        "BatchAllTripletLoss", "BatchHardTripletLoss", "BatchSemiHardTripletLoss", "BatchHardSoftMarginTripletLoss",
    ])
    func `every loss over labelled batches trains from the command line`(_ loss: String) throws {
        let record = try record(
            tune([
                "--sentences", sentences, "--loss", loss, "--batch-size", "8", "--orthogonality", "0.1", "--distance",
                "cosine",
            ]))
        #expect(record["loss"] as? String == loss)
        #expect((record["loss_settings"] as? [String: Any])?["orthogonality"] as? Double == 0.1)
        // A source that cannot feed it is told.
        let mistake = try tune(["--pairs", pairs, "--loss", loss])
        #expect(mistake.status == 1)
        #expect(mistake.errors.contains("--labels or --sentences"), "\(mistake.errors)")
    }

    @Test func `labels of an index teach with negatives from sibling categories`() throws {
        let index = directory.appending(path: "index").path
        let products = (0..<240).map { number in
            let (top, sub) = (["Home", "Garden"][number % 2], number / 2 % 3)
            return
                #"{"id": "p\#(number)", "title": "\#(Self.words[number % 10]) \#(Self.words[(number / 6) % 10]) \#(sub) number \#(number)", "category": "\#(top) > \#(top)\#(sub)"}"#
        }
        let feed = try file("feed.jsonl", products.joined(separator: "\n") + "\n")
        let ingest = try Program.run(["ingest", feed, "--index", index, "--model", Self.model, "--text", "title"])
        try #require(ingest.status == 0, "\(ingest.errors)")
        let outcome = try Program.run([
            "tune", "--index", index, "--labels", "category:2", "--output", output, "--batch-size", "8", "--holdout",
            "0.2",
        ])
        let record = try record(outcome)
        let after = try #require(record["after"] as? [String: Double])
        #expect(after["same_label_share"] != nil && after["inside_categories"] != nil, "\(after)")
        #expect((record["mining"] as? [String: Any])?["considered"] as? Int ?? 0 > 0)
        let reasons = try #require(record["reasons"] as? [String])
        #expect(reasons.contains { $0.contains("with the same category:2") })
        #expect(reasons.contains { $0.contains("half of their title") })
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
