import ArgumentParser
import Encoder
import Engine
import Foundation
import Tensors

/// `aisle embed`: texts to a NumPy array of vectors.
struct EmbedCommand: ResultCommand {
    static let configuration = CommandConfiguration(
        commandName: "embed", abstract: "Write the embeddings of texts to a NumPy array file.",
        discussion:
            "The array is float32 of shape (lines, dimension), whatever it was computed in; row i belongs to line i + 1."
    )

    @Argument(
        help: ArgumentHelp(
            "One {\"text\": …} a line; title and sentence are accepted; - is standard input.", valueName: "file.jsonl"))
    var file: String

    @OptionGroup var model: ModelOption

    @OptionGroup var computation: PrecisionOption

    @Option(help: ArgumentHelp("The array file to write.", valueName: "file.npy"))
    var output: String

    /// Texts encoded together: enough that batches of one length fill up, few enough to stay in memory.
    private static let chunkSize = 8_192

    func run(_ results: StandardOutput) async throws {
        let encoder = try SentenceEncoder(
            modelDirectory: model.directory(), precision: computation.precision ?? .standard)
        let reader = try TextLineReader(path: file, isCancelled: { Interrupts.isRequested })
        let writer = try NPYWriter(path: output, columns: encoder.dimension)
        let reporter = ProgressReporter()
        var longest = 0
        do {
            longest = try Interrupts.stoppable { try embed(reader, encoder, writer, reporter) }
        } catch {
            reporter.abandon()
            guard Interrupts.isRequested else { throw error }
            Log.line("stopped; \(output) was not written")
            throw ExitStatus.interrupted
        }
        reporter.finish()
        if longest > 0 {
            let limit = encoder.configuration.maximumLength
            Log.warning(
                "\(longest.grouped) of \(writer.rows.of("text")) reached the model's limit of \(limit) tokens; "
                    + "what is beyond it was cut off.")
        }
        try results.line("\(output): float32 (\(writer.rows), \(writer.columns))")
    }

    /// Embeds all lines, a chunk at a time.
    /// - Returns: how many texts are as long as the model reads, or longer.
    private func embed(
        _ reader: TextLineReader, _ encoder: SentenceEncoder, _ writer: NPYWriter, _ reporter: ProgressReporter
    ) throws -> Int {
        var longest = 0
        while true {
            let (rowsBefore, bytesBefore) = (writer.rows, reader.bytesRead)
            let texts = try reader.next(Self.chunkSize)
            guard !texts.isEmpty else { break }
            let (chunkBytes, byteCount, count) = (reader.bytesRead - bytesBefore, reader.byteCount, texts.count)
            let sequences = encoder.tokenize(texts)
            longest += sequences.count { $0.count == encoder.configuration.maximumLength }
            let embeddings = try encoder.encode(sequences: sequences) { finished in
                let bytes = Double(bytesBefore) + Double(chunkBytes) * Double(finished) / Double(count)
                reporter.update(
                    ProgressState(
                        label: "embedding", completed: rowsBefore + finished, unit: .items("texts"),
                        fraction: byteCount.map { min(1, bytes / Double(max($0, 1))) }))
                try Interrupts.throwIfRequested()
            }
            try writer.append(embeddings.values)
        }
        guard writer.rows > 0 else { throw TextFileError.empty(path: reader.name) }
        try writer.finish()
        return longest
    }
}
