// What an ingest would bring and take, in a few lines.

import Engine

/// The estimate of an ingest for people.
struct EstimateReport {
    let estimate: IngestEstimate
    let threads: Int

    /// Writes the estimate to standard output, rejected rows to standard error.
    func write(to output: StandardOutput) throws {
        for line in lines { try output.line(line) }
        try output.flush()
        guard estimate.rejected > 0 else { return }
        Log.line("\(estimate.rejected.of("row")) would be rejected:")
        for row in estimate.rejections { Log.line("  \(row.feed), line \(row.line): \(row.reason)") }
        if estimate.rejected > estimate.rejections.count {
            Log.line("  and \((estimate.rejected - estimate.rejections.count).grouped) more")
        }
    }

    /// The lines for standard output.
    var lines: [String] {
        [
            "dry run, nothing was written: \(estimate.rows.of("row"))",
            "  products: \(estimate.added.grouped) new, \(estimate.changed.grouped) changed, "
                + "\(estimate.unchanged.grouped) unchanged, \(estimate.rejected.grouped) rejected",
            "  texts to embed: \(estimate.textsToEmbed.grouped), some \(estimate.tokens.grouped) tokens",
            "  time: about \(estimate.seconds.duration) (embedding \(estimate.embeddingSeconds.duration), "
                + "graph \(estimate.linkingSeconds.duration), rows \(estimate.readingSeconds.duration))",
            "  disk: about \(estimate.diskBytes.byteSize) more; "
                + "memory: about \(estimate.memoryBytes.byteSize)",
            "  assumed: \(threads.of("thread")) to itself, "
                + (estimate.sampleTexts == 0
                    ? "nothing to embed"
                    : "\(estimate.textsPerSecond.rate) texts/s as measured on \(estimate.sampleTexts.grouped) of them now")
                + ", graph and rows at the rates of a Zen 4 core",
        ]
    }
}
