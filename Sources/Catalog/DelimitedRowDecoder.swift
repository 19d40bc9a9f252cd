// Rows of a table with a header: CSV and TSV.
//
// The header decides once what each column is; a row is then a walk along that plan. Column names match field names whatever their case
// ("ID", "Title"), the exact name first. A column without a name is ignored; attribute columns of the same name make a list.

import JSONReading

/// Reads the rows of a CSV or TSV feed.
struct DelimitedRowDecoder: RowDecoder {
    private enum Use {
        case fields([FieldTarget])
        case attribute(String)
        case repeatedAttribute(String)
        case ignored
    }

    private var scanner: DelimitedScanner
    private var assembler: ProductAssembler
    private let uses: [Use]
    private let attributeCount: Int
    let columns: [String]

    /// The header has been checked.
    var unseenColumn: (field: ProductField, column: String)? { nil }

    var hintForLongRow: String { "a quote may not be closed" }

    /// Takes the header that `scanner` framed.
    /// - Throws: `CatalogError.missingColumn`, `.noTextColumn` or `.duplicateColumn`.
    init(header: DelimitedHeader, template: TextTemplate, mapping: FieldMapping) throws(CatalogError) {
        scanner = DelimitedScanner(delimiter: header.delimiter)
        assembler = ProductAssembler(template: template, mapping: mapping)
        columns = header.columns
        let resolved = try header.resolved(mapping)
        try header.check(template, resolved)
        var uses: [Use] = []
        for (index, column) in columns.enumerated() {
            let targets = resolved.filter { $0.value == index }.map(\.key)
            if !targets.isEmpty {
                uses.append(.fields(targets))
            } else if column.isEmpty {
                uses.append(.ignored)
            } else {
                let isRepeated = columns.count { $0 == column } > 1
                uses.append(isRepeated ? .repeatedAttribute(column) : .attribute(column))
            }
        }
        self.uses = uses
        attributeCount = columns.count - Set(resolved.values).count
    }

    mutating func frame(_ bytes: UnsafeBufferPointer<UInt8>, atEnd: Bool) -> RowFrame {
        scanner.frame(bytes, atEnd: atEnd)
    }

    mutating func product(from row: UnsafeBufferPointer<UInt8>) throws(RowRejection) -> Product {
        assembler.reset()
        assembler.reserveAttributes(attributeCount)
        for index in 0..<min(uses.count, scanner.fields.count) {
            switch uses[index] {
            case .ignored: continue
            case .fields(let targets):
                let text = scanner.text(index, in: row)
                for target in targets where !text.isEmpty { assembler.set(target, to: .text(text)) }
            case .attribute(let name):
                let text = scanner.text(index, in: row)
                if !text.isEmpty { assembler.setAttribute(name, to: text) }
            case .repeatedAttribute(let name):
                let text = scanner.text(index, in: row)
                if !text.isEmpty { assembler.appendAttribute(name, text) }
            }
        }
        guard scanner.fields.count == columns.count else {
            throw RowRejection(
                id: assembler.identifierIfReadable(), kind: "other number of fields than the header",
                reason: "expected \(columns.count) fields as in the header, found \(scanner.fields.count)")
        }
        guard !row.containsNUL else {
            throw RowRejection(id: assembler.identifierIfReadable(), reason: "the row holds a NUL byte")
        }
        return try assembler.assemble()
    }
}
