import Testing

@testable import Evaluation

struct QueryTraitsTests {
    @Test(arguments: [
        ("", "1 word"), ("lamp", "1 word"), ("  lamp ", "1 word"), ("red lamp", "2 words"),
        ("red\tlamp\nbig", "3 words"),
        ("a b c d", "4 words"), ("a b c d e", "5 or 6 words"), ("a b c d e f", "5 or 6 words"),
        ("a b c d e f g", "7 words and more"), ("a b c d e f g h i j k l", "7 words and more"),
        ("양모 담요", "2 words"), ("ウールの毛布", "1 word"), ("red\u{A0}lamp", "2 words"), ("t-shirt", "1 word"),
    ])
    func `length is the number of words between blanks`(text: String, name: String) {
        #expect(QueryTraits.length(of: text).name == name)
    }

    @Test func `classes of length are ordered from short to long`() {
        let texts = (1...12).map { Array(repeating: "x", count: $0).joined(separator: " ") }
        let lengths = texts.map { QueryTraits.length(of: $0) }
        #expect(zip(lengths, lengths.dropFirst()).allSatisfy { $0.order <= $1.order })
        #expect(zip(lengths, lengths.dropFirst()).allSatisfy { ($0.name == $1.name) == ($0.order == $1.order) })
    }

    @Test(arguments: [
        ("hv-2740q", "with a code"), ("m18", "with a code"), ("2740", "with a code"),
        ("milwaukee m18 drill", "with a code"),
        ("12345678", "with a code"), ("part 0004", "with a code"), ("X9", "with a code"), ("B07XJ8C8F5", "with a code"),
        ("모델7", "with a code"),
        ("18v", "with digits"), ("4x8", "with digits"), ("2 x 4 lumber", "with digits"), ("200x220 cm", "with digits"),
        ("1/2 in", "with digits"), ("100.50", "with digits"), ("(m18)", "with digits"), ("123 456", "with digits"),
        ("lamp", "without digits"), ("", "without digits"), ("t-shirt", "without digits"),
        ("двадцать", "without digits"),
    ])
    func `a code begins with a letter and holds a digit, or holds four digits in a row`(text: String, name: String) {
        #expect(QueryTraits.digits(in: text).name == name)
    }

    @Test(arguments: [
        ("red lamp", "Latin script"), ("Öl für Möbel", "Latin script"), ("cafe\u{301}", "Latin script"),
        ("áo dài ạ", "Latin script"), ("Ｌａｍｐ", "Latin script"),
        ("양모 담요", "Korean"), ("담요 200×220 cm", "several scripts"), ("담요 200×220", "Korean"), ("ㅋㅋ", "Korean"),
        ("\u{1103}\u{1161}", "Korean"), ("大韓 담요", "Korean"),
        ("ウール", "Japanese"), ("ウールの毛布", "Japanese"), ("ｳｰﾙ", "Japanese"), ("人々の", "Japanese"),
        ("羊毛毯", "Han"), ("々", "Han"), ("𠮷", "Han"), ("毛布 ウール 담요", "several scripts"),
        ("лампа", "Cyrillic"), ("λάμπα", "Greek"), ("מנורה", "Hebrew"), ("مصباح", "Arabic"), ("दीपक", "Devanagari"),
        ("โคมไฟ", "Thai"), ("ლამპა", "another script"), ("iphone чехол", "several scripts"),
        ("毛布 wool", "several scripts"),
        ("😀👍🏽", "no letters"), ("👩‍👩‍👧‍👦", "no letters"), ("12345", "no letters"), ("", "no letters"), ("?!…", "no letters"),
        ("😀 lamp", "Latin script"), ("4x8", "Latin script"),
    ])
    func `the script is that of all letters`(text: String, name: String) {
        #expect(QueryTraits.script(of: text) == name)
    }
}
