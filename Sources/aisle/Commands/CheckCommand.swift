import ArgumentParser
import Engine
import Foundation

/// `aisle check`: whether an index is whole, and what can be done if it is not.
struct CheckCommand: ResultCommand {
    static let configuration = CommandConfiguration(
        commandName: "check", abstract: "Examine an index: file, rows, vectors, graph, model, recall.",
        discussion: """
            Prints what was looked at, and passed or failed; the exit status is 1 when it failed. With --repair, what is damaged is \
            built again from what it derives from: filter values and nodes from the rows, vectors from the texts, the graph from the \
            vectors, the model from the model store. Then the index is checked again.
            """)

    @OptionGroup var index: IndexOption

    @Flag(help: "Build again what is damaged and derives from something sound.")
    var repair = false

    @Flag(help: "Print one JSON object.")
    var json = false

    func run(_ output: StandardOutput) async throws {
        let report: CheckReport
        if repair {
            let done = try work(stopped: "stopped; the same command goes on from there") { progress in
                try IndexRepair.run(indexDirectory: index.directory, progress: progress)
            }
            try write(done, to: output)
            report = done.after
        } else {
            report = try work(stopped: "stopped; a check changes nothing") { progress in
                try IndexCheck.run(indexDirectory: index.directory, progress: progress)
            }
            if json { try output.json(CheckJSON(report, repaired: nil)) } else { try write(report, to: output) }
        }
        if !report.passed { throw ExitStatus.failed }
    }

    /// Shows progress, and ends with the notice when it is stopped.
    private func work<Result>(
        stopped notice: String, _ step: (@escaping @Sendable (String, Double) throws -> Void) throws -> Result
    ) throws -> Result {
        let reporter = ProgressReporter(quietBelow: 2)
        do {
            let result = try Interrupts.stoppable {
                try step { label, share in
                    try Interrupts.throwIfRequested()
                    reporter.update(ProgressState(label: label, unit: .nothing, fraction: share))
                }
            }
            reporter.finish()
            return result
        } catch is CancellationError {
            reporter.abandon()
            Log.line(notice)
            throw ExitStatus.interrupted
        } catch {
            reporter.abandon()
            throw error
        }
    }

    private func write(_ repair: RepairReport, to output: StandardOutput) throws {
        if json {
            try output.json(CheckJSON(repair.after, repaired: !repair.repairs.isEmpty))
        } else {
            if !repair.repairs.isEmpty {
                for finding in repair.before.findings where finding.severity == .error {
                    try output.line("found     \(finding.title)  \(finding.detail)")
                }
                for step in repair.repairs { try output.line("repaired  \(step)") }
            }
            try write(repair.after, to: output)
        }
        if let remedy = repair.remedy {
            try output.flush()
            Log.line(remedy)
        }
    }

    private func write(_ report: CheckReport, to output: StandardOutput) throws {
        let width = report.findings.map(\.title.cellWidth).max() ?? 0
        for finding in report.findings {
            let padding = String(repeating: " ", count: width - finding.title.cellWidth)
            try output.line("\(Self.mark(finding.severity))  \(finding.title)\(padding)  \(finding.detail)")
        }
        let verdict = report.passed ? "passed" : "failed"
        try output.line(report.passed ? verdict : Style.red(verdict, on: .output))
    }

    private static func mark(_ severity: CheckFinding.Severity) -> String {
        switch severity {
        case .ok: "ok     "
        case .error: Style.red("error  ", on: .output)
        }
    }
}

private struct CheckJSON: Encodable {
    struct Finding: Encodable {
        let severity, title, detail: String
    }

    let passed: Bool
    let findings: [Finding]
    /// Whether anything was built again; absent without --repair.
    let repaired: Bool?

    init(_ report: CheckReport, repaired: Bool?) {
        passed = report.passed
        findings = report.findings.map {
            Finding(severity: $0.severity.rawValue, title: $0.title, detail: $0.detail)
        }
        self.repaired = repaired
    }
}
