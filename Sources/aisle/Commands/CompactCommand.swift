import ArgumentParser
import Engine
import Foundation
import Synchronization

/// `aisle compact`: an index without what nobody finds any more.
struct CompactCommand: ResultCommand {
    static let configuration = CommandConfiguration(
        commandName: "compact",
        abstract: "Make an index smaller: leave out texts without a product, and give free pages back.",
        discussion: """
            Products that changed or went leave their vectors behind. The vectors that still have a product are copied, without \
            embedding, into a new generation of the same model with a graph of its own; the switch is one transaction, and servers \
            follow. Products can be ingested meanwhile. The generation before is removed, since it holds the same products; those of \
            other models are kept. Then SQLite writes the file anew, which takes free space for the smaller file twice; it is looked \
            at before anything is written. Ctrl-C or a kill before the switch leaves the index as it was; after it, the same command does \
            what is left.
            """)

    @OptionGroup var index: IndexOption

    @Flag(help: "Leave free pages in the file, for later ingests; needs less space on the disk.")
    var keepSize = false

    func run(_ output: StandardOutput) async throws {
        var options = Compaction.Options()
        options.keepsSize = keepSize
        let hasSwitched = Mutex(false)
        let summary = try GenerationWork.run(stopped: Self.notice(hasSwitched: hasSwitched.withLock { $0 })) {
            progress in
            try Compaction.run(index.directory, options) { moment in
                if moment.hasSwitched { hasSwitched.withLock { $0 = true } }
                try progress(moment)
            }
        }
        try output.line("\(index.index): \(summary.text)")
    }

    private static func notice(hasSwitched: Bool) -> String {
        hasSwitched
            ? "stopped; the smaller generation answers, and the same command does what is left: it gives back the room of the old one"
            : "stopped; the index answers as it did"
    }
}

extension CompactionSummary {
    /// What it came to, in a line.
    var text: String {
        let bytes = "\(bytesBefore.byteSize) → \(bytesAfter.byteSize)"
        let later = isShortenedLater ? " once the readers that are open have closed" : ""
        guard generation != before else {
            return "nothing to leave out of the vectors, \(bytes)\(later) in \(seconds.duration)"
        }
        return "\(textsBefore.grouped) → \(textsAfter.of("text")), \(bytes)\(later) in \(seconds.duration); "
            + "generation \(generation) answers now, \(before) is gone: it held the same products"
    }
}
