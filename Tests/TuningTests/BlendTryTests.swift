import Evaluation
import Testing

@testable import Tuning

struct BlendTryTests {
    private func tries(_ list: [(Double, TuningVerdict.Outcome)]) -> [BlendTry] {
        zip(BlendTry.shares, list).map { BlendTry(share: $0, score: $1.0, outcome: $1.1, isChosen: false) }
    }

    @Test func `the best that is not worse is chosen, of equals the one nearer to the model before`() {
        #expect(BlendTry.best(of: tries([(0.1, .better), (0.3, .noDifference), (0.5, .worse), (0.9, .worse)])) == 1)
        #expect(BlendTry.best(of: tries([(0.4, .better), (0.4, .better), (0.4, .better), (0.3, .better)])) == 0)
        #expect(BlendTry.best(of: tries([(0.1, .worse), (0.2, .worse), (0.4, .worse), (0.3, .worse)])) == 2)
    }
}
