import Testing

@testable import Catalog

@Suite struct JudgmentTests {
    @Test func `takes no grade that is not finite`() async {
        await #expect(processExitsWith: .failure) {
            _ = Judgment(query: QueryID(rawValue: "q"), product: ProductID(rawValue: "p"), grade: .nan)
        }
    }
}
