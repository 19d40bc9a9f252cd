import Testing

@testable import Catalog

@Suite struct TripletReaderTests {
    private struct Row: Equatable {
        let line: Int
        let triplet: Triplet

        init(_ line: Int, _ anchor: String, _ positive: String, _ negative: String) {
            self.line = line
            triplet = Triplet(anchor: anchor, positive: positive, negative: negative)
        }
    }

    private func rows(_ reader: TripletReader) throws -> [Row] {
        var rows: [Row] = []
        while let triplet = try reader.next() {
            rows.append(Row(reader.line, triplet.anchor, triplet.positive, triplet.negative))
        }
        return rows
    }

    private func rows(_ text: String, _ name: String = "triplets") throws -> [Row] {
        let directory = try TemporaryDirectory()
        return try rows(TripletReader(path: directory.write(text.utf8, to: name)))
    }

    private func failure(_ bytes: some Sequence<UInt8>, limits: FeedLimits = FeedLimits()) throws -> String? {
        try CatalogTests.failure(bytes, "triplets") { path in
            for row in try rows(TripletReader(window: FeedWindow(path: path, limits: limits))) {
                #expect(!row.triplet.anchor.isEmpty && !row.triplet.positive.isEmpty && !row.triplet.negative.isEmpty)
            }
        }
    }

    @Test func `reads JSON lines`() throws {
        let text = """
            \u{FEFF}
            {"anchor": " a ", "positive": "b\\nb", "negative": "c", "score": 1}

            {"negative": "f", "query": "d", "positive": "e"}
            """
        #expect(try rows(text) == [Row(2, "a", "b\nb", "c"), Row(4, "d", "e", "f")])
    }

    @Test(arguments: [
        "anchor,positive,negative\na,\"b, b\",c\n", "negative;x;Positive;QUERY\r\nc;;b, b;a\r\n",
        "anchor\tpositive\tnegative\na\tb, b\tc", "\u{FEFF}sep=|\nanchor|positive|negative\n a |\"b, b\"|c",
    ]) func `reads tables, whatever separates their fields`(text: String) throws {
        #expect(try rows(text).map(\.triplet) == [Triplet(anchor: "a", positive: "b, b", negative: "c")])
    }

    @Test func `takes only tabs for delimiters where the name says TSV`() throws {
        let text = "anchor\tpositive\tnegative\ta,b,c,d,e\na\tb\tc\t\n"
        #expect(try rows(text, "triplets.tsv") == [Row(2, "a", "b", "c")])
    }

    @Test func `reads quotes and line ends within them, and counts their lines`() throws {
        let text = "\nanchor,positive,negative\n\"a\r\na\",\"say \"\"b\"\"\",c\n\n\"d\nd\",e,\"f\"\n"
        #expect(try rows(text) == [Row(3, "a\r\na", "say \"b\"", "c"), Row(6, "d\nd", "e", "f")])
    }

    @Test(arguments: [
        ("{\"anchor\":\"a\",\"positive\":\"b\"}", "expected a text as \"negative\", found the keys anchor, positive"),
        (
            "{\"positive\":\"b\",\"negative\":\"c\"}",
            "expected a text as \"anchor\" or \"query\", found the keys positive, negative"
        ),
        (
            "{\"anchor\":\"a\",\"positive\":\" \",\"negative\":\"c\"}",
            "expected a text as \"positive\", found a blank text"
        ),
        ("{\"anchor\":\"a\",\"positive\":2,\"negative\":\"c\"}", "expected a text as \"positive\", found 2"),
        ("{\"anchor\":\"a\",\"positive\":\"b\",\"negative\":null}", "expected a text as \"negative\", found null"),
        ("a,b,c", "bad JSON at column 1: expected a value, found \"a\""),
    ]) func `says what is wrong with a JSON line`(line: String, reason: String) throws {
        let text = "{\"anchor\":\"a\",\"positive\":\"b\",\"negative\":\"c\"}\n\n\(line)\n"
        #expect(try failure(text.utf8) == "triplets:3: \(reason)")
    }

    @Test(arguments: [
        ("a,b", "expected 3 fields as in the header, found 2"),
        ("a,b,c,d", "expected 3 fields as in the header, found 4"),
        (" ,b,c", "expected a text as \"anchor\", found a blank field"),
        ("a,\"\",c", "expected a text as \"positive\", found a blank field"),
        ("a,b,", "expected a text as \"negative\", found a blank field"),
        (
            "a,\"b\"b,c",
            "field 2: expected a delimiter or the line's end after the closing quote; "
                + "a quote inside a quoted field is written twice"
        ),
        ("a,\"b,c", "a quoted field is opened and never closed"),
        ("a,b,c\0", "expected text, found a NUL byte; check that the file is complete and not binary"),
    ]) func `says what is wrong with a row of a table`(row: String, reason: String) throws {
        #expect(try failure("anchor,positive,negative\n\"a\na\",b,c\n\(row)\n".utf8) == "triplets:4: \(reason)")
    }

    @Test func `names the line of bytes that are not UTF-8`() throws {
        #expect(
            try failure(Array("anchor,positive,negative\na,b,caf".utf8) + [0xE9, 0x0A])
                == "triplets:2: expected UTF-8, found 0xE9 as byte 8; save the file as UTF-8")
        #expect(
            try failure(Array("{\"anchor\":\"".utf8) + [0xFF])
                == "triplets:1: expected UTF-8, found 0xFF as byte 12; save the file as UTF-8"
        )
    }

    @Test func `lists the columns found where one is missing`() throws {
        #expect(
            try failure("sep=;\nanchor;pos;negative\n".utf8)
                == "triplets:2: expected a column \"positive\", found anchor, pos, negative; rename the column that holds it"
        )
        #expect(
            try failure("text\nx\n".utf8)
                == "triplets:1: expected a column \"anchor\" or \"query\", found text; rename the column that holds it")
        #expect(
            try failure("anchor,positive,negative,Negative\n".utf8)
                == "triplets:1: expected one column \"negative\", found it at positions 3, 4; rename all but one")
    }

    @Test func `says when a header cannot be read`() throws {
        #expect(
            try failure("anchor,\"positive\na,b,c".utf8)
                == "triplets:1: the header cannot be read: a quoted field is opened and never closed")
    }

    @Test func `says when a file is empty or a header stands alone`() throws {
        for text in ["", "\u{FEFF}", "\n \r\n", "sep=;\n"] {
            #expect(try failure(text.utf8) == "triplets: expected triplets, found an empty file")
        }
        #expect(
            try failure("\nanchor,positive,negative\n\n".utf8)
                == "triplets:2: expected triplets below the header, found none")
    }

    @Test func `refuses archives, other encodings and JSON arrays`() throws {
        #expect(try failure([0x1F, 0x8B, 8, 0])?.contains("found a gzip archive") == true)
        #expect(try failure([0xFF, 0xFE, 0x61, 0])?.contains("found UTF-16") == true)
        #expect(try failure("[{}]".utf8)?.contains("found a JSON array") == true)
    }

    @Test func `names the line of a row beyond the limit`() throws {
        let limits = FeedLimits(bufferSize: 16, rowSize: 200)
        let long = String(repeating: "x", count: 300)
        #expect(
            try failure("anchor,positive,negative\na,\"\(long)\n".utf8, limits: limits)
                == "triplets:2: expected a record of at most 200 bytes, found a longer one; a quote may not be closed")
        #expect(
            try failure("{\"anchor\":\"\(long)\"}".utf8, limits: limits)
                == "triplets:1: expected a line of at most 200 bytes, found a longer one; check the file's line ends")
    }

    @Test func `counts bytes for progress`() throws {
        let directory = try TemporaryDirectory()
        let reader = try TripletReader(path: directory.write("query,positive,negative\na,b,c\n".utf8, to: "triplets"))
        #expect(reader.byteCount == 30)
        #expect(reader.bytesConsumed == 24)
        #expect(reader.line == 1)
        _ = try reader.next()
        #expect(reader.bytesConsumed == 30)
        #expect(reader.line == 2)
    }

    @Test func `reads the same through windows of any size`() throws {
        let directory = try TemporaryDirectory()
        for text in [
            "\u{FEFF}\n{\"anchor\":\"é\",\"positive\":\"한\",\"negative\":\"😀\"}\r\n{\"query\":\"d\",\"positive\":\"e\",\"negative\":\"f\"}",
            "anchor,positive,negative\r\n\"a\r\na\",\"\"\"b\"\"\",é\r\n\r\nd,e,\"f\"",
        ] {
            let path = try directory.write(text.utf8, to: "triplets")
            let expected = try rows(TripletReader(path: path))
            #expect(expected.count == 2)
            for size in 1...text.utf8.count {
                let window = try FeedWindow(path: path, limits: FeedLimits(bufferSize: size))
                #expect(try rows(TripletReader(window: window)) == expected, "window of \(size) bytes")
            }
        }
    }

    @Test func `reads a pipe`() throws {
        let directory = try TemporaryDirectory()
        let path = try pipe(["anc", "hor,positive,neg", "ative\r", "\n\"a\n", "\",b,c"], in: directory)
        let reader = try TripletReader(path: path)
        #expect(reader.byteCount == nil)
        #expect(try rows(reader) == [Row(2, "a", "b", "c")])
    }

    @Test(arguments: Seed.samples(300)) func `reads damaged files or says what is wrong`(seed: Seed) throws {
        var generator = seed.generator
        for text in [
            "anchor,positive,negative\r\n\"a\r\na\",\"\"\"b\"\"\",é\r\n\r\nd,e,\"f\"\n",
            "{\"anchor\":\"é\",\"positive\":\"\\u00e9\",\"negative\":\"c\"}\n{\"query\":\"d\",\"positive\":\"e\",\"negative\":\"f\"}\n",
        ] {
            #expect(try failure(generator.damaged(text))?.hasPrefix("triplets") ?? true)
        }
    }
}
