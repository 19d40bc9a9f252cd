internal import Foundation
internal import Hashing

/// What a tuning was made from, so that it can be told whether two runs saw the same.
package struct DataDigests: Encodable, Sendable {
    /// SHA-256 of each file that was read, by its path as it was given.
    let files: [String: String]
    /// Digest of the model it started from.
    var base = ""
    /// Digest of the rows that were trained on, with their negatives.
    var rows = ""

    /// Reads and hashes files; pipes have no digest.
    /// - Throws: what reading throws, `CancellationError` when it is to stop.
    init(_ paths: [String], _ listener: TuningListener) throws {
        var files: [String: String] = [:]
        for path in paths where path != "-" {
            let url = URL(filePath: path).resolvingSymlinksInPath()
            let type = try? FileManager.default.attributesOfItem(atPath: url.path)[.type] as? FileAttributeType
            guard type == .typeRegular, let file = try? FileHandle(forReadingFrom: url) else { continue }
            defer { try? file.close() }
            let hash = SHA256()
            while let data = try file.read(upToCount: 1 << 20), !data.isEmpty {
                hash.update(data: data)
                if listener.isCancelled() { throw CancellationError() }
            }
            files[path] = hash.finalize().hexadecimal
        }
        self.files = files
    }
}
