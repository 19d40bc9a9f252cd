// A mistyped command: ArgumentParser suggests options only, and calls the rest of the line unexpected arguments.

import ArgumentParser

/// A first argument that names no command.
struct UnknownCommand: Equatable {
    let name: String
    /// The command it was meant to be, perhaps.
    let suggestion: String?

    /// Most letters that may differ from a suggestion.
    private static let maximumDistance = 2

    /// Looks at the first argument.
    /// - Returns: nil when it is missing, an option or the name of a command of `root`.
    init?(in arguments: [String], of root: any ParsableCommand.Type) {
        let names = root.configuration.subcommands.compactMap { $0.configuration.commandName } + ["help"]
        guard let first = arguments.first, !first.hasPrefix("-"), !names.contains(first) else { return nil }
        name = first
        let nearest = names.map { (name: $0, distance: Self.distance(first, $0)) }.min { $0.distance < $1.distance }
        suggestion = nearest.flatMap { $0.distance <= Self.maximumDistance ? $0.name : nil }
    }

    /// The sentence for people.
    var message: String {
        "Unknown command '\(name)'." + (suggestion.map { " Did you mean '\($0)'?" } ?? "")
            + "\n  See 'aisle --help' for the commands."
    }

    /// Letters to insert, delete or replace to turn one word into the other (Levenshtein).
    private static func distance(_ left: String, _ right: String) -> Int {
        var row = Array(0...right.count)
        for (index, letter) in left.enumerated() {
            let previous = row
            row[0] = index + 1
            for (column, other) in right.enumerated() {
                row[column + 1] = min(
                    previous[column] + (letter == other ? 0 : 1), previous[column + 1] + 1, row[column] + 1)
            }
        }
        return row[right.count]
    }
}
