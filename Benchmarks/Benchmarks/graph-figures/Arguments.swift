// The command line.

/// What is asked for.
struct Arguments {
    var files: [String] = []
    var k = 10
    var threads = 2
    var widths = [10, 16, 20, 24, 28, 32, 40, 48, 64, 128, 256]
    var rescores: [Int?] = [nil]
    var isFloat32 = false
    var skipsGrowth = false
    var filters: String?

    init(_ words: [String]) {
        var words = words[...]
        while let word = words.popFirst() {
            switch word {
            case "--float32": isFloat32 = true
            case "--no-growth": skipsGrowth = true
            case "--filters": filters = words.popFirst()
            case "--k": k = words.popFirst().flatMap { Int($0) } ?? k
            case "--threads": threads = words.popFirst().flatMap { Int($0) } ?? threads
            case "--ef": widths = (words.popFirst() ?? "").split(separator: ",").compactMap { Int($0) }
            case "--rescore": rescores = (words.popFirst() ?? "").split(separator: ",").map { Int($0) }
            default: files.append(word)
            }
        }
    }
}
