// The program from outside: exit statuses, streams, signals.

import Foundation
import Testing

@Suite(.enabled(if: Program.url != nil, "needs the built program beside the tests"))
struct ProgramTests {
    @Test(
        arguments: [
            (["--version"], 0), (["search", "--help"], 0), ([], 0), (["model"], 0), (["--nonsense"], 64),
            (["search"], 64),
        ] as [([String], Int32)])
    func `ends with the status of the command line`(_ arguments: [String], _ status: Int32) throws {
        #expect(try Program.run(arguments).status == status)
    }

    @Test func `help goes to standard output, usage errors to standard error`() throws {
        let help = try Program.run(["--help"])
        #expect(help.output.contains("USAGE: aisle"))
        #expect(help.errors.isEmpty)
        let wrong = try Program.run(["search"])
        #expect(wrong.output.isEmpty)
        #expect(wrong.errors.hasPrefix("error: Missing expected argument"))
    }

    @Test(arguments: [
        ["search", "wool", "--index", "/nowhere/shop"], ["similar", "p1", "--index", "/nowhere/shop"],
        ["check", "--index", "/nowhere/shop"],
        ["check", "--index", "/nowhere/shop", "--repair"], ["delete", "p1", "--index", "/nowhere/shop"],
        ["ingest", "/nowhere/feed.csv", "--index", "/nowhere/shop"], ["model", "info", "no-such-model"],
        ["similarity", "a", "b", "--model", "/nowhere/model"],
        ["embed", "/nowhere/a", "--model", "nix", "--output", "/nowhere/x.npy"],
    ])
    func `a failure is one sentence and status 1`(_ arguments: [String]) throws {
        let home = FileManager.default.temporaryDirectory.appending(path: "aisle-home-\(UUID().uuidString)")
        let outcome = try Program.run(arguments, environment: ["AISLE_HOME": home.path])
        #expect(outcome.status == 1)
        #expect(outcome.output.isEmpty)
        #expect(outcome.errors.hasPrefix("error: "))
        #expect(outcome.errors.split(separator: "\n").count == 1, "\(outcome.errors)")
        #expect(!outcome.errors.contains("Error("), "\(outcome.errors)")
    }

    @Test func `a missing default model says how to fetch it`() throws {
        let home = FileManager.default.temporaryDirectory.appending(path: "aisle-home-\(UUID().uuidString)")
        let outcome = try Program.run(
            ["ingest", "feed.csv", "--index", "/nowhere/shop"], environment: ["AISLE_HOME": home.path])
        #expect(outcome.status == 1)
        #expect(outcome.errors.contains("aisle model pull all-MiniLM-L6-v2"))
    }

    @Test func `a filter that cannot be read shows the place`() throws {
        let outcome = try Program.run(["search", "wool", "--index", "i", "--where", "price <"])
        #expect(outcome.status == 64)
        #expect(outcome.errors.contains("\n  price <\n         ^\n"))
    }
}

@Suite(.enabled(if: Program.url != nil && Program.model != nil, "needs the built program and the default model"))
struct ModelProgramTests {
    private let model = Program.model?.path ?? ""

    @Test func `prints the article's similarities`() throws {
        let texts = ["The weather is lovely today.", "It's so sunny outside!", "He drove to the stadium"]
        let outcome = try Program.run(["similarity"] + texts + ["--model", model, "--precision", "f32"])
        #expect(
            outcome.output == """
                        1       2       3  text
                1  1.0000  0.6660  0.1058  The weather is lovely today.
                2  0.6660  1.0000  0.1471  It's so sunny outside!
                3  0.1058  0.1471  1.0000  He drove to the stadium

                """)
    }

    @Test func `tokenizes a pipe line by line, before its end`() throws {
        let lines = "{\"text\": \"wool\"}\n{\"title\": \"양말\"}\n{\"sentence\": \"\"}\n"
        let outcome = try Program.run(["tokenize", "-", "--model", model], input: lines)
        #expect(outcome.status == 0)
        #expect(outcome.output == "{\"ids\": [101, 12121, 102]}\n{\"ids\": [101, 100, 102]}\n{\"ids\": [101, 102]}\n")
    }

    @Test func `a line without text stops embed and leaves no file`() throws {
        let target = FileManager.default.temporaryDirectory.appending(path: "aisle-\(UUID().uuidString).npy")
        let outcome = try Program.run(
            ["embed", "-", "--model", model, "--output", target.path],
            input: "{\"text\": \"wool\"}\n{\"name\": \"x\"}\n")
        #expect(outcome.status == 1)
        #expect(outcome.errors.contains("standard input:2:"))
        #expect(!FileManager.default.fileExists(atPath: target.path))
    }

    @Test func `a reader that has enough ends the program quietly`() throws {
        let shell = Process()
        shell.executableURL = URL(filePath: "/bin/sh")
        let program = try #require(Program.url).path
        // The program's status, once `head` has gone and its writes fail; 141 if SIGPIPE were not ignored.
        let pipeline =
            "yes 2>/dev/null '{\"text\": \"wool\"}' | { '\(program)' tokenize - --model '\(model)'; echo $? >&3; } | head -1"
        shell.arguments = ["-c", "{ \(pipeline); } 3>&1 >/dev/null"]
        let (output, errors) = (Pipe(), Pipe())
        (shell.standardOutput, shell.standardError) = (output, errors)
        try shell.run()
        shell.waitUntilExit()
        #expect(try output.fileHandleForReading.readToEnd() ?? Data() == Data("0\n".utf8))
        #expect(try errors.fileHandleForReading.readToEnd() ?? Data() == Data())
    }

    @Test func `an interrupt ends a command that has nothing to keep`() throws {
        let outcome = try Program.run(["tokenize", "-", "--model", model], input: "{\"text\": \"wool\"}\n") {
            process, _ in
            // The program waits for more input; the pipe stays open until it has the signal.
            Thread.sleep(forTimeInterval: 1.5)
            process.interrupt()
            process.waitUntilExit()
        }
        #expect(outcome.status == 130)
    }

    @Test func `an interrupt stops embed between two batches and leaves no file`() throws {
        let directory = FileManager.default.temporaryDirectory.appending(path: "aisle-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        let texts = directory.appending(path: "texts.jsonl")
        let line = "{\"text\": \"\(String(repeating: "a long description of a woollen blanket ", count: 30))\"}\n"
        try String(repeating: line, count: 5_000).write(to: texts, atomically: true, encoding: .utf8)
        let arguments = ["embed", texts.path, "--model", model, "--output", directory.appending(path: "x.npy").path]
        let outcome = try Program.run(arguments) { process, _ in
            // The draft of the array file says that the work has begun.
            for _ in 0..<200 where try FileManager.default.contentsOfDirectory(atPath: directory.path).count < 2 {
                Thread.sleep(forTimeInterval: 0.1)
            }
            Thread.sleep(forTimeInterval: 0.5)
            process.interrupt()
        }
        #expect(outcome.status == 130)
        #expect(outcome.errors.contains("stopped;"))
        #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path) == ["texts.jsonl"])
    }
}
