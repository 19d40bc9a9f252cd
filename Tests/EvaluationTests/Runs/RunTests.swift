import Catalog
import Testing

@testable import Evaluation

struct RunTests {
    @Test func `a query that is answered anew keeps its place`() {
        var run = Samples.run("r", ["b": ["x"], "a": ["y"]])
        run.append("b", [RankedProduct(product: "z", score: 1)])
        #expect(run.queries == ["b", "a"])
        #expect(run.ids("b") == ["z"])
        #expect(run["c"] == nil)
    }

    @Test func `another name leaves the answers alone`() {
        let run = Samples.run("r", ["b": ["x"]])
        #expect(run.named("s").name == "s")
        #expect(run.named("s").named("r") == run)
    }

    @Test func `a run is as deep as its longest ranking`() {
        #expect(Run(name: "r").depth == 0)
        #expect(Samples.run("r", ["a": []]).depth == 0)
        var run = Samples.run("r", ["a": ["1"], "b": ["1", "2", "3"], "c": ["1", "2"]])
        #expect(run.depth == 3 && run.named("s").depth == 3)
        run.append("b", [])
        #expect(run.depth == 2)
    }

    @Test func `overlap is the mean share of the other's first products, whatever their order`() {
        let truth = Samples.run("exact", ["a": ["1", "2", "3", "4"], "b": ["5", "6"], "c": []])
        let run = Samples.run("graph", ["a": ["2", "9", "1", "3"], "b": ["7"], "c": ["8"], "d": ["1"]])
        #expect(run.overlap(with: truth, depth: 1) == 0)
        #expect(run.overlap(with: truth, depth: 2) == (0.5 + 0) / 2)
        #expect(run.overlap(with: truth, depth: 4) == (0.75 + 0) / 2)
        #expect(truth.overlap(with: truth, depth: 3) == 1)
        #expect(Run(name: "none").overlap(with: truth, depth: 3) == 1)
    }
}
