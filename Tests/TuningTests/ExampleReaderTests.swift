// From sources to rows: what is trained on, what is held out, what may not be a negative.

import Catalog
import Engine
import Evaluation
import Testing
import Training

@testable import Tuning

struct ExampleReaderTests {
    @Test func `no held-out anchor is trained on, not even as a positive`() throws {
        let workshop = try Workshop()
        let lines = (0..<100).flatMap {
            [#"{"query": "a \#($0)", "positive": "b \#($0)"}"#, #"{"query": "b \#($0)", "positive": "a \#($0)"}"#]
        }
        let examples = try workshop.examples(.pairs(path: workshop.file("pairs.jsonl", lines)), hasDevelopment: true)
        let asked = Set(try #require(examples.trial.judged).queries.map(\.text))
        let chosen = Set(try #require(examples.development?.judged).queries.map(\.text))
        #expect(!asked.isEmpty && !chosen.isEmpty && asked.isDisjoint(with: chosen))
        for row in examples.set.rows {
            #expect(row.texts.allSatisfy { !asked.contains($0) && !chosen.contains($0) }, "\(row.texts)")
        }
    }

    @Test func `graded pairs are judged by the upper half of their scale, and cosines must be some`() throws {
        let workshop = try Workshop()
        let lines = (0..<60).map { #"{"query": "a \#($0)", "positive": "b \#($0)", "label": \#($0 % 6)}"# }
        let path = try workshop.file("graded.jsonl", lines)
        let examples = try workshop.examples(.pairs(path: path), loss: .coSENT)
        #expect(examples.trial.options.relevantFrom == 2.5 && examples.trial.options.gainBase == 0)
        #expect(examples.mining == nil)
        let error = #expect(throws: TrainingError.self) {
            try workshop.examples(.pairs(path: path), loss: .cosineSimilarity)
        }
        #expect(error?.description.contains("pair 3") == true, "\(String(describing: error))")
    }

    @Test func `a similarity that the loss does not read is told`() throws {
        let workshop = try Workshop()
        let graded = try workshop.file(
            "graded.jsonl", (0..<30).map { #"{"query": "a \#($0)", "positive": "b \#($0)", "label": 0}"# })
        let plain = try workshop.file("plain.csv", ["query,positive"] + (0..<30).map { "a \($0),b \($0)" })
        for (path, loss, isTold) in [
            (graded, LossChoice.multipleNegatives, true), (graded, .coSENT, false), (plain, .multipleNegatives, false),
        ] {
            let before = workshop.warnings.count
            _ = try workshop.examples(.pairs(path: path), loss: loss)
            #expect((workshop.warnings.count > before) == isTold, "\(path) \(loss)")
        }
    }

    @Test func `judged above the worst is known, the worst may be a negative`() throws {
        let workshop = try Workshop()
        let index = try workshop.index()
        let queries = (0..<40).map { #"{"id": "q\#($0)", "text": "query \#($0)"}"# }
        let judged =
            ["query_id\tproduct_id\trelevance"]
            + (0..<40).flatMap { ["q\($0)\tp\($0)\t3", "q\($0)\tp\($0 + 1)\t2", "q\($0)\tp\($0 + 2)\t1"] }
        let examples = try workshop.examples(
            .judgments(
                queries: workshop.file("queries.jsonl", queries), qrels: workshop.file("qrels.tsv", judged),
                relevantFrom: 3), index: index)
        let known = try #require(examples.mining).known
        #expect(examples.triesIndex)
        #expect(examples.set.rows.count == known.count)
        for (query, products) in known {
            let number = try #require(Int(query.dropFirst(6)))
            #expect(products == [ProductID(rawValue: "p\(number)"), ProductID(rawValue: "p\(number + 1)")])
        }
    }

    @Test func `one shopper's click is no positive, but no negative either`() throws {
        let workshop = try Workshop()
        let index = try workshop.index()
        var lines: [String] = []
        for search in 0..<200 {
            let (id, query) = ("s\(search)", "query \(search % 40)")
            lines.append(#"{"query_id": "\#(id)", "user_query": "\#(query)", "client_id": "c"}"#)
            func click(_ action: String, _ product: String) {
                lines.append(
                    #"{"action_name": "\#(action)", "query_id": "\#(id)", "event_attributes": {"object": {"object_id": "\#(product)"}}}"#
                )
            }
            click("click", "p\(search % 40)")
            // One search of each query puts another product into the cart, too.
            if search < 40 {
                click("click", "p\(50 + search)")
                click("add_to_cart", "p\(50 + search)")
            }
        }
        let log = try workshop.file("clicks.ndjson", lines)
        let examples = try workshop.examples(.clicks(paths: [log], correctsPosition: true), index: index)
        #expect(!examples.set.rows.isEmpty)
        for row in examples.set.rows {
            let number = try #require(row.texts[0].split(separator: " ").last)
            #expect(row.texts[1].hasSuffix("number \(number)"), "\(row.texts)")
            let known = try #require(examples.mining?.known[row.texts[0]])
            #expect(known.contains(ProductID(rawValue: "p\(50 + (Int(number) ?? 0))")))
        }
    }

    @Test func `a log without a usable click says what became of its lines`() throws {
        let workshop = try Workshop()
        let index = try workshop.index()
        let log = try workshop.file("clicks.ndjson", [#"{"query_id": "z"}"#, "garbage"])
        let error = #expect(throws: TrainingError.self) {
            try workshop.examples(.clicks(paths: [log], correctsPosition: true), index: index)
        }
        let text = error?.description ?? ""
        #expect(text.contains("0 of 2 documents") && text.contains("\(log):2"), "\(text)")
    }

    @Test func `a source that cannot feed the loss is refused`() throws {
        let workshop = try Workshop()
        let pairs = try workshop.file("pairs.jsonl", [#"{"query": "a", "positive": "b"}"#])
        #expect(throws: TrainingError.self) { try workshop.examples(.pairs(path: pairs), loss: .batchAll) }
        let sentences = try workshop.file("s.jsonl", [#"{"sentence": "a", "label": "x"}"#])
        #expect(throws: TrainingError.self) { try workshop.examples(.sentences(path: sentences), loss: .coSENT) }
        #expect(throws: TrainingError.self) {
            try workshop.examples(.judgments(queries: pairs, qrels: pairs, relevantFrom: 1), loss: .batchAll)
        }
    }
}
