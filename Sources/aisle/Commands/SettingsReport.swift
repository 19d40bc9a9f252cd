import Server

/// Every setting with its value and where it came from; of the token only whether there is one.
struct SettingsReport: Encodable {
    /// One setting.
    struct Row: Encodable {
        let key: String
        let value: String
        let source: String
    }

    let settings: [Row]

    init(_ settings: ServerSettings) {
        let standard = "default"
        var rows = ServerSetting.all.map { setting in
            Row(
                key: setting.key, value: setting.show(settings.configuration),
                source: settings.sources[setting.key].map(Self.words) ?? standard)
        }
        rows.append(
            Row(
                key: "token", value: settings.configuration.token == nil ? "none" : "set",
                source: settings.tokenSource.map(Self.words) ?? standard))
        self.settings = rows
    }

    private static func words(_ source: SettingSource) -> String {
        switch source.kind {
        case .flag: "flag \(source)"
        case .environment: "environment variable \(source)"
        case .file(let path): "file \(path)"
        }
    }

    /// Writes a table, or one JSON object.
    func write(to output: StandardOutput, asJSON: Bool) throws {
        if asJSON { return try output.json(self) }
        var table = TextTable(columns: [.init(header: "setting"), .init(header: "value"), .init(header: "from")])
        for row in settings { table.append([row.key, row.value, row.source]) }
        for line in table.lines(width: nil) { try output.line(line) }
    }
}
