// Names, paths and what the store lists.

import Foundation
import Testing

@testable import Engine

@Suite struct ModelStoreTests {
    @Test func `looks in AISLE_HOME, else in the home directory`() {
        #expect(
            ModelStore(environment: ["AISLE_HOME": "/srv/aisle", "HOME": "/home/ann"]).root.path == "/srv/aisle/models")
        #expect(
            ModelStore(environment: ["AISLE_HOME": "", "HOME": "/home/ann"]).root.path
                == "/home/ann/.cache/aisle/models")
        #expect(ModelStore(environment: ["AISLE_HOME": "~/x", "HOME": "/home/ann"]).root.path == "/home/ann/x/models")
    }

    @Test func `lists models of both depths and nothing half done`() throws {
        let home = try TemporaryDirectory()
        let store = ModelStore(environment: ["AISLE_HOME": home.url.path])
        #expect(store.names() == [])
        for name in ["tiny", "shop/other", ".pulling-half", "shop/.hidden"] {
            try TinyModel().write(to: store.root.appending(path: name))
        }
        try FileManager.default.createDirectory(
            at: store.root.appending(path: "empty"), withIntermediateDirectories: true)
        #expect(store.names() == ["shop/other", "tiny"])
    }

    @Test func `resolves names, repositories of pinned models and paths`() throws {
        let home = try TemporaryDirectory()
        let tiny = try TinyModel()
        let store = ModelStore(
            environment: ["AISLE_HOME": home.url.path, "HOME": home.url.path],
            registry: ModelRegistry(models: [tiny.pin]))
        let elsewhere = home.url.appending(path: "elsewhere")
        for directory in [store.root.appending(path: "tiny"), store.root.appending(path: "shop/other"), elsewhere] {
            try tiny.write(to: directory)
        }
        #expect(try store.resolve("tiny").path == store.root.path + "/tiny")
        #expect(try store.resolve("shop/tiny").path == store.root.path + "/tiny")
        #expect(try store.resolve("shop/other").path == store.root.path + "/shop/other")
        #expect(try store.resolve(elsewhere.path + "/").path == elsewhere.path)
        #expect(try store.resolve("~/elsewhere").path == elsewhere.path)
    }

    @Test func `a model that is not there is answered with those that are`() throws {
        let home = try TemporaryDirectory()
        let store = ModelStore(environment: ["AISLE_HOME": home.url.path])
        try TinyModel().write(to: store.root.appending(path: "tiny"))
        #expect(throws: ModelError.notInStore(name: "tinny", store: store.root.path, available: ["tiny"])) {
            try store.resolve("tinny")
        }
        let path = home.url.appending(path: "nothing/here").path
        #expect(throws: ModelError.notAModel(path: path)) { try store.resolve(path) }
        #expect(throws: ModelError.notAModel(path: home.url.path)) { try store.resolve(home.url.path) }
        #expect(throws: ModelError.invalidName("")) { try store.resolve("") }
    }

    @Test(arguments: [
        "..", "../x", "a/../b", "a/b/c", "/etc", "a/", "/a", ".hidden", "-f", "a b", "a\\b", "é", "a\u{0}b", "a/.git",
    ])
    func `refuses names that could leave the store`(name: String) async throws {
        let home = try TemporaryDirectory()
        let store = ModelStore(environment: ["AISLE_HOME": home.url.path, "HF_HUB_OFFLINE": "1"])
        await #expect(throws: ModelError.invalidName(name)) { try await store.pull(name) }
        #expect(home.listing() == [])
    }

    @Test func `a full disk and a missing right are told apart`() {
        #expect(ModelError(errno: ENOSPC, path: "/x", doing: "write") == .diskFull(path: "/x"))
        #expect(ModelError(errno: EDQUOT, path: "/x", doing: "write") == .diskFull(path: "/x"))
        guard case .notWritable("/x", _) = ModelError(errno: EROFS, path: "/x", doing: "create") else {
            Issue.record("EROFS is not a missing right")
            return
        }
        guard case .fileSystem("/x", "create", _) = ModelError(errno: EIO, path: "/x", doing: "create") else {
            Issue.record("EIO is not a failure of the file system")
            return
        }
    }

    @Test func `a link in the place of a file is not written through`() throws {
        let home = try TemporaryDirectory()
        let victim = home.url.appending(path: "victim")
        try Data("keep".utf8).write(to: victim)
        try FileManager.default.createSymbolicLink(
            at: home.url.appending(path: "weights.part"), withDestinationURL: victim)
        #expect(throws: ModelError.self) {
            try PartFile(for: home.url.appending(path: "weights"), limit: 10, resuming: false)
        }
        #expect(try Data(contentsOf: victim) == Data("keep".utf8))
    }

    @Test func `a store below a file cannot be written`() async throws {
        let home = try TemporaryDirectory()
        let file = home.url.appending(path: "file")
        try Data().write(to: file)
        try TinyModel().write(to: home.url.appending(path: "source"))
        let store = ModelStore(environment: ["AISLE_HOME": file.path])
        let error = await failure { try await store.pull("mine", from: home.url.appending(path: "source").path) }
        guard case .notWritable(let path, _) = error else { throw Unexpected(error) }
        #expect(path.hasPrefix(file.path))
    }
}
