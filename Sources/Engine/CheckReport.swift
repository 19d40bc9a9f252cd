// What a check of an index found.

/// One thing that a check looked at.
public struct CheckFinding: Sendable, Equatable {
    /// How bad it is.
    public enum Severity: String, Sendable {
        /// As it should be.
        case ok
        /// The index gives wrong answers, or would.
        case error
    }

    /// How bad it is.
    public let severity: Severity
    /// What was looked at.
    public let title: String
    /// What was found, with figures.
    public let detail: String
}

/// The findings of a check, in the order in which they were made.
public struct CheckReport: Sendable, Equatable {
    /// Everything that was looked at.
    public internal(set) var findings: [CheckFinding] = []

    /// Whether nothing is wrong.
    public var passed: Bool { !findings.contains { $0.severity == .error } }

    mutating func add(_ severity: CheckFinding.Severity, _ title: String, _ detail: String) {
        findings.append(CheckFinding(severity: severity, title: title, detail: detail))
    }
}
