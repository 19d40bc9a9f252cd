import Testing
import VectorSearch

struct RecallTests {
    private func neighbors(_ similarities: [Float], from id: Int = 0) -> [Neighbor] {
        similarities.enumerated().map { Neighbor(id: NodeID(id + $0), similarity: $1) }
    }

    @Test func `counts the answers that are as near as the last exact one`() {
        let exact = neighbors([0.9, 0.8, 0.7])
        #expect(Recall.found(exact, of: exact) == 3)
        #expect(Recall.found(neighbors([0.9, 0.7, 0.6]), of: exact) == 2)
        #expect(Recall.found(neighbors([0.69, 0.1]), of: exact) == 0)
    }

    @Test func `another node of the same similarity is as good`() {
        let exact = neighbors([0.9, 0.5, 0.5])
        #expect(Recall.found(neighbors([0.9, 0.5, 0.5], from: 100), of: exact) == 3)
        #expect(Recall.found(neighbors([0.5, 0.5, 0.5], from: 100), of: exact) == 3)
        #expect(Recall.found(neighbors([0.9, 0.5, Float(0.5).nextDown]), of: exact) == 2)
    }

    @Test func `a short answer finds what it has`() {
        let exact = neighbors([0.9, 0.8, 0.7])
        #expect(Recall.found(neighbors([0.8]), of: exact) == 1)
        #expect(Recall.found(neighbors([]), of: exact) == 0)
        #expect(Recall.found(neighbors([]), of: neighbors([])) == 0)
        #expect(Recall.found(neighbors([0.9]), of: neighbors([])) == 0)
    }

    @Test(arguments: 0..<10 as Range<UInt64>)
    func `is the size of the common part where no two similarities are equal`(seed: UInt64) {
        var generator = SeededGenerator(seed)
        let all = neighbors((0..<60).map { 1 - Float($0) / 100 })
        for k in [1, 7, 30] {
            let answer = all.shuffled(using: &generator).prefix(k).sorted()
            let exact = all.prefix(k)
            #expect(Recall.found(answer, of: exact) == Set(answer.map(\.id)).intersection(exact.map(\.id)).count)
        }
    }
}
