// What an ingest is asked, what it tells while it runs and what it has done at the end.

public import Catalog
public import Foundation
internal import IndexStore
public import Tensors

/// How to read feeds and where to put them.
public struct IngestOptions: Sendable {
    /// Which columns stand for which fields.
    public var mapping = FieldMapping()
    /// The feed's format; nil: by its name, or by its first bytes.
    public var format: FeedFormat?
    /// Fields that are embedded.
    ///
    /// nil: the index's own, for a new one title, brand, category and description.
    public var template: TextTemplate?
    /// A sentence-transformers model directory.
    ///
    /// Needed for a new index; nil: the index's own.
    public var modelDirectory: URL?
    /// What the model's linear layers are computed in; nil: the index's own, for a new one ``Precision/standard``.
    public var precision: Precision?
    /// The name that the index records for the model; nil: the directory's.
    public var modelName: String?
    /// Feed rows that are embedded and committed together.
    public var batchSize = 512
    /// Asked while more of a feed is awaited from a pipe; once it is true, the ingest ends as if `progress` had thrown a
    /// `CancellationError`.
    public var isCancelled: @Sendable () -> Bool = { false }
    /// Threads that embed.
    public var threads = ProcessInfo.processInfo.activeProcessorCount

    /// The defaults.
    public init() {}
}

/// How far an ingest has come.
public struct IngestProgress: Sendable {
    /// What is being done.
    public enum Stage: Sendable {
        /// Rows are being read, embedded and committed.
        case embedding
        /// The graph is being completed and saved.
        case linking
    }

    /// What is being done.
    public var stage = Stage.embedding
    /// Rows of the feed that have been looked at, rejected ones included.
    public var rowsRead = 0
    /// Bytes of the feed that have been read.
    public var bytesRead = 0
    /// Bytes the feed has; nil for a pipe.
    public var byteCount: Int?
    /// Texts embedded so far, those not yet committed included.
    public var embedded = 0
    /// Texts whose node is in the graph, of all there are; while linking.
    public var linked = (done: 0, all: 0)
    /// Products that were not in the index.
    public var added = 0
    /// Products that were in it with other content.
    public var changed = 0
    /// Products that were in it just so.
    public var unchanged = 0
    /// Rows that could not be taken.
    public var rejected = 0
}

/// What one feed brought.
public struct IngestSummary: Sendable {
    /// The feed's name.
    public var feed = ""
    /// Rows of the feed, rejected ones included.
    public var rows = 0
    /// Products that were not in the index.
    public var added = 0
    /// Products that were in it with other content.
    public var changed = 0
    /// Products that were in it just so.
    public var unchanged = 0
    /// Rows that could not be taken.
    public var rejected = 0
    /// Rejected rows by kind of fault.
    public var rejectedByReason: [String: Int] = [:]
    /// Rows whose id had been in the feed before; the last one counts.
    public var repeatedIDs = 0
    /// Texts that had to be embedded.
    public var embeddedTexts = 0
    /// New or changed products whose text had a vector already.
    public var reusedTexts = 0
    /// Embedded texts of which the model sees little but [UNK].
    public var mostlyUnknownTexts = 0
    /// Embedded texts that reach the model's maximum length; what is beyond it was cut off.
    public var truncatedTexts = 0
    /// Tokens that a text may have.
    public var maximumLength = 0
    /// Where the rejected rows are; nil if there are none.
    public var rejectedRowsPath: String?
    /// Why rejected rows are counted but not all written down; nil if they are.
    public var rejectedRowsProblem: String?
    /// Whether it was stopped before the end; what was committed stays.
    public var interrupted = false
    /// Products in the index afterwards.
    public var productCount = 0
    /// Distinct texts in the index afterwards.
    public var nodeCount = 0
    /// Texts of those without a product, where so many are that a compaction pays; otherwise 0.
    public var orphanCount = 0
    /// Bytes of index.sqlite once SQLite's log is in it.
    public var databaseBytes = 0
    /// From the first row to the saved graph.
    public var seconds = 0.0

    /// Adds a batch that is committed.
    mutating func count(_ plan: BatchPlan) {
        added += plan.added
        changed += plan.changed
        unchanged += plan.unchanged
        embeddedTexts += plan.newTexts.count
        reusedTexts += plan.changes.count - plan.newTexts.count
    }

    /// Sentences for people: texts that the model cannot read, or not to their end.
    public var warnings: [String] {
        var warnings: [String] = []
        // A tenth of a catalog is a language or a department, no longer a few odd rows.
        if mostlyUnknownTexts > 0, mostlyUnknownTexts * 10 >= embeddedTexts {
            warnings.append(
                "\(mostlyUnknownTexts) of \(embeddedTexts) texts are mostly [UNK] to the model: it has no pieces for their words, "
                    + "and searches will not tell them apart. A multilingual model would read them.")
        }
        if truncatedTexts * 10 >= max(embeddedTexts, 1) {
            warnings.append(
                "\(truncatedTexts) of \(embeddedTexts) texts reach the model's limit of \(maximumLength) tokens; "
                    + "what is beyond it is not embedded.")
        }
        if repeatedIDs > 0 {
            warnings.append(
                (repeatedIDs == 1 ? "1 row repeats" : "\(repeatedIDs) rows repeat")
                    + " an id of the same feed; the last row with an id counts.")
        }
        return warnings
    }
}

extension IngestOptions {
    /// Refuses what an index that exists has settled otherwise.
    /// - Throws: `EngineError.otherTemplate`, `.otherModel`, `.otherPrecision`.
    func check(against generation: GenerationRecord, index: URL) throws {
        if let asked = template, asked != generation.template {
            throw EngineError.otherTemplate(
                index: index.path, expected: generation.template.description, found: asked.description)
        }
        if let model = modelDirectory {
            let given = try IndexModel.fingerprint(of: model, template: generation.template)
            guard given == generation.fingerprint else {
                throw EngineError.otherModel(
                    index: index.path, indexModel: generation.fingerprint, indexModelName: generation.modelName,
                    given: given)
            }
        }
        if let asked = precision, asked != generation.precision {
            throw EngineError.otherPrecision(
                index: index.path, modelName: generation.modelName, expected: generation.precision, found: asked)
        }
    }
}
