// What stands where a product has no picture: a few shapes, made from its category. The first level of the path chooses the colour, the second
// one the motif, so that a shelf looks like a shelf; what is below turns the motif a little. Nothing is random: the same category has the same
// drawing always.

internal import Foundation
internal import HTMLWriting

/// A drawing for a category.
struct CategoryDrawing {
    /// Which of the colours in the style sheet.
    let tone: Int
    /// Which of the motifs below.
    let motif: Int
    /// How it differs from others of the same motif, 0...3.
    let variant: Int

    static let toneCount = 8
    static let motifCount = 8

    /// The drawing of a category.
    /// - Parameter path: “A > B > C”; empty: the drawing of none.
    init(_ path: String) {
        let levels = path.lowercased().split(separator: ">").map { $0.trimmingCharacters(in: .whitespaces) }
        tone = Int(Self.hash(levels.first ?? "") % UInt64(Self.toneCount))
        motif = Int(Self.hash(levels.prefix(2).joined(separator: ">")) / 64 % UInt64(Self.motifCount))
        variant = Int(Self.hash(path.lowercased()) / 7 % 4)
    }

    /// FNV-1a with a last mixing, since its low bits alone repeat; `Hasher` has another seed in every process.
    private static func hash(_ text: String) -> UInt64 {
        var hash = text.utf8.reduce(0xCBF2_9CE4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01B3 }
        hash = (hash ^ (hash >> 33)) &* 0xFF51_AFD7_ED55_8CCD
        return hash ^ (hash >> 33)
    }

    var html: HTML {
        HTML(
            "svg", .class("drawing tone-\(tone)"), HTMLAttribute("viewBox", "0 0 160 120"),
            HTMLAttribute("preserveAspectRatio", "xMidYMid meet"), HTMLAttribute("aria-hidden", "true"),
            HTMLAttribute("focusable", "false")
        ) {
            shapes
        }
    }

    private var shapes: HTML {
        let pieces: [HTML] =
            switch motif {
            case 0: (0..<3).map(ball)
            case 1: (0..<3).map(board)
            case 2: (0..<3).map(peak)
            case 3: (0..<3).map(ring)
            case 4: (0..<12).map(dot)
            case 5: (0..<3).map(wave)
            case 6: (0..<3).map(leaf)
            default: (0..<4).map(column)
            }
        return .joined(pieces)
    }

    // MARK: - Motifs: one piece of each

    private func ball(_ number: Int) -> HTML {
        circle(44 + 36 * number, 68 - 8 * abs(number - variant), 22, number)
    }

    private func board(_ number: Int) -> HTML {
        bar(40 + 8 * (number % 2) + 2 * variant, 32 + 20 * number, 72, 15, number)
    }

    private func peak(_ number: Int) -> HTML {
        let height = 44 + 6 * ((variant + number) % 3)
        return path("M\(26 + 34 * number) 92l26 -\(height)l26 \(height)z", number)
    }

    private func ring(_ number: Int) -> HTML {
        circle(80, 60, 44 - 13 * number - variant, 2 - number)
    }

    private func dot(_ number: Int) -> HTML {
        circle(44 + 24 * (number % 4), 36 + 24 * (number / 4), 8, (number + variant) % 4 == 0 ? 0 : 1)
    }

    private func wave(_ number: Int) -> HTML {
        let (top, height) = (36 + 20 * number, 10 + 3 * variant)
        return path(
            "M20 \(top)q15 -\(height) 30 0t30 0t30 0t30 0v10q-15 \(height) -30 0t-30 0t-30 0t-30 0z", number)
    }

    private func leaf(_ number: Int) -> HTML {
        let (lean, height) = (34 * (number - 1), 62 - 4 * variant)
        return path(
            "M80 94q\(lean - 16) -\(height / 2) \(lean) -\(height)q\(16) \(height / 2) \(-lean) \(height)z", number)
    }

    private func column(_ number: Int) -> HTML {
        let height = ((number * 3 + variant * 2) % 5 + 3) * 8
        return bar(40 + 21 * number, 92 - height, 15, height, number)
    }

    // MARK: - Shapes

    private func layer(_ number: Int) -> HTMLAttribute { .class(["a", "b", "c"][number % 3]) }

    private func circle(_ x: Int, _ y: Int, _ radius: Int, _ number: Int) -> HTML {
        HTML(
            "circle", HTMLAttribute("cx", "\(x)"), HTMLAttribute("cy", "\(y)"), HTMLAttribute("r", "\(radius)"),
            layer(number)
        ) {
            HTML.empty
        }
    }

    private func bar(_ x: Int, _ y: Int, _ width: Int, _ height: Int, _ number: Int) -> HTML {
        HTML(
            "rect", HTMLAttribute("x", "\(x)"), HTMLAttribute("y", "\(y)"), HTMLAttribute("width", "\(width)"),
            HTMLAttribute("height", "\(height)"), HTMLAttribute("rx", "4"), layer(number)
        ) { HTML.empty }
    }

    private func path(_ data: String, _ number: Int) -> HTML {
        HTML("path", HTMLAttribute("d", data), layer(number)) { HTML.empty }
    }
}
