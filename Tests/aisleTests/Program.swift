// Runs the built program, which SwiftPM puts beside the test bundle.

import Foundation
import Testing

/// The program under test.
struct Program {
    /// What a run left behind.
    struct Outcome {
        let status: Int32
        let output: String
        let errors: String
    }

    /// The built program; nil where it is not beside the tests.
    static let url: URL? = {
        let places =
            CommandLine.arguments.map { URL(filePath: $0).deletingLastPathComponent() } + [Bundle.main.bundleURL]
        return places.map { $0.appending(path: "aisle") }.first {
            FileManager.default.isExecutableFile(atPath: $0.path)
        }
    }()

    /// The default model, where it has been pulled.
    static let model: URL? = {
        let environment = ProcessInfo.processInfo.environment
        let home = environment["AISLE_HOME"] ?? NSHomeDirectory() + "/.cache/aisle"
        let directory = URL(filePath: home).appending(path: "models/all-MiniLM-L6-v2")
        return FileManager.default.fileExists(atPath: directory.appending(path: "modules.json").path) ? directory : nil
    }()

    /// Runs the program to its end.
    ///
    /// `inspect` gets the running process, to send it signals.
    static func run(
        _ arguments: [String], input: String = "", environment: [String: String] = [:],
        inspect: ((Process, Pipe) throws -> Void)? = nil
    ) throws -> Outcome {
        let process = Process()
        let program: URL = try #require(Self.url)
        process.executableURL = program
        process.arguments = arguments
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        let (standardInput, output) = (Pipe(), Pipe())
        // Standard error goes to a file, so that reading one stream cannot block on the other.
        let errors = FileManager.default.temporaryDirectory.appending(path: "aisle-errors-\(UUID().uuidString)")
        try Data().write(to: errors)
        defer { try? FileManager.default.removeItem(at: errors) }
        process.standardInput = standardInput
        process.standardOutput = output
        process.standardError = try FileHandle(forWritingTo: errors)
        try process.run()
        try? standardInput.fileHandleForWriting.write(contentsOf: Data(input.utf8))
        if let inspect {
            try inspect(process, standardInput)
        }
        try? standardInput.fileHandleForWriting.close()
        let data = try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        return Outcome(
            status: process.terminationStatus, output: String(decoding: data, as: UTF8.self),
            errors: String(decoding: try Data(contentsOf: errors), as: UTF8.self))
    }
}
