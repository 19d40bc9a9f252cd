import Catalog
import Testing

@testable import HTMLWriting
@testable import Server

struct PageAddressTests {
    @Test func `an address is read and written whole`() {
        let text =
            "q=tea%20%26%20cake&category=Kitchen%20%3E%20Tea&brand=A%26B&brand=%EC%98%A8&min=5&max=49.5&below=50&available=1&nearest=1&page=3&scores=1&lang=ko"
        let address = PageAddress(text)
        #expect(address.query == "tea & cake" && address.category?.components == ["Kitchen", "Tea"])
        #expect(address.brands == ["A&B", "온"] && address.page == 3 && address.language == .korean)
        #expect((address.minimum, address.maximum, address.below) == (5, 49.5, 50))
        #expect(address.isAvailable && address.showsScores && address.showsNearest)
        #expect(address.link.text == "/?" + text)
        #expect(PageAddress("") == PageAddress() && PageAddress().link.text == "/")
        #expect(PageAddress("similar=K-1&q=x&lang=en").link.text == "/?similar=K-1&lang=en")
    }

    @Test(arguments: [
        "q=%FF", "q", "=", "&&&", "min=abc", "min=-5", "min=nan", "max=inf", "max=1e999", "page=x", "page=-3", "page=0",
        "category=%20%3E%20",
        "brand=", "brand=%20", "available=yes", "lang=xx", "similar=", "scores=true", "utm_source=mail", "q=a%",
        "%71=tea",
    ])
    func `what cannot be read or means nothing changes nothing`(_ text: String) {
        #expect(PageAddress(text) == PageAddress())
    }

    @Test func `a form's empty fields, its pluses and repeats are read as meant`() {
        let address = PageAddress("q=red+lamp&min=&max=&brand=A&brand=A&brand=B&category=")
        #expect(address.query == "red lamp" && address.brands == ["A", "B"])
        #expect(address.restrictions == [.brand])
        let many = (0..<50).map { "brand=b\($0)" }.joined(separator: "&")
        #expect(PageAddress(many).brands.count == PageAddress.mostBrands)
        #expect(PageAddress("page=999999").page == 1_000)
    }

    @Test func `the condition holds values, never text of an expression`() throws {
        let address = PageAddress(
            "category=A%20%3E%20B&brand=x%22%20or%20price%20%3E%200%20or%20brand%20%3D%20%22y&min=1.5&max=9&below=10&available=1"
        )
        let filter = try #require(address.filter())
        #expect(
            filter
                == .and([
                    .comparison(field: "category", .equal, .text("A > B")),
                    .oneOf(field: "brand", [.text("x\" or price > 0 or brand = \"y")]),
                    .comparison(field: "price", .greaterOrEqual, .number(1.5)),
                    .comparison(field: "price", .lessOrEqual, .number(9)),
                    .comparison(field: "price", .less, .number(10)), Availability.isInStock,
                ]))
        for restriction in PageAddress.Restriction.allCases {
            guard case .and(let parts)? = address.filter(without: restriction) else {
                Issue.record("no condition without \(restriction)")
                continue
            }
            #expect(parts.count == (restriction == .price ? 3 : 5))
        }
        #expect(PageAddress("q=tea").filter() == nil)
        #expect(PageAddress("available=1").filter(without: .availability) == nil)
    }

    @Test func `a change of a filter leads back to the first page`() {
        let address = PageAddress("q=tea&page=4&lang=ko")
        #expect(address.link { $0.isAvailable = true }.text == "/?q=tea&available=1&lang=ko")
        #expect(address.link { $0.page = 5 }.text == "/?q=tea&page=5&lang=ko")
        #expect(address.start.link.text == "/?lang=ko")
    }
}
