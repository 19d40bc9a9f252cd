// What is set aside: by text, the same in every file.

import Testing
import Training

@testable import Tuning

struct HoldoutSplitTests {
    private let split = HoldoutSplit(seed: 42, share: 0.2, hasDevelopment: true)

    @Test func `a text goes to one side whatever its case, blanks and neighbours`() throws {
        for number in 0..<200 {
            let text = "LED light \(number)"
            #expect(split.part(of: text) == split.part(of: "  led   LIGHT \(number) "))
        }
        let short = (0..<300).map { "query \($0)" }
        let long = ["another one"] + (0..<900).map { "query \(899 - $0)" }
        let (a, b) = try (
            split.parts(of: short, noun: "queries") { $0 }, split.parts(of: long, noun: "queries") { $0 }
        )
        #expect(Set(a.heldOut).isSubset(of: b.heldOut) && Set(a.training).isSubset(of: b.training))
    }

    @Test func `shares are about what was asked, and another seed sets others aside`() {
        let texts = (0..<5_000).map { "text \($0)" }
        let parts = texts.map { split.part(of: $0) }
        #expect(abs(Double(parts.count { $0 == .heldOut }) / 5_000 - 0.2) < 0.02)
        #expect(abs(Double(parts.count { $0 == .development }) / 5_000 - 0.2) < 0.02)
        let other = HoldoutSplit(seed: 7, share: 0.2, hasDevelopment: true)
        #expect(texts.map { other.part(of: $0) } != parts)
        let none = HoldoutSplit(seed: 42, share: 0, hasDevelopment: false)
        #expect(texts.allSatisfy { none.part(of: $0) == .training })
    }

    @Test func `a part too small to say anything is refused, with what to do`() {
        let error = #expect(throws: TrainingError.self) {
            try split.parts(of: (0..<5).map { "text \($0)" }, noun: "queries") { $0 }
        }
        #expect(error?.description.contains("--holdout") == true)
        #expect(error?.description.contains("of the 5 queries") == true)
    }
}
