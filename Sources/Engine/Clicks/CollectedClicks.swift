// What a server has collected of searches and clicks: how much it is, all of it as a log for `aisle tune`, and old ones removed.

internal import Catalog
public import Foundation
internal import IndexStore

/// The clicks that were collected for an index.
public enum CollectedClicks {
    /// How much there is.
    public struct Status: Sendable, Equatable, Codable {
        /// Queries, and events.
        public let queries, events: Int
        /// The earliest and the latest time of a document; nil where there is none.
        public let first, last: Date?
        /// Bytes of the file.
        public let bytes: Int
    }

    /// What an export came to.
    public struct Export: Sendable, Equatable {
        /// Queries, and events, that were written.
        public internal(set) var queries = 0, events = 0
        /// Rows that could not be read, and the number of the first.
        public internal(set) var damaged = 0, firstDamaged: Int?
    }

    /// What a removal came to.
    public struct Removal: Sendable, Equatable {
        /// Queries, and events, that were removed.
        public let queries, events: Int
        /// Bytes that went back to the file system.
        public let bytesFreed: Int
    }

    /// Counts what has been collected.
    /// - Throws: `StoreError.missing` where nothing has, and the others for a file that is damaged or not Aisle's.
    public static func status(in directory: URL) throws -> Status {
        let counts = try ClickStore.open(at: directory, mode: .readOnly).counts()
        return Status(
            queries: counts.queries, events: counts.events, first: counts.first, last: counts.last, bytes: counts.bytes)
    }

    /// Hands out the documents of a period, in order of arrival; what arrives meanwhile is left for the next time.
    /// - Parameters:
    ///   - directory: the index.
    ///   - since: the first moment, by the documents' own times; nil: from the beginning.
    ///   - until: the moment behind the last; nil: to the end.
    ///   - write: takes a document as a line of JSON, without its end; what it throws ends the export.
    ///   - progress: told the share that is done, 0...1, every few hundred documents.
    /// - Returns: what was handed out, and what could not be read.
    /// - Throws: `StoreError`, and what the closures throw.
    public static func export(
        from directory: URL, since: Date?, until: Date?, write: (String) throws -> Void,
        progress: (Double) throws -> Void
    ) throws -> Export {
        let store = try ClickStore.open(at: directory, mode: .readOnly)
        let (last, period) = (try store.lastNumber(), ClickPeriod(since: since, until: until))
        var export = Export()
        var number: Int? = 0
        while let after = number {
            let page = try store.documents(after: after, through: last, in: period)
            for document in page.documents {
                try write(document.text)
                switch document.kind {
                case .query: export.queries += 1
                case .event: export.events += 1
                }
            }
            export.damaged += page.damaged.count
            export.firstDamaged = export.firstDamaged ?? page.damaged.first
            number = page.next
            try progress(number.map { Double($0) / Double(max(last, 1)) } ?? 1)
        }
        return export
    }

    /// Removes the documents of before a moment, and gives their room back to the file system.
    /// - Parameters:
    ///   - moment: documents from it on stay, by their own times.
    ///   - directory: the index.
    ///   - progress: told how many are removed so far; what it throws ends the removal, and the same call goes on from there.
    /// - Returns: what was removed.
    /// - Throws: `StoreError`, and what `progress` throws.
    public static func drop(
        before moment: Date, from directory: URL, progress: (Int) throws -> Void
    ) throws -> Removal {
        let removal = try ClickStore.open(at: directory, mode: .readWrite).drop(before: moment, progress: progress)
        return Removal(
            queries: removal.queries, events: removal.events,
            bytesFreed: max(0, removal.bytesBefore - removal.bytesAfter))
    }
}
