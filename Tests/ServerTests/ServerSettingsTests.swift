import Foundation
import Testing

@testable import Server

@Suite final class ServerSettingsTests {
    private let directory = FileManager.default.temporaryDirectory.appending(
        path: "aisle-settings-\(UUID().uuidString)")

    init() throws { try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true) }

    deinit { try? FileManager.default.removeItem(at: directory) }

    private func file(_ text: String, _ name: String = "settings.json") throws -> String {
        let url = directory.appending(path: name)
        try Data(text.utf8).write(to: url)
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: url.path)
        return url.path
    }

    private static let token = "3f9c0de1a5b7428896cd"

    /// A value of each setting that is no default, as a text and as JSON.
    private static let samples: [(key: String, text: String, json: String)] = [
        ("host", "::", "\"::\""), ("port", "0", "0"), ("workers", "7", "7"), ("maxWaiting", "3", "3"),
        ("maxHits", "11", "11"),
        ("maxQueryLength", "99", "99"), ("maxBatch", "5", "5"), ("maxBodyBytes", "2048", "2048"),
        ("maxHeaderBytes", "9000", "9000"),
        ("maxConnections", "12", "12"), ("requestSeconds", "2.5", "2.5"), ("idleSeconds", "9", "9"),
        ("refreshSeconds", "0.5", "0.5"), ("recallSeconds", "0", "0"), ("maxClickBytes", "1000", "1000"),
        ("closeEnough", "0.25", "0.25"), ("lab", "true", "true"),
        ("cors", "https://a.example,http://b.example:81", #"["https://a.example", "http://b.example:81"]"#),
        ("requireToken", "true", "true"), ("log", "error", "\"error\""), ("logFormat", "json", "\"json\""),
    ]
    /// Files, which have tests of their own.
    private static let files: Set = ["tokenFile", "tlsCert", "tlsKey"]

    @Test func `there is a sample of every setting`() {
        #expect(Set(Self.samples.map(\.key)).union(Self.files) == Set(ServerSetting.all.map(\.key)))
        #expect(Set(ServerSetting.all.map(\.key)).count == ServerSetting.all.count)
    }

    @Test(arguments: samples.map(\.key))
    func `every setting can be set each way, and says where it came from`(_ key: String) throws {
        let sample = try #require(Self.samples.first { $0.key == key })
        let setting = try #require(ServerSetting.named(key))
        let path = try file("{\"\(key)\": \(sample.json)}")
        let environment = [setting.environmentName: sample.text, "AISLE_TOKEN": Self.token]
        let token = ["AISLE_TOKEN": Self.token]
        let ways: [(ServerSettings, String)] = [
            (try ServerSettings(flags: [key: sample.text], environment: token, file: nil), setting.flag),
            (try ServerSettings(flags: [:], environment: environment, file: nil), setting.environmentName),
            (try ServerSettings(flags: [:], environment: token, file: path), "\(path): \(key)"),
        ]
        for (settings, source) in ways {
            #expect(setting.show(settings.configuration) == sample.text)
            #expect(settings.sources[key]?.description == source)
            #expect(settings.sources.count == 1, "\(settings.sources)")
            let before = ServerConfiguration()
            #expect(setting.show(before) != sample.text)
        }
    }

    @Test func `a flag goes before the environment, that before the file, and all before the default`() throws {
        let path = try file(#"{"maxHits": 30, "port": 31, "workers": 3}"#)
        let environment = ["AISLE_MAX_HITS": "20", "AISLE_PORT": "21", "AISLE_CONFIG": path]
        let settings = try ServerSettings(flags: ["maxHits": "10"], environment: environment, file: nil)
        #expect(settings.configuration.maxHits == 10 && settings.sources["maxHits"]?.description == "--max-hits")
        #expect(settings.configuration.port == 21 && settings.sources["port"]?.description == "AISLE_PORT")
        #expect(settings.configuration.workers == 3 && settings.sources["workers"]?.kind == .file(path))
        #expect(settings.configuration.maxBatch == 100 && settings.sources["maxBatch"] == nil)
        let other = try file(#"{"port": 41}"#, "other.json")
        let named = try ServerSettings(flags: [:], environment: ["AISLE_CONFIG": path], file: other)
        #expect(named.configuration.port == 41 && named.configuration.workers == ServerConfiguration().workers)
    }

    @Test func `an empty variable counts as not set`() throws {
        let settings = try ServerSettings(
            flags: [:], environment: ["AISLE_PORT": "", "AISLE_CONFIG": "", "AISLE_TOKEN": ""], file: nil)
        #expect(settings.configuration == ServerConfiguration())
    }

    @Test(arguments: [
        (#"{"maxHits": "20"}"#, "maxHits", "expected a whole number from 1 to 1000, found \"20\""),
        (#"{"maxHits": 0}"#, "maxHits", "expected a whole number from 1 to 1000, found “0”"),
        (#"{"maxHits": 2.5}"#, "maxHits", "expected a whole number from 1 to 1000, found “2.5”"),
        (#"{"requireToken": 1}"#, "requireToken", "expected true or false, found 1"),
        (#"{"host": null}"#, "host", "expected a text, found null"), (#"{"host": ""}"#, "host", "expected a text"),
        (#"{"maxhits": 5}"#, "maxhits", "found an unknown key; there are host, port,"),
        (#"{"port": 5, "port": 5}"#, "port", "expected each key once"),
        (#"{"cors": "https://a.example"}"#, "cors", "expected * or origins"),
        (#"{"cors": ["https://a.example/"]}"#, "cors", "found “https://a.example/”"),
        (#"{"cors": ["*", "https://a.example"]}"#, "cors", "expected * or origins"),
        (#"{"cors": ["null"]}"#, "cors", "“null”"),
        (#"{"log": "loud"}"#, "log", "expected debug, info, warning, error, found “loud”"),
        (#"{"requestSeconds": 1e9}"#, "requestSeconds", "expected a number from 0.1 to 3600"),
        (#"{"token": "3f9c0de1a5b7428896cd"}"#, "token", "name its own file with tokenFile"),
        ("{\n\"port\": 1\n\"host\"}", "line 3", "expected"),
        ("[]", "", "expected a JSON object with settings, found an array"),
        ("", "line 1", "expected"),
    ])
    func `what a file says wrongly is told with file, key and both sides`(
        _ text: String, _ place: String, _ reason: String
    ) throws {
        let path = try file(text)
        let error = #expect(throws: SettingsError.self) { try ServerSettings(flags: [:], environment: [:], file: path) }
        let description = try #require(error?.description)
        #expect(
            description.hasPrefix(place.isEmpty ? "\(path): " : "\(path): \(place): ") && description.contains(reason),
            "\(description)")
        #expect(!description.contains(Self.token) && error?.source.kind == .file(path))
    }

    @Test func `a file that cannot be read is told by name and reason`() throws {
        let path = directory.appending(path: "none.json").path
        let error = #expect(throws: SettingsError.self) { try ServerSettings(flags: [:], environment: [:], file: path) }
        #expect(error?.description == "\(path): the settings file cannot be read: No such file or directory")
    }

    @Test func `what a flag or a variable says wrongly is told with its name`() throws {
        let flag = #expect(throws: SettingsError.self) {
            try ServerSettings(flags: ["port": "70000"], environment: ["AISLE_PORT": "x"], file: nil)
        }
        #expect(
            flag?.description == "--port: expected a whole number from 0 to 65535, found “70000”"
                && flag?.source.kind == .flag)
        let variable = #expect(throws: SettingsError.self) {
            try ServerSettings(flags: [:], environment: ["AISLE_PORT": "x"], file: nil)
        }
        #expect(variable?.description == "AISLE_PORT: expected a whole number from 0 to 65535, found “x”")
        #expect(variable?.source.kind == .environment)
    }

    @Test func `the token comes from a flag's file, or else from the environment, or else from another file`() throws {
        let (one, two) = (try file("token-of-the-flag-1\n", "one"), try file("token-of-the-file-2\n", "two"))
        let path = try file("{\"tokenFile\": \"\(two)\"}")
        let environment = ["AISLE_TOKEN": Self.token]
        let flag = try ServerSettings(flags: ["tokenFile": one], environment: environment, file: path)
        #expect(
            try flag.configuration.token == BearerToken("token-of-the-flag-1")
                && flag.tokenSource?.description == "--token-file")
        let variable = try ServerSettings(flags: [:], environment: environment, file: path)
        #expect(
            try variable.configuration.token == BearerToken(Self.token)
                && variable.tokenSource?.description == "AISLE_TOKEN")
        #expect(variable.configuration.tokenFile == nil)
        let last = try ServerSettings(flags: [:], environment: [:], file: path)
        #expect(
            try last.configuration.token == BearerToken("token-of-the-file-2") && last.tokenSource?.kind == .file(path))
        let none = try ServerSettings(flags: [:], environment: [:], file: nil)
        #expect(none.configuration.token == nil && none.tokenSource == nil)
    }

    @Test func `a token that cannot be used stops the start and is not told`() throws {
        let error = #expect(throws: SettingsError.self) {
            try ServerSettings(flags: [:], environment: ["AISLE_TOKEN": "short-secret"], file: nil)
        }
        #expect(
            error?.description.hasPrefix("AISLE_TOKEN: expected a token of at least 16 characters, found 12") == true)
        let missing = #expect(throws: SettingsError.self) {
            try ServerSettings(flags: ["tokenFile": "/nowhere/token"], environment: [:], file: nil)
        }
        #expect(missing?.source.kind == .flag)
    }

    @Test func `asking for a token that there is none of is a mistake`() throws {
        let error = #expect(throws: SettingsError.self) {
            try ServerSettings(flags: ["requireToken": "true"], environment: [:], file: nil)
        }
        #expect(error?.description.contains("AISLE_TOKEN or tokenFile") == true)
    }

    @Test func `a certificate needs its key, and a key its certificate`() throws {
        for (one, other) in [("tlsCert", "tlsKey"), ("tlsKey", "tlsCert")] {
            let error = #expect(throws: SettingsError.self) {
                try ServerSettings(flags: [one: "/a.pem"], environment: [:], file: nil)
            }
            #expect(error?.description.contains("expected \(other) beside it") == true)
        }
        #if !TLS
            let error = #expect(throws: SettingsError.self) {
                try ServerSettings(flags: ["tlsCert": "/a.pem", "tlsKey": "/b.pem"], environment: [:], file: nil)
            }
            #expect(error?.description.contains("--traits TLS") == true)
        #endif
    }

    @Test func `docs name every setting in each of its ways, with its default`() throws {
        let page = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "docs/serving.md")
        let rows = try String(contentsOf: page, encoding: .utf8).split(separator: "\n").map { line in
            line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
        }
        for setting in ServerSetting.all {
            let row = try #require(
                rows.first { $0.count > 4 && $0[2] == "`\(setting.key)`" }, "\(setting.key) is not in docs/serving.md")
            #expect(row[0] == "`\(setting.flag)`" && row[1] == "`\(setting.environmentName)`", "\(row)")
            let standard = setting.show(ServerConfiguration())
            #expect(
                row[3] == (setting.key == "workers" ? "cores" : standard),
                "\(setting.key): \(standard) is the default, \(row[3]) is written")
        }
        let keys = Set(rows.filter { $0.count > 4 && $0[1].hasPrefix("`AISLE_") }.map { $0[2] })
        #expect(keys == Set(ServerSetting.all.map { "`\($0.key)`" }), "no row is of a setting that has gone")
    }
}
