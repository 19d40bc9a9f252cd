// A step's progress as one line of text: a pure function of the state and the width, so that it can be tested.
//
// The bar is ASCII on purpose: the block characters of Unicode are of ambiguous width and take two cells on a Korean terminal.

import Engine
import Foundation

/// How far a long step has come.
struct ProgressState: Equatable, Sendable {
    /// What is counted.
    enum Unit: Equatable, Sendable {
        /// Bytes, shown in decimal units.
        case bytes
        /// Things, by their plural.
        case items(String)
        /// Nothing; at most the share that is done is known.
        case nothing
    }

    /// What is being done.
    var label: String
    /// How much of it is done, in `unit`.
    var completed = 0
    /// What `completed` counts.
    var unit = Unit.items("rows")
    /// The share that is done, 0...1; nil if nobody knows how much there is.
    var fraction: Double?
}

/// Draws a step's progress.
struct ProgressLine {
    /// How far the step has come.
    let state: ProgressState
    /// Units a second; nil until it can be told.
    var rate: Double?
    /// Seconds until the end; nil if it cannot be told.
    var secondsLeft: Double?

    private static let shortestBar = 10
    private static let longestBar = 40

    /// The line for a terminal, at most `width` cells; what matters least goes first where it is narrow.
    func bar(width: Int) -> String {
        let parts = parts
        let bare = ([state.label] + parts).joined(separator: "  ")
        guard let fraction = state.fraction else { return bare.cut(toCells: width) }
        let room = width - bare.cellWidth - 4
        guard room >= Self.shortestBar else { return bare.cut(toCells: width) }
        let length = min(room, Self.longestBar)
        let filled = Int((min(max(fraction, 0), 1) * Double(length)).rounded(.down))
        let head = filled > 0 && filled < length ? ">" : ""
        let body = String(repeating: "=", count: filled - head.count) + head
        let rest = String(repeating: " ", count: length - filled)
        return ([state.label, "[\(body)\(rest)]"] + parts).joined(separator: "  ")
    }

    /// The line for a log file.
    var plain: String {
        let details = parts.map { $0.trimmingCharacters(in: .whitespaces) }
        return details.isEmpty ? state.label : "\(state.label): " + details.joined(separator: ", ")
    }

    /// The line at the end of the step.
    func summary(seconds: Double) -> String {
        var line = state.label + ": "
        if let amount { line += amount + " in " }
        line += seconds.duration
        if seconds > 0, state.completed > 0, let rate = perSecond(Double(state.completed) / seconds) {
            line += ", " + rate
        }
        return line
    }

    private var parts: [String] {
        var parts: [String] = []
        if let fraction = state.fraction {
            // Rounded down: 100 % only when it is done.
            let percent = "\(Int((min(max(fraction, 0), 1) * 100).rounded(.down)))%"
            parts.append(String(repeating: " ", count: 4 - percent.count) + percent)
        }
        if let amount { parts.append(amount) }
        if let rate, rate > 0, let speed = perSecond(rate) { parts.append(speed) }
        if let secondsLeft { parts.append("\(secondsLeft.duration) left") }
        return parts
    }

    private var amount: String? {
        switch state.unit {
        case .bytes: state.completed.byteSize
        case .items(let noun): "\(state.completed.grouped) \(noun)"
        case .nothing: nil
        }
    }

    private func perSecond(_ rate: Double) -> String? {
        switch state.unit {
        case .bytes: Int(min(rate, 1e15)).byteSize + "/s"
        case .items: rate.rate + "/s"
        case .nothing: nil
        }
    }
}
