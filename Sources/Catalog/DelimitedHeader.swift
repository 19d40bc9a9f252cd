// The first row of a table: which delimiter, which columns, and whether they hold what a product needs.

/// The header of a CSV or TSV feed.
struct DelimitedHeader {
    /// The feed's name, for messages.
    let feed: String
    /// The byte between two fields.
    let delimiter: UInt8
    /// Column names in the feed's order, trimmed.
    let columns: [String]

    /// Splits a header row; `bytes` is valid UTF-8 without the line end.
    init(feed: String, row bytes: UnsafeBufferPointer<UInt8>, delimiter: UInt8) {
        self.feed = feed
        self.delimiter = delimiter
        var scanner = DelimitedScanner(delimiter: delimiter)
        _ = scanner.frame(bytes, atEnd: true)
        columns = scanner.fields.indices.map { scanner.text($0, in: bytes) }
    }

    /// The delimiter that stands in a header line most often outside quotes; a comma if none does.
    static func delimiter(of line: UnsafeBufferPointer<UInt8>) -> UInt8 {
        var counts = [UInt8(ascii: ","), UInt8(ascii: ";"), UInt8(ascii: "\t"), UInt8(ascii: "|")].map { ($0, 0) }
        var isQuoted = false
        for byte in line {
            if byte == UInt8(ascii: "\"") { isQuoted.toggle() }
            if isQuoted { continue }
            for index in counts.indices where counts[index].0 == byte { counts[index].1 += 1 }
        }
        let most = counts.map(\.1).max() ?? 0
        return counts.first { $0.1 == most }?.0 ?? UInt8(ascii: ",")
    }

    /// The column of each field that has one.
    /// - Throws: `CatalogError.missingColumn` for the id and for mapped fields, `.duplicateColumn`.
    func resolved(_ mapping: FieldMapping) throws(CatalogError) -> [FieldTarget: Int] {
        var result: [FieldTarget: Int] = [:]
        for field in ProductField.allCases {
            for (part, column) in mapping.columns(for: field).enumerated() {
                if let index = try index(of: column, anyCase: !mapping.isExplicit(field)) {
                    result[FieldTarget(field: field, part: part)] = index
                } else if field == .id || mapping.isExplicit(field) {
                    throw .missingColumn(feed: feed, field: field.rawValue, column: column, columns: columns)
                }
            }
        }
        return result
    }

    private func index(of column: String, anyCase: Bool) throws(CatalogError) -> Int? {
        var matches = columns.indices.filter { columns[$0] == column }
        if matches.isEmpty, anyCase {
            matches = columns.indices.filter { columns[$0].lowercased() == column }
        }
        guard matches.count <= 1 else {
            throw .duplicateColumn(feed: feed, column: column, positions: matches.map { $0 + 1 })
        }
        return matches.first
    }

    /// Checks that the text template can give a text at all.
    /// - Throws: `CatalogError.noTextColumn`.
    func check(_ template: TextTemplate, _ resolved: [FieldTarget: Int]) throws(CatalogError) {
        let fields = Set(resolved.keys.map(\.field.rawValue))
        let attributes = columns.indices.filter { !resolved.values.contains($0) }.map { columns[$0] }
        guard template.names.contains(where: { fields.contains($0) || attributes.contains($0) }) else {
            throw .noTextColumn(feed: feed, template: template.description, columns: columns)
        }
    }
}
