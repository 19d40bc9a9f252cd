// TREC run files: a line is "query Q0 product rank score name", the format that trec_eval, pytrec_eval and ranx read.
//
// Fields are separated by tabs, so that an id may hold blanks; every reader of the format splits at any white space. Scores fall strictly
// in a query's ranking: those tools order by score, and each breaks ties in its own way. Equal scores are therefore written one float32
// apart (6e-8 near 0.5), and any tool sees the order that Aisle gave.
//
// Reading ignores the rank, as trec_eval does: order is by falling score, ties by ascending product id.

internal import Catalog
internal import Foundation

/// Reads and writes runs.
package enum RunFile {
    /// Writes a run.
    /// - Throws: `EvaluationError.writeFailed`, also for an id that holds a tab or a line end.
    package static func write(_ run: Run, to path: String) throws(EvaluationError) {
        var bytes: [UInt8] = []
        for query in run.queries {
            var previous = Float.infinity
            for (index, hit) in (run[query] ?? []).enumerated() {
                try check(query.rawValue, "query", path)
                try check(hit.product.rawValue, "product", path)
                previous = min(Float(hit.score), previous.nextDown)
                let fields = [query.rawValue, "Q0", hit.product.rawValue, "\(index + 1)", "\(previous)", run.name]
                bytes.append(contentsOf: (fields.joined(separator: "\t") + "\n").utf8)
            }
        }
        do { try Data(bytes).write(to: URL(filePath: path)) } catch {
            throw .writeFailed(path: path, reason: SystemReason.text(of: error))
        }
    }

    private static func check(_ id: String, _ kind: String, _ path: String) throws(EvaluationError) {
        guard !id.unicodeScalars.contains(where: { $0 == "\t" || $0 == "\n" || $0 == "\r" }) else {
            throw .writeFailed(path: path, reason: "the \(kind) id \"\(id)\" holds a tab or a line end")
        }
    }

    /// Reads a run.
    /// - Parameters:
    ///   - path: the file.
    ///   - progress: told the lines read.
    /// - Returns: its rankings.
    /// - Throws: `CatalogError` where the file cannot be read, `CatalogError.badLine` for the first line that is none of a run, and what `progress` throws.
    package static func read(_ path: String, progress: EvaluationProgress? = nil) throws -> Run {
        let reader = try LineReader(path: path)
        var builder = Builder()
        while let line = try reader.next({ bytes, position throws(CatalogError) in try Line(bytes, at: position) }) {
            if let position = builder.add(line) {
                throw position.fault("product \(line.product) stands twice for query \(line.query)")
            }
            if reader.line % 65_536 == 0 { try progress?("reading \(path)", .items(reader.line, of: nil, "lines")) }
        }
        guard let run = builder.finish() else { throw CatalogError.emptyFile(path: path, expected: "a TREC run") }
        return run
    }

    /// One line of a run.
    private struct Line {
        let query: QueryID
        let product: ProductID
        let score: Double
        let name: String
        let position: FilePosition

        init(_ bytes: UnsafeBufferPointer<UInt8>, at position: FilePosition) throws(CatalogError) {
            let fields = Self.fields(of: String(decoding: bytes, as: UTF8.self))
            guard fields.count == 6 else {
                throw position.fault(
                    "expected six fields, \"query Q0 product rank score name\", found \(fields.count)")
            }
            guard let score = Double(fields[4]), score.isFinite else {
                throw position.fault("expected a number as the score, found \"\(fields[4])\"")
            }
            query = QueryID(rawValue: fields[0])
            product = ProductID(rawValue: fields[2])
            self.score = score
            name = fields[5]
            self.position = position
        }

        /// At tabs where there are any, so that ids may hold blanks, otherwise at white space.
        private static func fields(of line: String) -> [String] {
            guard line.utf8.contains(UInt8(ascii: "\t")) else {
                return line.split(whereSeparator: \.isWhitespace).map(String.init)
            }
            return line.split(separator: "\t", omittingEmptySubsequences: false).map {
                $0.trimmingCharacters(in: .whitespaces)
            }
        }
    }

    /// Gathers lines, which may come in any order.
    private struct Builder {
        private var name: String?
        private var queries: [QueryID] = []
        private var scores: [QueryID: [ProductID: Double]] = [:]

        /// Adds a line.
        /// - Returns: its position if the query has that product already.
        mutating func add(_ line: Line) -> FilePosition? {
            name = name ?? line.name
            if scores[line.query] == nil { queries.append(line.query) }
            let earlier = scores[line.query, default: [:]].updateValue(line.score, forKey: line.product)
            return earlier == nil ? nil : line.position
        }

        /// The run; nil without lines.
        func finish() -> Run? {
            guard let name else { return nil }
            var run = Run(name: name)
            for query in queries {
                let hits = (scores[query] ?? [:]).map { RankedProduct(product: $0.key, score: $0.value) }
                run.append(query, hits.sorted { ($1.score, $0.product) < ($0.score, $1.product) })
            }
            return run
        }
    }
}
