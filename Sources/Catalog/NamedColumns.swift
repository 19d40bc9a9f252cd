// The columns of a table for evaluation or training, found by any of the names that tools give them, whatever their case.

/// The column names of a header and where it stands.
struct NamedColumns {
    /// The names in the file's order, trimmed.
    let names: [String]
    /// The header's line.
    let position: FilePosition

    /// Whether a column has one of these lowercase names.
    func contains(_ accepted: [String]) -> Bool {
        names.contains { accepted.contains($0.lowercased()) }
    }

    /// The place of the column that has one of these lowercase names; an earlier name goes before a later one.
    /// - Throws: `CatalogError.badLine` when there is none, or more than one with that name.
    func index(of accepted: [String]) throws(CatalogError) -> Int {
        for name in accepted {
            let matches = names.indices.filter { names[$0].lowercased() == name }
            guard matches.count <= 1 else {
                let places = matches.map { String($0 + 1) }.joined(separator: ", ")
                throw position.fault(
                    "expected one column \"\(name)\", found it at positions \(places); rename all but one")
            }
            if let match = matches.first { return match }
        }
        let wanted = accepted.map { "\"\($0)\"" }.joined(separator: " or ")
        throw position.fault(
            "expected a column \(wanted), found \(CatalogError.list(names)); rename the column that holds it")
    }
}
