// Cutting white space off texts; the common case, nothing to cut, costs two comparisons.

extension String {
    /// The text without Unicode white space at either end.
    func trimmed() -> String {
        guard let first = utf8.first else { return self }
        let last = utf8[utf8.index(before: utf8.endIndex)]
        let mayNeedTrimming = first <= 0x20 || first >= 0x80 || last <= 0x20 || last >= 0x80
        guard mayNeedTrimming else { return self }
        let scalars = unicodeScalars
        guard let start = scalars.firstIndex(where: { !$0.properties.isWhitespace }),
            let end = scalars.lastIndex(where: { !$0.properties.isWhitespace })
        else { return "" }
        guard start > startIndex || scalars.index(after: end) < endIndex else { return self }
        return String(scalars[start...end])
    }
}
