// What the encoder's tests read: the tiny model in the repository, and the real model and the goldens where they are.

import Foundation
import Testing

@testable import Encoder

enum Fixtures {
    /// The files beside the tests.
    static var root: URL {
        get throws { try #require(Bundle.module.resourceURL).appending(path: "Fixtures") }
    }

    /// A model directory of 2 layers, 16 wide, as sentence-transformers 6.2 saved it.
    static var tiny: URL { get throws { try root.appending(path: "tiny") } }

    /// all-MiniLM-L6-v2, if it has been pulled.
    static let model: URL? = {
        let environment = ProcessInfo.processInfo.environment
        let home =
            environment["AISLE_HOME"].map(URL.init(fileURLWithPath:))
            ?? URL(fileURLWithPath: NSHomeDirectory()).appending(path: ".cache/aisle")
        let model = home.appending(path: "models/all-MiniLM-L6-v2")
        return FileManager.default.fileExists(atPath: model.appending(path: "modules.json").path) ? model : nil
    }()

    /// The reference numbers beside the project, if they are there.
    static let goldens: URL? = {
        let package = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let goldens = package.deletingLastPathComponent().appending(path: "shared/goldens")
        return FileManager.default.fileExists(atPath: goldens.path) ? goldens : nil
    }()

    /// Why tests with the real model are skipped.
    static let needsGoldens: Comment = "needs all-MiniLM-L6-v2 (`make model`) and ../shared/goldens"

    /// A copy of the tiny model that a test may damage.
    static func copyOfTiny() throws -> URL {
        let copy = FileManager.default.temporaryDirectory.appending(path: "aisle-encoder-\(UUID().uuidString)")
        try FileManager.default.copyItem(at: tiny, to: copy)
        return copy
    }

    /// What the reference computed with the tiny model.
    struct Goldens: Decodable {
        let texts: [String]
        let ids: [[Int32]]
        /// By pooling mode or number format; one row a text.
        let embeddings: [String: [[Float]]]

        static func load() throws -> Goldens {
            try JSONDecoder().decode(Goldens.self, from: Data(contentsOf: root.appending(path: "goldens.json")))
        }
    }

    /// Largest absolute difference between a row and what it should be.
    static func largestDifference(_ actual: [Float], _ expected: [Float]) -> Float {
        guard actual.count == expected.count else { return .infinity }
        return zip(actual, expected).map { abs($0 - $1) }.max() ?? 0
    }

    /// Two float32 implementations of the same formula after six layers; the reference agrees with itself on another batch to 4e-7.
    static let float32Tolerance: Float = 1e-5
}
