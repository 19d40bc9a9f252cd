import ArgumentParser
import Encoder
import Engine
import Foundation
import Tensors

/// `aisle similarity`: texts compared with each other.
struct SimilarityCommand: ResultCommand {
    static let configuration = CommandConfiguration(
        commandName: "similarity", abstract: "Compare texts with each other.",
        discussion: "Prints one row a text; larger is nearer in every function, distances are negated.")

    @Argument(help: "Two texts or more.")
    var text: [String]

    @OptionGroup var model: ModelOption

    @OptionGroup var computation: PrecisionOption

    @Option(help: "How two embeddings are compared.")
    var function = SimilarityFunction.cosine

    @Flag(help: "Print one JSON object.")
    var json = false

    func validate() throws {
        guard text.count >= 2 else {
            throw ValidationError("Expected at least two texts to compare, found \(text.count).")
        }
    }

    func run(_ output: StandardOutput) async throws {
        let encoder = try SentenceEncoder(
            modelDirectory: model.directory(), precision: computation.precision ?? .standard)
        let embeddings = try encoder.encode(text)
        let rows = text.indices.map { row in
            // Adding zero turns the -0 of a negated distance into 0.
            text.indices.map { function(embeddings[row], embeddings[$0]) + 0 }
        }
        if json {
            try output.json(SimilarityJSON(function: function.rawValue, texts: text, similarities: rows))
            return
        }
        let terminal = Terminal.output
        for line in Self.table(texts: text, rows: rows).lines(width: terminal.isInteractive ? terminal.width : nil) {
            try output.line(line)
        }
    }

    /// The matrix with its texts: numbered columns, one row a text.
    static func table(texts: [String], rows: [[Float]]) -> TextTable {
        let numbers = texts.indices.map {
            TextTable.Column(header: "\($0 + 1)", isRightAligned: true, isCuttable: false)
        }
        var table = TextTable(
            columns: [.init(header: "", isRightAligned: true, isCuttable: false)] + numbers + [.init(header: "text")])
        for (index, row) in rows.enumerated() {
            table.append(["\(index + 1)"] + row.map { Double($0).fixed(4) } + [texts[index]])
        }
        return table
    }
}

private struct SimilarityJSON: Encodable {
    let function: String
    let texts: [String]
    let similarities: [[Float]]
}
