import Testing

@testable import HTMLWriting

struct LinkTests {
    @Test(arguments: [
        ("https://shop.example/a?b=c&d=e", "https://shop.example/a?b=c&d=e"),
        (" HTTP://Shop.example ", "HTTP://Shop.example"),
        ("https://shop.example/a b", "https://shop.example/a%20b"), ("https://[::1]:80/", "https://[::1]:80/"),
        ("https://shop.example/카메라", "https://shop.example/카메라"),
    ])
    func `whole addresses of the web are links`(_ text: String, _ link: String) {
        #expect(Link(web: text)?.text == link)
    }

    @Test(arguments: [
        "", " ", "javascript:alert(1)", "JaVaScRiPt:alert(1)", "java\tscript:alert(1)", "data:text/html,<script>",
        "vbscript:x",
        "/path", "//host/path", "path", "https:", "https://", "https:///path", "http:/host", "https:\\\\host",
        "ht\ntps://host",
        "https://host/\u{0}", "https://ho\tst/", "\u{1}https://host", "file:///etc/passwd", "blob:https://host/1",
        "https://?q", "https://@host",
    ])
    func `everything else is not`(_ text: String) {
        #expect(Link(web: text) == nil)
    }

    @Test func `a query is encoded byte by byte`() {
        let link = Link(path: "/", query: [("q", "a&b=c +\"<é\u{0}"), ("lang", "ko")])
        #expect(link.text == "/?q=a%26b%3Dc%20%2B%22%3C%C3%A9%00&lang=ko")
        #expect(Link(path: "/").text == "/")
    }
}
