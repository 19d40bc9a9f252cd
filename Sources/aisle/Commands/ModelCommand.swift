import ArgumentParser

/// `aisle model`: fetching models and looking at them.
struct ModelCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "model", abstract: "Fetch sentence encoders and look at them.",
        subcommands: [ModelPullCommand.self, ModelInfoCommand.self])
}
