// A mistyped command or option: ArgumentParser would tell of a missing or an unexpected argument and never name the slip.

import ArgumentParser

/// A word of the command line that names nothing.
struct UsageMistake: Equatable {
    /// What the word should have been.
    enum Kind: String, Equatable {
        case command, option
    }

    let kind: Kind
    /// The word as it was typed.
    let name: String
    /// What it was meant to be, perhaps.
    let suggestion: String?
    /// The words that lead to the command whose help says what there is.
    let path: [String]

    /// Most letters that may differ from a suggestion.
    private static let maximumDistance = 2

    /// Looks for the first slip.
    /// - Parameters:
    ///   - arguments: the command line without the program's name.
    ///   - root: the program's command.
    /// - Returns: the slip, with what was meant if a known word is near; nil when every command and option is known.
    static func first(in arguments: [String], of root: any ParsableCommand.Type) -> UsageMistake? {
        var command = root
        var path = ["aisle"]
        var rest = arguments[...]
        while !command.configuration.subcommands.isEmpty, let first = rest.first, !first.hasPrefix("-") {
            let subcommands = command.configuration.subcommands
            guard let next = subcommands.first(where: { $0.configuration.commandName == first }) else {
                if first == "help" { return nil }
                let names = subcommands.compactMap { $0.configuration.commandName } + ["help"]
                return UsageMistake(.command, first, among: names, path: path)
            }
            command = next
            path.append(first)
            rest = rest.dropFirst()
        }
        // Options without a command are those of the command that is meant then.
        if let standard = command.configuration.defaultSubcommand {
            command = standard
            path.append(standard.configuration.commandName ?? "")
        }
        let options = options(of: command, in: root)
        for word in rest.prefix(while: { $0 != "--" }) where looksLikeOption(word) {
            let name = String(word.prefix { $0 != "=" })
            guard !options.contains(name) else { continue }
            return UsageMistake(.option, name, among: options, path: path)
        }
        return nil
    }

    private init(_ kind: Kind, _ name: String, among names: [String], path: [String]) {
        self.kind = kind
        self.name = name
        self.path = path
        let nearest = names.map { (name: $0, distance: Self.distance(name, $0)) }.min { $0.distance < $1.distance }
        suggestion = nearest.flatMap { $0.distance <= min(Self.maximumDistance, name.count - 2) ? $0.name : nil }
    }

    /// The sentences for people.
    var message: String {
        "Unknown \(kind.rawValue) '\(name)'." + (suggestion.map { " Did you mean '\($0)'?" } ?? "")
            + "\n  See '\(path.joined(separator: " ")) --help'."
    }

    /// Whether a word is an option rather than a value: "-5" is a number, "-" standard input.
    private static func looksLikeOption(_ word: String) -> Bool {
        guard word.hasPrefix("-"), let second = word.dropFirst().first else { return false }
        return !second.isNumber && !word.contains(" ")
    }

    /// The options that a command's help lists.
    private static func options(of command: any ParsableCommand.Type, in root: any ParsableCommand.Type) -> [String] {
        let help = root.helpMessage(for: command, columns: 10_000)
        return help.split { !($0.isLetter || $0.isNumber || $0 == "-") }.map(String.init).filter { $0.hasPrefix("-") }
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
