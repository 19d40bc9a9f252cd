import ArgumentParser
import Engine
import Foundation

/// `aisle model pull`: a model into the store.
struct ModelPullCommand: ResultCommand {
    static let configuration = CommandConfiguration(
        commandName: "pull", abstract: "Fetch a sentence-transformers model into the store.",
        discussion: """
            The store is $AISLE_HOME/models (default ~/.cache/aisle/models). HF_ENDPOINT, HF_TOKEN and HF_HUB_OFFLINE mean what they \
            mean to the Hugging Face hub's own client.
            """)

    @Argument(help: "The model's name on the hub.")
    var name = ModelOption.defaultName

    @Option(
        help: ArgumentHelp("Copy from a model directory, or from a wheel or zip that holds one.", valueName: "path"))
    var from: String?

    func run(_ output: StandardOutput) async throws {
        let reporter = ProgressReporter(quietBelow: 1)
        let (name, source) = (name, from)
        let pull = Task {
            try await ModelStore().pull(name, from: source) { reporter.update(ProgressState($0)) }
        }
        // A pull stops as tasks do, by cancellation; the signal is looked for from beside it.
        let watch = Task {
            while !Task.isCancelled, !Interrupts.isRequested { try await Task.sleep(for: .milliseconds(50)) }
            if Interrupts.isRequested { pull.cancel() }
        }
        defer { watch.cancel() }
        let pulled: PulledModel
        do {
            pulled = try await Interrupts.stoppable { try await pull.value }
        } catch {
            reporter.abandon()
            guard Interrupts.isRequested else { throw error }
            Log.line(AisleCommand.message(for: error))
            throw ExitStatus.interrupted
        }
        reporter.finish()
        try output.line("\(pulled)")
    }
}

extension ProgressState {
    /// What the bar shows at a moment of a pull.
    fileprivate init(_ moment: PullProgress) {
        switch moment.phase {
        case .downloading, .copying:
            let total = moment.expectedBytes.flatMap { $0 > 0 ? Double($0) : nil }
            self.init(
                label: moment.file, completed: Int(moment.receivedBytes), unit: .bytes,
                fraction: total.map { min(1, Double(moment.receivedBytes) / $0) })
        case .checking:
            self.init(label: "checking the model", unit: .nothing)
        case .waiting(let holder):
            self.init(label: "waiting for another pull" + (holder.map { " (process \($0))" } ?? ""), unit: .nothing)
        }
    }
}
