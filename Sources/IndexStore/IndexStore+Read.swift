// Reading: from nodes to products, from filters to nodes.

package import Catalog
import Foundation
internal import GRDB
package import VectorSearch

extension IndexStore {
    /// The products of nodes, each node's by ascending id; nodes without matching products have no entry.
    /// - Throws: `StoreError.unknownField`, `.unsupportedFilter`, `.damaged`.
    /// - Complexity: one indexed look-up per node and a few per product of it.
    package func products(
        at nodes: [NodeID], matching filter: ProductFilter? = nil
    ) throws(StoreError) -> [NodeID: [Product]] {
        try read { connection in
            let condition = try filter.map {
                try FilterSQL($0, access: .fewProducts, fields: try FieldNames.all(connection))
            }
            let statement = try connection.makeStatement(
                sql: """
                    SELECT \(ProductRow.selection), row_hash FROM entry
                    JOIN product ON product.key = entry.product
                    WHERE entry.generation = ? AND entry.node = ? \(condition.map { "AND " + $0.condition } ?? "")
                    ORDER BY product.id
                    """)
            var products: [NodeID: [Product]] = [:]
            for node in Set(nodes) {
                let bound = [generation.id.databaseValue, Int(node.rawValue).databaseValue]
                let rows = try Row.fetchCursor(
                    statement, arguments: StatementArguments(bound + (condition?.arguments ?? [])))
                while let row = try rows.next() { products[node, default: []].append(try ProductRow.verified(row)) }
            }
            return products
        }
    }

    /// One product and the node of its text; nil for an unknown id.
    package func product(_ id: ProductID) throws(StoreError) -> (product: Product, node: NodeID)? {
        try read { connection in
            let row = try Row.fetchOne(
                connection,
                sql: """
                    SELECT \(ProductRow.selection), row_hash, entry.node FROM product
                    JOIN entry ON entry.generation = ? AND entry.product = product.key
                    WHERE product.id = CAST(? AS TEXT)
                    """,
                arguments: [generation.id, boundText(id.rawValue)])
            return try row.map { (try ProductRow.verified($0), try $0.node(ProductRow.columns.count + 1)) }
        }
    }

    /// The nodes with at least one product that matches, and how many products match.
    /// - Throws: `StoreError.unknownField` naming the fields there are; `.unsupportedFilter` for a filter too deep or too long.
    /// - Complexity: one index range per comparison; 50,000 products take some milliseconds.
    package func nodes(matching filter: ProductFilter) throws(StoreError) -> (nodes: NodeSet, productCount: Int) {
        try read { connection in
            let condition = try FilterSQL(filter, access: .wholeIndex, fields: try FieldNames.all(connection))
            return try nodeSet(where: "AND \(condition.condition)", condition.arguments, connection)
        }
    }

    /// Products that match a filter, in the order of their rows.
    /// - Parameters:
    ///   - filter: nil: every product.
    ///   - limit: most products.
    /// - Returns: the first of them, and how many there are.
    /// - Throws: `StoreError.unknownField`, `.unsupportedFilter`, `.damaged`.
    package func firstProducts(
        matching filter: ProductFilter?, limit: Int
    ) throws(StoreError) -> (products: [Product], matchingCount: Int) {
        try read { connection in
            let condition = try filter.map {
                try FilterSQL($0, access: .wholeIndex, fields: try FieldNames.all(connection))
            }
            let source = """
                FROM entry JOIN product ON product.key = entry.product
                WHERE entry.generation = ? \(condition.map { "AND " + $0.condition } ?? "")
                """
            let bound = [generation.id.databaseValue] + (condition?.arguments ?? [])
            let rows = try Row.fetchAll(
                connection,
                sql: "SELECT \(ProductRow.selection), row_hash \(source) ORDER BY product.key LIMIT ?",
                arguments: StatementArguments(bound + [limit.databaseValue]))
            let count = try Int.fetchOne(
                connection, sql: "SELECT count(*) \(source)", arguments: StatementArguments(bound))
            return (try rows.map(ProductRow.verified), count ?? 0)
        }
    }

    /// Every category that products have, with their number; spellings are told apart.
    package func categoryCounts() throws(StoreError) -> [(category: CategoryPath, count: Int)] {
        try read { connection in
            let rows = try Row.fetchAll(
                connection,
                sql: """
                    SELECT CAST(category AS BLOB), count(*) FROM product WHERE category IS NOT NULL GROUP BY category
                    """)
            return try rows.compactMap { row in
                let count = try row.integer(1)
                return CategoryPath(try row.text(0)).map { ($0, count) }
            }
        }
    }

    /// The nodes with at least one product: all that a search may find.
    package func liveNodes() throws(StoreError) -> NodeSet {
        try read { try nodeSet(where: "", [], $0).nodes }
    }

    /// The ids of all products, each with the node of its text: by ascending node and, on a node, by ascending id.
    /// - Parameter count: number of vectors; nil: that of the file.
    /// - Returns: every product once.
    /// - Throws: `StoreError.damaged` for a node without a vector.
    /// - Complexity: O(products), and one index look-up for each.
    package func productNodes(below count: Int? = nil) throws(StoreError) -> [(id: ProductID, node: NodeID)] {
        try read { connection in
            let rows = try Row.fetchCursor(
                connection,
                sql: """
                    SELECT CAST(product.id AS BLOB), entry.node FROM entry JOIN product ON product.key = entry.product
                    WHERE entry.generation = ? ORDER BY entry.node, product.id
                    """,
                arguments: [generation.id])
            var products: [(ProductID, NodeID)] = []
            let limit = try count ?? committedNodeCount(connection)
            while let row = try rows.next() {
                let (id, node) = (ProductID(rawValue: try row.text(0)), try row.node(1))
                guard node.rawValue < limit else {
                    throw damaged("table entry", expected: "a node below \(limit) for \(id)", found: "\(node)")
                }
                products.append((id, node))
            }
            return products
        }
    }

    func nodeSet(
        where condition: String, _ arguments: [DatabaseValue], _ connection: Database
    ) throws -> (nodes: NodeSet, productCount: Int) {
        var nodes = NodeSet(capacity: try committedNodeCount(connection))
        var count = 0
        let numbers = try Int64.fetchCursor(
            connection, sql: "SELECT entry.node FROM entry WHERE entry.generation = ? \(condition)",
            arguments: StatementArguments([generation.id.databaseValue] + arguments))
        while let number = try numbers.next() {
            guard let node = UInt32(exactly: number) else {
                throw damaged("table entry", expected: "a node number", found: "\(number)")
            }
            nodes.insert(NodeID(rawValue: node))
            count += 1
        }
        return (nodes, count)
    }

    // MARK: - Did you mean

    /// Up to three ids that look like an unknown one: the same letters in another case, then ids that begin with it, then ids that
    /// share most of its beginning.
    /// - Complexity: O(products) for the first, which is made for error messages.
    package func suggestions(for id: ProductID) throws(StoreError) -> [ProductID] {
        let text = id.rawValue.trimmingCharacters(in: .whitespacesAndNewlines)
        guard !text.isEmpty else { return [] }
        return try read { connection in
            var found = try ids(
                "aisle_folded(CAST(id AS BLOB)) = ?", [Data(TextFolding.fold(text).utf8).databaseValue], connection)
            var prefix = text
            while found.count < 3, prefix.utf8.count * 2 >= text.utf8.count, !prefix.isEmpty {
                // Every id with this prefix sorts before prefix + U+10FFFF, the last scalar there is.
                for id in try ids(
                    "id >= CAST(? AS TEXT) AND id < CAST(? AS TEXT)",
                    [boundText(prefix), boundText(prefix + "\u{10FFFF}")], connection)
                where !found.contains(id) { found.append(id) }
                // By eighths, so that a long id takes no more looks than a short one.
                prefix.removeLast(max(text.count / 8, 1))
            }
            return Array(found.filter { $0 != id }.prefix(3))
        }
    }

    private func ids(_ condition: String, _ arguments: [DatabaseValue], _ connection: Database) throws -> [ProductID] {
        let rows = try Row.fetchAll(
            connection, sql: "SELECT CAST(id AS BLOB) FROM product WHERE \(condition) ORDER BY id LIMIT 4",
            arguments: StatementArguments(arguments))
        return try rows.map { ProductID(rawValue: try $0.text(0)) }
    }
}
