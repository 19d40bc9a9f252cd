// Rows from labels: siblings as negatives, half titles against products of the same label.

import Catalog
import Engine
import Evaluation
import Testing
import Training

@testable import Tuning

struct LabelledExamplesTests {
    private func label(of product: ProductID) -> String {
        let number = Int(product.rawValue.dropFirst()) ?? 0
        return "\(["Home", "Garden"][number % 2])\(number / 2 % 3)"
    }

    private func product(_ text: String) -> ProductID {
        ProductID(rawValue: "p\(text.split(separator: " ").last ?? "")")
    }

    @Test func `pairs stay inside a label, and their negatives come from its siblings`() throws {
        let workshop = try Workshop()
        let index = try workshop.index(240)
        let examples = try workshop.examples(.labels(field: "category"), index: index)
        let plan = try #require(examples.mining)
        #expect(examples.labelCount == 6 && examples.set.labelsAreExclusive)
        let neighborhoods = CatalogNeighborhoods(
            plan, for: examples.set, in: try Corpus(index, name: "index"), progress: { _, _ in })
        let (mined, report) = try HardNegativeMiner(plan.defaults, seed: 1).mine(examples.set) {
            try neighborhoods.around($0, depth: plan.defaults.rangeMax)
        }
        // “thing number” is in every title, so nothing is wrong for it.
        #expect(report.rowsDropped < examples.set.rows.count / 10)
        var halves = 0
        let heldOut = Set(examples.trial.products.map(\.id))
        for row in mined.rows {
            let (positive, negative) = (product(row.texts[1]), product(row.texts[2]))
            #expect(!heldOut.contains(positive) && !heldOut.contains(negative))
            if row.texts[0].split(separator: " ").count == 5 {
                #expect(label(of: product(row.texts[0])) == label(of: positive))
                #expect(label(of: negative) != label(of: positive))
                #expect(label(of: negative).dropLast() == label(of: positive).dropLast(), "a sibling: \(row.texts)")
            } else {
                halves += 1
                let words = Set(row.texts[0].split(separator: " "))
                #expect(words.isSubset(of: row.texts[1].split(separator: " ")))
                #expect(label(of: negative) == label(of: positive), "\(row.texts)")
                #expect(
                    !words.isSubset(of: row.texts[2].split(separator: " ")), "as right as the positive: \(row.texts)")
            }
        }
        #expect(halves > 50)
    }

    @Test func `labels of another field have those of the same category for siblings`() throws {
        let workshop = try Workshop()
        let examples = try workshop.examples(.labels(field: "tree"), index: workshop.index())
        // Two labels, each in categories of its own: all others are siblings.
        let groups = try #require(examples.mining).groups
        for group in groups where !group.anchorsAreWords {
            guard case .allBut = group.allowed else {
                Issue.record("expected all but the label's own")
                continue
            }
        }
    }

    @Test func `a label that is part of the text is told`() throws {
        let workshop = try Workshop()
        let examples = try workshop.examples(
            .labels(field: "category:2"), index: workshop.index(fields: "title,category"))
        #expect(examples.notes.contains { $0.contains("contains the label") })
        let other = try Workshop()
        let quiet = try other.examples(.labels(field: "category:2"), index: other.index())
        #expect(!quiet.notes.contains { $0.contains("contains the label") })
    }

    @Test func `a large label gives no more rows than a bounded number`() throws {
        let workshop = try Workshop()
        let lines = (0..<900).map {
            #"{"sentence": "one two three four \#($0)", "label": "\#($0 < 850 ? "large" : "small \($0 % 2)")"}"#
        }
        let examples = try workshop.examples(.sentences(path: workshop.file("s.jsonl", lines)))
        let counts = examples.set.rows.reduce(into: [:]) { $0[$1.label, default: 0] += 1 }
        #expect(counts.values.max() == 200, "\(counts)")
    }
}
