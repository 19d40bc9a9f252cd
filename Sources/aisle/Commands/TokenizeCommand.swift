import ArgumentParser
import Encoder
import Engine
import Foundation
import Tokenization

/// `aisle tokenize`: texts to token ids.
struct TokenizeCommand: ResultCommand {
    static let configuration = CommandConfiguration(
        commandName: "tokenize", abstract: "Print the token ids of texts, one {\"ids\": […]} a line.",
        discussion: "Special tokens are included and nothing is cut off, however long the text is.")

    @Argument(
        help: ArgumentHelp(
            "One {\"text\": …} a line; title and sentence are accepted; - is standard input.", valueName: "file.jsonl"))
    var file: String

    @OptionGroup var model: ModelOption

    func run(_ output: StandardOutput) async throws {
        let directory = try model.directory()
        let lowercases = try ModelConfiguration(modelDirectory: directory).lowercases
        let tokenizer = try WordPieceTokenizer(modelDirectory: directory, lowercases: lowercases)
        let reader = try TextLineReader(path: file)
        while let text = try reader.next() {
            let ids = tokenizer.encode(text)
            try output.write { Self.append(ids, to: &$0) }
            // A program at the other end of two pipes waits for this line before it writes the next.
            if !reader.hasLineInMemory { try output.flush() }
        }
    }

    /// Appends one line; JSONEncoder would take longer than the tokenizer.
    static func append(_ ids: [TokenID], to bytes: inout [UInt8]) {
        bytes.append(contentsOf: "{\"ids\": [".utf8)
        for (index, id) in ids.enumerated() {
            if index > 0 { bytes.append(contentsOf: ", ".utf8) }
            bytes.append(contentsOf: String(id.rawValue).utf8)
        }
        bytes.append(contentsOf: "]}\n".utf8)
    }
}
