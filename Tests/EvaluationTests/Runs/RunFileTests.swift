// Run files: what is written is read again in the same order, also by tools that break ties the other way round.

import Catalog
import Foundation
import Tensors
import Testing

@testable import Evaluation

struct RunFileTests {
    /// Writes a run and gives the file's lines.
    private func lines(of run: Run) throws -> [[String]] {
        let directory = try TemporaryDirectory()
        let path = directory.path("run.trec")
        try RunFile.write(run, to: path)
        return try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n").map {
            $0.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
        }
    }

    private func read(_ text: String) throws -> Run {
        let directory = try TemporaryDirectory()
        return try RunFile.read(directory.write(text, to: "run.trec"))
    }

    /// The sentence that reading a text ends with, from the file's name on.
    private func failure(_ text: String) throws -> String? {
        let directory = try TemporaryDirectory()
        let path = try directory.write(text, to: "run.trec")
        let error = #expect(throws: CatalogError.self) { try RunFile.read(path) }
        return error?.description.replacingOccurrences(of: directory.url.path + "/", with: "")
    }

    private func roundTrip(_ run: Run) throws -> Run {
        let directory = try TemporaryDirectory()
        try RunFile.write(run, to: directory.path("run.trec"))
        return try RunFile.read(directory.path("run.trec"))
    }

    /// Rankings as searches give them: falling float32 scores with many ties, ties by ascending id.
    private func sample(_ seed: Seed) -> Run {
        var generator = seed.generator
        var run = Run(name: "aisle-\(seed.value)")
        let scale: Float = [1, 1e-3, Float.leastNormalMagnitude / 64, 1e30].randomElement(using: &generator) ?? 1
        for number in (0..<12).shuffled(using: &generator) {
            let hits = (0..<40).map { product in
                // Neighbouring floats, zeros of both signs and negative scores: whatever a cosine may be.
                let steps = generator.next(below: 5)
                let base = Float([1, 0.5, 0, -0.0, -0.25].randomElement(using: &generator) ?? 0) * scale
                let score = (0..<steps).reduce(base) { score, _ in score.nextDown }
                return RankedProduct(product: ProductID(rawValue: "p \(product)"), score: Double(score))
            }
            run.append(
                QueryID(rawValue: "q \(number)"), hits.sorted { ($1.score, $0.product) < ($0.score, $1.product) })
        }
        return run
    }

    @Test func `a line is query, Q0, product, rank, score and name, between tabs`() throws {
        var run = Run(name: "aisle")
        run.append("q1", [RankedProduct(product: "b", score: 0.75), RankedProduct(product: "a", score: -0.5)])
        run.append("q0", [RankedProduct(product: "a", score: 0.25)])
        #expect(
            try lines(of: run) == [
                ["q1", "Q0", "b", "1", "0.75", "aisle"], ["q1", "Q0", "a", "2", "-0.5", "aisle"],
                ["q0", "Q0", "a", "1", "0.25", "aisle"],
            ])
    }

    @Test(arguments: Seed.samples(40)) func `what is read is what was written`(seed: Seed) throws {
        let run = sample(seed)
        let copy = try roundTrip(run)
        #expect(copy.name == run.name)
        #expect(copy.queries == run.queries)
        for query in run.queries { #expect(copy.ids(query) == run.ids(query)) }
        // Written once more nothing moves: the scores fall already.
        #expect(try roundTrip(copy) == copy)
    }

    @Test(arguments: Seed.samples(40)) func `any tool that sorts by score sees the same order`(seed: Seed) throws {
        let run = sample(seed)
        let byQuery = Dictionary(grouping: try lines(of: run)) { $0[0] }
        #expect(byQuery.count == run.queries.count)
        for query in run.queries {
            let rows = try #require(byQuery[query.rawValue])
            let scores = try rows.map { try #require(Float($0[4])) }
            #expect(zip(scores, scores.dropFirst()).allSatisfy { $0 > $1 }, "\(query): \(scores)")
            // Breaking ties by falling id, against the order of ours.
            let sorted = zip(rows, scores).sorted { ($0.1, $0.0[2]) > ($1.1, $1.0[2]) }.map { $0.0[2] }
            #expect(sorted == run.ids(query))
            #expect(rows.map { $0[3] } == (1...rows.count).map(String.init))
        }
    }

    @Test func `equal scores are written one float32 apart`() throws {
        var run = Run(name: "r")
        run.append("q", ["a", "b", "c", "d"].map { RankedProduct(product: $0, score: $0 == "d" ? 0.25 : 0.5) })
        let scores = try lines(of: run).map { Float($0[4]) }
        #expect(scores == [0.5, Float(0.5).nextDown, Float(0.5).nextDown.nextDown, 0.25])
    }

    @Test func `ids may hold blanks and letters of any script`() throws {
        let run = Samples.run("my run", ["query one": ["p 1", "양모  담요", "a\u{301}", "\u{E1}"], "질문": ["#"]])
        let copy = try roundTrip(run)
        #expect(copy.queries == run.queries)
        #expect(copy.ids("query one") == run.ids("query one"))
        #expect(copy.ids("질문") == ["#"])
        #expect(copy.name == "my run")
    }

    @Test(arguments: ["a\tb", "a\nb", "a\r", "\r\n"])
    func `ids that would break a line are refused`(id: String) throws {
        let directory = try TemporaryDirectory()
        let path = directory.path("run.trec")
        for (kind, run) in [
            ("product", Samples.run("r", ["q": ["a", ProductID(rawValue: id)]])),
            ("query", Samples.run("r", [QueryID(rawValue: id): ["a"]])),
        ] {
            let error = #expect(throws: EvaluationError.self) { try RunFile.write(run, to: path) }
            #expect(
                error?.description
                    == "\(path): cannot be written (the \(kind) id \"\(id)\" holds a tab or a line end); choose another place "
                    + "or make room.")
            #expect(!FileManager.default.fileExists(atPath: path))
        }
    }

    @Test(arguments: ["a\tb", "a\nb", "a\r"])
    func `a name that would break a line is refused`(name: String) throws {
        let directory = try TemporaryDirectory()
        let path = directory.path("run.trec")
        for run in [Samples.run(name, ["q": ["a", "b"]]), Run(name: name)] {
            let error = #expect(throws: EvaluationError.self) { try RunFile.write(run, to: path) }
            #expect(
                error?.description
                    == "\(path): cannot be written (the run's name \"\(name)\" holds a tab or a line end); choose another place or "
                    + "make room.")
        }
        #expect(try directory.files() == [])
    }

    @Test func `a run that cannot be written whole leaves the file as it was`() throws {
        let directory = try TemporaryDirectory()
        let path = directory.path("run.trec")
        let old = Samples.run("old", ["q": ["a"]])
        try RunFile.write(old, to: path)
        // More than a block of bytes before the id that cannot be written.
        var new = Run(name: "new")
        for query in 0..<60_000 {
            new.append(QueryID(rawValue: "q\(query)"), [RankedProduct(product: "a", score: 1)])
        }
        new.append("q\t", [RankedProduct(product: "a", score: 1)])
        #expect(throws: EvaluationError.self) { try RunFile.write(new, to: path) }
        #expect(try RunFile.read(path) == old)
        #expect(try directory.files() == ["run.trec"])
        try RunFile.write(new.without("q\t"), to: path)
        #expect(try RunFile.read(path).queries.count == 60_000)
        #expect(try directory.files() == ["run.trec"])
    }

    @Test func `a link stays a link, and what it leads to is written`() throws {
        let directory = try TemporaryDirectory()
        try FileManager.default.createDirectory(atPath: directory.path("runs"), withIntermediateDirectories: false)
        let target = directory.path("runs/run.trec")
        try RunFile.write(Samples.run("old", ["q": ["a"]]), to: target)
        try FileManager.default.createSymbolicLink(atPath: directory.path("link"), withDestinationPath: target)
        let run = Samples.run("new", ["q": ["b"]])
        try RunFile.write(run, to: directory.path("link"))
        #expect(try RunFile.read(target) == run)
        #expect(try FileManager.default.destinationOfSymbolicLink(atPath: directory.path("link")) == target)
    }

    @Test func `a path that cannot be written is named with the system's reason`() throws {
        let directory = try TemporaryDirectory()
        let path = directory.path("missing/run.trec")
        let error = #expect(throws: EvaluationError.self) {
            try RunFile.write(Samples.run("r", ["q": ["a"]]), to: path)
        }
        #expect(
            error?.description
                == "\(path): cannot be written (No such file or directory); choose another place or make room.")
    }

    @Test func `reads files whose fields are apart by any number of blanks`() throws {
        let run = try read("  q1 Q0 a 1 12.5 bm25\r\n\nq1   Q0  b 2 11e-1 bm25 \nq2 0 c 1 -3 other\n")
        #expect(run.name == "bm25")
        #expect(run.queries == ["q1", "q2"])
        #expect(run["q1"] == [.init(product: "a", score: 12.5), .init(product: "b", score: 1.1)])
        #expect(run["q2"] == [.init(product: "c", score: -3)])
    }

    @Test func `the order is by score, whatever the ranks say, and ties go by ascending id`() throws {
        let run = try read(
            """
            q Q0 low 1 0.1 r
            q Q0 tie10 2 0.5 r
            other Q0 x 1 1 r
            q Q0 tie9 3 0.5 r
            q Q0 Tie 9 0.50 r
            q Q0 high 4 0.9 r
            """)
        #expect(run.ids("q") == ["high", "Tie", "tie10", "tie9", "low"])
        #expect(run.queries == ["q", "other"])
    }

    @Test(arguments: [
        ("q Q0 a 1 0.5", "run.trec:1: expected six fields, \"query Q0 product rank score name\", found 5"),
        (
            "q Q0 a 1 0.5 r\n\nq Q0 b 2 0.4 r more",
            "run.trec:3: expected six fields, \"query Q0 product rank score name\", found 7"
        ),
        ("q\tQ0\ta\t0.5\tr", "run.trec:1: expected six fields, \"query Q0 product rank score name\", found 5"),
        ("q Q0 a 1 high r", "run.trec:1: expected a number as the score, found \"high\""),
        ("q Q0 a 1 nan r", "run.trec:1: expected a number as the score, found \"nan\""),
        ("q Q0 a 1 inf r", "run.trec:1: expected a number as the score, found \"inf\""),
        ("q Q0 a 1 0x1p4 r", "run.trec:1: expected a number as the score, found \"0x1p4\""),
        ("q Q0 a 1 1e999 r", "run.trec:1: expected a number as the score, found \"1e999\""),
        ("q Q0 a 1 0,5 r", "run.trec:1: expected a number as the score, found \"0,5\""),
        ("q\tQ0\ta\t1\t\tr", "run.trec:1: expected a number as the score, found \"\""),
        (
            "q Q0 a 1 0.5 r\np Q0 a 1 0.5 r\nq Q0 b 2 0.4 r\nq Q0 a 3 0.3 r\n",
            "run.trec:4: product a stands twice for query q"
        ),
        ("", "run.trec: expected a TREC run, found an empty file"),
        ("\n \n", "run.trec: expected a TREC run, found an empty file"),
    ])
    func `a file that is no run is refused at its first bad line`(text: String, message: String) throws {
        #expect(try failure(text) == message)
    }

    @Test(arguments: ["q\tQ0\t\t1\t0.5\tr", "\tQ0\ta\t1\t0.5\tr", "q\tQ0\t \t1\t0.5\tr"])
    func `a blank id is no id`(line: String) throws {
        #expect(try failure(line) == "run.trec:1: expected a query and a product, found an empty id")
        #expect(try failure("q Q0 a 1 1 r\n" + line) == "run.trec:2: expected a query and a product, found an empty id")
    }

    @Test func `bytes that are no text are refused`() throws {
        let directory = try TemporaryDirectory()
        let path = directory.path("run.trec")
        try Data([0x71, 0x20, 0xFF, 0x20]).write(to: URL(fileURLWithPath: path))
        let error = #expect(throws: CatalogError.self) { try RunFile.read(path) }
        #expect(error?.description == "\(path):1: expected UTF-8, found 0xFF as byte 3; save the file as UTF-8")
        #expect(throws: CatalogError.fileNotFound(path: directory.path("none"))) {
            try RunFile.read(directory.path("none"))
        }
    }
}

extension Run {
    /// The same run without the answer to one query.
    fileprivate func without(_ query: QueryID) -> Run {
        var run = Run(name: name)
        for other in queries where other != query { run.append(other, self[other] ?? []) }
        return run
    }
}

extension TemporaryDirectory {
    /// Names of what is in it, hidden files too.
    fileprivate func files() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: url.path).sorted()
    }
}
