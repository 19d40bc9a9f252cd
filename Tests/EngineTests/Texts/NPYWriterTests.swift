import Foundation
import Testing

@testable import Engine

struct NPYWriterTests {
    private func inDirectory(_ body: (URL) throws -> Void) throws {
        let directory = FileManager.default.temporaryDirectory.appending(path: "npy-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        try body(directory)
    }

    /// Byte for byte what numpy.lib.format writes for such an array, but for the number of blanks.
    @Test func `the header is NumPy's`() {
        let header = NPYWriter.header(rows: 3, columns: 384)
        #expect(Array(header.prefix(10)) == [0x93, 0x4E, 0x55, 0x4D, 0x50, 0x59, 1, 0, 118, 0])
        let text = String(decoding: header.dropFirst(10), as: UTF8.self)
        #expect(text.hasPrefix("{'descr': '<f4', 'fortran_order': False, 'shape': (3, 384), } "))
        #expect(text.hasSuffix(" \n"))
        #expect(header.count == 128)
    }

    @Test(arguments: [(0, 1), (1, 1), (.max, .max)])
    func `the header has one size for every shape`(_ rows: Int, _ columns: Int) {
        #expect(NPYWriter.header(rows: rows, columns: columns).count == NPYWriter.headerSize)
    }

    @Test func `writes rows in order, little-endian`() throws {
        try inDirectory { directory in
            let file = directory.appending(path: "x.npy")
            let writer = try NPYWriter(path: file.path, columns: 2)
            try writer.append([1, -2])
            try writer.append([0.5, .infinity, 0, 3])
            #expect(!FileManager.default.fileExists(atPath: file.path))
            try writer.finish()
            let bytes = try Data(contentsOf: file)
            #expect(bytes.prefix(128) == NPYWriter.header(rows: 3, columns: 2))
            let values: [UInt8] = [
                0, 0, 0x80, 0x3F, 0, 0, 0, 0xC0, 0, 0, 0, 0x3F, 0, 0, 0x80, 0x7F, 0, 0, 0, 0, 0, 0, 0x40, 0x40,
            ]
            #expect(Array(bytes.dropFirst(128)) == values)
            #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path) == ["x.npy"])
        }
    }

    @Test func `an array that is not finished leaves the old file and nothing else`() throws {
        try inDirectory { directory in
            let file = directory.appending(path: "x.npy")
            try Data("old".utf8).write(to: file)
            do {
                let writer = try NPYWriter(path: file.path, columns: 1)
                try writer.append([1])
            }
            #expect(try Data(contentsOf: file) == Data("old".utf8))
            #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path) == ["x.npy"])
            let writer = try NPYWriter(path: file.path, columns: 1)
            try writer.append([1])
            try writer.finish()
            #expect(try Data(contentsOf: file).count == 132)
        }
    }

    @Test(arguments: [
        ("/nowhere/x.npy", "No such file or directory"), ("/tmp", "it is a directory"),
        ("/dev/null", "it is no regular file"),
    ])
    func `refuses a place where no file can be`(_ path: String, _ reason: String) {
        #expect(throws: TextFileError.unwritable(path: path, reason: reason)) { try NPYWriter(path: path, columns: 1) }
    }
}
