import Foundation
import Testing

@testable import Catalog

@Suite struct TextTemplateTests {
    private var product: Product {
        var product = Product(id: ProductID(rawValue: "7"), title: " Pan ", description: "Heavy.\nGood.")
        product.category = CategoryPath("Kitchen>Pans")
        product.price = 12
        product.attributes = ["color": .list([.text("red"), .text("blue")]), "set": .flag(true)]
        return product
    }

    @Test func `joins the parts that are there`() throws {
        #expect(TextTemplate.standard.text(for: product) == "Pan\nKitchen > Pans\nHeavy.\nGood.")
        #expect(try TextTemplate("color, set,price,id").text(for: product) == "red, blue\ntrue\n12\n7")
        #expect(try TextTemplate("brand,missing").text(for: product).isEmpty)
    }

    @Test func `gives exactly the title when nothing else is there`() {
        #expect(TextTemplate.standard.text(for: Product(id: ProductID(rawValue: "1"), title: "Red shoe")) == "Red shoe")
    }

    @Test func `returns from its description and from JSON`() throws {
        let template = try TextTemplate(" title , material,brand ")
        #expect(template.description == "title,material,brand")
        #expect(try TextTemplate(template.description) == template)
        #expect(try JSONDecoder().decode([TextTemplate].self, from: JSONEncoder().encode([template])) == [template])
        #expect(try TextTemplate("title,brand,category,description") == .standard)
    }

    @Test(arguments: ["", " ", "title,", "title,,brand", "title,brand,title"]) func `refuses blank and repeated names`(
        text: String
    ) {
        #expect(throws: CatalogError.self) { try TextTemplate(text) }
    }

    @Test(arguments: Seed.samples(50)) func `tells an empty text without building it`(seed: Seed) throws {
        var generator = seed.generator
        var product = ProductTests.random(&generator)
        if Bool.random(using: &generator) { product.title = " \n" }
        for template in try [.standard, TextTemplate("brand"), TextTemplate("title,image")] {
            #expect(template.rendersEmpty(for: product) == template.text(for: product).isEmpty)
        }
    }
}
