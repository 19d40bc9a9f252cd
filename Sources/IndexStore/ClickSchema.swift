// The table of clicks.sqlite, format 1; docs/clicks.md describes it for other programs.
//
// `number` is the order of arrival and, by AUTOINCREMENT, is never given twice, so that a reader goes on behind the number it read last
// whatever is removed meanwhile. The text stands last, so that the columns before it are read without its overflow pages. Only documents
// that came with a time are told apart by their digest. `auto_vacuum` has to be set before the first table is made.

import Catalog
import Foundation

/// The format of clicks.sqlite.
enum ClickSchema {
    /// Makes an empty file.
    static let creation = """
        PRAGMA page_size = 4096;
        PRAGMA auto_vacuum = INCREMENTAL;
        PRAGMA application_id = \(ClickStore.applicationID);
        BEGIN IMMEDIATE;
        CREATE TABLE document (
            number INTEGER PRIMARY KEY AUTOINCREMENT,
            kind INTEGER NOT NULL CHECK (kind IN (1, 2)),
            time INTEGER NOT NULL,
            has_own_time INTEGER NOT NULL CHECK (has_own_time IN (0, 1)),
            digest BLOB NOT NULL CHECK (length(digest) = 16),
            text TEXT NOT NULL
        ) STRICT;
        CREATE INDEX document_by_time ON document (time, kind);
        CREATE UNIQUE INDEX document_once ON document (digest) WHERE has_own_time = 1;
        PRAGMA user_version = \(ClickStore.version);
        COMMIT;
        PRAGMA journal_mode = WAL;
        """
}

/// What a row is known and checked by.
enum ClickDigest {
    /// The first 16 bytes of SHA-256 over kind, whether the time is the document's own, time (8 bytes, little-endian) and text.
    static func data(of document: CollectedDocument) -> Data {
        var bytes = Data([UInt8(document.kind.rawValue), document.hasOwnTime ? 1 : 0])
        withUnsafeBytes(of: Int64(document.milliseconds).littleEndian) { bytes.append(contentsOf: $0) }
        bytes.append(contentsOf: document.text.utf8)
        return Digest(of: bytes).data.prefix(16)
    }
}
