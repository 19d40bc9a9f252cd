import ArgumentParser
import Encoder
import Engine
import Foundation

/// `aisle model info`: what a model is.
struct ModelInfoCommand: ResultCommand {
    static let configuration = CommandConfiguration(commandName: "info", abstract: "Describe a model.")

    @Argument(help: ArgumentHelp("A name in the store, or a model directory.", valueName: "name|dir"))
    var model: String

    @Flag(help: "Print one JSON object.")
    var json = false

    func run(_ output: StandardOutput) async throws {
        let directory = try ModelStore().resolve(model)
        let description = try ModelDescription(directory: directory)
        if json {
            try output.json(description)
        } else {
            for line in description.lines { try output.line(line) }
        }
    }
}
