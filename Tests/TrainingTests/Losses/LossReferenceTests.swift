import Testing

@testable import Training

struct LossReferenceTests {
    @Test func `the fixtures are there and name every loss`() throws {
        let names = Set(try LossFixtures.shared.get().cases.map(\.loss))
        #expect(
            names == [
                "BatchAllTripletLoss", "BatchHardTripletLoss", "BatchSemiHardTripletLoss",
                "BatchHardSoftMarginTripletLoss", "TripletLoss", "MultipleNegativesRankingLoss", "CosineSimilarityLoss",
                "CoSENTLoss", "GlobalOrthogonalRegularizationLoss",
            ])
    }

    @Test(arguments: LossFixtures.all)
    func `value and gradients are those of sentence-transformers`(_ fixture: LossFixtures.Case) throws {
        let columns = try LossFixtures.shared.get().columns(of: fixture.input)
        let actual = try fixture.makeLoss().evaluate(columns, labels: fixture.labels ?? [])
        expectNear(actual.loss, fixture.value, "loss")
        try #require(actual.gradients.count == fixture.gradients.count)
        for (column, (gradient, expected)) in zip(actual.gradients, fixture.gradients).enumerated() {
            try #require(gradient.values.count == expected.count)
            for index in expected.indices {
                expectNear(Double(gradient.values[index]), expected[index], "gradient \(column) at \(index)")
            }
        }
    }

    private func expectNear(
        _ actual: Double, _ expected: Double, _ what: @autoclosure () -> String,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        let difference = abs(actual - expected)
        #expect(
            difference <= LossTolerance.reference * max(1, abs(expected)),
            "\(what()): expected \(expected), got \(actual), off by \(difference)", sourceLocation: sourceLocation)
    }
}
