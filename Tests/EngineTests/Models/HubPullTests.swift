// Pulls from a hub that misbehaves.

import Foundation
import Testing

@testable import Engine

/// A hub, a store and a pin for one test.
struct PullFixture {
    let home: TemporaryDirectory
    let tiny: TinyModel
    let hub: FakeHub
    let environment: [String: String]

    init(
        _ files: [String: Data]? = nil, environment: [String: String] = [:],
        fault: @escaping FakeHub.Fault = { _, _ in nil }
    ) throws {
        home = try TemporaryDirectory()
        tiny = try TinyModel()
        hub = try FakeHub(files ?? tiny.files, fault: fault)
        self.environment = environment.merging(["AISLE_HOME": home.url.path, "HF_ENDPOINT": hub.endpoint + "/"]) {
            given, _ in given
        }
    }

    /// A store that repeats requests so many times, almost without waiting.
    func store(retries: Int = 2, idleTimeout: Double = 30, answerTimeout: Double = 30) -> ModelStore {
        ModelStore(
            environment: environment, registry: ModelRegistry(models: [tiny.pin]),
            patience: HubSettings.Patience(
                retries: retries, firstDelay: .milliseconds(1), longestDelay: .seconds(2), idleTimeout: idleTimeout,
                answerTimeout: answerTimeout))
    }

    /// Requests for the weights.
    var weightRequests: [FakeHub.Request] { hub.requests.filter { $0.path.hasSuffix("model.safetensors") } }

    func url(_ file: String, repository: String = "shop/tiny") -> String {
        "\(hub.endpoint)/\(repository)/resolve/main/\(file)"
    }
}

/// Another end of a pull than the test is about.
struct Unexpected: Error {
    let found: ModelError?

    init(_ found: ModelError?) { self.found = found }
}

/// What a pull fails with; nil if it goes through.
func failure(of pull: () async throws -> PulledModel) async -> ModelError? {
    do {
        _ = try await pull()
        return nil
    } catch {
        return error as? ModelError
    }
}

private func isWeights(_ request: FakeHub.Request) -> Bool { request.path.hasSuffix("model.safetensors") }

@Suite struct HubPullTests {
    @Test func `pulls a pinned model and finds it there the second time`() async throws {
        let fixture = try PullFixture()
        var moments: [PullProgress] = []
        let pulled = try await fixture.store().pull("tiny") { moments.append($0) }
        #expect(pulled.source == .hub("\(fixture.hub.endpoint)/shop/tiny"))
        #expect(pulled.weightsSHA256 == fixture.tiny.pin.weightsSHA256)
        #expect(pulled.isPinned)
        #expect(Set(pulled.files.map(\.path)) == Set(fixture.tiny.files.keys))
        #expect(pulled.byteCount == fixture.tiny.files.values.reduce(0) { $0 + Int64($1.count) })
        for (path, data) in fixture.tiny.files {
            #expect(try Data(contentsOf: pulled.directory.appending(path: path)) == data)
        }
        let last = try #require(moments.last { $0.file == "model.safetensors" })
        #expect(last.receivedBytes == Int64(fixture.tiny.weights.count) && last.expectedBytes == last.receivedBytes)
        #expect(moments.last?.phase == .checking)
        #expect(fixture.home.listing("models").filter { $0.hasPrefix(".") } == [])
        #expect(fixture.hub.requests.last.map(isWeights) == true)

        let asked = fixture.hub.requests.count
        let again = try await fixture.store().pull("shop/tiny")
        #expect(again.wasPresent && again.name == "tiny")
        #expect(fixture.hub.requests.count == asked)
    }

    @Test func `an unpinned model comes with a word of warning`() async throws {
        let fixture = try PullFixture()
        let pulled = try await fixture.store().pull("shop/other")
        #expect(!pulled.isPinned && pulled.description.contains("no pin"))
        #expect(pulled.description.contains(fixture.tiny.pin.weightsSHA256))
        #expect(fixture.store().names() == ["shop/other"])
        let store = fixture.store()
        await #expect(throws: ModelError.unknownModel(name: "other", pinned: ["tiny"])) {
            try await store.pull("other")
        }
    }

    @Test func `a model the hub does not have is not found`() async throws {
        let fixture = try PullFixture([:])
        await #expect(throws: ModelError.notOnHub(url: fixture.url("modules.json"))) {
            try await fixture.store().pull("tiny")
        }
        #expect(fixture.home.listing("models") == [])
    }

    @Test func `weights in another format are named as what is missing`() async throws {
        var files = try TinyModel().files
        files["model.safetensors"] = nil
        let fixture = try PullFixture(files)
        let place = "\(fixture.hub.endpoint)/shop/tiny"
        await #expect(throws: ModelError.missingFile(source: place, file: "model.safetensors")) {
            try await fixture.store().pull("tiny")
        }
    }

    @Test func `a model the encoder cannot compute is refused before its weights come`() async throws {
        var files = try TinyModel().files
        files["config.json"] = Data(#"{"model_type": "xlm-roberta"}"#.utf8)
        let fixture = try PullFixture(files)
        let error = await failure { try await fixture.store().pull("shop/other") }
        guard case .notUsable(_, let reason) = error else { throw Unexpected(error) }
        #expect(reason.contains("xlm-roberta"))
        #expect(fixture.weightRequests.isEmpty)
        #expect(fixture.home.listing("models") == ["shop"])
    }

    @Test func `the right weights with another pooling are not the pinned model`() async throws {
        var files = try TinyModel().files
        files["1_Pooling/config.json"] = Data(#"{"word_embedding_dimension": 8, "pooling_mode_cls_token": true}"#.utf8)
        let fixture = try PullFixture(files)
        let error = ModelError.otherMeaning(
            name: "tiny", what: "the pooling", expected: #"["mean_tokens"]"#, found: #"["cls_token"]"#)
        await #expect(throws: error) { try await fixture.store().pull("tiny") }
        #expect(fixture.store().names() == [])
    }

    @Test(arguments: [
        (
            "config.json", "\"num_attention_heads\":2", "\"num_attention_heads\":4", "the number of attention heads",
            "2", "4"
        ),
        ("config.json", "\"layer_norm_eps\":1e-12", "\"layer_norm_eps\":0.25", "layer_norm_eps", "1e-12", "0.25"),
        ("config_sentence_transformers.json", "", #"{"prompts": {"query": "find "}}"#, "the prompts", "none", "query"),
    ])
    func `the right weights computed another way are not the pinned model`(
        file: String, old: String, new: String, what: String, expected: String, found: String
    ) async throws {
        var files = try TinyModel().files
        let text = files[file].map { String(decoding: $0, as: UTF8.self) } ?? ""
        try #require(text.contains(old) || old.isEmpty, "\(text)")
        files[file] = Data((old.isEmpty ? new : text.replacingOccurrences(of: old, with: new)).utf8)
        let fixture = try PullFixture(files)
        let error = ModelError.otherMeaning(name: "tiny", what: what, expected: expected, found: found)
        await #expect(throws: error) { try await fixture.store().pull("tiny") }
    }

    @Test func `wrong weights of the right length are refused by their checksum`() async throws {
        var files = try TinyModel().files
        files["model.safetensors"] = try TinyModel(seed: 2).weights
        let fixture = try PullFixture(files)
        let found = try TinyModel(seed: 2).pin.weightsSHA256
        let error = ModelError.wrongChecksum(
            file: "model.safetensors", expected: fixture.tiny.pin.weightsSHA256, found: found)
        await #expect(throws: error) { try await fixture.store().pull("tiny") }
        #expect(fixture.home.listing("models") == [])
    }

    @Test func `a module path that leads outside is refused`() async throws {
        var files = try TinyModel().files
        files["modules.json"] = Data(
            #"[{"path": "", "type": "x.Transformer"}, {"path": "../../up", "type": "x.Pooling"}]"#.utf8)
        let fixture = try PullFixture(files)
        let error = await failure { try await fixture.store().pull("tiny") }
        guard case .notUsable(_, let reason) = error else { throw Unexpected(error) }
        #expect(reason.contains("../../up"))
        #expect(fixture.hub.requests.count == 1)
    }

    @Test func `a connection that breaks is taken up where it broke`() async throws {
        let fixture = try PullFixture { request, number in
            guard isWeights(request), number == 0,
                var reply = (try? TinyModel()).map({ FakeHub.usual(request, $0.files) })
            else { return nil }
            reply.cutAfter = 70_000
            return reply
        }
        let store = fixture.store(retries: 0)
        let total = Int64(fixture.tiny.weights.count)
        await #expect(throws: ModelError.cutOff(file: "model.safetensors", receivedBytes: 70_000, expectedBytes: total))
        {
            try await store.pull("tiny")
        }
        #expect(store.names() == [])
        var first: PullProgress?
        let pulled = try await store.pull("tiny") { if $0.file == "model.safetensors" { first = first ?? $0 } }
        #expect(pulled.weightsSHA256 == fixture.tiny.pin.weightsSHA256)
        #expect(fixture.weightRequests.map { $0.headers["range"] } == [nil, "bytes=70000-"])
        #expect(fixture.weightRequests.last?.headers["if-range"] != nil)
        #expect(first?.receivedBytes == 70_000 && first?.expectedBytes == total)
    }

    @Test(arguments: ["tiny", "shop/other"])
    func `a connection that breaks twice is taken up within one pull`(name: String) async throws {
        let fixture = try PullFixture { request, number in
            guard isWeights(request), number < 2,
                var reply = (try? TinyModel()).map({ FakeHub.usual(request, $0.files) })
            else { return nil }
            reply.cutAfter = 60_000
            return reply
        }
        let pulled = try await fixture.store(retries: 2).pull(name)
        #expect(pulled.weightsSHA256 == fixture.tiny.pin.weightsSHA256)
        #expect(fixture.weightRequests.map { $0.headers["range"] } == [nil, "bytes=60000-", "bytes=120000-"])
    }

    @Test func `a server that does not know ranges starts over`() async throws {
        let fixture = try PullFixture { request, number in
            guard isWeights(request), let tiny = try? TinyModel() else { return nil }
            return FakeHub.Reply(body: tiny.weights, cutAfter: number == 0 ? 50_000 : nil)
        }
        let pulled = try await fixture.store().pull("tiny")
        #expect(pulled.weightsSHA256 == fixture.tiny.pin.weightsSHA256)
        #expect(fixture.weightRequests.map { $0.headers["range"] } == [nil, "bytes=50000-"])
    }

    @Test func `weights without a pin and without an entity tag are not continued`() async throws {
        let fixture = try PullFixture { request, number in
            guard isWeights(request), let tiny = try? TinyModel() else { return nil }
            return FakeHub.Reply(
                headers: ["ETag": "W/\"weak\""], body: tiny.weights, cutAfter: number == 0 ? 50_000 : nil)
        }
        _ = try await fixture.store().pull("shop/other")
        #expect(fixture.weightRequests.map { $0.headers["range"] } == [nil, nil])
    }

    @Test func `the rest of another version is not glued to the beginning`() async throws {
        let other = try TinyModel(seed: 9)
        let fixture = try PullFixture { request, number in
            guard isWeights(request) else { return nil }
            if number > 0 { return FakeHub.usual(request, other.files) }
            var reply = (try? TinyModel()).map { FakeHub.usual(request, $0.files) }
            reply?.cutAfter = 50_000
            return reply
        }
        let pulled = try await fixture.store().pull("shop/other")
        #expect(pulled.weightsSHA256 == other.pin.weightsSHA256)
    }

    @Test(arguments: ["bytes 0-9/10", "bytes 7-9/10", "nonsense"])
    func `a range nobody asked for is not used`(range: String) async throws {
        let fixture = try PullFixture { request, number in
            guard isWeights(request), number < 2,
                var reply = (try? TinyModel()).map({ FakeHub.usual(request, $0.files) })
            else { return nil }
            if number == 0 { reply.cutAfter = 50_000 } else { reply.headers["Content-Range"] = range }
            return reply
        }
        let pulled = try await fixture.store().pull("tiny")
        #expect(pulled.weightsSHA256 == fixture.tiny.pin.weightsSHA256)
        #expect(fixture.weightRequests.map { $0.headers["range"] } == [nil, "bytes=50000-", nil])
    }

    @Test func `a part that is already whole is finished without a byte`() async throws {
        let fixture = try PullFixture()
        let hidden = fixture.home.url.appending(path: "models/.pulling-tiny")
        try FileManager.default.createDirectory(at: hidden, withIntermediateDirectories: true)
        try fixture.tiny.weights.write(to: hidden.appending(path: "model.safetensors.part"))
        let pulled = try await fixture.store().pull("tiny")
        #expect(pulled.weightsSHA256 == fixture.tiny.pin.weightsSHA256)
        #expect(fixture.weightRequests.count == 1)
    }

    @Test func `a part that is longer than the file is begun again`() async throws {
        let fixture = try PullFixture()
        let hidden = fixture.home.url.appending(path: "models/.pulling-tiny")
        try FileManager.default.createDirectory(at: hidden, withIntermediateDirectories: true)
        try (fixture.tiny.weights + Data([1])).write(to: hidden.appending(path: "model.safetensors.part"))
        _ = try await fixture.store().pull("tiny")
        #expect(fixture.weightRequests.count == 2)
    }

    @Test func `a slow answer comes with progress`() async throws {
        let fixture = try PullFixture { request, _ in
            guard isWeights(request), var reply = (try? TinyModel()).map({ FakeHub.usual(request, $0.files) }) else {
                return nil
            }
            reply.drip = 10_000
            return reply
        }
        var counts: [Int64] = []
        _ = try await fixture.store().pull("tiny") {
            if $0.file == "model.safetensors" { counts.append($0.receivedBytes) }
        }
        #expect(counts.count > 5)
        #expect(counts == counts.sorted())
    }
}
