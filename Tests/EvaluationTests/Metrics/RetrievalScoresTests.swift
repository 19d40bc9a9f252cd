import Catalog
import Tensors
import Testing

@testable import Evaluation

struct RetrievalScoresTests {
    @Test func `measures queries in the order of the run and keeps apart what says nothing`() throws {
        let run = Samples.run("r", ["z": ["a"], "u": ["a"], "w": ["a"], "b": ["x", "a"]])
        let qrels = try Samples.qrels(["b": ["a": 1], "w": ["a": 0, "c": 0.5], "z": ["a": 2], "never asked": ["a": 1]])
        let scores = RetrievalScores(of: run, by: qrels, options: try MetricOptions(cutoffs: [1, 2]))
        #expect(scores.queries.map(\.query) == ["z", "b"])
        #expect(scores.unjudgedQueries == ["u"])
        #expect(scores.queriesWithoutRelevant == ["w"])
        #expect(scores.mean(MetricKey(.accuracy, at: 1)) == 0.5)
        #expect(scores.mean(MetricKey(.accuracy, at: 2)) == 1)
        #expect(scores.mean(MetricKey(.reciprocalRank, at: 2)) == 0.75)
    }

    @Test func `an asked query that the run does not answer counts as answered with nothing`() throws {
        let run = Samples.run("r", ["q1": ["a"]])
        let qrels = try Samples.qrels(["q1": ["a": 1], "q2": ["a": 1], "q3": ["a": 0]])
        let scores = RetrievalScores(
            of: run, asked: ["q2", "q1", "q3", "q4"], by: qrels, options: try MetricOptions(cutoffs: [10]))
        #expect(scores.queries.map(\.query) == ["q2", "q1"])
        #expect(scores.unjudgedQueries == ["q4"])
        #expect(scores.queriesWithoutRelevant == ["q3"])
        #expect(scores.queries.first?.values.allSatisfy { $0 == 0 } == true)
        #expect(scores.mean(MetricKey(.recall, at: 10)) == 0.5)
    }

    @Test(arguments: Seed.samples(20)) func `means are those of the queries' values`(seed: Seed) throws {
        let (run, qrels) = try Self.sample(seed)
        let options = try MetricOptions(cutoffs: [1, 4, 9])
        let scores = RetrievalScores(of: run, by: qrels, options: options)
        #expect(!scores.queries.isEmpty)
        for key in options.keys {
            let values = scores.queries.map { $0.value(key, options) }
            #expect(abs(scores.mean(key) - values.reduce(0, +) / Double(values.count)) < 1e-15)
        }
    }

    @Test func `without queries all means are 0`() throws {
        let options = try MetricOptions()
        let scores = RetrievalScores(of: Run(name: "r"), by: try Qrels([]), options: options)
        #expect(scores.queries.isEmpty)
        #expect(scores.means == [Double](repeating: 0, count: options.keys.count))
    }

    /// Forty queries with random answers and grades 0 to 3.
    static func sample(_ seed: Seed) throws -> (run: Run, qrels: Qrels) {
        var generator = seed.generator
        let products = (0..<25).map { ProductID(rawValue: "p\($0)") }
        var run = Run(name: "random")
        var judgments: [Judgment] = []
        for number in 0..<40 {
            let query = QueryID(rawValue: "q\(number)")
            let ranking = products.shuffled(using: &generator).prefix(generator.next(below: 15))
            run.append(query, ranking.enumerated().map { RankedProduct(product: $1, score: -Double($0)) })
            for product in products.shuffled(using: &generator).prefix(generator.next(below: 12)) {
                judgments.append(Judgment(query: query, product: product, grade: Double(generator.next(below: 4))))
            }
        }
        return (run, try Qrels(judgments))
    }
}
