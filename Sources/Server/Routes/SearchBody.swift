// A search in a JSON body, with every mistake named.

internal import Foundation

/// A search, or many, as a body asks for it.
struct SearchBody: Decodable {
    private enum CodingKeys: String, CodingKey, CaseIterable {
        case q, queries, k, page, `where`, ef, exact, facets
    }

    private struct AnyKey: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }

        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }

    let query: String?
    let queries: [String]?
    /// Everything else, as an address has it.
    let values: [String: String]

    /// Reads a body.
    /// - Throws: `Problem` for what is no JSON object, or has members that are unknown or of another kind.
    static func read(_ bytes: [UInt8]) throws -> SearchBody {
        do { return try JSONDecoder().decode(SearchBody.self, from: Data(bytes)) } catch let error as DecodingError {
            throw Self.problem(error)
        }
    }

    init(from decoder: any Decoder) throws {
        let all = try decoder.container(keyedBy: AnyKey.self)
        let known = CodingKeys.allCases.map(\.rawValue)
        if let unknown = all.allKeys.map(\.stringValue).filter({ !known.contains($0) }).min() {
            throw Problem.invalid(
                String(unknown.prefix(60)), "Expected \(known.sorted().joined(separator: ", ")), found another member.")
        }
        let container = try decoder.container(keyedBy: CodingKeys.self)
        query = try container.decodeIfPresent(String.self, forKey: .q)
        queries = try container.decodeIfPresent([String].self, forKey: .queries)
        var values: [String: String] = [:]
        for key in [CodingKeys.k, .page, .ef] {
            values[key.rawValue] = try container.decodeIfPresent(Int.self, forKey: key).map(String.init)
        }
        for key in [CodingKeys.exact, .facets] {
            values[key.rawValue] = try container.decodeIfPresent(Bool.self, forKey: key).map(String.init)
        }
        values["where"] = try container.decodeIfPresent(String.self, forKey: .where)
        self.values = values
    }

    private static func problem(_ error: DecodingError) -> Problem {
        switch error {
        case .typeMismatch(let type, let context):
            .invalid(path(context.codingPath), "Expected \(words(for: type)).")
        case .valueNotFound(_, let context):
            .invalid(path(context.codingPath), "Expected a value, found null.")
        case .keyNotFound(let key, _): .invalid(key.stringValue, "Expected this member.")
        case .dataCorrupted: .malformed("Expected a JSON object, found something else.")
        @unknown default: .malformed("Expected a JSON object, found something else.")
        }
    }

    /// A place as in `queries[2]`.
    private static func path(_ keys: [any CodingKey]) -> String {
        keys.reduce(into: "") { path, key in
            if let index = key.intValue {
                path += "[\(index)]"
            } else {
                path += (path.isEmpty ? "" : ".") + key.stringValue
            }
        }
    }

    /// What a member should be, in JSON's words.
    private static func words(for type: any Any.Type) -> String {
        if type == String.self { return "a string" }
        if type == Int.self { return "a whole number" }
        if type == Bool.self { return "true or false" }
        return type == [Any].self || type == [String].self ? "an array" : "an object"
    }
}
