// The page around what was found: box, foot, and the region between them, which page.js exchanges.

internal import Catalog
internal import Engine
internal import HTMLWriting
internal import HTTPTypes
internal import Hummingbird

/// Renders pages for one request: its address, its language.
struct PageView: Sendable {
    let address: PageAddress
    let language: PageLanguage
    let limits: ServerConfiguration

    var texts: PageTexts { language.texts }
    var numbers: ShopNumbers { ShopNumbers(language: language) }

    /// Reads what the request asks for.
    init(_ request: Request, _ limits: ServerConfiguration) {
        self.init(
            address: PageAddress(request.uri.query ?? ""), accepting: request.headers[.acceptLanguage], limits)
    }

    /// A page at an address.
    /// - Parameters:
    ///   - address: what is shown.
    ///   - header: the languages that the browser takes.
    ///   - limits: of the server.
    init(address: PageAddress, accepting header: String?, _ limits: ServerConfiguration) {
        self.address = address
        language = address.language ?? PageLanguage(accepting: header)
        self.limits = limits
    }

    /// The whole page.
    func document(_ content: PageContent) -> String {
        document(title: title(of: content)) {
            HTML("main", HTMLAttribute("id", "results"), HTMLAttribute("tabindex", "-1")) { region(content) }
        }
    }

    /// What page.js exchanges: everything that depends on the query.
    func region(_ content: PageContent) -> HTML {
        let query = recordedQuery(content)
        return HTML(
            "div", .class("region"), HTMLAttribute("data-title", title(of: content)),
            HTMLAttribute("data-status", heading(of: content)), query.map { HTMLAttribute("data-query", $0) },
            HTMLAttribute("data-search", address.link { _ in }.text), HTMLAttribute("data-address", address.link.text)
        ) {
            if address.showsScores { Self.hidden("scores", "1") }
            switch content {
            case .start(let categories): StartView(page: self, categories: categories).html
            case .results(let results): ResultsView(page: self, results: results).html
            case .similar(let product, let hits): SimilarView(page: self, product: product, hits: hits).html
            case .problem(let problem): ProblemView(page: self, problem: problem).html
            }
        }
    }

    /// The query, where what is shown says how people liked its hits.
    private func recordedQuery(_ content: PageContent) -> String? {
        guard case .results(let results) = content else { return nil }
        switch results.kind {
        case .found, .nearestAnyway, .nothingClose: return address.query
        case .browse, .noneMatch: return nil
        }
    }

    /// The first heading, which is read out when the region changes.
    func heading(of content: PageContent) -> String {
        switch content {
        case .start(let categories): categories.isEmpty ? texts.emptyShop : texts.startHeading
        case .results(let results): ResultsView(page: self, results: results).heading
        case .similar(let product, _): texts.similarHeading(CardView.title(of: product, texts))
        case .problem(let problem): ProblemView(page: self, problem: problem).heading
        }
    }

    private func title(of content: PageContent) -> String {
        if case .start = content { return texts.siteTitle }
        return "\(heading(of: content)) – \(texts.siteTitle)"
    }

    /// Head, box and foot around a part that says what is in the middle.
    func document(title: String, @HTMLBuilder _ main: () -> HTML) -> String {
        HTML.document(
            HTML("html", HTMLAttribute("lang", language.rawValue)) {
                HTML("head") {
                    HTML(void: "meta", HTMLAttribute("charset", "utf-8"))
                    HTML(
                        void: "meta", HTMLAttribute("name", "viewport"),
                        HTMLAttribute("content", "width=device-width, initial-scale=1"))
                    HTML(void: "meta", HTMLAttribute("name", "color-scheme"), HTMLAttribute("content", "light dark"))
                    HTML("title") { title }
                    HTML(void: "link", HTMLAttribute("rel", "stylesheet"), .href(PageAsset.style.link))
                    HTML(
                        void: "link", HTMLAttribute("rel", "icon"), HTMLAttribute("type", "image/svg+xml"),
                        .href(PageAsset.icon.link))
                    HTML("script", .src(PageAsset.script.link), .flag("defer")) { HTML.empty }
                    HTML("script", .src(PageAsset.records.link), .flag("defer")) { HTML.empty }
                }
                HTML("body", HTMLAttribute("data-offline", texts.offline)) {
                    HTML("a", .class("skip"), .href(Link(fragment: "results"))) { texts.skipToResults }
                    top
                    HTML("p", .class("hidden"), HTMLAttribute("id", "status"), HTMLAttribute("role", "status")) {
                        HTML.empty
                    }
                    main()
                    foot
                }
            })
    }

    private var top: HTML {
        HTML("header", .class("top")) {
            HTML("a", .class("mark"), .href(address.start.link)) {
                HTML("span", HTMLAttribute("aria-hidden", "true")) { HTML.empty }
                "Aisle"
            }
            HTML(
                "form", HTMLAttribute("id", "search"), HTMLAttribute("role", "search"), HTMLAttribute("method", "get"),
                .action(Link(path: "/"))
            ) {
                HTML("label", .class("hidden"), HTMLAttribute("for", "q")) { texts.searchLabel }
                HTML(
                    void: "input", HTMLAttribute("id", "q"), HTMLAttribute("name", "q"),
                    HTMLAttribute("type", "search"),
                    HTMLAttribute("value", address.similar == nil ? address.query : ""),
                    HTMLAttribute("placeholder", texts.searchPlaceholder),
                    HTMLAttribute("maxlength", "\(limits.maxQueryLength)"), HTMLAttribute("autocomplete", "off"),
                    HTMLAttribute("spellcheck", "false"), HTMLAttribute("enterkeyhint", "search"),
                    HTMLAttribute("aria-keyshortcuts", "/"))
                HTML("button", HTMLAttribute("type", "submit")) { texts.searchButton }
                if let language = address.language { Self.hidden("lang", language.rawValue) }
            }
        }
    }

    private var foot: HTML {
        HTML("footer") {
            HTML("p") { texts.privacy }
            HTML("nav", HTMLAttribute("aria-label", texts.language)) {
                for language in PageLanguage.allCases {
                    HTML(
                        "a", .href(link(in: language)), HTMLAttribute("lang", language.rawValue),
                        HTMLAttribute("hreflang", language.rawValue), HTMLAttribute("data-language", language.rawValue),
                        language == self.language ? HTMLAttribute("aria-current", "true") : nil
                    ) { language.name }
                }
            }
        }
    }

    private func link(in language: PageLanguage) -> Link {
        var other = address
        other.language = language
        return other.link
    }

    /// A value that goes with the form.
    static func hidden(_ name: String, _ value: String) -> HTML {
        HTML(
            void: "input", HTMLAttribute("type", "hidden"), HTMLAttribute("form", "search"),
            HTMLAttribute("name", name),
            HTMLAttribute("value", value))
    }
}
