// What an ingest brought, in a few lines.

import Engine
import Foundation

/// The summary of one feed's ingest for people.
struct IngestReport {
    let summary: IngestSummary
    /// The index as the user named it.
    let index: String
    let indexDirectory: URL

    /// Reasons for rejections that are listed.
    private static let reasonsShown = 10

    /// Writes the summary to standard output; warnings and rejections to standard error.
    func write(to output: StandardOutput) throws {
        for line in lines { try output.line(line) }
        try output.flush()
        summary.warnings.forEach(Log.warning)
        rejectionLines.forEach(Log.line)
        if let problem = summary.rejectedRowsProblem {
            Log.warning("the rejected rows could not be written down, only counted: \(problem)")
        }
        if summary.interrupted {
            Log.line(
                summary.productCount == 0
                    ? "stopped before anything was committed"
                    : "stopped; what is committed stays, and the same command goes on from there")
        }
    }

    /// The lines for standard output.
    var lines: [String] {
        let state =
            "\(index): \(summary.productCount.of("product")), \(summary.nodeCount.of("distinct text")), \(size)"
        // Rows are counted when they are read, and the last batch of an interrupted feed was not committed.
        if summary.interrupted { return [state] }
        let speed = summary.seconds > 0 ? Double(summary.embeddedTexts) / summary.seconds : 0
        let reused = summary.reusedTexts > 0 ? ", \(summary.reusedTexts.grouped) had a vector already" : ""
        return [
            "\(summary.feed): \(summary.rows.of("row")) in \(summary.seconds.duration)",
            "  products: \(summary.added.grouped) new, \(summary.changed.grouped) changed, \(summary.unchanged.grouped) unchanged, "
                + "\(summary.rejected.grouped) rejected",
            "  texts: \(summary.embeddedTexts.grouped) embedded"
                + (summary.embeddedTexts > 0 ? " (\(speed.rate) docs/s)" : "") + reused,
            "  " + state,
        ]
    }

    /// The lines about rejected rows: how many for which reason, and where they are.
    var rejectionLines: [String] {
        guard summary.rejected > 0 else { return [] }
        let reasons = summary.rejectedByReason.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
        var lines = ["rejected \(summary.rejected.of("row")):"]
        lines += reasons.prefix(Self.reasonsShown).map { "  \($0.value.grouped)  \($0.key)" }
        if reasons.count > Self.reasonsShown {
            let rest = reasons.dropFirst(Self.reasonsShown).reduce(0) { $0 + $1.value }
            lines.append("  \(rest.grouped)  for other reasons")
        }
        if let path = summary.rejectedRowsPath, summary.rejectedRowsProblem == nil {
            lines.append("  each with its line and reason in \(path)")
        }
        return lines
    }

    /// Bytes of the database and of the model beside it.
    private var size: String {
        let keys: Set<URLResourceKey> = [.fileSizeKey, .isRegularFileKey]
        let files = FileManager.default.enumerator(
            at: indexDirectory.appending(path: "models"), includingPropertiesForKeys: Array(keys))
        var bytes = summary.databaseBytes
        while let file = files?.nextObject() as? URL {
            let values = try? file.resourceValues(forKeys: keys)
            if values?.isRegularFile == true { bytes += values?.fileSize ?? 0 }
        }
        return "\(bytes.byteSize) on disk, the model included"
    }
}
