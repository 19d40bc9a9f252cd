internal import Catalog
internal import Engine

/// What became of the rows of an upload.
struct UploadAnswer: Encodable {
    /// Rows that are told one by one.
    static let mostRejects = 100

    /// Rows that were read.
    var rows = 0
    var summary = WriteSummary()
    /// Rows whose id had come before in the upload; of an id the last row stays.
    var repeated = 0
    /// Rows that gave no product.
    private(set) var rejected = 0
    private var rejects: [RejectedRow] = []

    /// Rows that are in the index now.
    var written: Int { summary.added + summary.changed + summary.unchanged }

    private enum CodingKeys: CodingKey {
        case rows, added, changed, unchanged, repeated, rejected, rejects
    }

    private enum RejectKeys: CodingKey {
        case line, id, kind, reason
    }

    mutating func reject(_ row: RejectedRow) {
        rejected += 1
        if rejects.count < Self.mostRejects { rejects.append(row) }
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(rows, forKey: .rows)
        try container.encode(summary.added, forKey: .added)
        try container.encode(summary.changed, forKey: .changed)
        try container.encode(summary.unchanged, forKey: .unchanged)
        try container.encode(repeated, forKey: .repeated)
        try container.encode(rejected, forKey: .rejected)
        var list = container.nestedUnkeyedContainer(forKey: .rejects)
        for row in rejects {
            // Without the row itself, which the caller has.
            var entry = list.nestedContainer(keyedBy: RejectKeys.self)
            try entry.encode(row.line, forKey: .line)
            try entry.encodeIfPresent(row.id, forKey: .id)
            try entry.encode(row.kind, forKey: .kind)
            try entry.encode(row.reason, forKey: .reason)
        }
    }
}
