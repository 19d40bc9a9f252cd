import Testing

@testable import Catalog

@Suite struct JudgmentReaderTests {
    private func judgments(_ text: String, limits: FeedLimits = FeedLimits()) throws -> [Judgment] {
        let directory = try TemporaryDirectory()
        let reader = JudgmentReader(
            lines: try LineReader(path: directory.write(text.utf8, to: "qrels"), limits: limits))
        var judgments: [Judgment] = []
        while let judgment = try reader.next() { judgments.append(judgment) }
        return judgments
    }

    private func failure(_ bytes: some Sequence<UInt8>) throws -> String? {
        try CatalogTests.failure(bytes, "qrels") { path in
            let reader = try JudgmentReader(path: path)
            while let judgment = try reader.next() { #expect(judgment.grade.isFinite) }
        }
    }

    private func judgment(_ query: String, _ product: String, _ grade: Double) -> Judgment {
        Judgment(query: QueryID(rawValue: query), product: ProductID(rawValue: product), grade: grade)
    }

    @Test func `reads a table, columns in any order, others ignored`() throws {
        let text = "\u{FEFF}relevance\tnote\tproduct_id\tquery_id\r\n3\tx\tp 1\tq 1\r\n\r\n -0.5 \t\t p2 \tq1"
        #expect(try judgments(text) == [judgment("q 1", "p 1", 3), judgment("q1", "p2", -0.5)])
    }

    @Test(arguments: [
        "query-id\tcorpus-id\tscore", "QID\tDocID\tREL", "query_id\tcorpus_id\tgrade",
        "Query_ID\tproduct-id\tRelevance",
        "qid\tdoc_id\trel", " query_id \tproduct_id\t relevance",
    ]) func `takes the names other tools give columns, in any case`(header: String) throws {
        #expect(try judgments("\(header)\nq\tp\t1\n") == [judgment("q", "p", 1)])
    }

    @Test func `prefers the first of several names for one column`() throws {
        let text = "score\tdocid\tquery_id\trelevance\tqid\tproduct_id\n9\tx\tq\t1\tx\tp\n"
        #expect(try judgments(text) == [judgment("q", "p", 1)])
    }

    @Test(arguments: [
        "q1 0 p1 2\nq1 0 p2 -1", "q1\t0\tp1\t2\r\nq1\tQ0\tp2\t-1\r\n", "\n  q1   Q0 \tp1  2  \n\nq1 x p2 -1.0",
    ])
    func `reads TREC qrels`(text: String) throws {
        #expect(try judgments(text) == [judgment("q1", "p1", 2), judgment("q1", "p2", -1)])
    }

    @Test func `takes words of a TREC line for ids even where they are names of columns`() throws {
        #expect(try judgments("qid\t0\tp\t1\n") == [judgment("qid", "p", 1)])
    }

    @Test(arguments: [("0", 0.0), ("-0", 0), ("+2", 2), ("1.5", 1.5), (".5", 0.5), ("-3", -3), ("1e-05", 0.00001)])
    func `takes integers and decimals as grades`(text: String, grade: Double) throws {
        #expect(try judgments("query_id\tproduct_id\trelevance\nq\tp\t\(text)\n") == [judgment("q", "p", grade)])
        #expect(try judgments("q 0 p \(text)\n") == [judgment("q", "p", grade)])
    }

    @Test(arguments: ["high", "nan", "NaN", "inf", "-infinity", "0x1p4", "1,5", "1e999", "e", "--1", "1.2.3", "٣", "½"])
    func `refuses other grades`(grade: String) throws {
        let reason = "expected a number as the grade, found \"\(grade)\""
        #expect(try failure("query_id\tproduct_id\trelevance\nq\tp\t\(grade)\n".utf8) == "qrels:2: \(reason)")
        #expect(try failure("q 0 p 1\n\nq 0 p \(grade)\n".utf8) == "qrels:3: \(reason)")
        #expect(try failure("q 0 p \(grade)\n".utf8) == "qrels:1: \(reason)")
    }

    @Test(arguments: [
        ("q\tp", "expected 3 fields between tabs as in the header, found 2"),
        ("q p 1", "expected 3 fields between tabs as in the header, found 1"),
        ("q\tp\t1\t", "expected 3 fields between tabs as in the header, found 4"),
        ("\tp\t1", "expected a query's id, found a blank field"),
        ("q\t \t1", "expected a product's id, found a blank field"),
        ("q\tp\t", "expected a number as the grade, found \"\""),
    ]) func `says what is wrong with a row of a table`(row: String, reason: String) throws {
        #expect(try failure("query_id\tproduct_id\trelevance\na\tb\t1\n\(row)\n".utf8) == "qrels:3: \(reason)")
    }

    @Test(arguments: [("q 0 p", 3), ("q 0 p 1 run", 5), ("q", 1)])
    func `says what is wrong with a TREC line`(line: String, count: Int) throws {
        let reason = "expected 4 fields (query iteration product grade), found \(count)"
        #expect(try failure("q 0 p 1\n\(line)\n".utf8) == "qrels:2: \(reason)")
    }

    @Test func `says which header line to add`() throws {
        #expect(
            try failure("\nq1\tp 1\t3\n".utf8)
                == "qrels:2: expected a header, found a line of 3 fields; add a first line that names them in their order: "
                + "query_id<TAB>product_id<TAB>relevance")
    }

    @Test(arguments: ["query_id,product_id,relevance", "q1 p1 3", "{\"query\":1}", "a\tb", "the best pan ever"])
    func `shows both formats when a file has neither`(line: String) throws {
        #expect(
            try failure("\(line)\n".utf8)
                == "qrels:1: expected a TSV with the header query_id<TAB>product_id<TAB>relevance, or TREC qrels "
                + "(query iteration product grade, no header), found \"\(line)\"; convert the file to one of them")
    }

    @Test(arguments: [
        (
            "query_id\tproduct\trelevance",
            "expected a column \"product_id\" or \"product-id\" or \"doc_id\" or \"docid\" or \"corpus-id\" or \"corpus_id\", "
                + "found query_id, product, relevance; rename the column that holds it"
        ),
        (
            "query_id\tproduct_id\t\tlabel",
            "expected a column \"relevance\" or \"grade\" or \"score\" or \"rel\", "
                + "found query_id, product_id, (no name), label; rename the column that holds it"
        ),
        (
            "query_id\tproduct_id\trelevance\tQuery_ID",
            "expected one column \"query_id\", found it at positions 1, 4; rename all but one"
        ),
    ]) func `says what is wrong with a header`(header: String, reason: String) throws {
        #expect(try failure("\(header)\nq\tp\t1\n".utf8) == "qrels:1: \(reason)")
    }

    @Test func `says when a file is empty or a header stands alone`() throws {
        for text in ["", "\u{FEFF}\n", " \r\n"] {
            #expect(try failure(text.utf8) == "qrels: expected judgments, found an empty file")
        }
        #expect(
            try failure("\nquery_id\tproduct_id\trelevance\n\n\n".utf8)
                == "qrels:2: expected judgments below the header, found none")
    }

    @Test func `tells line and bytes as it goes`() throws {
        let directory = try TemporaryDirectory()
        let reader = try JudgmentReader(path: directory.write("qid\tdocid\trel\n\nq\tp\t1\n".utf8, to: "qrels"))
        #expect(reader.line == 0)
        #expect(reader.byteCount == 21)
        _ = try reader.next()
        #expect(reader.line == 3)
        #expect(reader.bytesConsumed == 21)
        #expect(try reader.next() == nil)
    }

    @Test func `reads the same through windows of any size`() throws {
        for text in ["query_id\trel\tdocid\r\nq 1\t2\tp\r\nq2\t1\tp é", "é Q0 p 2\r\nq2 0 é 1\n"] {
            let expected = try judgments(text)
            for size in 1...text.utf8.count {
                #expect(try judgments(text, limits: FeedLimits(bufferSize: size)) == expected)
            }
        }
    }

    @Test(arguments: Seed.samples(300)) func `reads damaged files or says what is wrong`(seed: Seed) throws {
        var generator = seed.generator
        for text in [
            "query_id\tnote\tproduct_id\trelevance\nq 1\t\tp1\t3\r\nq 1\tx\tp é\t0.5\n", "q1 0 p1 3\nq1 Q0 p2 -1\n",
        ] {
            #expect(try failure(generator.damaged(text))?.hasPrefix("qrels") ?? true)
        }
    }
}
