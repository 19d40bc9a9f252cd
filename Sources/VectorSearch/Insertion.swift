// The insertion of one node: Malkov & Yashunin, Algorithm 1.

/// Everything that decides where a node is linked.
struct Insertion {
    /// The new node; its row of links exists and is empty.
    let node: UInt32
    /// The highest level it lives on.
    let level: Int
    /// Where the search starts, and the level of that node.
    let entryPoint: UInt32
    let maxLevel: Int
    let parameters: HNSWParameters
    let rows: VectorRows

    /// Links the node.
    func run(on links: MutableLinkView, with scratch: inout BuildScratch) {
        let query = rows.vector(node)
        scratch.search.start(at: entryPoint, near: query, in: rows)
        for level in stride(from: maxLevel, to: level, by: -1) {
            scratch.search.descend(level: level, near: query, links: links.view, rows: rows)
        }
        for level in stride(from: min(level, maxLevel), through: 0, by: -1) {
            scratch.search.search(
                level: level, near: query, ef: parameters.efConstruction, allowed: nil, in: (links.view, rows))
            link(level: level, on: links, with: &scratch)
        }
    }

    /// Links the node with the best and most diverse of the nodes found.
    private func link(level: Int, on links: MutableLinkView, with scratch: inout BuildScratch) {
        scratch.selection.select(from: scratch.search.foundNodes, limit: parameters.maxNeighbors, rows: rows)
        links.replaceLinks(of: node, level: level, by: scratch.selection.keptNodes)
        // The row just written is the list to walk: the selection's memory is used again for every neighbour that is full.
        for neighbor in links.view.links(of: node, level: level) {
            linkBack(from: neighbor, level: level, on: links, with: &scratch)
        }
    }

    private func linkBack(
        from neighbor: UInt32, level: Int, on links: MutableLinkView, with scratch: inout BuildScratch
    ) {
        if links.appendLink(from: neighbor, to: node, level: level) { return }
        scratch.selection.select(
            from: links.view.links(of: neighbor, level: level), and: node, of: neighbor, rows: rows)
        links.replaceLinks(of: neighbor, level: level, by: scratch.selection.keptNodes)
    }
}
