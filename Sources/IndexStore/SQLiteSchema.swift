// The tables of index.sqlite and how an older file becomes a newer one. docs/index-format.md describes them for other programs.
//
// `PRAGMA user_version` counts the migrations a file has been through. A change of the format is one more entry at the end of
// `migrations`; entries are never edited once released. Large blobs stand last in their rows, so that the columns before them are
// read without walking the blob's pages.

internal import GRDB

/// The format of index.sqlite.
///
/// Readers take every format from 1 on as it is: they may not write, and a shop's search must not wait for a command after an upgrade.
enum Schema {
    /// Format version this program writes, and the newest it reads.
    static var version: Int { migrations.count }

    /// Bytes per page: large enough that a vector blob's overflow chain is short, small enough for single upserts.
    static let pageSize = 8192

    /// Entry i brings format i to format i + 1.
    static let migrations = [format1, format2, format3]

    /// Brings a database from its format to a newer one, in one transaction.
    /// - Parameters:
    ///   - database: a connection that may write.
    ///   - found: the file's `user_version`, 0 for a new file.
    ///   - wanted: the format it gets, the current one unless another is named.
    /// - Throws: `DatabaseError`; the file then has the format it had.
    static func migrate(_ database: Database, from found: Int, to wanted: Int = version) throws {
        try database.inTransaction(.immediate) {
            for migration in migrations[found..<wanted] { try database.execute(sql: migration) }
            try database.execute(sql: "PRAGMA user_version = \(wanted)")
            return .commit
        }
    }

    /// The file's `user_version`, as the transaction sees it.
    static func format(of database: Database) throws -> Int {
        try Int.fetchOne(database.cachedStatement(sql: "PRAGMA user_version")) ?? 0
    }

    /// Whether a file tells followers what changed; before format 3 there was no `entry_change`.
    /// - Parameter database: in a transaction.
    /// - Returns: whether the table is there.
    /// - Throws: `DatabaseError`.
    static func notesChanges(in database: Database) throws -> Bool {
        try format(of: database) >= 3
    }

    /// What a query reads as the precision of a generation: before format 2 there was none but float32.
    /// - Parameter database: in the transaction that the query is made in, since a writer may bring the file up to date at any time.
    /// - Returns: SQL for the column's place.
    /// - Throws: `DatabaseError`.
    static func precisionColumn(in database: Database) throws -> String {
        try format(of: database) < 2 ? "'f32'" : "precision"
    }

    /// Tables, indexes and triggers of its format that a database lacks, with the SQL that makes them.
    static func missingObjects(in database: Database) throws -> [(name: String, sql: String)] {
        let sql = "SELECT name, sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY rowid"
        let format = try format(of: database)
        let complete = try DatabaseQueue()
        let expected = try complete.inDatabase { connection in
            try migrate(connection, from: 0, to: min(max(format, 1), version))
            return try Row.fetchAll(connection, sql: sql).map { (name: try $0.text(0), sql: try $0.text(1)) }
        }
        let found = Set(try Row.fetchAll(database, sql: sql).map { try $0.text(0) })
        return expected.filter { !found.contains($0.name) }
    }

    private static let format1 = """
        CREATE TABLE generation (
            id INTEGER PRIMARY KEY CHECK (id > 0),
            fingerprint TEXT NOT NULL CHECK (length(fingerprint) = 64),
            model_name TEXT NOT NULL,
            dimension INTEGER NOT NULL CHECK (dimension BETWEEN 1 AND 65536),
            template TEXT NOT NULL,
            max_neighbors INTEGER NOT NULL,
            ef_construction INTEGER NOT NULL,
            seed INTEGER NOT NULL,
            created_at INTEGER NOT NULL,
            node_count INTEGER NOT NULL DEFAULT 0 CHECK (node_count >= 0),
            linked_count INTEGER NOT NULL DEFAULT 0 CHECK (linked_count BETWEEN 0 AND node_count),
            entry_point INTEGER CHECK (entry_point BETWEEN 0 AND linked_count - 1),
            checksum BLOB NOT NULL CHECK (length(checksum) = 32),
            CHECK ((entry_point IS NULL) = (linked_count = 0))
        ) STRICT;

        CREATE TABLE live (
            only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
            generation INTEGER NOT NULL REFERENCES generation (id)
        ) STRICT;

        CREATE TABLE product (
            key INTEGER PRIMARY KEY,
            id TEXT NOT NULL UNIQUE,
            title TEXT NOT NULL,
            description TEXT NOT NULL,
            category TEXT,
            brand TEXT,
            price REAL,
            currency TEXT,
            availability TEXT,
            image TEXT,
            url TEXT,
            attributes TEXT NOT NULL,
            row_hash BLOB NOT NULL CHECK (length(row_hash) = 32)
        ) STRICT;

        CREATE TABLE field (
            key INTEGER PRIMARY KEY,
            name TEXT NOT NULL UNIQUE
        ) STRICT;

        CREATE TABLE facet (
            product INTEGER NOT NULL REFERENCES product (key) ON DELETE CASCADE,
            field INTEGER NOT NULL REFERENCES field (key),
            value ANY NOT NULL,
            PRIMARY KEY (product, field, value)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX facet_by_value ON facet (field, value);

        CREATE TABLE node (
            generation INTEGER NOT NULL REFERENCES generation (id),
            node INTEGER NOT NULL CHECK (node BETWEEN 0 AND 4294967295),
            text_hash BLOB NOT NULL CHECK (length(text_hash) = 32),
            PRIMARY KEY (generation, node)
        ) STRICT, WITHOUT ROWID;
        CREATE UNIQUE INDEX node_by_text ON node (generation, text_hash);

        CREATE TABLE entry (
            generation INTEGER NOT NULL REFERENCES generation (id),
            product INTEGER NOT NULL REFERENCES product (key) ON DELETE CASCADE,
            node INTEGER NOT NULL,
            PRIMARY KEY (generation, product),
            FOREIGN KEY (generation, node) REFERENCES node (generation, node)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX entry_by_node ON entry (generation, node);
        CREATE INDEX entry_by_product ON entry (product);

        CREATE TABLE vector_chunk (
            generation INTEGER NOT NULL REFERENCES generation (id),
            first_node INTEGER NOT NULL CHECK (first_node >= 0),
            count INTEGER NOT NULL CHECK (count > 0),
            checksum BLOB NOT NULL CHECK (length(checksum) = 32),
            vectors BLOB NOT NULL,
            PRIMARY KEY (generation, first_node)
        ) STRICT;

        CREATE TABLE link_chunk (
            generation INTEGER NOT NULL REFERENCES generation (id),
            first_node INTEGER NOT NULL CHECK (first_node >= 0),
            count INTEGER NOT NULL CHECK (count > 0),
            checksum BLOB NOT NULL CHECK (length(checksum) = 32),
            links BLOB NOT NULL,
            PRIMARY KEY (generation, first_node)
        ) STRICT;
        """

    /// The default is what the column says of the generations that are there.
    private static let format2 = """
        ALTER TABLE generation ADD COLUMN
            precision TEXT NOT NULL DEFAULT 'f32' CHECK (precision IN ('f32', 'bf16', 'int8'));
        """

    /// Triggers note what changes about the live generation, whoever writes, SQLite's own cascades included.
    ///
    /// A row without a node stands for more
    /// than rows can say; the first one is there so that a file's numbers never begin again.
    private static let format3 = """
        CREATE TABLE entry_change (
            number INTEGER PRIMARY KEY,
            node INTEGER,
            products INTEGER NOT NULL CHECK (products BETWEEN -1 AND 1)
        ) STRICT;
        INSERT INTO entry_change (node, products) VALUES (NULL, 0);

        CREATE TRIGGER entry_added AFTER INSERT ON entry
        WHEN new.generation = (SELECT generation FROM live) BEGIN
            INSERT INTO entry_change (node, products) VALUES (new.node, 1);
        END;
        CREATE TRIGGER entry_moved AFTER UPDATE ON entry
        WHEN new.generation = (SELECT generation FROM live) BEGIN
            INSERT INTO entry_change (node, products) VALUES (old.node, -1), (new.node, 1);
        END;
        CREATE TRIGGER entry_removed AFTER DELETE ON entry
        WHEN old.generation = (SELECT generation FROM live) BEGIN
            INSERT INTO entry_change (node, products) VALUES (old.node, -1);
        END;
        CREATE TRIGGER vectors_replaced AFTER UPDATE ON vector_chunk
        WHEN old.generation = (SELECT generation FROM live) BEGIN
            INSERT INTO entry_change (node, products) VALUES (NULL, 0);
        END;
        CREATE TRIGGER vectors_removed AFTER DELETE ON vector_chunk
        WHEN old.generation = (SELECT generation FROM live) BEGIN
            INSERT INTO entry_change (node, products) VALUES (NULL, 0);
        END;
        CREATE TRIGGER live_changed AFTER UPDATE ON live BEGIN
            INSERT INTO entry_change (node, products) VALUES (NULL, 0);
        END;
        CREATE TRIGGER entry_change_forgotten AFTER INSERT ON entry_change BEGIN
            DELETE FROM entry_change WHERE number <= new.number - 4096;
        END;
        """
}
