// What is known of the places text goes to: whether a person watches, how wide the screen is, whether colours are welcome.

import Foundation

/// One of the two output streams as a place where text is shown.
struct Terminal: Sendable {
    /// Whether a person sees the text, rather than a file, a pipe or a dumb terminal.
    let isInteractive: Bool
    /// Whether colours may be used: only on a terminal, and never where `NO_COLOR` is set (no-color.org).
    let usesColor: Bool
    /// Cells in a line.
    let width: Int

    /// Looks at a file descriptor.
    init(descriptor: Int32, environment: [String: String] = ProcessInfo.processInfo.environment) {
        let isDumb = environment["TERM"].map { $0.isEmpty || $0 == "dumb" } ?? true
        isInteractive = isatty(descriptor) == 1 && !isDumb
        usesColor = isInteractive && (environment["NO_COLOR"] ?? "").isEmpty
        width = Self.width(of: descriptor, environment: environment)
    }

    /// Standard output.
    static var output: Terminal { Terminal(descriptor: STDOUT_FILENO) }

    /// Standard error.
    static var error: Terminal { Terminal(descriptor: STDERR_FILENO) }

    /// `COLUMNS` where it is set, otherwise what the terminal says, otherwise 80.
    static func width(of descriptor: Int32, environment: [String: String]) -> Int {
        if let columns = environment["COLUMNS"].flatMap(Int.init), columns > 0 { return columns }
        var size = winsize()
        let answer = ioctl(descriptor, UInt(TIOCGWINSZ), &size)
        return answer == 0 && size.ws_col > 0 ? Int(size.ws_col) : 80
    }
}

/// Emphasis for people, as the escape sequences of ECMA-48.
enum Style: String {
    case bold = "1"
    case red = "31"
    case yellow = "33"

    /// The text in this style where colours may be used, as it is elsewhere.
    func callAsFunction(_ text: String, on terminal: Terminal) -> String {
        terminal.usesColor ? "\u{1B}[\(rawValue)m\(text)\u{1B}[0m" : text
    }
}

/// Lines for people beside the results: warnings, errors and what became of a step.
enum Log {
    /// Writes one line to standard error.
    static func line(_ text: String) {
        FileHandle.standardError.writeIgnoringErrors(text + "\n")
    }

    /// Writes a warning to standard error.
    static func warning(_ text: String) {
        line(Style.yellow("warning:", on: .error) + " " + text)
    }

    /// Writes an error to standard error.
    static func error(_ text: String) {
        line(Style.red("error:", on: .error) + " " + text)
    }
}

extension FileHandle {
    /// Writes text; where nobody reads any more there is nobody to tell.
    func writeIgnoringErrors(_ text: String) {
        try? write(contentsOf: Data(text.utf8))
    }
}
