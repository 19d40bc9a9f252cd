import Testing

@testable import VectorSearch

struct LinkRowsTests {
    private static func rows(_ count: Int, width: Int = 3) -> LinkRows {
        var rows = LinkRows(width: width)
        rows.append(count)
        for row in 0..<count { rows.row(row)[0] = UInt32(row) }
        return rows
    }

    private func values(_ rows: LinkRows) -> [UInt32] { (0..<rows.count).map { rows.row($0)[0] } }

    @Test(arguments: [1, 255, 256, 257, 1_000]) func `a copy keeps what it had, whatever becomes of the original`(
        count: Int
    ) {
        var rows = Self.rows(count)
        let copy = rows
        let before = values(copy)
        for row in [0, count / 2, count - 1] {
            rows.makeUnique(row: row)
            rows.row(row)[0] = 9_999
        }
        rows.append(300)
        rows.row(count)[0] = 7
        #expect(values(copy) == before && copy.count == count)
        #expect(rows.row(0)[0] == 9_999 && rows.row(count)[0] == 7 && rows.row(count)[2] == 0)
    }

    @Test func `two copies that both grow do not share what they append`() {
        var (left, right) = (Self.rows(10), LinkRows(width: 3))
        right = left
        left.append(1)
        right.append(1)
        left.row(10)[0] = 1
        right.row(10)[0] = 2
        #expect(left.row(10)[0] == 1 && right.row(10)[0] == 2)
    }

    @Test func `only chunks that change are copied`() {
        let rows = Self.rows(1_024)
        var changed = rows
        changed.makeUnique(row: 300)
        changed.row(300)[0] = 1
        let same = (0..<4).map { changed.starts[$0] == rows.starts[$0] }
        #expect(same == [true, false, true, true])
        let address = changed.starts[1]
        changed.makeUnique(row: 301)
        #expect(changed.starts[1] == address)
    }

    @Test func `equal rows are equal, wherever they lie`() {
        let rows = Self.rows(600)
        let other = Self.rows(600)
        #expect(rows == other && rows.hashValue == other.hashValue)
        other.row(599)[2] = 1
        #expect(rows != other)
        #expect(Self.rows(600) != Self.rows(601) && Self.rows(5) != Self.rows(5, width: 4))
    }
}
