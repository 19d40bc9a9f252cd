// Which model and which texts are measured.

public import Foundation

/// Model and texts.
public enum Inputs {
    /// The model directory that AISLE_MODEL names, or all-MiniLM-L6-v2 where `aisle model pull` puts it; nil if there is none.
    public static let model: URL? = {
        let named = ProcessInfo.processInfo.environment["AISLE_MODEL"].map(URL.init(fileURLWithPath:))
        let home = FileManager.default.homeDirectoryForCurrentUser
        let model = named ?? home.appending(path: ".cache/aisle/models/all-MiniLM-L6-v2")
        return FileManager.default.fileExists(atPath: model.appending(path: "modules.json").path) ? model : nil
    }()

    /// The sample shop, beside this package.
    public static let catalog = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().appending(path: "catalog")

    /// The first texts of a file of JSON lines: each one's "text", or "title" where there is none.
    public static func texts(of file: URL, limit: Int) throws -> [String] {
        struct Line: Decodable {
            var text, title: String?
        }
        let decoder = JSONDecoder()
        return try String(contentsOf: file, encoding: .utf8).split(separator: "\n").prefix(limit).map { line in
            let record = try decoder.decode(Line.self, from: Data(line.utf8))
            guard let text = record.text ?? record.title else {
                throw CocoaError(.coderValueNotFound, userInfo: [NSFilePathErrorKey: file.path])
            }
            return text
        }
    }
}
