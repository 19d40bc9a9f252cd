// Where models live: one directory of sentence-transformers model directories, under their names.
//
// `NAME/` or `ORGANISATION/NAME/`. What begins with a dot is not a model: pulls under way and locks. A model's directory appears
// with one rename when it is complete, so nothing that can be named is ever half a model.

internal import Encoder
public import Foundation

/// The models of this machine's user.
///
/// A value without state: the directory is looked at anew by each call, and other processes may change it in between.
public struct ModelStore: Sendable {
    /// The directory, `$AISLE_HOME/models`; it need not exist.
    public let root: URL

    let environment: [String: String]
    let registry: ModelRegistry
    let patience: HubSettings.Patience

    /// The name of the model that is meant where none is given.
    public static let defaultModelName = PinnedModel.allMiniLML6v2.name

    /// Finds the store.
    /// - Parameter environment: `AISLE_HOME` (default: `.cache/aisle` in the home directory) and what `pull` reads.
    public init(environment: [String: String] = ProcessInfo.processInfo.environment) {
        self.init(environment: environment, registry: .standard)
    }

    /// As `init(environment:)`, with other pinned models and for tests another patience.
    init(
        environment: [String: String], registry: ModelRegistry, patience: HubSettings.Patience = HubSettings.Patience()
    ) {
        self.environment = environment
        self.registry = registry
        self.patience = patience
        let home =
            environment["HOME"].flatMap { $0.isEmpty ? nil : URL(filePath: $0) }
            ?? FileManager.default.homeDirectoryForCurrentUser
        let base =
            environment["AISLE_HOME"].flatMap { $0.isEmpty ? nil : URL(filePath: Self.expandingHome($0, home)) }
            ?? home.appending(path: ".cache/aisle")
        root = base.appending(path: "models").absoluteURL.standardizedFileURL
    }

    /// The directory of a model.
    ///
    /// What has a slash or leads to a model directory is a path; a name of the store otherwise. `ORGANISATION/NAME` is both: the path
    /// wins.
    /// - Throws: `ModelError.notInStore` with the names there are, `.notAModel`.
    public func resolve(_ nameOrPath: String) throws(ModelError) -> URL {
        let home = environment["HOME"].map { URL(filePath: $0) } ?? FileManager.default.homeDirectoryForCurrentUser
        let path = URL(filePath: Self.expandingHome(nameOrPath, home)).absoluteURL.standardizedFileURL
        if !nameOrPath.isEmpty, Storage.isModel(path) { return path }
        let name: ModelName
        do throws(ModelError) { name = try canonicalName(nameOrPath) } catch {
            throw !nameOrPath.isEmpty && (nameOrPath.contains("/") || Storage.exists(path))
                ? .notAModel(path: path.path) : error
        }
        let directory = self.directory(of: name)
        if Storage.isModel(directory) { return directory }
        if !nameOrPath.isEmpty, Storage.exists(path) { throw .notAModel(path: path.path) }
        if Storage.exists(directory) { throw .notAModel(path: directory.path) }
        throw .notInStore(name: nameOrPath, store: root.path, available: names())
    }

    /// Names of the models in the store, sorted.
    public func names() -> [String] {
        Storage.entries(of: root).filter { !$0.hasPrefix(".") }.flatMap { entry in
            let directory = root.appending(path: entry)
            if Storage.isModel(directory) { return [entry] }
            return Storage.entries(of: directory)
                .filter { !$0.hasPrefix(".") && Storage.isModel(directory.appending(path: $0)) }
                .map { "\(entry)/\($0)" }
        }
    }

    /// Checks a name and replaces the repository of a pinned model by its short name.
    func canonicalName(_ text: String) throws(ModelError) -> ModelName {
        try ModelName(registry.pin(for: text)?.name ?? text)
    }

    /// Where a model of this name is or will be.
    func directory(of name: ModelName) -> URL { root.appending(path: name.text) }

    /// `~` as shells read it; a shell leaves it alone in `--model=~/x`.
    static func expandingHome(_ path: String, _ home: URL) -> String {
        path == "~" || path.hasPrefix("~/") ? home.path + path.dropFirst() : path
    }
}
