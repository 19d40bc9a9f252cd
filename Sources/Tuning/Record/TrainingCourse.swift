internal import Evaluation
internal import Foundation
internal import Training

/// What happened while it trained.
struct TrainingCourse {
    /// How far it came.
    var state = TrainingState()
    /// Rows before this process began.
    var firstRow = 0
    /// Of training alone.
    var seconds = 0.0
    /// The steps, those before a stop too.
    private(set) var lines: [Line] = []

    /// A line of `training.jsonl`.
    struct Line: Codable {
        let step: Int
        let epoch, loss, gradientNorm, learningRate: Double
    }

    /// Takes a step.
    mutating func note(_ moment: TrainingMoment) throws {
        let line = Line(
            step: moment.step, epoch: moment.epoch, loss: moment.loss, gradientNorm: moment.gradientNorm,
            learningRate: moment.learningRate)
        lines.append(line)
        if let journal { try journal.write(contentsOf: Self.encoded([line])) }
    }

    /// Keeps a journal beside the checkpoints, so that a run that goes on has the lines of the steps before.
    /// - Parameters:
    ///   - directory: of the checkpoints.
    ///   - step: the run goes on behind it; lines of later steps are written again.
    /// - Throws: what the file system says.
    mutating func keepJournal(in directory: URL, behind step: Int) throws {
        let url = directory.appending(path: "training.jsonl")
        if step > 0, let data = try? Data(contentsOf: url) {
            let decoder = JSONDecoder()
            lines = data.split(separator: UInt8(ascii: "\n")).compactMap { try? decoder.decode(Line.self, from: $0) }
                .filter { $0.step <= step }
        }
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        try Self.encoded(lines).write(to: url)
        let journal = try FileHandle(forWritingTo: url)
        try journal.seekToEnd()
        self.journal = journal
    }

    private var journal: FileHandle?

    /// `training.jsonl`.
    func log() throws -> Data { try Self.encoded(lines) }

    private static func encoded(_ lines: [Line]) throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        return try lines.reduce(into: Data()) { $0 += try encoder.encode($1) + Data("\n".utf8) }
    }

    /// Rows a second.
    var rate: Double { Double(state.rows - firstRow) / max(seconds, 1e-9) }

    /// For the report.
    var curve: TuningReport.Training {
        TuningReport.Training(
            losses: lines.map { ($0.step, $0.loss) },
            evaluations: state.evaluations.map { ($0.step, $0.metric) }, meanLoss: state.trainingLoss,
            rowsPerSecond: rate)
    }
}
