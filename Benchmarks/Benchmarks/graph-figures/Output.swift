// One JSON object a line.

import Foundation

/// Standard output.
enum Output {
    /// Writes figures on a line.
    static func show(_ figures: [String: Any]) throws {
        let data = try JSONSerialization.data(withJSONObject: figures, options: .sortedKeys)
        FileHandle.standardOutput.write(data + Data("\n".utf8))
    }
}

/// How long something takes.
func seconds(_ work: () -> Void) -> Double { ContinuousClock().measure(work) / .seconds(1) }
