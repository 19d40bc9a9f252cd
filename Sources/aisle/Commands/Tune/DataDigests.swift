import Evaluation
import Foundation
import Hashing

/// What a tuning was made from, so that it can be told whether two runs saw the same.
struct DataDigests: Encodable {
    /// SHA-256 of each file that was read, by its path as it was given.
    let files: [String: String]
    /// Digest of the model it started from.
    var base = ""

    /// Reads and hashes files; pipes have no digest.
    /// - Throws: what reading and `progress` throw.
    init(_ paths: [String], _ progress: EvaluationProgress) throws {
        var files: [String: String] = [:]
        for path in paths where path != "-" {
            var isDirectory: ObjCBool = false
            guard FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory), !isDirectory.boolValue,
                let attributes = try? FileManager.default.attributesOfItem(atPath: path),
                attributes[.type] as? FileAttributeType != .typeUnknown,
                let file = try? FileHandle(forReadingFrom: URL(filePath: path))
            else { continue }
            defer { try? file.close() }
            let hash = SHA256()
            var count = 0
            while let data = try file.read(upToCount: 1 << 20), !data.isEmpty {
                hash.update(data: data)
                count += data.count
                try progress("hashing the data", .items(count, of: nil, "bytes"))
            }
            files[path] = hash.finalize().hexadecimal
        }
        self.files = files
    }
}
