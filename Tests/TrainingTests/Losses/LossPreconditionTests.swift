import Testing

@testable import Training

struct LossPreconditionTests {
    @Test func `refuses values that are no whole rows`() async {
        await #expect(processExitsWith: .failure) { _ = EmbeddingColumn(dimension: 3, values: [1, 2, 3, 4]) }
        await #expect(processExitsWith: .failure) { _ = EmbeddingColumn(dimension: 0, values: []) }
        await #expect(processExitsWith: .failure) { _ = EmbeddingColumn(rows: -1, dimension: 2) }
    }

    @Test func `refuses a wrong number of columns`() async {
        await #expect(processExitsWith: .failure) {
            let column = EmbeddingColumn(rows: 2, dimension: 3)
            _ = BatchAllTripletLoss().evaluate([column, column], labels: [0, 1])
        }
        await #expect(processExitsWith: .failure) {
            let column = EmbeddingColumn(rows: 2, dimension: 3)
            _ = MultipleNegativesRankingLoss().evaluate([column], labels: [])
        }
        await #expect(processExitsWith: .failure) {
            let column = EmbeddingColumn(rows: 2, dimension: 3)
            _ = TripletLoss().evaluate([column, column], labels: [])
        }
    }

    @Test func `refuses columns of different shapes`() async {
        await #expect(processExitsWith: .failure) {
            let columns = [EmbeddingColumn(rows: 2, dimension: 3), EmbeddingColumn(rows: 3, dimension: 3)]
            _ = MultipleNegativesRankingLoss().evaluate(columns, labels: [])
        }
        await #expect(processExitsWith: .failure) {
            let columns = [EmbeddingColumn(rows: 2, dimension: 3), EmbeddingColumn(rows: 2, dimension: 4)]
            _ = CosineSimilarityLoss().evaluate(columns, labels: [0, 1])
        }
    }

    @Test func `refuses a batch of no rows`() async {
        await #expect(processExitsWith: .failure) {
            let none = EmbeddingColumn(rows: 0, dimension: 3)
            _ = GlobalOrthogonalRegularizationLoss().evaluate([none], labels: [])
        }
    }

    @Test func `refuses labels that do not fit`() async {
        await #expect(processExitsWith: .failure) {
            _ = BatchHardTripletLoss().evaluate([EmbeddingColumn(rows: 2, dimension: 3)], labels: [0])
        }
        await #expect(processExitsWith: .failure) {
            let column = EmbeddingColumn(rows: 2, dimension: 3)
            _ = CoSENTLoss().evaluate([column, column], labels: [0, .nan])
        }
    }

    @Test func `refuses settings that mean nothing`() async {
        await #expect(processExitsWith: .failure) { _ = MultipleNegativesRankingLoss(scale: 0) }
        await #expect(processExitsWith: .failure) { _ = CoSENTLoss(scale: -1) }
        await #expect(processExitsWith: .failure) {
            _ = GlobalOrthogonalRegularizationLoss(meanWeight: 0, secondMomentWeight: 0)
        }
        await #expect(processExitsWith: .failure) {
            _ = RegularizedLoss(base: BatchAllTripletLoss(), regularizer: CosineSimilarityLoss())
        }
        await #expect(processExitsWith: .failure) { _ = BatchAllTripletLoss().floor(labels: 1) }
    }
}
