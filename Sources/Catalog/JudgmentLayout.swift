// The two ways judgments are written, told apart by the first line.
//
// A TSV with a header (BEIR and most exports), or TREC qrels: "query iteration product grade" between blanks, no header. A first line of
// four words is TREC when the last is a number or the second the usual "0" or "Q0"; the names of all three columns win over that, and so
// do three fields between tabs, one of which holds a blank. In a TSV only tabs separate, so ids may hold blanks; quotes are plain
// characters.

/// How the lines of a file of judgments are written.
enum JudgmentLayout {
    /// A table with a header of `count` columns, and where the three that matter stand.
    case table(query: Int, product: Int, grade: Int, count: Int)
    /// Four words a line: query, iteration, product, grade.
    case trec

    private static let queryNames = ["query_id", "query-id", "qid"]
    private static let productNames = ["product_id", "product-id", "doc_id", "docid", "corpus-id", "corpus_id"]
    private static let gradeNames = ["relevance", "grade", "score", "rel"]
    private static let header = "query_id<TAB>product_id<TAB>relevance"

    /// Tells the layout by the first line that is not blank.
    /// - Throws: `CatalogError.badLine` when it is neither.
    init(firstLine bytes: UnsafeBufferPointer<UInt8>, at position: FilePosition) throws(CatalogError) {
        let cells = Self.cells(of: bytes)
        let columns = NamedColumns(names: cells, position: position)
        let known = [Self.queryNames, Self.productNames, Self.gradeNames].count { columns.contains($0) }
        if known < 3, cells.count != 3, Self.looksLikeTREC(Self.words(of: bytes)) {
            self = .trec
        } else if known > 0, cells.count > 1 {
            self = .table(
                query: try columns.index(of: Self.queryNames), product: try columns.index(of: Self.productNames),
                grade: try columns.index(of: Self.gradeNames), count: cells.count)
        } else if cells.count == 3 {
            throw position.fault(
                "expected a header, found a line of 3 fields; add a first line that names them in their order: "
                    + Self.header)
        } else {
            throw position.fault(
                "expected a TSV with the header \(Self.header), or TREC qrels (query iteration product grade, no header), "
                    + "found \"\(String(decoding: bytes, as: UTF8.self).shortened)\"; convert the file to one of them")
        }
    }

    /// Whether the first line is a header and no judgment.
    var hasHeader: Bool {
        if case .table = self { true } else { false }
    }

    /// Reads one line.
    /// - Throws: `CatalogError.badLine` for another number of fields, a blank id or a grade that is no number.
    func judgment(
        from bytes: UnsafeBufferPointer<UInt8>, at position: FilePosition
    ) throws(CatalogError) -> Judgment {
        switch self {
        case .trec:
            let words = Self.words(of: bytes)
            guard words.count == 4 else {
                throw position.fault("expected 4 fields (query iteration product grade), found \(words.count)")
            }
            return try Self.judgment((words[0], words[2], words[3]), at: position)
        case .table(let query, let product, let grade, let count):
            let cells = Self.cells(of: bytes)
            guard cells.count == count else {
                throw position.fault(
                    "expected \(count) fields between tabs as in the header, found \(cells.count)")
            }
            return try Self.judgment((cells[query], cells[product], cells[grade]), at: position)
        }
    }

    private static func looksLikeTREC(_ words: [String]) -> Bool {
        words.count == 4 && (grade(words[3]) != nil || ["0", "Q0", "q0"].contains(words[1]))
    }

    private static func judgment(
        _ texts: (query: String, product: String, grade: String), at position: FilePosition
    ) throws(CatalogError) -> Judgment {
        guard !texts.query.isEmpty else { throw position.fault("expected a query's id, found a blank field") }
        guard !texts.product.isEmpty else { throw position.fault("expected a product's id, found a blank field") }
        guard let grade = grade(texts.grade) else {
            throw position.fault("expected a number as the grade, found \"\(texts.grade.shortened)\"")
        }
        return Judgment(
            query: QueryID(rawValue: texts.query), product: ProductID(rawValue: texts.product), grade: grade)
    }

    private static func grade(_ text: String) -> Double? {
        guard let number = Double(plain: text), number.isFinite else { return nil }
        return number + 0  // -0 becomes 0
    }

    /// What stands between tabs, trimmed.
    private static func cells(of bytes: UnsafeBufferPointer<UInt8>) -> [String] {
        bytes.split(separator: 0x09, omittingEmptySubsequences: false).map {
            String(decoding: $0, as: UTF8.self).trimmed()
        }
    }

    /// What stands between spaces and tabs.
    private static func words(of bytes: UnsafeBufferPointer<UInt8>) -> [String] {
        bytes.split { $0 == 0x20 || $0 == 0x09 }.map { String(decoding: $0, as: UTF8.self) }
    }
}
