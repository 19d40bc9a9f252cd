import Foundation
import Testing

@testable import Server

@Suite final class BearerTokenTests {
    private static let text = "3f9c0de1a5b7428896cd"
    private let directory = FileManager.default.temporaryDirectory.appending(path: "aisle-token-\(UUID().uuidString)")

    init() throws { try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true) }

    deinit { try? FileManager.default.removeItem(at: directory) }

    private func file(_ text: String, mode: Int) throws -> String {
        let path = directory.appending(path: "token").path
        try Data(text.utf8).write(to: URL(filePath: path))
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
        return path
    }

    @Test func `matches itself, and nothing that is shorter, longer or different in one character`() throws {
        let token = try BearerToken(Self.text)
        #expect(token.matches(Self.text))
        #expect(!token.matches("") && !token.matches(Self.text + "0") && !token.matches(Self.text.dropLast()))
        for place in Self.text.indices {
            var other = Self.text
            other.replaceSubrange(place...place, with: "X")
            #expect(!token.matches(other))
        }
        #expect(try token == BearerToken(Self.text) && token != BearerToken(Self.text + "0"))
    }

    @Test func `a line's end is no part of it`() throws {
        #expect(try BearerToken(Self.text + "\r\n") == BearerToken(Self.text))
    }

    @Test(arguments: [
        ("", TokenError.short(0)), ("123456789012345", .short(15)), ("with a blank inside", .unsuitable),
        ("geheimnis-für-alle", .unsuitable), ("two-lines-of-text\nand-more", .unsuitable),
    ])
    func `refuses what is short or cannot stand in a header field`(_ text: String, _ expected: TokenError) {
        #expect(throws: expected) { try BearerToken(text) }
    }

    @Test func `sixteen characters are enough`() throws {
        #expect(try BearerToken("1234567890123456").matches("1234567890123456"))
    }

    @Test func `nothing that prints it tells it or its digest`() throws {
        let token = try BearerToken(Self.text)
        var configuration = ServerConfiguration()
        configuration.token = token
        var dumped = ""
        dump(configuration, to: &dumped)
        let texts = [
            "\(token)", String(reflecting: token), "\(configuration)", String(reflecting: configuration), dumped,
        ]
        for text in texts {
            #expect(!text.contains(Self.text) && !text.contains("digest"), "\(text)")
        }
        #expect(Mirror(reflecting: token).children.isEmpty)
    }

    @Test(arguments: [0o600, 0o400, 0o640, 0o440])
    func `a file that owner and group alone can read is read`(_ mode: Int) throws {
        let path = try file(Self.text + "\n", mode: mode)
        #expect(try BearerToken(file: path).matches(Self.text))
    }

    @Test(arguments: [0o644, 0o604, 0o602, 0o660, 0o666])
    func `a file that others can read, or write, is refused`(_ mode: Int) throws {
        let path = try file(Self.text, mode: mode)
        #expect(throws: TokenError.exposed(path, UInt32(mode))) { try BearerToken(file: path) }
    }

    @Test func `what is no regular file is not waited for`() throws {
        let pipe = directory.appending(path: "pipe").path
        try #require(mkfifo(pipe, 0o600) == 0)
        for path in [pipe, directory.path] {
            let error = #expect(throws: TokenError.self) { try BearerToken(file: path) }
            #expect(error?.description.contains("no regular file") == true, "\(String(describing: error))")
        }
    }

    @Test func `a file that is not there is told by name and reason`() throws {
        let path = directory.appending(path: "none").path
        let error = #expect(throws: TokenError.self) { try BearerToken(file: path) }
        #expect(error?.description.contains(path) == true)
        #expect(error?.description.contains("No such file or directory") == true, "\(String(describing: error))")
    }
}
