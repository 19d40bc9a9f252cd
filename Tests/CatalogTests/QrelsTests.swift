import Testing

@testable import Catalog

@Suite struct QrelsTests {
    private func judgment(_ query: String, _ product: String, _ grade: Double) -> Judgment {
        Judgment(query: QueryID(rawValue: query), product: ProductID(rawValue: product), grade: grade)
    }

    private func qrels(_ text: String) throws -> Qrels {
        let directory = try TemporaryDirectory()
        return try Qrels.read(path: directory.write(text.utf8, to: "qrels"))
    }

    @Test func `gathers grades by query, queries in their order`() throws {
        let qrels = try qrels("z 0 p1 2\na 0 p1 -1\nz 0 p2 0.5\nm 0 p3 1\n")
        #expect(qrels.queryIDs.map(\.rawValue) == ["z", "a", "m"])
        #expect(qrels.judgmentCount == 4)
        #expect(qrels.lowestGrade == -1)
        #expect(qrels.highestGrade == 2)
        #expect(
            qrels.grades[QueryID(rawValue: "z")] == [ProductID(rawValue: "p1"): 2, ProductID(rawValue: "p2"): 0.5])
    }

    @Test func `tells no grade from the grade 0`() throws {
        let qrels = try qrels("q 0 p 0\n")
        let query = QueryID(rawValue: "q")
        #expect(qrels.grade(of: ProductID(rawValue: "p"), for: query) == 0)
        #expect(qrels.grade(of: ProductID(rawValue: "other"), for: query) == nil)
        #expect(qrels.grade(of: ProductID(rawValue: "p"), for: QueryID(rawValue: "other")) == nil)
    }

    @Test func `takes the same judgment twice for one`() throws {
        let qrels = try qrels("q 0 p 1\nq 0 p 1.0\n")
        #expect(qrels.judgmentCount == 1)
        #expect(qrels.queryIDs.count == 1)
    }

    @Test func `names both grades and both lines of a contradiction`() throws {
        let text = "query_id\tproduct_id\trelevance\nq 1\tp\t3\n\nq 1\tx\t3\nq 1\tp\t0.5\n"
        let message = try failure(text.utf8, "qrels.tsv") { _ = try Qrels.read(path: $0) }
        #expect(
            message
                == "qrels.tsv:5: expected one grade for query \"q 1\" and product \"p\", found 0.5 here and 3 on line 2; "
                + "remove one of the two lines")
    }

    @Test func `says when a file is empty or a line bad`() throws {
        let read: (String) throws -> Void = { _ = try Qrels.read(path: $0) }
        #expect(try failure("".utf8, "qrels.tsv", read) == "qrels.tsv: expected judgments, found an empty file")
        #expect(
            try failure("q 0 p 1\nq 0 x high\n".utf8, "qrels.tsv", read)
                == "qrels.tsv:2: expected a number as the grade, found \"high\"")
    }

    @Test func `takes judgments from anywhere`() throws {
        let qrels = try Qrels([judgment("b", "p", 1), judgment("a", "p", 2), judgment("b", "p", 1)])
        #expect(qrels.queryIDs.map(\.rawValue) == ["b", "a"])
        #expect(qrels.judgmentCount == 2)
        let none = try Qrels([])
        #expect(none.judgmentCount == 0)
        #expect(none.lowestGrade == nil && none.highestGrade == nil)
    }

    @Test func `names both grades of judgments that contradict each other`() {
        let error = #expect(throws: CatalogError.self) {
            try Qrels([judgment("q", "p", 1), judgment("q", "p", 2.5)])
        }
        #expect(
            error?.description
                == "expected one grade for query \"q\" and product \"p\", found 1 and 2.5; keep one of them")
    }

    @Test func `stops on request`() throws {
        let directory = try TemporaryDirectory()
        let path = try directory.write("q 0 p 1\n".utf8, to: "qrels")
        #expect(throws: CatalogError.cancelled(feed: path)) { try Qrels.read(path: path, isCancelled: { true }) }
    }

    @Test(arguments: Seed.samples(30)) func `holds what a plain list of the judgments holds`(seed: Seed) throws {
        var generator = seed.generator
        var expected: [String: Double] = [:]
        var order: [String] = []
        var text = ""
        for _ in 0..<200 {
            let query = "q\(Int.random(in: 0..<9, using: &generator))"
            let product = "p\(Int.random(in: 0..<30, using: &generator))"
            let grade = expected["\(query) \(product)"] ?? Double(Int.random(in: -2...6, using: &generator)) / 2
            expected["\(query) \(product)"] = grade
            if !order.contains(query) { order.append(query) }
            text += "\(query) 0 \(product) \(grade)\n"
        }
        let qrels = try qrels(text)
        #expect(qrels.queryIDs.map(\.rawValue) == order)
        #expect(qrels.judgmentCount == expected.count)
        #expect(qrels.lowestGrade == expected.values.min())
        #expect(qrels.highestGrade == expected.values.max())
        for (pair, grade) in expected {
            let ids = pair.split(separator: " ").map(String.init)
            #expect(qrels.grade(of: ProductID(rawValue: ids[1]), for: QueryID(rawValue: ids[0])) == grade)
        }
    }
}
