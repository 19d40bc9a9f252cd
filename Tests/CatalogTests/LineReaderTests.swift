import Foundation
import Testing

@testable import Catalog

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

@Suite struct LineReaderTests {
    private struct Line: Equatable {
        let number: Int
        let text: String
    }

    private func lines(_ reader: LineReader) throws(CatalogError) -> [Line] {
        var lines: [Line] = []
        while let text = try reader.next({ bytes, _ in String(decoding: bytes, as: UTF8.self) }) {
            lines.append(Line(number: reader.line, text: text))
        }
        return lines
    }

    private func lines(_ bytes: some Sequence<UInt8>, limits: FeedLimits = FeedLimits()) throws -> [Line] {
        let directory = try TemporaryDirectory()
        return try lines(LineReader(path: directory.write(bytes, to: "file"), limits: limits))
    }

    private func failure(_ bytes: some Sequence<UInt8>, limits: FeedLimits = FeedLimits()) throws -> String? {
        try CatalogTests.failure(bytes, "file") { path in _ = try lines(LineReader(path: path, limits: limits)) }
    }

    @Test(arguments: ["a\nb", "a\nb\n", "a\r\nb\r\n", "a\rb", "\u{FEFF}a\nb\n"])
    func `takes any line end, a byte order mark and a last line without end`(text: String) throws {
        #expect(try lines(text.utf8) == [Line(number: 1, text: "a"), Line(number: 2, text: "b")])
    }

    @Test func `passes over blank lines and counts them`() throws {
        let expected = [Line(number: 3, text: " a"), Line(number: 6, text: "b")]
        #expect(try lines("\n \t\r\n a\n\n\nb\n \n".utf8) == expected)
        #expect(try lines("".utf8) == [])
        #expect(try lines("\u{FEFF}\n".utf8) == [])
    }

    @Test func `keeps a byte order mark that is not the file's first`() throws {
        #expect(try lines("a\n\u{FEFF}b".utf8).map { Array($0.text.utf8) } == [[0x61], [0xEF, 0xBB, 0xBF, 0x62]])
    }

    @Test func `passes over a line of which nothing is made`() throws {
        let directory = try TemporaryDirectory()
        let reader = try LineReader(path: directory.write("#a\nb\n#c\n".utf8, to: "file"))
        let uncommented = { (bytes: UnsafeBufferPointer<UInt8>, position: FilePosition) -> Int? in
            bytes.first == UInt8(ascii: "#") ? nil : position.line
        }
        #expect(try reader.next(uncommented) == 2)
        #expect(try reader.next(uncommented) == nil)
        #expect(reader.line == 3)
    }

    @Test(arguments: Seed.samples(40)) func `reads the same through windows of any size`(seed: Seed) throws {
        var generator = seed.generator
        let bytes = Array((0..<20).map { _ in generator.text(upTo: 12) + "\n" }.joined().utf8)
        let expected = try lines(bytes)
        for size in [1, 2, 3, 5, 17, 64, bytes.count + 1] {
            #expect(try lines(bytes, limits: FeedLimits(bufferSize: size)) == expected)
        }
    }

    @Test(
        arguments: [
            ([0x1F, 0x8B, 8, 0], "a gzip archive"), ([0x50, 0x4B, 3, 4], "a ZIP archive"),
            ([0, 0, 1, 0], "binary data"),
            ([0xFF, 0xFE, 0x61, 0], "UTF-16"), ([0x61, 0, 0x62, 0], "UTF-16LE"), ([0xFF, 0xFE, 0, 0], "UTF-32"),
        ] as [([UInt8], String)])
    func `refuses archives and other encodings`(bytes: [UInt8], kind: String) throws {
        #expect(try failure(bytes)?.contains("found \(kind)") == true)
    }

    @Test func `names the line of bytes that are not UTF-8 and of a NUL`() throws {
        #expect(
            try failure(Array("a\ncaf".utf8) + [0xE9, 0x0A])
                == "file:2: expected UTF-8, found 0xE9 as byte 4; save the file as UTF-8")
        #expect(
            try failure("abc\n\nd\0e".utf8)
                == "file:3: expected text, found a NUL byte; check that the file is complete and not binary")
    }

    @Test func `reads a line just within the limit and names one beyond it`() throws {
        let limits = FeedLimits(bufferSize: 16, rowSize: 1_000)
        let line = String(repeating: "x", count: 999)
        #expect(try lines("\(line)\n\(line)\n".utf8, limits: limits).count == 2)
        #expect(
            try failure("a\n\(line)xx\n".utf8, limits: limits)
                == "file:2: expected a line of at most 1000 bytes, found a longer one; check the file's line ends")
    }

    @Test func `says when there is no such file, or a directory`() throws {
        let directory = try TemporaryDirectory()
        let missing = directory.path("none")
        #expect(throws: CatalogError.fileNotFound(path: missing)) { try LineReader(path: missing) }
        #expect(throws: CatalogError.isDirectory(path: directory.url.path)) {
            try LineReader(path: directory.url.path)
        }
    }

    @Test func `counts bytes for progress`() throws {
        let directory = try TemporaryDirectory()
        let reader = try LineReader(path: directory.write("\u{FEFF}ab\r\n\ncd".utf8, to: "file"))
        #expect(reader.byteCount == 10)
        #expect(reader.bytesConsumed == 3)
        _ = try reader.next { bytes, _ in bytes.count }
        #expect(reader.bytesConsumed == 7)
        _ = try lines(reader)
        #expect(reader.bytesConsumed == 10)
    }

    @Test func `reads a pipe that delivers a few bytes at a time`() throws {
        let directory = try TemporaryDirectory()
        let path = try pipe(["\u{FEFF}f", "irst\r", "\nsec", "ond"], in: directory)
        let reader = try LineReader(path: path)
        #expect(reader.byteCount == nil)
        #expect(try lines(reader) == [Line(number: 1, text: "first"), Line(number: 2, text: "second")])
    }

    @Test func `stops waiting for a pipe on request`() throws {
        let directory = try TemporaryDirectory()
        let path = directory.path("pipe")
        try #require(mkfifo(path, 0o600) == 0)
        // A writer that never writes; without one, the pipe would be at its end.
        let descriptor = open(path, O_RDWR)
        defer { close(descriptor) }
        #expect(throws: CatalogError.cancelled(feed: path)) { try LineReader(path: path, isCancelled: { true }) }
    }
}
