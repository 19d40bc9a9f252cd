// Whatever a shop says about a product beyond the ten fields Aisle knows: colour, size, GTIN.
//
// The cases are JSON's scalars and lists. Objects have no case: feeds flatten them to dotted names ("size.width").

/// The value of a product attribute, in JSON as itself.
public enum AttributeValue: Hashable, Sendable, Codable, CustomStringConvertible {
    /// A text; values from CSV and TSV are always texts, so "00123" keeps its zeros.
    case text(String)
    /// A finite number.
    case number(Double)
    /// True or false.
    case flag(Bool)
    /// Several values, in the shop's order.
    case list([AttributeValue])

    /// The value as a person would write it: 12 rather than 12.0, list elements joined by ", ".
    public var description: String {
        switch self {
        case .text(let text): text
        case .number(let number): number.plainText
        case .flag(let flag): flag ? "true" : "false"
        case .list(let elements): elements.map(\.description).joined(separator: ", ")
        }
    }

    /// Reads a JSON text, number, boolean or list; throws `DecodingError` for null and objects.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let text = try? container.decode(String.self) {
            self = .text(text)
        } else if let flag = try? container.decode(Bool.self) {
            self = .flag(flag)
        } else if let number = try? container.decode(Double.self) {
            self = .number(number)
        } else {
            self = .list(try container.decode([AttributeValue].self))
        }
    }

    /// Writes the value as itself; throws `EncodingError` for a number that is not finite.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .text(let text): try container.encode(text)
        case .number(let number): try container.encode(number)
        case .flag(let flag): try container.encode(flag)
        case .list(let elements): try container.encode(elements)
        }
    }
}

extension Double {
    /// The shortest decimal that reads back as this value, without ".0" for whole numbers.
    var plainText: String {
        Int64(exactly: self).flatMap { abs(self) < 1e15 ? String($0) : nil } ?? description
    }
}
