import Testing

@testable import Tokenization

struct ByteTrieTests {
    @Test(arguments: Seed.samples(50))
    func `finds what a search through all keys finds`(seed: Seed) {
        var generator = seed.generator
        var values: [[UInt8]: Int32] = [:]
        for value in 0..<Int32.random(in: 0...40, using: &generator) {
            values[randomBytes(upTo: 6, using: &generator)] = value
        }
        values[[]] = nil
        let trie = ByteTrie(values.map { (key: $0.key, value: $0.value) })
        #expect(trie.isEmpty == values.isEmpty)
        for _ in 0..<50 {
            let text = randomBytes(upTo: 9, using: &generator)
            let longest = text.indices.reversed().first { values[Array(text[...$0])] != nil }
            let match = trie.longestMatch(in: text.span, text.indices, from: .root)
            #expect(match?.end == longest.map { $0 + 1 })
            #expect(match?.value == longest.flatMap { values[Array(text[...$0])] })
            #expect(trie.value(of: text) == values[text])
        }
    }

    @Test func `goes on from the node behind a prefix`() throws {
        let trie = ByteTrie([
            (key: Array("##".utf8), value: 1), (key: Array("##ab".utf8), value: 2),
            (key: Array("##abcd".utf8), value: 3),
        ])
        let node = try #require(trie.node(after: "##".utf8))
        let text = Array("abcx".utf8)
        #expect(trie.longestMatch(in: text.span, 0..<4, from: node)?.value == 2)
        #expect(trie.longestMatch(in: text.span, 0..<4, from: node)?.end == 2)
        #expect(trie.longestMatch(in: text.span, 0..<1, from: node) == nil)
        #expect(trie.node(after: "#a".utf8) == nil)
    }

    @Test func `lets the last of equal keys count and leaves out empty ones`() {
        let trie = ByteTrie([(key: [7], value: 1), (key: [], value: 2), (key: [7], value: 3)])
        #expect(trie.value(of: [7]) == 3)
        #expect(trie.value(of: []) == nil)
        #expect(trie.firstBytes.indices.filter { trie.firstBytes[$0] } == [7])
    }

    @Test func `stops at a negative value`() async {
        await #expect(processExitsWith: .failure) {
            _ = ByteTrie([(key: [1], value: -1)])
        }
    }

    private func randomBytes(upTo length: Int, using generator: inout SplitMix) -> [UInt8] {
        (0..<Int.random(in: 0...length, using: &generator)).map { _ in
            [0, 1, 255].randomElement(using: &generator) ?? 0
        }
    }
}
