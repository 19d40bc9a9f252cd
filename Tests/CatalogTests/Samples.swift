// Seeds, random texts and feeds that exist only as long as a test.

import Foundation
import Testing

@testable import Catalog

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The seed of one random case, printed with a failure and runnable alone.
struct Seed: CustomTestStringConvertible, Sendable {
    let value: UInt64
    var testDescription: String { "seed \(value)" }

    static func samples(_ count: UInt64) -> [Seed] {
        (1...count).map { Seed(value: $0) }
    }

    var generator: SplitMix64 { SplitMix64(state: value) }
}

/// Steele, Lea and Flood's SplitMix64: the same numbers on every machine.
struct SplitMix64: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// A text of up to `length` scalars, from all that feeds get wrong: quotes, line ends, delimiters, wide scalars.
    mutating func text(upTo length: Int) -> String {
        let scalars: [UnicodeScalar] = [
            "a", "b", "Z", "7", " ", "\"", "'", ",", ";", "\t", "|", "\n", "\r", "\\", "/", ">", "é", "\u{301}", "한",
            "😀", "\u{FFFF}",
            "\u{A0}", "{", "]", ":", "\u{7F}",
        ]
        var text = String.UnicodeScalarView()
        for _ in 0..<Int.random(in: 0...length, using: &self) {
            text.append(scalars.randomElement(using: &self) ?? "a")
        }
        return String(text)
    }
}

/// A directory that is removed with the value.
final class TemporaryDirectory {
    let url: URL

    init() throws {
        url = FileManager.default.temporaryDirectory.appending(path: "aisle-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }

    deinit {
        try? FileManager.default.removeItem(at: url)
    }

    func path(_ name: String) -> String {
        url.appending(path: name).path
    }

    func write(_ bytes: some Sequence<UInt8>, to name: String) throws -> String {
        try Data(bytes).write(to: url.appending(path: name))
        return path(name)
    }
}

/// A feed that is read whole.
struct ReadFeed {
    var rows: [FeedRow] = []
    var columns: [String] = []
    var format = FeedFormat.jsonl
    var bytesRead = 0

    var products: [Product] {
        rows.compactMap { if case .product(let product, _) = $0 { product } else { nil } }
    }

    var rejected: [RejectedRow] {
        rows.compactMap { if case .rejected(let row) = $0 { row } else { nil } }
    }

    var lines: [Int] {
        rows.map {
            switch $0 {
            case .product(_, let line): line
            case .rejected(let row): row.line
            }
        }
    }

    /// Reads bytes through a file, as users do.
    init(
        _ bytes: some Sequence<UInt8>, _ name: String = "feed.jsonl", limits: FeedLimits = FeedLimits(),
        mapping: [String] = [], template: TextTemplate = .standard
    ) throws {
        let directory = try TemporaryDirectory()
        let path = try directory.write(bytes, to: name)
        let reader = try FeedReader(
            window: FeedWindow(path: path, limits: limits),
            options: FeedOptions(
                format: FeedFormat(path: path), mapping: FieldMapping(parsing: mapping), template: template))
        while let row = try reader.next() { rows.append(row) }
        columns = reader.columns
        format = reader.format
        bytesRead = reader.bytesRead
    }

    init(_ text: String, _ name: String = "feed.jsonl", mapping: [String] = [], template: TextTemplate = .standard)
        throws
    {
        try self.init(Array(text.utf8), name, mapping: mapping, template: template)
    }
}

/// The only product of a one-line JSONL feed.
func product(_ json: String, mapping: [String] = [], sourceLocation: SourceLocation = #_sourceLocation) throws
    -> Product
{
    let feed = try ReadFeed(json, mapping: mapping)
    #expect(feed.rejected.map(\.reason) == [], sourceLocation: sourceLocation)
    return try #require(feed.products.first, sourceLocation: sourceLocation)
}

/// The only rejected row of a feed.
func rejection(
    _ text: String, _ name: String = "feed.jsonl", sourceLocation: SourceLocation = #_sourceLocation
) throws -> RejectedRow {
    let feed = try ReadFeed(text, name)
    #expect(feed.rejected.count == 1, sourceLocation: sourceLocation)
    return try #require(feed.rejected.first, sourceLocation: sourceLocation)
}

/// A named pipe into which a thread writes the parts one by one, as soon as it is opened for reading.
///
/// Not a task: opening blocks, and a blocked thread of the pool, one for each core, would be missing for the test that reads.
func pipe(_ parts: [String], in directory: TemporaryDirectory) throws -> String {
    let path = directory.path("pipe")
    try #require(mkfifo(path, 0o600) == 0)
    Thread.detachNewThread {
        guard let file = FileHandle(forWritingAtPath: path) else { return }
        for part in parts { try? file.write(contentsOf: Data(part.utf8)) }
        try? file.close()
    }
    return path
}

/// What reading a file comes to: the error's sentence, from the file's name on; nil when there is none.
///
/// Only a `CatalogError` may be thrown; any other fails the test.
func failure(_ bytes: some Sequence<UInt8>, _ name: String, _ read: (String) throws -> Void) throws -> String? {
    let directory = try TemporaryDirectory()
    let path = try directory.write(bytes, to: name)
    do {
        try read(path)
        return nil
    } catch let error as CatalogError {
        return error.description.replacingOccurrences(of: directory.url.path + "/", with: "")
    }
}

extension SplitMix64 {
    /// The text's bytes with a few of them changed, removed or doubled, or the end cut off.
    mutating func damaged(_ text: String) -> [UInt8] {
        var bytes = Array(text.utf8)
        for _ in 0..<Int.random(in: 1...6, using: &self) where !bytes.isEmpty {
            let place = Int.random(in: 0..<bytes.count, using: &self)
            switch Int.random(in: 0..<6, using: &self) {
            case 0: bytes[place] = UInt8.random(in: 0...255, using: &self)
            case 1: bytes.remove(at: place)
            case 2: bytes.insert(bytes[place], at: place)
            case 3: bytes.removeLast(min(place, 20))
            case 4: bytes.insert(contentsOf: Array(self.text(upTo: 3).utf8), at: place)
            default: bytes[place] = Array("\t\n\r\"\\{}[],:0-e. ".utf8).randomElement(using: &self) ?? 0
            }
        }
        return bytes
    }
}
