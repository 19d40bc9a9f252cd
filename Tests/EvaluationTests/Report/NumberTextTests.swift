import Testing

@testable import Evaluation

struct NumberTextTests {
    @Test(arguments: [
        (0.0, 2, "0.00"), (-0.0, 0, "0"), (-0.0004, 3, "0.000"), (-0.0006, 3, "−0.001"), (1234.5, 1, "1,234.5"),
        (999, 0, "999"),
        (-1_000_000, 0, "−1,000,000"), (0.5, 0, "0"), (2.5, 3, "2.500"),
    ]) func `writes fixed decimals`(_ value: Double, _ decimals: Int, _ text: String) {
        #expect(NumberText.fixed(value, decimals: decimals) == text)
    }

    @Test(arguments: [
        (1e6, 0, "10⁶"), (2e-7, 0, "2×10⁻⁷"), (-1.25e30, 2, "−1.25×10³⁰"), (0, 3, "0"), (-1e10, 0, "−10¹⁰"),
        (9.99e9, 1, "1.0×10¹⁰"),
    ]) func `writes powers of ten`(_ value: Double, _ decimals: Int, _ text: String) {
        #expect(NumberText.scientific(value, decimals: decimals) == text)
    }

    @Test(arguments: [
        ([0.4213, 0.01], 3), ([12.5], 1), ([0.0266, -0.0301], 4), ([9800], 0), ([0], 0), ([], 0), ([1e-9], 6),
    ]) func `gives the largest value three digits`(_ values: [Double], _ decimals: Int) {
        #expect(NumberText.decimals(for: values) == decimals)
    }

    @Test func `gives differences a sign but zero none`() {
        #expect(NumberText.value(0.02, decimals: 3, isSigned: true) == "+0.020")
        #expect(NumberText.value(-0.02, decimals: 3, isSigned: true) == "−0.020")
        #expect(NumberText.value(0, decimals: 3, isSigned: true) == "0.000")
        #expect(NumberText.value(1e12, decimals: 0) == "1.00×10¹²")
    }
}
