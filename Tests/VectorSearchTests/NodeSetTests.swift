import Testing
import VectorSearch

struct NodeSetTests {
    @Test(arguments: 0..<20 as Range<UInt64>)
    func `does what a Set of numbers does`(seed: UInt64) {
        var generator = SeededGenerator(seed)
        var set = NodeSet(capacity: Int.random(in: 0...200, using: &generator))
        var oracle: Set<UInt32> = []
        for _ in 0..<400 {
            let id = UInt32.random(in: 0..<300, using: &generator)
            switch Int.random(in: 0..<3, using: &generator) {
            case 0: #expect(set.insert(NodeID(rawValue: id)) == oracle.insert(id).inserted)
            case 1: #expect(set.remove(NodeID(rawValue: id)) == (oracle.remove(id) != nil))
            default: #expect(set.contains(NodeID(rawValue: id)) == oracle.contains(id))
            }
            #expect(set.count == oracle.count)
            #expect(set.isEmpty == oracle.isEmpty)
        }
        #expect(set.map(\.rawValue) == oracle.sorted())
    }

    @Test func `equality ignores the room reserved`() {
        var small = NodeSet(capacity: 1)
        var large = NodeSet(capacity: 1000)
        #expect(small == large)
        small.insert(NodeID(0))
        #expect(small != large)
        large.insert(NodeID(0))
        large.insert(NodeID(999))
        large.remove(NodeID(999))
        #expect(small == large)
        #expect(small.hashValue == large.hashValue)
    }

    @Test(arguments: [0, 1, 63, 64, 65, 128, 130])
    func `a full set holds every id below its count`(count: Int) {
        let set = NodeSet(allBelow: count)
        #expect(set.map(\.rawValue) == (0..<UInt32(count)).map { $0 })
        #expect(set.count == count)
        #expect(!set.contains(NodeID(count)))
    }
}
