// The check: everything the file promises, looked at once, with findings instead of the first error.
//
// Product rows are the truth. A damaged graph is built again from the vectors, damaged vectors from the texts, so a finding says
// which part it is about; a damaged row can only come from the feed again.

import Catalog
import Foundation
internal import GRDB
import VectorSearch

/// One thing that `integrityFindings` has to say.
package struct Finding: Hashable, Sendable, CustomStringConvertible {
    /// What the finding is about, in the order in which parts derive from each other.
    package enum Part: String, Hashable, Sendable, CaseIterable {
        /// Checksums of pages.
        case pages
        /// SQLite's own structures.
        case file
        /// Product rows.
        case products
        /// What filters look up.
        case filters
        /// Nodes and the products that point to them.
        case nodes
        /// Vector blobs, and the numbers of the nodes they belong to.
        case vectors
        /// Link blobs.
        case graph
    }

    /// What is wrong.
    package let part: Part
    /// Expected and found, and where.
    package let message: String

    /// Part and message.
    package var description: String { "\(part.rawValue): \(message)" }
}

extension IndexStore {
    /// Examines the whole file.
    ///
    /// At most ten findings of one kind are listed, then their number. A store that is open for examination reads damaged pages as they are, and
    /// so finds what it is that they hold.
    /// - Parameter progress: called with the number of products examined and the number there are.
    /// - Returns: nothing for a sound file.
    /// - Throws: `StoreError` only when the file cannot be examined at all.
    /// - Complexity: reads every page once or twice.
    package func integrityFindings(progress: ((Int, Int) -> Void)? = nil) throws(StoreError) -> [Finding] {
        try read { connection in
            var findings = FindingList()
            try checkFile(connection, &findings)
            // Tables of a file that SQLite itself calls damaged may be read as far as they go.
            for step in [checkProducts, checkNodes, checkChunks] {
                do {
                    try step(connection, &findings, progress)
                } catch {
                    findings.add(.file, StoreError(translating: error, path: path).problem)
                }
            }
            // Last, since it is these steps that read the pages.
            for page in PageChecksums.notedPages(in: connection) {
                findings.add(.pages, "\(page.part): expected \(page.expected), found \(page.found)")
            }
            return findings.all
        }
    }

    private func checkFile(_ connection: Database, _ findings: inout FindingList) throws {
        do {
            for object in try Schema.missingObjects(in: connection) { findings.add(.file, "\(object.name) is missing") }
            for message in try String.fetchAll(connection, sql: "PRAGMA integrity_check(10)") where message != "ok" {
                findings.add(.file, message)
            }
            for row in try Row.fetchAll(connection, sql: "PRAGMA foreign_key_check") {
                let (table, parent) = (try row.text(0), try row.text(2))
                let part: Finding.Part =
                    switch table {
                    case "facet": .filters
                    case "entry", "node": .nodes
                    default: .file
                    }
                findings.add(part, "a row of table \(table) refers to nothing in \(parent)")
            }
        } catch {
            findings.add(.file, StoreError(translating: error, path: path).problem)
        }
    }

    /// Row digests, the text of each row against its node, facets against the row.
    private func checkProducts(
        _ connection: Database, _ findings: inout FindingList, _ progress: ((Int, Int) -> Void)?
    ) throws {
        let total = try Int.fetchOne(connection, sql: "SELECT count(*) FROM product") ?? 0
        let names = try FieldNames.all(connection)
        let stored = try connection.makeStatement(sql: "SELECT field, value FROM facet WHERE product = ?")
        let rows = try Row.fetchCursor(
            connection,
            sql: """
                SELECT \(ProductRow.selection), row_hash, node.text_hash, product.key, entry.node FROM product
                LEFT JOIN entry ON entry.generation = ? AND entry.product = product.key
                LEFT JOIN node ON node.generation = entry.generation AND node.node = entry.node
                ORDER BY product.key
                """,
            arguments: [generation.id])
        let first = ProductRow.columns.count
        var done = 0
        while let row = try rows.next() {
            done += 1
            if done % 1000 == 0 { progress?(done, total) }
            do {
                let columns = try ProductRow(row)
                let product = try columns.product()
                let name = "product \"\(columns.id)\""
                if columns.hash.digest != (try row.digest(first)) {
                    findings.add(.products, "\(name): the row does not match its digest")
                }
                guard try row.optionalInteger(first + 3) != nil else {
                    findings.add(.nodes, "\(name): has no node in generation \(generation.id)")
                    continue
                }
                let text = TextHash(of: generation.template.text(for: product))
                let embedded = TextHash(try row.digest(first + 1))
                if text != embedded {
                    findings.add(.nodes, "\(name): its text is \(text), its node embeds \(embedded)")
                }
                let expected = Facets.readings(of: product).flatMap { reading in
                    reading.values.map { [(names[reading.field] ?? 0).databaseValue, $0.databaseValue] }
                }
                let found = try Row.fetchAll(stored, arguments: [row.integer(first + 2)]).map {
                    Array($0.databaseValues)
                }
                if Set(found) != Set(expected) {
                    findings.add(
                        .filters,
                        "\(name): \(expected.count) filter values expected, \(found.count) found or other ones")
                }
            } catch let error as ColumnMismatch {
                findings.add(.products, StoreError(translating: error, path: path).problem)
            }
        }
        progress?(done, total)
    }

    /// Node numbers without gaps.
    private func checkNodes(
        _ connection: Database, _ findings: inout FindingList, _ progress: ((Int, Int) -> Void)?
    ) throws {
        let committed = try committedNodeCount(connection)
        let row = try Row.fetchOne(
            connection,
            sql: "SELECT count(*), coalesce(min(node), 0), coalesce(max(node), -1) FROM node WHERE generation = ?",
            arguments: [generation.id])
        if let row {
            let (count, lowest, highest) = (try row.integer(0), try row.integer(1), try row.integer(2))
            if count != committed || lowest != 0 || highest != committed - 1 {
                findings.add(
                    .vectors,
                    "expected nodes 0...\(committed - 1) without gaps, found \(count) from \(lowest) to \(highest)")
            }
        }
    }

    /// Checksums, lengths and places of all chunks; unit length of vectors; soundness of the graph.
    private func checkChunks(
        _ connection: Database, _ findings: inout FindingList, _ progress: ((Int, Int) -> Void)?
    ) throws {
        do {
            checkVectors(try vectors(connection, scope: .everything, progress: nil) {}.table, &findings)
        } catch {
            findings.add(.vectors, StoreError(translating: error, path: path).problem)
        }
        do {
            let graph = try graph(connection)
            for violation in graph.invariantViolations() { findings.add(.graph, violation) }
        } catch {
            findings.add(.graph, StoreError(translating: error, path: path).problem)
        }
    }

    private func checkVectors(_ vectors: VectorTable, _ findings: inout FindingList) {
        // Rounding of each of a vector's values leaves far less than this.
        let tolerance = 1e-3
        for number in 0..<vectors.count {
            let length = vectors[NodeID(rawValue: UInt32(number))].reduce(0) { $0 + Double($1) * Double($1) }
                .squareRoot()
            guard abs(length - 1) > tolerance || !length.isFinite else { continue }
            findings.add(.vectors, "node \(number): expected a vector of length 1, found length \(length)")
        }
    }
}

/// Findings, of which a few of each part are kept in full.
private struct FindingList {
    private static let limit = 10
    private var listed: [Finding] = []
    private var counts: [Finding.Part: Int] = [:]

    mutating func add(_ part: Finding.Part, _ message: String) {
        counts[part, default: 0] += 1
        if counts[part, default: 0] <= Self.limit {
            listed.append(Finding(part: part, message: message))
        }
    }

    var all: [Finding] {
        listed
            + Finding.Part.allCases.compactMap { part in
                let more = counts[part, default: 0] - Self.limit
                guard more > 0 else { return nil }
                return Finding(part: part, message: "and \(more) more findings of this kind")
            }
    }
}
