import Dispatch
import Synchronization
import Testing
import VectorSearch

/// One thread appends and links while others search what it has published; `make thread-sanitizer` runs this too.
struct ConcurrentSearchTests {
    @Test(arguments: [16, 64])
    func `searches meanwhile see a whole graph, and find in it what an exact search finds`(dimension: Int) {
        let vectors = Samples.clustered(1_200, dimension: dimension, clusters: 12, seed: 8)
        let table = VectorTable(dimension: dimension)
        let latest = Mutex(HNSWGraph(parameters: .standard))
        let isDone = Atomic(false)
        let found = Atomic(0)
        let wanted = Atomic(0)
        DispatchQueue.concurrentPerform(iterations: 4) { thread in
            if thread == 0 {
                var builder = HNSWBuilder(parameters: .standard, vectors: table)
                for start in stride(from: 0, to: vectors.count, by: 40) {
                    table.append(vectors[start..<start + 40].flatMap(\.self))
                    builder.link(upTo: table.count, threads: 2)
                    builder.repairReachability()
                    latest.withLock { $0 = builder.graph }
                }
                isDone.store(true, ordering: .releasing)
                return
            }
            var generator = SeededGenerator(UInt64(thread))
            var rounds = 0
            // Every graph while there is a next one, and the last one for certain.
            var isLast = false
            repeat {
                isLast = isDone.load(ordering: .acquiring)
                let graph = latest.withLock { $0 }
                guard graph.count > 0 else { continue }
                let searcher = HNSWSearcher(graph: graph, vectors: table)
                let exact = ExactSearcher(vectors: table, count: graph.count)
                for _ in 0..<4 {
                    let query = vectors[Int.random(in: 0..<vectors.count, using: &generator)]
                    let answer = searcher.search(near: query, limit: 10, ef: 64)
                    let truth = exact.search(near: query, limit: 10)
                    wanted.add(truth.count, ordering: .relaxed)
                    found.add(Recall.found(answer, of: truth), ordering: .relaxed)
                    #expect(answer.count == truth.count && answer.allSatisfy { Int($0.id.rawValue) < graph.count })
                }
                rounds += 1
            } while !isLast
            #expect(rounds > 0)
        }
        let recall = Double(found.load(ordering: .relaxed)) / Double(wanted.load(ordering: .relaxed))
        #expect(recall > 0.98, "\(recall)")
    }
}
