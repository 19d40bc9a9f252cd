// The insertion of a group of nodes by several threads, with a result that does not depend on how many there are.
//
// First every node of the group searches the graph as it was before the group and chooses its links: each thread writes rows of
// its own nodes, which nobody reads yet. Earlier nodes of the group are weighed too, one by one, so near-duplicates that arrive
// together find each other. Then the links back are added, divided among threads by the node they start from: each such node
// takes them in the order of ids, and no thread looks at a row that another one writes.

import Dispatch
import Synchronization

/// A node on one of its levels.
struct LevelNode: Hashable, Sendable {
    let node: UInt32
    let level: Int
}

/// What a builder does its work with: an enumeration rather than an existential, so that each case's loops are compiled for its rows.
enum GraphWork {
    case codes(GroupInsertion<CodeRows>)
    case float32(GroupInsertion<Float32Rows>)

    /// Links a group of new nodes, whose rows exist and are empty, into a graph that has an entry point.
    /// - Returns: the links that made way for others, each as the node it led to, unless `dropped` is false.
    func link(
        _ group: Range<UInt32>, into links: inout LinkTable, _ entry: (node: UInt32, level: Int), threads: Int,
        notingDropped dropped: Bool
    ) -> [LevelNode] {
        switch self {
        case .codes(let work): work.link(group, into: &links, entry, threads: threads, notingDropped: dropped)
        case .float32(let work): work.link(group, into: &links, entry, threads: threads, notingDropped: dropped)
        }
    }

    /// Makes every node of a level reachable.
    /// - Returns: the number of links added.
    func repair(_ links: inout LinkTable, level: Int, members: [UInt32], entryPoint: UInt32) -> Int {
        switch self {
        case .codes(let work): work.repair(&links, level: level, members: members, entryPoint: entryPoint)
        case .float32(let work): work.repair(&links, level: level, members: members, entryPoint: entryPoint)
        }
    }
}

/// Groups of insertions over one kind of rows.
final class GroupInsertion<Rows: NodeRows> {
    private let rows: Rows
    private let parameters: HNSWParameters
    /// One for each thread that ever took part.
    private var workers: [Worker] = []
    /// The links that the group's nodes have chosen, in the order of ids.
    private var chosen: [(node: UInt32, target: UInt32, level: Int)] = []

    /// Fewer links back than this are added by one thread: waking another costs as much.
    private static var leastShared: Int { 128 }

    /// Prepares work over rows of a table that outlives it.
    init(rows: Rows, parameters: HNSWParameters) {
        self.rows = rows
        self.parameters = parameters
    }

    func link(
        _ group: Range<UInt32>, into links: inout LinkTable, _ entry: (node: UInt32, level: Int), threads: Int,
        notingDropped: Bool
    ) -> [LevelNode] {
        let threads = max(min(threads, group.count), 1)
        prepare(threads, nodes: links.count)
        links.withMutableView { view, levels in
            let insertion = { (node: UInt32) in
                Insertion(
                    node: node, groupStart: group.lowerBound, levels: levels, entryPoint: entry.node,
                    maxLevel: entry.level, parameters: self.parameters, rows: self.rows)
            }
            choose(for: group, on: view, insertion, threads: threads)
            collect(group, from: view, levels, maxLevel: entry.level)
        }
        for link in chosen { links.makeUnique(link.target, level: link.level) }
        links.withMutableView { view, _ in
            linkBack(on: view, threads: chosen.count < Self.leastShared ? 1 : threads, notingDropped: notingDropped)
        }
        guard notingDropped else { return [] }
        defer { for worker in workers { worker.dropped.removeAll(keepingCapacity: true) } }
        return workers.flatMap(\.dropped)
    }

    func repair(_ links: inout LinkTable, level: Int, members: [UInt32], entryPoint: UInt32) -> Int {
        prepare(1, nodes: links.count)
        let repair = ReachabilityRepair(
            level: level, entryPoint: entryPoint, efConstruction: parameters.efConstruction, rows: rows)
        // Most graphs are sound: only one that is not is copied where others hold it too.
        guard links.withView({ repair.isNeeded(on: $0, members: members) }) else { return 0 }
        links.makeUnique()
        return links.withMutableView { view, _ in repair.run(on: view, members: members, with: &workers[0].scratch) }
    }

    private func prepare(_ threads: Int, nodes: Int) {
        while workers.count < threads { workers.append(Worker(parameters)) }
        for worker in workers { worker.scratch.search.reserve(growingTo: nodes, ef: parameters.efConstruction) }
    }

    /// Lets every node of the group choose its links.
    private func choose(
        for group: Range<UInt32>, on view: MutableLinkView, _ insertion: (UInt32) -> Insertion<Rows>, threads: Int
    ) {
        let next = Atomic<UInt32>(group.lowerBound)
        perform(threads) { worker, _ in
            while true {
                let node = next.wrappingAdd(1, ordering: .relaxed).oldValue
                guard node < group.upperBound else { return }
                insertion(node).run(on: view, with: &worker.scratch)
            }
        }
    }

    /// Notes what was chosen: the rows themselves change while links back are added.
    private func collect(
        _ group: Range<UInt32>, from view: MutableLinkView, _ levels: UnsafePointer<UInt8>, maxLevel: Int
    ) {
        chosen.removeAll(keepingCapacity: true)
        for node in group {
            for level in 0...min(Int(levels[Int(node)]), maxLevel) {
                for target in view.view.links(of: node, level: level) { chosen.append((node, target, level)) }
            }
        }
    }

    /// Links every node that was chosen back.
    private func linkBack(on view: MutableLinkView, threads: Int, notingDropped: Bool) {
        chosen.withUnsafeBufferPointer { chosen in
            perform(threads) { worker, thread in
                for link in chosen where threads == 1 || Int(link.target) % threads == thread {
                    if view.appendLink(from: link.target, to: link.node, level: link.level) { continue }
                    worker.scratch.selection.select(
                        from: view.view.links(of: link.target, level: link.level), and: link.node, of: link.target,
                        rows: self.rows)
                    if notingDropped { worker.noteDropped(from: link, on: view.view) }
                    view.replaceLinks(of: link.target, level: link.level, by: worker.scratch.selection.keptNodes)
                }
            }
        }
    }

    /// Runs a body on every thread at once.
    private func perform(_ threads: Int, _ body: (Worker, Int) -> Void) {
        guard threads > 1 else { return body(workers[0], 0) }
        // Neither the workers nor what a body writes is shared: a thread has its own.
        nonisolated(unsafe) let (workers, body) = (workers, body)
        DispatchQueue.concurrentPerform(iterations: threads) { body(workers[$0], $0) }
    }

    /// A thread's memory.
    private final class Worker {
        var scratch: BuildScratch<Rows>
        /// Where links led that made way for others.
        var dropped: [LevelNode] = []

        init(_ parameters: HNSWParameters) { scratch = BuildScratch(parameters: parameters) }

        /// Notes which links of a full list, and of the one that arrives, are not among those that were chosen.
        func noteDropped(from link: (node: UInt32, target: UInt32, level: Int), on view: LinkView) {
            let kept = scratch.selection.keptNodes
            for node in view.links(of: link.target, level: link.level) where !kept.contains(where: { $0.node == node })
            {
                dropped.append(LevelNode(node: node, level: link.level))
            }
            if !kept.contains(where: { $0.node == link.node }) {
                dropped.append(LevelNode(node: link.node, level: link.level))
            }
        }
    }
}
