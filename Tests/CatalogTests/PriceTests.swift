import Testing

@testable import Catalog

@Suite struct PriceTests {
    @Test(arguments: [
        ("12.90", 12.9), ("12,90", 12.9), ("1,299.00", 1299), ("1.299,00", 1299), ("1,299", 1299), ("1.299", 1.299),
        ("0,125", 0.125),
        ("0", 0), ("-0", 0), ("1299", 1299), ("1.299.000", 1_299_000), ("1,29,900.50", 129_900.5), ("1 299,00", 1299),
        ("1\u{202F}299", 1299), ("1'299.95", 1299.95), ("1’299.95", 1299.95), (".99", 0.99),
        ("+5", 5), ("1.", 1), ("1e3", 1000), ("5.0E-2", 0.05), ("1234,5", 1234.5), ("12345,678", 12345.678),
        ("1,2999", 1.2999),
    ]) func `reads the numbers of many countries`(text: String, amount: Double) throws {
        #expect(try Price(parsing: text) == Price(number: amount, currency: nil))
    }

    @Test(
        arguments: [
            ("$12", 12, nil), ("12.90 EUR", 12.9, "EUR"), ("EUR 12,90", 12.9, "EUR"), ("€12.90", 12.9, "EUR"),
            ("12,90 €", 12.9, "EUR"),
            ("£1,299", 1299, "GBP"), ("US$ 5", 5, nil), ("R$ 1.299,00", 1299, nil), ("CHF 1'299.–", 1299, "CHF"),
            ("12,-", 12, nil),
            ("199 kr", 199, nil), ("Rs. 1,29,900", 129_900, nil), ("₩12,900", 12_900, nil), ("12900원", 12_900, nil),
            ("EUR .50", 0.5, "EUR"), ("12.000 €", 12_000, "EUR"), ("1.299,-", 1299, nil), ("€ 1.299", 1299, "EUR"),
            ("0.125 €", 0.125, "EUR"), ("1.299 KWD", 1.299, "KWD"), ("1.2990 €", 1.299, "EUR"), ("99¢", 0.99, nil),
            ("12,500 TND", 12.5, "TND"), ("12,500 KWD", 12_500, "KWD"), ("£1.299", 1.299, "GBP"),
            ("USD 3.499", 3.499, "USD"),
            ("12,– €", 12, "EUR"), ("1.299,– €", 1299, "EUR"), ("CHF 12.--", 12, "CHF"), ("1 299:-", 1299, nil),
            ("1.299,- kr", 1299, nil), ("1 299,- Kč", 1299, nil), ("Rs.1,299/-", 1299, nil), ("Rp 12.990", 12_990, nil),
            ("1.299,90 TL", 1299.9, nil), ("EUR 12 EUR", 12, "EUR"), ("€ 12 EUR", 12, "EUR"),
        ] as [(String, Double, String?)]) func `reads currencies beside the number`(
            text: String, amount: Double, code: String?
        ) throws
    {
        #expect(try Price(parsing: text) == Price(number: amount, currency: code))
    }

    @Test(arguments: [
        "abc", "12abc", "12 kg", "1,2,3", "1.2.3", "1,23,45", "12 90", "1,299.00.00", "1..2", "--", "$", "12-15",
        "5 - 9", "from 12 EUR",
        "nan", "0x10", "12 EUR 13", "1.299,000.5", "12/13", "١٢", "", "e", "...", ",99", "1\u{A0}299\u{202F}000,5",
    ]) func `refuses what is no number`(text: String) {
        #expect(throws: Price.ParsingError.notNumber) { try Price(parsing: text) }
    }

    @Test(arguments: ["EUR 12 USD", "€12 GBP", "£ 5 EUR"]) func `refuses two currencies`(text: String) {
        #expect(throws: Price.ParsingError.twoCurrencies) { try Price(parsing: text) }
    }

    @Test(arguments: ["-1", "-12,90", "€ -5", "-$5", "\u{2212}5 EUR"]) func `refuses negative prices`(text: String) {
        #expect(throws: Price.ParsingError.negative) { try Price(parsing: text) }
    }

    @Test(arguments: ["1e999", "1e309"]) func `refuses what a float cannot hold`(text: String) {
        #expect(throws: Price.ParsingError.notFinite) { try Price(parsing: text) }
    }

    @Test(arguments: Seed.samples(50)) func `reads random amounts in the notations of three countries`(seed: Seed)
        throws
    {
        var generator = seed.generator
        for _ in 0..<50 {
            let cents = Int.random(in: 0...2_000_000_000, using: &generator)
            let digits = String(cents / 100)
            func grouped(_ separator: String) -> String {
                let reversed = Array(digits.reversed())
                let groups = stride(from: 0, to: reversed.count, by: 3).map {
                    String(reversed[$0..<min($0 + 3, reversed.count)].reversed())
                }
                return groups.reversed().joined(separator: separator)
            }
            let fraction = (cents % 100 < 10 ? "0" : "") + String(cents % 100)
            let amount = try #require(Double("\(digits).\(fraction)"))
            for text in [
                "\(grouped(",")).\(fraction)", "\(grouped(".")),\(fraction) €", "CHF \(grouped("'")).\(fraction)",
            ] {
                #expect(try Price(parsing: text).amount == amount, "\(text)")
            }
        }
    }
}
