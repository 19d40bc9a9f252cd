// The README's commands, as the program reads them.

import ArgumentParser
import Foundation
import Testing

@testable import aisle

@Suite struct ReadmeTests {
    private static let page = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "README.md")

    /// The words of a command line, with quotes as a shell reads them.
    private func words(_ line: Substring) -> [String] {
        var words: [String] = []
        var word = ""
        var quote: Character?
        for character in line + " " {
            if let open = quote {
                if character == open { quote = nil } else { word.append(character) }
            } else if character == "'" || character == "\"" {
                quote = character
            } else if character == " " {
                if !word.isEmpty { words.append(word) }
                word = ""
            } else {
                word.append(character)
            }
        }
        return words
    }

    @Test func `every command of the README is one that the program takes`() throws {
        let lines = try String(contentsOf: Self.page, encoding: .utf8).split(separator: "\n")
            .map { $0.drop { $0 == " " } }.filter { $0.hasPrefix("$aisle ") }
        #expect(lines.count >= 4)
        for line in lines {
            let arguments = words(line.dropFirst("$aisle ".count))
            #expect(throws: Never.self, "\(line)") { try AisleCommand.parseAsRoot(arguments) }
            #expect(UsageMistake.first(in: arguments, of: AisleCommand.self) == nil, "\(line)")
        }
    }

    @Test func `every make target and path that the README names is there`() throws {
        let text = try String(contentsOf: Self.page, encoding: .utf8)
        let root = Self.page.deletingLastPathComponent()
        let makefile = try String(contentsOf: root.appending(path: "Makefile"), encoding: .utf8)
        let targets = text.matches(of: /make ([a-z][a-z-]*)/).map { String($0.1) }
        #expect(Set(targets).isSuperset(of: ["demo", "test", "bench", "stsb", "kill"]))
        for target in targets { #expect(makefile.contains("\n\(target):"), "make \(target)") }
        for link in text.matches(of: /\]\(([^)]+)\)/).map({ String($0.1) }) {
            #expect(FileManager.default.fileExists(atPath: root.appending(path: link).path), "\(link)")
        }
    }
}
