import Testing

@testable import Catalog

@Suite struct ShopperQueryTests {
    @Test func `needs only an id and a text`() {
        let query = ShopperQuery(id: QueryID(rawValue: "1"), text: "pan")
        #expect(query.frequency == nil)
        #expect(query.language == nil)
    }

    @Test func `takes no frequency below 0 or without bounds`() async {
        await #expect(processExitsWith: .failure) {
            _ = ShopperQuery(id: QueryID(rawValue: "1"), text: "pan", frequency: -1)
        }
        await #expect(processExitsWith: .failure) {
            _ = ShopperQuery(id: QueryID(rawValue: "1"), text: "pan", frequency: .infinity)
        }
    }
}
