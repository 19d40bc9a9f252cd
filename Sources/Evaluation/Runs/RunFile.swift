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
    /// Writes a run, so that it is there whole or not at all.
    /// - Throws: `EvaluationError.writeFailed`, also for an id that holds a tab or a line end.
    package static func write(_ run: Run, to path: String) throws(EvaluationError) {
        try check(run.name, "run's name", path)
        let target = URL(filePath: path).resolvingSymlinksInPath()
        let draft = target.deletingLastPathComponent().appending(path: ".\(target.lastPathComponent).writing")
        do {
            guard FileManager.default.createFile(atPath: draft.path, contents: nil) else {
                throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO)
            }
            let file = try FileHandle(forWritingTo: draft)
            var bytes: [UInt8] = []
            for query in run.queries {
                try append(query, run, to: &bytes, path)
                if bytes.count >= blockSize {
                    try file.write(contentsOf: Data(bytes))
                    bytes.removeAll(keepingCapacity: true)
                }
            }
            try file.write(contentsOf: Data(bytes))
            try file.close()
            guard rename(draft.path, target.path) == 0 else {
                throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO)
            }
        } catch {
            try? FileManager.default.removeItem(at: draft)
            if let error = error as? EvaluationError { throw error }
            throw .writeFailed(path: path, reason: SystemReason.text(of: error))
        }
    }

    /// Bytes that are gathered before they are written.
    private static let blockSize = 1 << 20

    private static func append(
        _ query: QueryID, _ run: Run, to bytes: inout [UInt8], _ path: String
    ) throws(EvaluationError) {
        try check(query.rawValue, "query id", path)
        var previous = Float.infinity
        for (index, hit) in (run[query] ?? []).enumerated() {
            try check(hit.product.rawValue, "product id", path)
            previous = min(Float(hit.score), previous.nextDown)
            let fields = [query.rawValue, "Q0", hit.product.rawValue, "\(index + 1)", "\(previous)", run.name]
            bytes.append(contentsOf: (fields.joined(separator: "\t") + "\n").utf8)
        }
    }

    private static func check(_ id: String, _ kind: String, _ path: String) throws(EvaluationError) {
        guard !id.unicodeScalars.contains(where: { $0 == "\t" || $0 == "\n" || $0 == "\r" }) else {
            throw .writeFailed(path: path, reason: "the \(kind) \"\(id)\" holds a tab or a line end")
        }
    }

    /// Reads a run.
    /// - Parameters:
    ///   - path: the file; "-" is standard input.
    ///   - isCancelled: asked while a pipe is waited for.
    ///   - progress: told the lines read.
    /// - Returns: its rankings.
    /// - Throws: `CatalogError` where the file cannot be read, `CatalogError.badLine` for the first line that is none of a run, and what `progress` throws.
    package static func read(
        _ path: String, isCancelled: @escaping @Sendable () -> Bool = { false }, progress: EvaluationProgress? = nil
    ) throws -> Run {
        let reader = try LineReader(path: path, isCancelled: isCancelled)
        var builder = Builder()
        while let line = try reader.next({ bytes, position throws(CatalogError) in try Line(bytes, at: position) }) {
            builder.add(line)
            if reader.line % 65_536 == 0 {
                var moment = EvaluationMoment.items(reader.line, of: nil, "lines")
                moment.fraction = reader.byteCount.map { Double(reader.bytesConsumed) / Double(max($0, 1)) }
                try progress?("reading \(reader.name)", moment)
            }
        }
        guard let run = try builder.finish(path: reader.name) else {
            throw CatalogError.emptyFile(path: reader.name, expected: "a TREC run")
        }
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
            guard !fields[0].isEmpty, !fields[2].isEmpty else {
                throw position.fault("expected a query and a product, found an empty id")
            }
            guard let score = Double(plain: fields[4]), score.isFinite else {
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
        private struct Hit {
            let product: RankedProduct
            let line: Int
        }

        private var name: String?
        private var queries: [QueryID] = []
        private var hits: [QueryID: [Hit]] = [:]

        mutating func add(_ line: Line) {
            name = name ?? line.name
            if hits[line.query] == nil { queries.append(line.query) }
            hits[line.query, default: []].append(
                Hit(product: RankedProduct(product: line.product, score: line.score), line: line.position.line))
        }

        /// The run; nil without lines.
        /// - Throws: `CatalogError.badLine` for a product that stands twice for a query.
        mutating func finish(path: String) throws(CatalogError) -> Run? {
            guard let name else { return nil }
            var run = Run(name: name)
            for query in queries {
                let lines = hits.removeValue(forKey: query) ?? []
                var seen: Set<ProductID> = []
                for hit in lines where !seen.insert(hit.product.product).inserted {
                    throw FilePosition(path: path, line: hit.line).fault(
                        "product \(hit.product.product) stands twice for query \(query)")
                }
                let ranking = lines.sorted {
                    ($1.product.score, $0.product.product) < ($0.product.score, $1.product.product)
                }
                run.append(query, ranking.map(\.product))
            }
            return run
        }
    }
}
