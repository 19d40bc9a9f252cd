// The colours of a report, once for light and once for dark paper.
//
// The series colours follow Okabe and Ito (“Color Universal Design”, 2008), darkened for white paper and lightened for black so that labels can
// be written in them: text has at least 4.5 : 1 against its paper, shapes at least 3 : 1 (WCAG 2.2, 1.4.3 and 1.4.11). The tests compute both.

/// A named colour in both modes.
struct ReportPalette {
    /// What the colour is for.
    enum Role {
        /// Behind everything.
        case paper
        /// Behind a call-out.
        case ground
        /// Read, so it needs contrast.
        case text
        /// Seen, so it needs some contrast.
        case shape
        /// Faint on purpose.
        case line
    }

    /// Of the CSS variable, without its dashes.
    let name: String
    /// Of what it is used for.
    let role: Role
    /// On light paper, `#rrggbb`.
    let light: String
    /// On dark paper, `#rrggbb`.
    let dark: String

    /// The number of different series colours.
    static let seriesCount = 6

    /// All colours.
    static let all: [ReportPalette] = [
        .init(name: "paper", role: .paper, light: "#ffffff", dark: "#14171b"),
        .init(name: "note-ground", role: .ground, light: "#eef4fb", dark: "#1b2632"),
        .init(name: "warning-ground", role: .ground, light: "#fff3e2", dark: "#31230f"),
        .init(name: "ink", role: .text, light: "#1b1f24", dark: "#e3e7eb"),
        .init(name: "muted", role: .text, light: "#56606a", dark: "#a3adb8"),
        .init(name: "link", role: .text, light: "#0a53a8", dark: "#82bbff"),
        .init(name: "warning", role: .text, light: "#9a3b00", dark: "#ffb169"),
        .init(name: "rule", role: .line, light: "#c6ccd3", dark: "#485059"),
        .init(name: "grid", role: .line, light: "#e6e9ed", dark: "#282d34"),
        .init(name: "axis", role: .shape, light: "#6d7781", dark: "#8b95a0"),
        .init(name: "series-1", role: .text, light: "#0068b0", dark: "#5cb5f4"),
        .init(name: "series-2", role: .text, light: "#b84a00", dark: "#ff9a57"),
        .init(name: "series-3", role: .text, light: "#007a59", dark: "#3ec79b"),
        .init(name: "series-4", role: .text, light: "#a03a8e", dark: "#e396d4"),
        .init(name: "series-5", role: .text, light: "#836700", dark: "#dcc04a"),
        .init(name: "series-6", role: .text, light: "#5c636b", dark: "#b7bec6"),
    ]
}
