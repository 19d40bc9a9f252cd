// From the cells of one row to a product: what JSON lines and tables have in common.
//
// Cells are collected first and judged at the end, so that a key given twice takes its last value and a rejection can name the product's id
// wherever the id stands in the row. One assembler serves a whole feed, row after row.

import JSONReading

/// Collects the cells of one row and makes a product of them.
struct ProductAssembler {
    private let template: TextTemplate
    /// The id of a row that has none.
    private let defaultID: ProductID?
    private var cells: [JSONValue]
    private var categoryParts: [JSONValue]
    private var attributes: [String: AttributeValue] = [:]
    private var attributeFault: String?

    init(template: TextTemplate, mapping: FieldMapping, defaultID: ProductID? = nil) {
        self.template = template
        self.defaultID = defaultID
        cells = Array(repeating: .null, count: ProductField.allCases.count)
        categoryParts = Array(repeating: .null, count: mapping.columns(for: .category).count)
    }

    /// Forgets the last row.
    mutating func reset() {
        for index in cells.indices { cells[index] = .null }
        for index in categoryParts.indices { categoryParts[index] = .null }
        attributes = [:]
        attributeFault = nil
    }

    /// Makes room for as many attributes.
    mutating func reserveAttributes(_ count: Int) {
        attributes.reserveCapacity(count)
    }

    /// Fills a field, or one level of the category.
    mutating func set(_ target: FieldTarget, to value: JSONValue) {
        if target.field == .category {
            categoryParts[target.part] = value
        } else {
            cells[target.field.slot] = value
        }
    }

    /// Sets an attribute that is not blank.
    mutating func setAttribute(_ name: String, to text: String) {
        attributes[name] = .text(text)
    }

    /// Adds a value to an attribute whose column stands in the header more than once.
    mutating func appendAttribute(_ name: String, _ text: String) {
        switch attributes[name] {
        case .list(let elements): attributes[name] = .list(elements + [.text(text)])
        case .some(let first): attributes[name] = .list([first, .text(text)])
        case .none: attributes[name] = .text(text)
        }
    }

    /// Sets or, for null and blank values, removes an attribute; objects are flattened to dotted names.
    ///
    /// `row` is the row's bytes: an object inside a list is kept as its JSON text.
    mutating func setAttribute(_ name: String, to value: JSONValue, row: UnsafeBufferPointer<UInt8>) {
        if case .object(let members, _) = value {
            for member in members { setAttribute("\(name).\(member.key)", to: member.value, row: row) }
        } else {
            attributes[name] = attribute(name, value, row: row)
        }
    }

    private mutating func attribute(
        _ name: String, _ value: JSONValue, row: UnsafeBufferPointer<UInt8>
    ) -> AttributeValue? {
        switch value {
        case .null: return nil
        case .flag(let flag): return .flag(flag)
        case .text(let text):
            let trimmed = text.trimmed()
            return trimmed.isEmpty ? nil : .text(trimmed)
        case .number(let text):
            guard let number = Double(text), number.isFinite else {
                attributeFault = "\(name) is \(text.shortened), expected a number that a 64-bit float can hold"
                return nil
            }
            // From 2^53 on a float may change the digits of what is most likely a code.
            return abs(number) >= 9_007_199_254_740_992 && Self.isInteger(text) ? .text(text) : .number(number)
        case .list(let elements):
            let values = elements.compactMap { attribute(name, $0, row: row) }
            return values.isEmpty ? nil : .list(values)
        case .object(_, let source):
            return .text(String(decoding: UnsafeBufferPointer(rebasing: row[source]), as: UTF8.self))
        }
    }

    /// The product of the collected cells.
    /// - Throws: `RowRejection` when there is no id, no text, a bad price or a number out of range.
    mutating func assemble() throws(RowRejection) -> Product {
        let id = try identifier()
        var product = Product(id: id, title: text(.title) ?? "", description: text(.description) ?? "")
        product.category = category()
        product.brand = text(.brand)
        product.currency = text(.currency)
        product.availability = text(.availability)
        product.image = text(.image)
        product.url = text(.url)
        if let price = try price(of: id) {
            product.price = price.amount
            try checkCurrency(product.currency, against: price, of: id)
            if product.currency == nil { product.currency = price.currency }
        }
        if let attributeFault {
            throw RowRejection(id: id.rawValue, kind: "number out of range", reason: attributeFault)
        }
        swap(&product.attributes, &attributes)
        if template.rendersEmpty(for: product) {
            throw RowRejection(
                id: id.rawValue, kind: "no text", reason: "no text: \(template) are all missing or blank")
        }
        return product
    }

    /// The id as far as it can be read, for a row that is rejected anyway.
    func identifierIfReadable() -> String? {
        (try? identifier())?.rawValue
    }

    private func identifier() throws(RowRejection) -> ProductID {
        switch cells[ProductField.id.slot] {
        case .number(let text) where Self.isInteger(text):
            return ProductID(rawValue: text)
        case .null:
            guard let defaultID else { throw RowRejection(reason: "no id") }
            return defaultID
        case .text(let text):
            let trimmed = text.trimmed()
            guard !trimmed.isEmpty else { throw RowRejection(kind: "no id", reason: "no id: the text is blank") }
            return ProductID(rawValue: trimmed)
        case .number(let text):
            throw RowRejection(
                kind: "no id", reason: "no id: expected a text or an integer, found \(text.shortened)")
        case .flag, .list, .object:
            throw RowRejection(
                kind: "no id", reason: "no id: expected a text or an integer, found another kind of value")
        }
    }

    private static func isInteger(_ number: String) -> Bool {
        number.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) || $0 == UInt8(ascii: "-") }
    }

    /// The trimmed text of a field; nil when missing or blank.
    ///
    /// Of several images or addresses the first one counts.
    private func text(_ field: ProductField) -> String? {
        let isAddress = field == .image || field == .url
        return Self.text(cells[field.slot], separator: isAddress ? nil : ", ")
    }

    /// The text of a value, list elements joined by `separator` or, without one, the first.
    private static func text(_ value: JSONValue, separator: String?) -> String? {
        switch value {
        case .null, .object: return nil
        case .flag(let flag): return flag ? "true" : "false"
        case .number(let text): return text
        case .text(let text):
            let trimmed = text.trimmed()
            return trimmed.isEmpty ? nil : trimmed
        case .list(let elements):
            let texts = elements.lazy.compactMap { Self.text($0, separator: separator) }
            guard let separator else { return texts.first }
            let joined = texts.joined(separator: separator)
            return joined.isEmpty ? nil : joined
        }
    }

    private func category() -> CategoryPath? {
        if categoryParts.count == 1, case .text(let text) = categoryParts[0] { return CategoryPath(text) }
        var components: [String] = []
        for part in categoryParts {
            guard case .list(let elements) = part else {
                components += Self.text(part, separator: nil).map { [$0] } ?? []
                continue
            }
            let texts = elements.compactMap { Self.text($0, separator: nil) }
            // A list of names is one path; a list of paths is several categories, and the first is the main one.
            components += texts.contains { $0.utf8.contains(UInt8(ascii: ">")) } ? Array(texts.prefix(1)) : texts
        }
        return CategoryPath(components: components)
    }

    private func price(of id: ProductID) throws(RowRejection) -> Price? {
        let text: String
        switch cells[ProductField.price.slot] {
        case .null: return nil
        case .number(let number): text = number
        case .text(let raw):
            text = raw.trimmed()
            if text.isEmpty { return nil }
        case .flag, .list, .object:
            throw RowRejection(
                id: id.rawValue, kind: "no price",
                reason: "price: expected a number, found another kind of value")
        }
        do {
            return try Price(parsing: text)
        } catch {
            let expected =
                switch error {
                case .notNumber: "a number such as 12.90"
                case .notFinite: "a finite number"
                case .negative: "0 or more"
                case .twoCurrencies: "one currency"
                }
            throw RowRejection(
                id: id.rawValue, kind: "price: expected \(expected)",
                reason: "price: expected \(expected), found \"\(text.shortened)\"")
        }
    }

    /// Refuses a price whose own currency is another than the currency column's, where that is an ISO code.
    private func checkCurrency(_ stated: String?, against price: Price, of id: ProductID) throws(RowRejection) {
        guard let stated, let own = price.currency, stated.utf8.count == 3, stated.uppercased() != own else { return }
        guard stated.utf8.allSatisfy({ $0 | 0x20 >= UInt8(ascii: "a") && $0 | 0x20 <= UInt8(ascii: "z") }) else {
            return
        }
        throw RowRejection(
            id: id.rawValue, kind: "price: expected one currency",
            reason: "price: expected one currency, found \(own) in the price and \(stated.shortened) as currency")
    }
}

extension ProductField {
    /// Place of the field's cell.
    fileprivate var slot: Int {
        switch self {
        case .id: 0
        case .title: 1
        case .description: 2
        case .category: 3
        case .brand: 4
        case .price: 5
        case .currency: 6
        case .availability: 7
        case .image: 8
        case .url: 9
        }
    }
}

extension String {
    /// At most 60 scalars of the text, for messages.
    var shortened: String {
        unicodeScalars.count <= 60 ? self : String(unicodeScalars.prefix(60)) + "…"
    }
}
