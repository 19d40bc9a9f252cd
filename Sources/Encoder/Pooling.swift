// From token vectors to one vector per text, as sentence-transformers' Pooling and Normalize modules do it.

internal import JSONReading

/// How the token vectors of a text become one vector; names as in `1_Pooling/config.json`.
public enum PoolingMode: String, Sendable, CaseIterable {
    /// The first token's vector.
    case cls = "cls_token"
    /// The largest value of each dimension.
    case max = "max_tokens"
    /// The mean over all tokens, special tokens included.
    case mean = "mean_tokens"
    /// The sum divided by the square root of the number of tokens.
    case meanSquareRootLength = "mean_sqrt_len_tokens"

    /// Reads the modes a pooling configuration turns on, in the order in which their vectors are concatenated.
    static func modes(_ file: ConfigurationFile, hiddenSize: Int) throws(EncoderError) -> [PoolingMode] {
        for key in ["word_embedding_dimension", "embedding_dimension"] {
            guard let size = try file.optionalInteger(key), size != hiddenSize else { continue }
            throw .malformed(
                path: file.path, expected: "the body's hidden size \(hiddenSize) as \(key)", found: "\(size)")
        }
        if try file.optionalFlag("include_prompt") == false {
            throw .unsupported(path: file.path, what: "include_prompt", found: "false", supported: ["true"])
        }
        let names = try names(file)
        if let unknown = names.first(where: { PoolingMode(rawValue: $0) == nil }) {
            throw .unsupported(
                path: file.path, what: "pooling mode", found: unknown, supported: allCases.map(\.rawValue))
        }
        let modes = names.compactMap(PoolingMode.init(rawValue:))
        guard !modes.isEmpty else {
            throw .malformed(path: file.path, expected: "at least one pooling mode", found: "none")
        }
        return modes
    }

    /// The modes' names: `"pooling_mode_mean_tokens": true` as all versions read it, in the order of this enum, or
    /// `"pooling_mode": "mean"` as version 6 writes it, in the file's own order.
    ///
    /// A file without any of these keys means the reference's default, the mean.
    private static func names(_ file: ConfigurationFile) throws(EncoderError) -> [String] {
        let short = ["cls": cls, "max": max, "mean": mean, "mean_sqrt_len_tokens": meanSquareRootLength]
        switch file["pooling_mode"] {
        case nil: break
        case .text(let name)?: return [short[name]?.rawValue ?? name]
        case .list(let list)?:
            var names: [String] = []
            for value in list {
                guard case .text(let name) = value else { throw file.wrong("pooling_mode", expected: "names of modes") }
                names.append(short[name]?.rawValue ?? name)
            }
            return names
        default: throw file.wrong("pooling_mode", expected: "a name or a list of names")
        }
        let prefix = "pooling_mode_"
        let keys = file.members.map(\.key).filter { $0.hasPrefix(prefix) }
        if keys.isEmpty { return [mean.rawValue] }
        var on: [String] = []
        for key in keys where try file.optionalFlag(key) == true { on.append(String(key.dropFirst(prefix.count))) }
        let known = allCases.map(\.rawValue).filter(on.contains)
        return known + on.filter { !known.contains($0) }.sorted()
    }

    /// Pools one text.
    /// - Parameters:
    ///   - tokens: (length, size) token vectors, length at least 1.
    ///   - length: number of tokens.
    ///   - size: length of a token's vector.
    ///   - result: (size).
    func pool(
        _ tokens: UnsafePointer<Float>, length: Int, size: Int, into result: UnsafeMutablePointer<Float>
    ) {
        result.update(from: tokens, count: size)
        switch self {
        case .cls:
            return
        case .max:
            for token in 1..<Swift.max(length, 1) {
                let row = tokens + token * size
                for index in 0..<size { result[index] = Swift.max(result[index], row[index]) }
            }
        case .mean, .meanSquareRootLength:
            for token in 1..<Swift.max(length, 1) {
                let row = tokens + token * size
                for index in 0..<size { result[index] += row[index] }
            }
            let divisor = self == .mean ? Float(length) : Float(length).squareRoot()
            for index in 0..<size { result[index] /= divisor }
        }
    }
}

extension PoolingMode {
    /// Spreads the gradient of a pooled vector over the tokens it came from.
    ///
    /// The largest value of a dimension gets all of its gradient; of several that are equal the first, as `torch.max` has it.
    /// - Parameters:
    ///   - gradient: (size), of the pooled vector.
    ///   - tokens: (length, size) token vectors of the forward pass.
    ///   - length: number of tokens.
    ///   - result: (length, size), added to.
    func backward(
        _ gradient: UnsafeBufferPointer<Float>, tokens: UnsafePointer<Float>, length: Int,
        into result: UnsafeMutablePointer<Float>
    ) {
        let size = gradient.count
        switch self {
        case .cls:
            for index in 0..<size { result[index] += gradient[index] }
        case .max:
            for index in 0..<size {
                var best = 0
                for token in 1..<Swift.max(length, 1) where tokens[token * size + index] > tokens[best * size + index] {
                    best = token
                }
                result[best * size + index] += gradient[index]
            }
        case .mean, .meanSquareRootLength:
            let divisor = self == .mean ? Float(length) : Float(length).squareRoot()
            for token in 0..<length {
                for index in 0..<size { result[token * size + index] += gradient[index] / divisor }
            }
        }
    }
}
