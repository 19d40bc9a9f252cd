import ArgumentParser
import Engine
import Foundation
import Tensors

/// `aisle rebuild`: an index built anew with another model, beside the one that answers.
struct RebuildCommand: ResultCommand {
    static let configuration = CommandConfiguration(
        commandName: "rebuild",
        abstract: "Build an index with another model, or in another precision, and switch to it in one step.",
        discussion: """
            Every product is embedded by the model and linked into a graph of its own, beside the generation that answers. Products can be \
            ingested meanwhile and are in both. The switch is one transaction; the generation before it is kept, and \
            `aisle generations rollback` goes back to it. Ctrl-C or a kill keeps what is committed; the same command goes on from there.
            """)

    @OptionGroup var index: IndexOption

    @Option(help: ArgumentHelp("The model: a name or a directory, as `aisle tune` writes it.", valueName: "name|dir"))
    var model: String

    @OptionGroup var computation: PrecisionOption

    @Flag(help: "Build with a model that its tuning called worse.")
    var force = false

    func run(_ output: StandardOutput) async throws {
        let directory = try ModelStore().resolve(model)
        var options = Generations.RebuildOptions(modelDirectory: directory, modelName: directory.lastPathComponent)
        options.force = force
        options.precision = computation.precision
        let summary = try GenerationWork.run { progress in
            try Generations.rebuild(index.directory, options, progress: progress)
        }
        try output.line(summary.text(index: index.index))
    }
}

/// Shows the progress of work on a generation, and stops it on Ctrl-C.
enum GenerationWork {
    /// - Throws: what the work throws; `ExitStatus.interrupted` when it was stopped.
    static func run<Summary>(
        stopped notice: @autoclosure () -> String = "stopped; the same command goes on from there",
        _ work: (@escaping @Sendable (RebuildProgress) throws -> Void) throws -> Summary
    ) throws -> Summary {
        let reporter = ProgressReporter(quietBelow: 1)
        do {
            let summary = try Interrupts.stoppable {
                try work { moment in
                    reporter.update(ProgressState(moment))
                    try Interrupts.throwIfRequested()
                }
            }
            reporter.finish()
            return summary
        } catch {
            reporter.abandon()
            guard Interrupts.isRequested else { throw error }
            Log.line(notice())
            throw ExitStatus.interrupted
        }
    }
}

extension ProgressState {
    /// How far a rebuild is.
    init(_ moment: RebuildProgress) {
        let share = moment.total == 0 ? nil : Double(moment.done) / Double(moment.total)
        switch moment.stage {
        case .embedding:
            self.init(label: "embedding products", completed: moment.done, unit: .items("products"), fraction: share)
        case .copying:
            self.init(label: "copying vectors", completed: moment.done, unit: .items("texts"), fraction: share)
        case .dropping: self.init(label: "removing the old vectors", unit: .nothing)
        case .shrinking: self.init(label: "giving free pages back", unit: .nothing)
        case .linking:
            self.init(label: "linking", completed: moment.done, unit: .items("texts"), fraction: share)
        case .waiting(let holder):
            self.init(label: "waiting for the writer\(holder.map { " (process \($0))" } ?? "")", unit: .nothing)
        }
    }
}

extension RebuildSummary {
    /// What it came to, in a line.
    func text(index: String) -> String {
        let work = "\(productCount.of("product")), \(embeddedTexts.grouped) of \(textCount.of("text")) embedded"
        let model = "\(modelName), \(precision.rawValue)"
        guard generation != before else {
            return "\(index): generation \(generation) (\(model)) answers already: \(work)"
        }
        return
            "\(index): generation \(generation) (\(model)) answers now, generation \(before) is kept: \(work) in "
            + seconds.duration
    }
}
