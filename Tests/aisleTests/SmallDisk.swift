// A disk that can really be full, and one that nobody can write.

import Foundation
import Testing

/// A small file system in memory, mounted for a test.
final class SmallDisk: Sendable {
    /// Where it is mounted.
    let directory: URL
    private var filler: URL { directory.appending(path: "filler") }

    /// Whether this process may mount one.
    static let isAvailable = (try? SmallDisk(megabytes: 1)) != nil

    struct Refused: Error {
        let words: [String]
    }

    init(megabytes: Int) throws {
        directory = FileManager.default.temporaryDirectory.appending(path: "aisle-disk-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        do { try Self.run(["mount", "-t", "tmpfs", "-o", "size=\(megabytes)m", "tmpfs", directory.path]) } catch {
            try? FileManager.default.removeItem(at: directory)
            throw error
        }
    }

    deinit {
        try? Self.run(["umount", "--lazy", directory.path])
        try? FileManager.default.removeItem(at: directory)
    }

    /// Lets nobody write from now on.
    func makeReadOnly() throws { try Self.run(["mount", "-o", "remount,ro", directory.path]) }

    /// Takes every byte that is left.
    func fill() throws {
        let descriptor = open(filler.path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        try #require(descriptor >= 0)
        defer { close(descriptor) }
        let zeros = [UInt8](repeating: 0, count: 4_096)
        while write(descriptor, zeros, zeros.count) == zeros.count {}
        #expect(errno == ENOSPC)
    }

    /// Gives back what `fill` took.
    func free() throws { try FileManager.default.removeItem(at: filler) }

    private static func run(_ words: [String]) throws {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = words
        (process.standardOutput, process.standardError) = (FileHandle.nullDevice, FileHandle.nullDevice)
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw Refused(words: words) }
    }
}
