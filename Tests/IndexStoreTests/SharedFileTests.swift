// Several connections in one process while another process writes: none may lose its lock to a descriptor that is closed.

import Catalog
import Foundation
import Testing

@testable import IndexStore

struct SharedFileTests {
    @Test func `a reader goes on seeing commits of another process after the index was opened again in this one`()
        throws
    {
        let directory = try TemporaryDirectory()
        do {
            let store = try IndexStore.create(at: directory.url, generation: newGeneration())
            try store.ingest([product("a", "red lamp")])
            try store.close()
        }
        let reader = try IndexStore.open(at: directory.url, mode: .readOnly)
        #expect(try reader.productCount() == 1)
        for count in 2...5 {
            // Opened and closed beside it, as a server does for each of its connections.
            _ = try IndexStore.open(at: directory.url, mode: .readOnly).productCount()
            try insertElsewhere("p\(count)", directory)
            #expect(try reader.productCount() == count, "commit \(count) of another process was not seen")
        }
    }

    /// Another process adds a product row, and as the last one there removes the write-ahead log if it may.
    private func insertElsewhere(_ id: String, _ directory: TemporaryDirectory) throws {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        let script = """
            import sqlite3, sys
            c = sqlite3.connect(sys.argv[1])
            c.execute("INSERT INTO product (id, title, description, attributes, row_hash) VALUES (?, 't', '', '{}', zeroblob(32))", [sys.argv[2]])
            c.commit()
            c.close()
            """
        process.arguments = ["python3", "-c", script, directory.index, id]
        try process.run()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
    }
}
