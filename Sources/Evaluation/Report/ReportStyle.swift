// The style sheet of a report. It stands in the page itself, which is XML: no `<` and no `&` in it.

/// The looks of a page and of the drawings in it.
enum ReportStyle {
    /// The whole style sheet.
    static var css: String {
        """
        :root { color-scheme: light dark; \(variables(\.light)) }
        @media screen and (prefers-color-scheme: dark) { :root { \(variables(\.dark)) } }
        \(page)
        \(tables)
        \(figures)
        \(series)
        \(narrow)
        \(print)
        """
    }

    private static func variables(_ mode: KeyPath<ReportPalette, String>) -> String {
        ReportPalette.all.map { "--\($0.name): \($0[keyPath: mode]);" }.joined(separator: " ")
    }

    private static let page = """
        * { box-sizing: border-box; }
        html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
        body { margin: 0; background: var(--paper); color: var(--ink);
          font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Helvetica Neue", Arial, sans-serif;
          font-variant-numeric: tabular-nums; overflow-wrap: break-word; }
        main { max-width: 84rem; margin: 0 auto; padding: 1.75rem 1.5rem 3rem; }
        h1 { font-size: 1.6rem; line-height: 1.25; margin: 0 0 .5rem; max-width: 48ch; text-wrap: balance; }
        h2 { font-size: 1.2rem; line-height: 1.3; margin: 2.25rem 0 .5rem; padding-top: .6rem; border-top: 1px solid var(--rule); }
        p { margin: .5rem 0 .75rem; max-width: 72ch; }
        .lead { font-size: 1.07rem; }
        a { color: var(--link); }
        nav ul { display: flex; flex-wrap: wrap; gap: .1rem 1.25rem; margin: 1rem 0 0; padding: 0; list-style: none; }
        .facts { display: grid; grid-template-columns: fit-content(14rem) minmax(0, 1fr); gap: .1rem 1.25rem; margin: 1rem 0;
          max-width: 72rem; font-size: .93rem; }
        .facts dt, .facts dd { margin: 0; overflow-wrap: anywhere; }
        .facts dt { color: var(--muted); }
        .callout { padding: .5rem .8rem; border-left: 4px solid var(--series-1); background: var(--note-ground); }
        .warning { border-left-color: var(--warning); background: var(--warning-ground); }
        .warning strong { color: var(--warning); }
        details { margin: .75rem 0; }
        summary { cursor: pointer; color: var(--link); }
        details[open] { padding-left: .9rem; border-left: 2px solid var(--rule); }
        details[open] > summary { margin-left: -.9rem; padding-left: .9rem; }
        """

    private static let tables = """
        .table { max-width: 100%; margin: .75rem 0 1rem; overflow-x: auto; }
        table { border-collapse: collapse; font-size: .93rem; line-height: 1.35; }
        caption { padding: 0 .6rem .35rem 0; text-align: left; color: var(--muted); }
        th, td { padding: .28rem .9rem .28rem 0; text-align: left; vertical-align: baseline; border-bottom: 1px solid var(--grid);
          max-width: 44ch; font-weight: inherit; }
        .prose { min-width: 24ch; }
        th:last-child, td:last-child { padding-right: .2rem; }
        thead th { font-weight: 600; border-bottom: 1px solid var(--rule); vertical-align: bottom; }
        thead th[title] { text-decoration: underline dotted var(--muted); text-underline-offset: .25em; }
        .number { text-align: right; white-space: nowrap; }
        thead .number { white-space: normal; }
        .explanations { margin-top: -.5rem; font-size: .87rem; color: var(--muted); }
        .explanations b { font-weight: 600; }
        """

    private static let figures = """
        .figures { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 36rem), 1fr)); gap: 1.25rem 2.5rem;
          margin: 1rem 0; align-items: start; }
        figure { margin: 0; min-width: 0; max-width: 46rem; }
        figcaption { max-width: 72ch; margin-top: .4rem; font-size: .93rem; color: var(--muted); }
        figcaption b { color: var(--ink); font-weight: 600; }
        .plot { overflow-x: auto; }
        svg { display: block; width: 100%; min-width: 480px; height: auto; font-size: 13px; }
        text { fill: var(--ink); }
        .title { font-size: 15px; font-weight: 600; }
        .tick { fill: var(--muted); }
        .halo { paint-order: stroke; stroke: var(--paper); stroke-width: 5px; stroke-linejoin: round; }
        .halo.s1, .halo.s2, .halo.s3, .halo.s4, .halo.s5, .halo.s6 { fill: var(--c); }
        .grid { stroke: var(--grid); stroke-width: 1; }
        .axis { stroke: var(--axis); stroke-width: 1; }
        .frame { fill: none; stroke: var(--grid); }
        .reference { stroke: var(--ink); stroke-width: 1.2; stroke-dasharray: 4 3; }
        .line { fill: none; stroke: var(--c); stroke-width: 2; stroke-linejoin: round; }
        .area { fill: var(--c); fill-opacity: .1; }
        .mark { fill: var(--c); stroke: var(--paper); stroke-width: 1; }
        .hollow { fill: var(--paper); stroke: var(--c); stroke-width: 2; }
        .bar { fill: var(--c); }
        .whisker { stroke: var(--c); stroke-width: 3; }
        .thin { stroke-width: 1.4; }
        .spot { fill: var(--c); fill-opacity: .6; }
        .rest { fill: var(--axis); fill-opacity: .45; }
        .dot { fill: var(--c); fill-opacity: .4; stroke: var(--c); stroke-width: 1; }
        """

    /// Colour and dashes of each series.
    private static let series =
        (1...ReportPalette.seriesCount).map { number in
            ".s\(number) { --c: var(--series-\(number)); }"
        }.joined(separator: " ") + """

            .line.s2 { stroke-dasharray: 8 3; } .line.s3 { stroke-dasharray: 2.5 2.5; } .line.s4 { stroke-dasharray: 9 3 2 3; }
            .line.s5 { stroke-dasharray: 14 4; } .line.s6 { stroke-dasharray: 4 4; }
            """

    /// What changes in a narrow window.
    ///
    /// Telephones hide their scroll bars, so a shadow at the right edge tells that there is more; a paper-coloured layer that scrolls with the
    /// content hides it at the end.
    private static let narrow = """
        @media (max-width: 40rem) {
          main { padding: 1rem 1rem 2rem; }
          h1 { font-size: 1.35rem; }
          .facts { grid-template-columns: minmax(0, 1fr); gap: 0; }
          .facts dd { margin-bottom: .4rem; }
          th, td { max-width: 30ch; padding-right: .7rem; }
          .table, .plot { background:
            linear-gradient(to left, var(--paper) 40%, transparent) calc(100% + 2px) 0 / 34px 100% no-repeat local,
            linear-gradient(to left, var(--rule), transparent) right / 10px 100% no-repeat scroll; }
        }
        """

    private static let print = """
        @media print {
          @page { margin: 14mm; }
          body { font-size: 10pt; }
          main { max-width: none; padding: 0; }
          nav { display: none; }
          h2 { break-after: avoid; }
          figure, tr, .callout { break-inside: avoid; }
          thead { display: table-header-group; }
          .table, .plot { overflow: visible; background: none; }
          svg { min-width: 0; max-width: 150mm; }
          .bar, .callout { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
          details::details-content { content-visibility: visible; block-size: auto; }
        }
        """
}
