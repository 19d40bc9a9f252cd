// What stops a training, in sentences.

public import Foundation

/// A training that cannot go on, with what was expected, what was found and what to do next.
public enum TrainingError: Error, Equatable, Sendable {
    /// There is nothing to train on.
    case noExamples(source: String, reason: String)
    /// A setting that cannot be used.
    case invalidOption(name: String, expected: String, found: String)
    /// The loss or its gradient is no number any more.
    case notFinite(what: String, step: Int, texts: [String])
    /// A checkpoint that belongs to another run.
    case otherRun(checkpoint: String, what: String, expected: String, found: String)
    /// A checkpoint that cannot be read.
    case damagedCheckpoint(path: String, reason: String)
    /// A file or directory that could not be written; `reason` is the system's.
    case writeFailed(path: String, reason: String)
}

extension TrainingError: CustomStringConvertible, LocalizedError {
    /// What was expected, what was found and what to do next.
    public var description: String {
        switch self {
        case .noExamples(let source, let reason):
            "\(source) gives nothing to train on: \(reason)"
        case .invalidOption(let name, let expected, let found):
            "\(name): expected \(expected), found \(found)."
        case .notFinite(let what, let step, let texts):
            "\(what) was no finite number at step \(step); the weights are those of the step before. The batch began with: "
                + texts.prefix(3).map { "“\($0.prefix(80))”" }.joined(separator: ", ")
                + ". A smaller --learning-rate is the usual cure."
        case .otherRun(let checkpoint, let what, let expected, let found):
            "\(checkpoint) belongs to another run: its \(what) is \(expected), this run's is \(found). Give the same arguments and data, or "
                + "start anew without --resume."
        case .damagedCheckpoint(let path, let reason):
            "\(path) cannot be used: \(reason). Resume from an older checkpoint, or start anew without --resume."
        case .writeFailed(let path, let reason):
            "\(path): cannot be written (\(reason)); make room or choose another place."
        }
    }

    /// The same text, for `localizedDescription`.
    public var errorDescription: String? { description }
}
