import Foundation
import Testing

@testable import Tokenization

/// Test data, in the repository and beside it.
enum Fixture {
    /// Ids of one text under each fixture model.
    struct Golden: Decodable {
        var text: String
        var ids: [String: [Int32]]
    }

    /// Ids of one text under a maximal length.
    struct Truncated: Decodable {
        var text: String
        var maxLength: Int
        var ids: [Int32]
    }

    /// Ids of one text under all-MiniLM-L6-v2.
    struct Shared: Decodable {
        var text: String
        var ids: [Int32]
    }

    /// 8,000 texts that lie beside the repository on the machines of its authors.
    static let sharedGoldens = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "shared/goldens/tokenizer/wordpiece.jsonl")

    /// The model that they were made with.
    static let sharedModel = modelHome.appending(path: "models/all-MiniLM-L6-v2")

    static var hasSharedGoldens: Bool {
        FileManager.default.fileExists(atPath: sharedGoldens.path)
            && FileManager.default.fileExists(atPath: sharedModel.path)
    }

    private static var modelHome: URL {
        if let home = ProcessInfo.processInfo.environment["AISLE_HOME"] { return URL(filePath: home) }
        return FileManager.default.homeDirectoryForCurrentUser.appending(path: ".cache/aisle")
    }

    static func url(_ path: String) throws -> URL {
        try #require(Bundle.module.resourceURL).appending(path: "Fixtures").appending(path: path)
    }

    static func model(_ name: String) throws -> WordPieceTokenizer {
        try WordPieceTokenizer(modelDirectory: url("models/\(name)"))
    }

    static func rows<Row: Decodable>(_ type: Row.Type, in url: URL) throws -> [Row] {
        let decoder = JSONDecoder()
        return try Data(contentsOf: url).split(separator: UInt8(ascii: "\n")).map { try decoder.decode(type, from: $0) }
    }

    /// Gives `body` a new directory with these files, and removes it afterwards.
    static func withDirectory<Result>(
        of files: [String: String],
        _ body: (URL) throws -> Result
    ) throws -> Result {
        let directory = FileManager.default.temporaryDirectory.appending(path: "tokenization-\(UUID())")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        for (name, content) in files {
            try Data(content.utf8).write(to: directory.appending(path: name))
        }
        return try body(directory)
    }
}

/// A seed as a test argument: printed with the failure, and enough to repeat it.
struct Seed: CustomTestStringConvertible, Sendable {
    var value: UInt64

    var testDescription: String { "seed \(value)" }

    var generator: SplitMix { SplitMix(state: value) }

    static func samples(_ count: UInt64) -> [Seed] {
        (1...count).map(Seed.init(value:))
    }
}

/// Steele, Lea and Flood's SplitMix64: the same numbers on every machine.
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }
}

extension [TokenID] {
    /// Plain numbers, as in golden files.
    var numbers: [Int32] { map(\.rawValue) }
}
