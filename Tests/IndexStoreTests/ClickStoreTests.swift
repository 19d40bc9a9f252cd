// Collected clicks: what is appended comes back, once, in order; and old ones go.

import Catalog
import Foundation
import Synchronization
import Testing

@testable import IndexStore

/// 2026-01-31T12:00:00Z.
private let noon = Date(timeIntervalSince1970: 1_769_860_800)

/// A query document that came so many seconds before noon; without them it came without a time.
func clickQuery(_ id: String, secondsAgo: Double? = 0, text: String = "tea") throws -> CollectedDocument {
    let time = secondsAgo.map { noon.addingTimeInterval(-$0).formatted(.iso8601) }
    let member = time.map { #","timestamp":"\#($0)""# } ?? ""
    return try clickDocument(#"{"query_id":"\#(id)","user_query":"\#(text)"\#(member)}"#, .query)
}

/// A document as a page sends it.
func clickDocument(_ text: String, _ kind: CollectedDocument.Kind) throws -> CollectedDocument {
    try #require(try UBISubmission.read(Array(text.utf8), .json, as: kind, now: noon).first)
}

extension ClickStore {
    /// All documents, page by page.
    func all(_ period: ClickPeriod = ClickPeriod()) throws -> [CollectedDocument] {
        let page = try everything(period)
        #expect(page.damaged.isEmpty)
        return page.documents
    }

    /// All documents, and the numbers of what is damaged.
    func everything(_ period: ClickPeriod = ClickPeriod()) throws -> ClickPage {
        var whole = ClickPage()
        let last = try lastNumber()
        var number: Int? = 0
        while let after = number {
            let page = try documents(after: after, through: last, in: period)
            whole.documents += page.documents
            whole.damaged += page.damaged
            number = page.next
        }
        return whole
    }
}

/// Writers that have come to their end.
private final class Writers: Sendable {
    let done = Atomic(0)
}

struct ClickStoreTests {
    private let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    @Test func `what is appended comes back in order, also from another opening`() throws {
        let store = try ClickStore.openOrCreate(at: directory.url)
        var documents = try (0..<700).map {
            try clickQuery("q\($0)", secondsAgo: Double($0 * 7 % 13), text: "té 😀 \($0)")
        }
        documents.append(try clickDocument(#"{"action_name":"page_exit"}"#, .event))
        documents.append(
            try clickQuery("long", text: String(repeating: "\\n", count: 2) + String(repeating: "a", count: 1_990)))
        #expect(try store.append(Array(documents[..<300])) == 300)
        #expect(try store.append(Array(documents[300...])) == 402)
        #expect(try store.all() == documents)
        let reader = try ClickStore.open(at: directory.url, mode: .readOnly)
        #expect(try reader.all() == documents)
        let counts = try reader.counts()
        #expect(counts.queries == 701 && counts.events == 1)
        #expect(counts.first == noon.addingTimeInterval(-12) && counts.last == noon && counts.bytes > 100_000)
        #expect(try storeError { try reader.append(documents) } == .readOnly(path: reader.path))
    }

    @Test func `a document sent again is kept once if it came with its time, and twice if it did not`() throws {
        let store = try ClickStore.openOrCreate(at: directory.url)
        let (dated, undated) = (try clickQuery("q"), try clickQuery("q", secondsAgo: nil))
        #expect(try store.append([dated, undated]) == 2)
        #expect(try store.append([dated, undated, dated]) == 1)
        // White space and escapes are not what a document says.
        let same = try clickDocument(
            #"{ "query_id" : "\u0071", "user_query":"tea", "timestamp":"2026-01-31T12:00:00Z"}"#, .query)
        #expect(try store.append([same]) == 0)
        let other = try clickDocument(
            #"{"query_id":"q","user_query":"tea","timestamp":"2026-01-31T12:00:00.000Z"}"#, .query)
        #expect(try store.append([other]) == 1)
        #expect(try store.all() == [dated, undated, undated, other])
    }

    @Test func `a period takes in its first moment and not its last`() throws {
        let store = try ClickStore.openOrCreate(at: directory.url)
        let documents = try (0..<10).map { try clickQuery("q\($0)", secondsAgo: Double(9 - $0)) }
        try store.append(documents)
        func ids(_ since: Double?, _ until: Double?) throws -> [CollectedDocument] {
            try store.all(
                ClickPeriod(since: since.map(noon.addingTimeInterval), until: until.map(noon.addingTimeInterval)))
        }
        #expect(try ids(-5, -2) == Array(documents[4..<7]))
        #expect(try ids(-5, nil) == Array(documents[4...]))
        #expect(try ids(nil, -5) == Array(documents[..<4]))
        #expect(try ids(-5.0005, -4.9995) == [documents[4]])
        #expect(try ids(-2, -5) == [])
        #expect(try ids(nil, nil) == documents)
    }

    @Test func `beyond its size nothing of a batch is kept, and what is dropped makes room`() throws {
        let store = try ClickStore.openOrCreate(at: directory.url)
        let limit = 300_000
        var count = 0
        func batch(_ number: Int) throws -> [CollectedDocument] {
            try (0..<10).map {
                try clickQuery(
                    "q\(number)-\($0)", secondsAgo: Double(1_000 - number), text: String(repeating: "a", count: 900))
            }
        }
        while count < 100, (try? store.append(batch(count), maxBytes: limit)) != nil { count += 1 }
        #expect((15...30).contains(count), "\(count) batches of 10 kB in 300 kB")
        let error = try storeError { try store.append(batch(count), maxBytes: limit) }
        #expect(error == .clicksFull(path: store.path, limit: limit))
        #expect(error.description.contains("has reached the 300000 bytes") && error.description.contains("clicks drop"))
        #expect(try store.all().count == count * 10)
        let removal = try store.drop(before: noon.addingTimeInterval(-995))
        #expect(removal.queries == 50 && removal.events == 0)
        #expect(removal.bytesAfter < removal.bytesBefore)
        #expect(try store.append(batch(count), maxBytes: limit) == 10)
        #expect(try store.all().count == count * 10 - 40)
    }

    @Test func `what is dropped leaves neither its bytes nor its room`() throws {
        let store = try ClickStore.openOrCreate(at: directory.url)
        let secret = "Pelargonium"
        let old = try (0..<3_000).map { try clickQuery("old\($0)", secondsAgo: 86_400, text: "\(secret) \($0)") }
        let new = try (0..<50).map { try clickQuery("new\($0)", text: "tulip \($0)") }
        try store.append(Array(old[..<1_500]) + new + Array(old[1_500...]))
        try store.append([
            clickDocument(
                #"{"action_name":"page_exit","message":"\#(secret)","timestamp":"2026-01-30T12:00:00Z"}"#, .event)
        ])
        let file = URL(filePath: store.path)
        var told: [Int] = []
        let removal = try store.drop(before: noon.addingTimeInterval(-60)) { told.append($0) }
        #expect(removal.queries == 3_000 && removal.events == 1 && told == [1_000, 2_000, 3_000])
        #expect(removal.bytesAfter * 5 < removal.bytesBefore, "\(removal)")
        let size = try #require(try FileManager.default.attributesOfItem(atPath: file.path)[.size] as? Int)
        #expect(size == removal.bytesAfter)
        for suffix in ["", "-wal"] {
            let bytes = (try? Data(contentsOf: URL(filePath: store.path + suffix))) ?? Data()
            #expect(bytes.firstRange(of: Data(secret.utf8)) == nil, "still in clicks.sqlite\(suffix)")
        }
        #expect(try store.all() == new)
        // Numbers are not given again: a reader that is half through misses nothing.
        let last = try store.lastNumber()
        #expect(try store.append([clickQuery("later")]) == 1)
        #expect(try store.lastNumber() > last && last > 1_500)
        #expect(try store.drop(before: noon.addingTimeInterval(-60)) == ClickRemoval(same: store))
    }

    @Test func `a removal that is stopped goes on where it was`() throws {
        struct Stop: Error {}
        let store = try ClickStore.openOrCreate(at: directory.url)
        try store.append((0..<2_500).map { try clickQuery("q\($0)", secondsAgo: 60) } + [clickQuery("kept")])
        #expect(throws: Stop.self) { try store.drop(before: noon) { if $0 == 2_000 { throw Stop() } } }
        #expect(try store.counts().queries == 501)
        #expect(try store.drop(before: noon).queries == 500)
        #expect(try store.all().count == 1)
    }

    @Test func `the index's own file may go, the clicks stay`() throws {
        let store = try ClickStore.openOrCreate(at: directory.url)
        do {
            let index = try IndexStore.create(at: directory.url, generation: newGeneration())
            try store.append([clickQuery("q")])
            try index.removeFiles()
        }
        _ = try IndexStore.create(at: directory.url, generation: newGeneration())
        #expect(try store.isInPlace && store.all().count == 1)
        #expect(try ClickStore.open(at: directory.url, mode: .readOnly).all().count == 1)
    }

    @Test func `a file that was moved away takes its log with it`() throws {
        let elsewhere = try TemporaryDirectory()
        var store = try ClickStore.openOrCreate(at: directory.url)
        try store.append([clickQuery("before")])
        #expect(store.isInPlace)
        try FileManager.default.moveItem(
            atPath: store.path, toPath: elsewhere.url.appending(path: "clicks.sqlite").path)
        #expect(!store.isInPlace)
        try store.takeInLog()
        store = try ClickStore.openOrCreate(at: directory.url)
        try store.append([clickQuery("after")])
        #expect(try store.isInPlace && store.all() == [clickQuery("after")])
        #expect(try ClickStore.open(at: elsewhere.url, mode: .readOnly).all() == [clickQuery("before")])
    }

    @Test func `a log without its file is kept aside and not read into the next`() throws {
        do {
            let store = try ClickStore.openOrCreate(at: directory.url)
            try store.append([clickQuery("before")])
            // As a kill would: the file goes while its log waits.
            try FileManager.default.removeItem(atPath: store.path)
        }
        let store = try ClickStore.openOrCreate(at: directory.url)
        #expect(try store.all() == [])
        #expect(DatabaseHeader.hasContent(store.path + "-wal.left"))
        let mode = try FileManager.default.attributesOfItem(atPath: store.path)[.posixPermissions] as? Int
        #expect(mode == 0o600)
    }

    @Test func `readers see a growing prefix while several connections append`() async throws {
        let documents = try (0..<2).map { writer in
            try (0..<60).map { try clickQuery("\(writer)-\($0)", secondsAgo: nil) }
        }
        let writers = Writers()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for own in documents {
                group.addTask {
                    defer { writers.done.add(1, ordering: .sequentiallyConsistent) }
                    // Each makes the file if the other has not yet.
                    let store = try ClickStore.openOrCreate(at: directory.url)
                    for document in own { try store.append([document, document]) }
                }
            }
            var before: [CollectedDocument] = []
            while writers.done.load(ordering: .sequentiallyConsistent) < documents.count {
                // Tests share few threads: whoever waits has to let the writers run.
                await Task.yield()
                guard let reader = try? ClickStore.open(at: directory.url, mode: .readOnly) else { continue }
                let now = try reader.all()
                #expect(now.starts(with: before) && now.count.isMultiple(of: 2))
                before = now
            }
            try await group.waitForAll()
        }
        let all = try ClickStore.open(at: directory.url, mode: .readOnly).all()
        #expect(all.count == 240)
        for (writer, own) in documents.enumerated() {
            let mine = all.filter { $0.text.contains("\"\(writer)-") }
            #expect(mine == own.flatMap { [$0, $0] })
        }
    }
}

extension ClickRemoval {
    /// Nothing, of a file that stays as long as it is.
    fileprivate init(same store: ClickStore) throws {
        self.init()
        let size = try FileManager.default.attributesOfItem(atPath: store.path)[.size] as? Int ?? 0
        (bytesBefore, bytesAfter) = (size, size)
    }
}
