// `aisle serve` as it is called: every setting has its flag, and --print-config says what holds.

import ArgumentParser
import Foundation
import Server
import Testing

@testable import aisle

@Suite struct ServeOptionsTests {
    @Test(arguments: ServerSetting.all.map(\.flag))
    func `every setting has a flag, which help explains`(_ flag: String) throws {
        let help = AisleCommand.helpMessage(for: ServeCommand.self, columns: 1_000)
        let setting = try #require(ServerSetting.all.first { $0.flag == flag })
        // A long flag has its sentence in the line below.
        let lines = help.split(separator: "\n")
        let place = try #require(
            lines.firstIndex { $0.hasPrefix("  \(flag) ") || $0.hasPrefix("  \(flag)/") }, "\(flag) is not in help")
        #expect(lines[place...].prefix(2).joined().contains(setting.meaning), "\(lines[place])")
    }

    @Test func `flags arrive under their settings' names`() throws {
        let line = [
            "serve", "--index", "x", "--max-hits", "7", "--cors", "https://a.example", "--cors", "https://b.example",
            "--no-require-token",
        ]
        let command = try #require(try AisleCommand.parseAsRoot(line) as? ServeCommand)
        let settings = try command.options.settings()
        #expect(settings.configuration.maxHits == 7 && settings.sources["maxHits"]?.description == "--max-hits")
        #expect(settings.configuration.allowedOrigins == ["https://a.example", "https://b.example"])
        #expect(settings.sources["requireToken"]?.kind == .flag && settings.sources["host"]?.kind != .flag)
    }

    @Test(.enabled(if: Program.url != nil, "needs the built program beside the tests"))
    func `--print-config tells values and places, no token, and opens no index`() throws {
        let secret = "3f9c0de1a5b7428896cd"
        let outcome = try Program.run(
            ["serve", "--index", "/nowhere", "--print-config", "--json", "--max-hits", "7"],
            environment: ["AISLE_TOKEN": secret, "AISLE_MAX_BATCH": "8"])
        #expect(outcome.status == 0, "\(outcome.errors)")
        struct Report: Decodable {
            struct Row: Decodable {
                let key, value, source: String
            }
            let settings: [Row]
        }
        let rows = try JSONDecoder().decode(Report.self, from: Data(outcome.output.utf8)).settings
        #expect(rows.map(\.key) == ServerSetting.all.map(\.key) + ["token"])
        func row(_ key: String) -> [String] { rows.filter { $0.key == key }.flatMap { [$0.value, $0.source] } }
        #expect(row("maxHits") == ["7", "flag --max-hits"])
        #expect(row("maxBatch") == ["8", "environment variable AISLE_MAX_BATCH"])
        #expect(row("maxQueryLength") == ["500", "default"])
        #expect(row("token") == ["set", "environment variable AISLE_TOKEN"])
        #expect(!outcome.output.contains(secret) && !outcome.errors.contains(secret))
        let table = try Program.run(
            ["serve", "--index", "/nowhere", "--print-config"], environment: ["AISLE_PORT": "81"])
        #expect(table.output.contains(/port +81 +environment variable AISLE_PORT/), "\(table.output)")
    }

    @Test(
        .enabled(if: Program.url != nil, "needs the built program beside the tests"),
        arguments: [
            (["--port", "70000"], [:], 64, "--port: expected a whole number from 0 to 65535, found “70000”"),
            (["--workers", "0"], [:], 64, "--workers: expected a whole number from 1 to 1024"),
            (["--max-waiting", "-1"], [:], 64, "--max-waiting: expected"), (["--json"], [:], 64, "--print-config"),
            ([], ["AISLE_PORT": "x"], 1, "AISLE_PORT: expected a whole number"),
            (["--config", "/nowhere/a.json"], [:], 1, "/nowhere/a.json: the settings file cannot be read"),
            (["--tls-cert", "a"], [:], 64, "--tls-cert: expected tlsKey beside it"),
        ] as [([String], [String: String], Int32, String)])
    func `a mistake in a flag is wrong usage, any other a failure`(
        _ arguments: [String], _ environment: [String: String], _ status: Int32, _ reason: String
    ) throws {
        let outcome = try Program.run(["serve", "--index", "/nowhere"] + arguments, environment: environment)
        #expect(outcome.status == status && outcome.errors.contains(reason), "\(outcome.status): \(outcome.errors)")
    }
}
