// Reading archives, sound and damaged.

import Foundation
import Testing

@testable import Engine

@Suite struct ZipArchiveTests {
    private let home: TemporaryDirectory
    private let long = Data((0..<700_000).map { UInt8(truncatingIfNeeded: $0 &* $0 / 7) })

    init() throws { home = try TemporaryDirectory() }

    private func open(_ data: Data) throws -> ZipArchive {
        let url = home.url.appending(path: "a.zip")
        try data.write(to: url)
        return try ZipArchive(path: url.path)
    }

    private func content(_ archive: ZipArchive, _ name: String) throws -> Data {
        var content = Data()
        try archive.read(#require(archive.entries.first { $0.name == name })) { content.append(contentsOf: $0) }
        return content
    }

    /// What is wrong with the only entry of an archive, or with the archive.
    private func complaint(_ data: Data) -> String? {
        do {
            let archive = try open(data)
            for entry in archive.entries { try archive.read(entry) { _ in } }
            return nil
        } catch ModelError.archiveDamaged(_, let what) {
            return what
        } catch ModelError.archiveUnsupported(_, let what) {
            return what
        } catch {
            return "\(error)"
        }
    }

    @Test(arguments: [0, 8] as [UInt16], [false, true])
    func `reads stored and deflated entries, with and without ZIP64`(method: UInt16, isWide: Bool) throws {
        var zip = ZipWriter()
        zip.add("empty", Data(), ZipWriter.Options(method: method, isWide: isWide))
        zip.add("a/short", Data("short".utf8), ZipWriter.Options(method: method, isWide: isWide))
        zip.add("a/", Data(), ZipWriter.Options(method: 0))
        zip.add("a/long", long, ZipWriter.Options(method: method, isWide: isWide))
        let archive = try open(zip.finish(isWide: isWide, comment: "made by a test"))
        #expect(archive.entries.map(\.name) == ["empty", "a/short", "a/long"])
        #expect(try content(archive, "empty") == Data())
        #expect(try content(archive, "a/short") == Data("short".utf8))
        #expect(try content(archive, "a/long") == long)
    }

    @Test func `a flipped bit of the content is noticed`() throws {
        var zip = ZipWriter()
        zip.add("x", long, ZipWriter.Options(method: 0))
        var data = zip.finish()
        data[data.startIndex + 1_000] ^= 1
        #expect(complaint(data)?.contains("CRC-32") == true)
    }

    @Test func `a wrong checksum, a wrong size, encryption and unknown methods are named`() {
        let cases: [(ZipWriter.Options, String)] = [
            (ZipWriter.Options(checksumError: 1), "CRC-32"),
            (ZipWriter.Options(claimedSize: 100), "longer than the 100 bytes"),
            (ZipWriter.Options(claimedSize: 800_000), "expected 800000"),
            (ZipWriter.Options(method: 0, claimedSize: 100), "longer than the 100 bytes"),
            (ZipWriter.Options(method: 14), "compression method 14"),
            (ZipWriter.Options(flags: 1), "encryption"),
        ]
        for (options, expected) in cases {
            var zip = ZipWriter()
            zip.add("x", long, options)
            let found = complaint(zip.finish())
            #expect(found?.contains(expected) == true, "\(options): \(found ?? "nothing")")
        }
    }

    @Test func `every cut of an archive is an error, never a crash`() {
        var zip = ZipWriter()
        zip.add("a", Data("first".utf8))
        zip.add("b", Data("second".utf8), ZipWriter.Options(method: 0, isWide: true))
        let data = zip.finish(isWide: true)
        for count in 0..<data.count { #expect(complaint(data.prefix(count)) != nil, "cut at \(count)") }
    }

    @Test func `every damaged byte is an error or does not matter, never a crash`() throws {
        var zip = ZipWriter()
        zip.add("a", Data("first".utf8), ZipWriter.Options(isWide: true))
        zip.add("b", Data("second".utf8), ZipWriter.Options(method: 0))
        let data = zip.finish(isWide: true)
        for index in data.indices {
            for value in [0, 0xFF, data[index] ^ 1] {
                var damaged = data
                damaged[index] = value
                guard complaint(damaged) == nil, let archive = try? open(damaged) else { continue }
                for entry in archive.entries {
                    var content = Data()
                    try archive.read(entry) { content.append(contentsOf: $0) }
                    #expect([Data("first".utf8), Data("second".utf8)].contains(content), "byte \(index) = \(value)")
                }
            }
        }
    }

    @Test func `what is no archive at all says so`() {
        #expect(complaint(Data())?.contains("no list of entries") == true)
        #expect(complaint(Data("hello, I am a text".utf8))?.contains("no list of entries") == true)
        #expect(complaint(long)?.contains("no list of entries") == true)
    }
}
