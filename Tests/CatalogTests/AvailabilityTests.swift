import Testing

@testable import Catalog

struct AvailabilityTests {
    @Test(arguments: [
        ("in stock", Availability.inStock), ("In Stock", .inStock), (" in_stock ", .inStock), ("InStock", .inStock),
        ("https://schema.org/InStock", .inStock), ("재고 있음", .inStock), ("out of stock", .outOfStock),
        ("OUT_OF_STOCK", .outOfStock), ("http://schema.org/OutOfStock", .outOfStock), ("품절", .outOfStock),
        ("preorder", .preorder), ("pre-order", .preorder), ("backorder", .backorder), ("on back-order", nil),
        ("", nil), ("in stock soon", nil), ("unknown", nil),
    ])
    func `shops' words come to a meaning`(_ words: String, _ meaning: Availability?) {
        #expect(Availability(words) == meaning)
    }

    @Test func `the filter names words that mean in stock, and no others`() throws {
        guard case .oneOf("availability", let values) = Availability.isInStock else {
            Issue.record("\(Availability.isInStock)")
            return
        }
        #expect(values.count > 5)
        for value in values {
            guard case .text(let words) = value else {
                Issue.record("\(value)")
                continue
            }
            #expect(Availability(words) == .inStock)
        }
    }
}
