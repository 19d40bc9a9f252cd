import Testing

@testable import aisle

struct TextTableTests {
    private func sample() -> TextTable {
        var table = TextTable(columns: [
            .init(header: "rank", isRightAligned: true, isCuttable: false),
            .init(header: "id", isCuttable: false),
            .init(header: "title"),
            .init(header: "category"),
        ])
        table.append(["1", "kr-0001", "양모 담요", "침실 > 이불"])
        table.append(["10", "p7", "Cafe\u{301} table for two", "Garden"])
        return table
    }

    @Test func `aligns Korean and combining marks by cells`() {
        #expect(
            sample().lines(width: nil) == [
                "rank  id       title               category",
                "   1  kr-0001  양모 담요           침실 > 이불",
                "  10  p7       Cafe\u{301} table for two  Garden",
            ])
    }

    @Test func `cuts the widest column first and keeps ids whole`() {
        #expect(
            sample().lines(width: 36) == [
                "rank  id       title      category",
                "   1  kr-0001  양모 담요  침실 > 이…",
                "  10  p7       Cafe\u{301} tab…  Garden",
            ])
    }

    @Test(arguments: 33...60)
    func `fits every width down to its smallest columns`(_ width: Int) {
        for line in sample().lines(width: width) { #expect(line.cellWidth <= width, "\(line)") }
    }

    @Test func `lets the line grow rather than cut an id`() {
        var table = TextTable(columns: [.init(header: "id", isCuttable: false), .init(header: "title")])
        table.append(["a-very-long-product-identifier", "A very long title"])
        #expect(
            table.lines(width: 20) == [
                "id                              title", "a-very-long-product-identifier  A very …",
            ])
    }

    @Test func `a line break in a cell does not break the table`() {
        var table = TextTable(columns: [.init(header: "title")])
        table.append(["two\nlines"])
        #expect(table.lines(width: nil) == ["title", "two lines"])
    }
}
