// The settings of `aisle serve` as flags. They are texts here: what a value may be stands in `ServerSetting`, which judges flags, environment
// and file alike, and gives help its sentences.

import ArgumentParser
import Foundation
import Server

/// An option for each setting; the property has the setting's key for a name.
struct ServeOptions: ParsableArguments {
    @Option(help: .setting("host", "address")) var host: String?
    @Option(parsing: .unconditional, help: .setting("port", "port")) var port: String?
    @Option(parsing: .unconditional, help: .setting("workers", "count")) var workers: String?
    @Option(parsing: .unconditional, help: .setting("maxWaiting", "count")) var maxWaiting: String?
    @Option(parsing: .unconditional, help: .setting("maxHits", "count")) var maxHits: String?
    @Option(parsing: .unconditional, help: .setting("maxQueryLength", "count")) var maxQueryLength: String?
    @Option(parsing: .unconditional, help: .setting("maxBatch", "count")) var maxBatch: String?
    @Option(parsing: .unconditional, help: .setting("maxBodyBytes", "bytes")) var maxBodyBytes: String?
    @Option(parsing: .unconditional, help: .setting("maxHeaderBytes", "bytes")) var maxHeaderBytes: String?
    @Option(parsing: .unconditional, help: .setting("maxConnections", "count")) var maxConnections: String?
    @Option(parsing: .unconditional, help: .setting("requestSeconds", "seconds")) var requestSeconds: String?
    @Option(parsing: .unconditional, help: .setting("idleSeconds", "seconds")) var idleSeconds: String?
    @Option(parsing: .unconditional, help: .setting("refreshSeconds", "seconds")) var refreshSeconds: String?
    @Option(parsing: .unconditional, help: .setting("recallSeconds", "seconds")) var recallSeconds: String?
    @Option(parsing: .unconditional, help: .setting("maxClickBytes", "bytes")) var maxClickBytes: String?
    @Option(parsing: .unconditional, help: .setting("closeEnough", "similarity")) var closeEnough: String?
    @Flag(inversion: .prefixedNo, help: .setting("lab", nil)) var lab: Bool?
    @Option(help: .setting("cors", "origin")) var cors: [String] = []
    @Option(help: .setting("tokenFile", "file")) var tokenFile: String?
    @Flag(inversion: .prefixedNo, help: .setting("requireToken", nil)) var requireToken: Bool?
    @Option(help: .setting("tlsCert", "file")) var tlsCert: String?
    @Option(help: .setting("tlsKey", "file")) var tlsKey: String?
    @Option(help: .setting("log", "level")) var log: String?
    @Option(help: .setting("logFormat", "format")) var logFormat: String?

    /// The settings file.
    @Option(help: ArgumentHelp("File of settings, one JSON object; or AISLE_CONFIG.", valueName: "file"))
    var config: String?

    /// Reads flags, environment and file.
    /// - Throws: `ExitStatus.misused` for a flag that cannot be used, once that was said; `SettingsError` for anything else.
    func settings() throws -> ServerSettings {
        do {
            return try ServerSettings(
                flags: given, environment: ProcessInfo.processInfo.environment, file: config)
        } catch {
            guard error.source.kind == .flag else { throw error }
            Log.error("\(error)\n  See 'aisle serve --help'.")
            throw ExitStatus.misused
        }
    }

    /// What was given, by key.
    ///
    /// A property's name is its setting's key, so that none has to be listed twice.
    private var given: [String: String] {
        var given: [String: String] = [:]
        for child in Mirror(reflecting: self).children {
            guard let label = child.label, let setting = ServerSetting.named(String(label.dropFirst())) else {
                continue
            }
            let text: String? =
                switch child.value {
                case let option as Option<String?>: option.wrappedValue
                case let flag as Flag<Bool?>: flag.wrappedValue.map { "\($0)" }
                case let list as Option<[String]>:
                    list.wrappedValue.isEmpty ? nil : list.wrappedValue.joined(separator: ",")
                default: nil
                }
            given[setting.key] = text
        }
        return given
    }
}

extension ArgumentHelp {
    /// Help of a setting: its sentence, and its default where it has one.
    fileprivate static func setting(_ key: String, _ valueName: String?) -> ArgumentHelp {
        guard let setting = ServerSetting.named(key) else { preconditionFailure("there is no setting \(key)") }
        let standard = setting.show(ServerConfiguration())
        let isTold = valueName != nil && standard != "none" && key != "workers"
        return ArgumentHelp("\(setting.meaning)\(isTold ? " (default: \(standard))" : "")", valueName: valueName)
    }
}
