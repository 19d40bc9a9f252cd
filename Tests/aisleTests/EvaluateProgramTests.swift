// `aisle evaluate` from outside: figures, files, mistakes. With the tiny model of the encoder's tests.

import Foundation
import Testing

@Suite(.enabled(if: Program.url != nil, "needs the built program beside the tests"))
final class EvaluateProgramTests {
    private static let model = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "EncoderTests/Fixtures/tiny").path
    private let directory = FileManager.default.temporaryDirectory.appending(
        path: "aisle-evaluate-\(UUID().uuidString)")

    init() throws { try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true) }

    deinit { try? FileManager.default.removeItem(at: directory) }

    private var index: String { directory.appending(path: "index").path }

    private func file(_ name: String, _ text: String = "") throws -> String {
        let url = directory.appending(path: name)
        if !text.isEmpty { try Data(text.utf8).write(to: url) }
        return url.path
    }

    private static let titles = [
        "red lamp", "blue lamp", "green tea pot", "wool sock", "red chair", "tea kettle", "blue boot", "green coat",
    ]

    private var feed: String {
        get throws {
            let lines = Self.titles.enumerated().map { number, title in
                #"{"id": "p\#(number)", "title": "\#(title)", "category": "Shop > \#(number % 2)"}"#
            }
            return try file("feed.jsonl", lines.joined(separator: "\n") + "\n")
        }
    }

    /// An index, queries that are titles of it, and judgments that want exactly these.
    private func shop() throws -> (queries: String, qrels: String) {
        let ingest = try [
            "ingest", feed, "--index", index, "--model", Self.model, "--text", "title", "--precision", "f32",
        ]
        #expect(try Program.run(ingest).status == 0)
        var (queries, qrels) = ("", "query_id\tproduct_id\trelevance\n")
        for (number, title) in Self.titles.enumerated() {
            queries += "{\"id\": \"q\(number)\", \"text\": \"\(title)\"}\n"
            qrels += "q\(number)\tp\(number)\t3\nq\(number)\tp\((number + 1) % 8)\t0\n"
        }
        return (try file("queries.jsonl", queries), try file("qrels.tsv", qrels))
    }

    private func evaluate(_ rest: [String]) throws -> Program.Outcome {
        let (queries, qrels) = try shop()
        return try Program.run(
            ["evaluate", "--index", index, "--queries", queries, "--qrels", qrels, "-k", "1,5"] + rest)
    }

    private func json(_ outcome: Program.Outcome) throws -> [String: Any] {
        #expect(outcome.status == 0, "\(outcome.errors)")
        return try #require(try JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [String: Any])
    }

    @Test(arguments: [[], ["--graph"], ["--ef", "5"], ["--exact"]])
    func `queries that are the titles of what is wanted find it first`(_ way: [String]) throws {
        let result = try json(evaluate(["--json"] + way))
        let metrics = try #require(result["metrics"] as? [String: Double])
        for name in ["accuracy@1", "recall@1", "recall_capped@5", "mrr@5", "ndcg@5", "map@5"] {
            #expect(metrics[name] == 1, "\(name)")
        }
        #expect(metrics["precision@5"] == 0.2)
        #expect(result["queries"] as? Int == 8)
    }

    @Test func `an index and its model with its feed give the same figures`() throws {
        let (queries, qrels) = try shop()
        let rest = ["--queries", queries, "--qrels", qrels, "-k", "1,5", "--json"]
        let indexed = try json(Program.run(["evaluate", "--index", index] + rest))
        let candidate = try json(
            Program.run(["evaluate", "--model", Self.model, "--products", feed, "--text", "title"] + rest))
        #expect(indexed["metrics"] as? [String: Double] == candidate["metrics"] as? [String: Double])
    }

    @Test func `the report is one page that asks for nothing else`() throws {
        let path = try file("report.html")
        let outcome = try evaluate(["--report", path])
        #expect(outcome.status == 0, "\(outcome.errors)")
        let page = try String(contentsOfFile: path, encoding: .utf8)
        for word in [
            "<svg", "How good is search?", "Which queries went worst?", "red lamp", "What does the graph cost?",
        ] {
            #expect(page.contains(word), "\(word)")
        }
        for word in ["src=", "url(", "<link", "http://", "https://", "<script"] {
            #expect(!page.contains(word), "\(word)")
        }
    }

    @Test func `outputs never take the place of inputs`() throws {
        let run = try file("a.run")
        #expect(try evaluate(["--run", run]).status == 0)
        let queries = directory.appending(path: "queries.jsonl").path
        for arguments in [
            ["--run", queries], ["--report", index + "/index.sqlite"], ["--run", run, "--report", run],
        ] {
            let outcome = try evaluate(arguments)
            #expect(outcome.status == 1)
            #expect(outcome.errors.contains("would be written over"), "\(outcome.errors)")
        }
        #expect(try Program.run(["check", "--index", index]).status == 0)
    }

    @Test func `a run compared with itself makes no significant difference`() throws {
        let run = try file("a.run")
        #expect(try evaluate(["--run", run]).status == 0)
        let qrels = directory.appending(path: "qrels.tsv").path
        let outcome = try Program.run(["evaluate", "compare", run, run, "--qrels", qrels, "-k", "5"])
        #expect(outcome.status == 0)
        #expect(outcome.output.contains("No significant difference: nDCG@5"))
    }

    @Test func `a baseline of the same generation or model makes no significant difference`() throws {
        for baseline in ["1", Self.model] {
            let outcome = try evaluate(["--baseline", baseline])
            #expect(outcome.output.contains("No significant difference"), "\(outcome.errors)")
        }
        let unknown = try evaluate(["--baseline", "7"])
        #expect(unknown.status == 1)
        #expect(unknown.errors.contains("there is no generation 7; kept are: 1"))
    }

    @Test func `graph and geometry measure an index`() throws {
        _ = try shop()
        let graph = try json(
            Program.run(["evaluate", "graph", "--index", index, "-k", "1,3", "--ef", "3,8", "--json"]))
        let sweep = try #require(graph["sweep"] as? [[String: Any]])
        #expect((sweep.last?["recall"] as? [String: Double])?["recall@3"] == 1)
        let page = try file("geometry.html")
        let geometry = try json(
            Program.run([
                "evaluate", "geometry", "--index", index, "--labels", "category:1", "--json", "--report", page,
            ]))
        #expect(geometry["texts"] as? Int == 8)
        #expect((geometry["labels"] as? [String: Any])?["labels"] as? Int == 1)
        #expect(try String(contentsOfFile: page, encoding: .utf8).contains("Is the space healthy?"))
    }

    @Test func `triplets are counted under four similarities`() throws {
        let triplets = try file(
            "triplets.csv", "anchor,positive,negative\nred lamp,red lamp,wool sock\nred lamp,blue boot,red lamp\n")
        let result = try json(Program.run(["evaluate", "triplets", triplets, "--model", Self.model, "--json"]))
        let scores = try #require(result["similarities"] as? [String: [String: Any]])
        #expect(Set(scores.keys) == ["cosine", "dot", "euclidean", "manhattan"])
        for (name, score) in scores { #expect(score["accuracy"] as? Double == 0.5, "\(name)") }
    }

    @Test(arguments: [
        (["--qrels", "nine.tsv"], "2 queries of", "not in"),
        (["-k", "1,500"], "k 500 is left out", "the catalog has 8 products"),
        (
            ["--qrels", "missing.tsv"], "1 of 2 judged products is not in the catalog, the first is p99 (query q0)",
            "lower"
        ),
    ])
    func `what does not fit is told and the rest is measured`(_ rest: [String], _ first: String, _ second: String)
        throws
    {
        let header = "query_id\tproduct_id\trelevance\n"
        _ = try file("nine.tsv", header + "q0\tp0\t1\nx1\tp1\t1\nx2\tp1\t1\n")
        _ = try file("missing.tsv", header + "q0\tp0\t1\nq0\tp99\t1\n")
        let outcome = try evaluate(rest.map { $0.hasSuffix(".tsv") ? directory.appending(path: $0).path : $0 })
        #expect(outcome.status == 0)
        #expect(outcome.errors.contains("warning: ") && outcome.errors.contains(first), "\(outcome.errors)")
        #expect(outcome.errors.contains(second), "\(outcome.errors)")
    }

    @Test(arguments: [
        ("q0\tp0\thigh\n", ":2: expected a number as the grade, found \"high\""),
        ("q0\tp99\t1\n", "None of the 1 judged products is in"), ("x\tp0\t1\n", "no query has a judgment"),
        ("q0\tp0\t0\n", "no judged product of the queries has a grade of 1 or more"),
    ])
    func `judgments that cannot be used are one sentence and status 1`(_ line: String, _ message: String) throws {
        let qrels = try file("bad.tsv", "query_id\tproduct_id\trelevance\n" + line)
        let outcome = try evaluate(["--qrels", qrels])
        #expect(outcome.status == 1)
        #expect(outcome.output.isEmpty)
        #expect(outcome.errors.contains(message), "\(outcome.errors)")
    }

    @Test func `a report that could not be written is refused before the work`() throws {
        let outcome = try evaluate(["--report", "/nowhere/report.html"])
        #expect(outcome.status == 1)
        #expect(outcome.output.isEmpty)
        #expect(outcome.errors.contains("/nowhere/report.html: cannot be written"))
    }
}

@Suite(.enabled(if: Program.url != nil && Program.model != nil, "needs the built program and the default model"))
struct SampleShopQualityTests {
    /// pytrec_eval's figures for the run of the sample shop (scripts/check-metrics).
    private static let figures = [
        "ndcg@10": 0.6522, "recall_capped@10": 0.6770, "recall@100": 0.8677, "mrr@10": 0.7656, "map@10": 0.5476,
        "precision@10": 0.3307, "accuracy@10": 0.9205,
    ]

    @Test func `the sample shop's figures are those of pytrec_eval`() throws {
        let model = try #require(Program.model)
        let catalog = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "catalog")
        let outcome = try Program.run([
            "evaluate", "--model", model.path, "--products", catalog.appending(path: "products.jsonl").path,
            "--queries",
            catalog.appending(path: "queries.jsonl").path, "--qrels", catalog.appending(path: "judgments.tsv").path,
            "--relevant-from", "2", "--json",
        ])
        #expect(outcome.status == 0, "\(outcome.errors)")
        let result = try JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [String: Any]
        let metrics = try #require(result?["metrics"] as? [String: Double])
        // Another processor's kernels round differently, and two products that nearly tie may change places.
        for (name, value) in Self.figures { #expect(abs((metrics[name] ?? 0) - value) < 0.002, "\(name)") }
    }
}
