// Where in a file something stands, and the errors that begin with it: "FILE:LINE: …".

import JSONReading

/// A line of a file, for messages.
package struct FilePosition {
    /// The file's path, or "standard input".
    package let path: String
    /// The line, from 1.
    package let line: Int

    /// Names a line.
    package init(path: String, line: Int) {
        self.path = path
        self.line = line
    }

    /// The error for what is wrong here.
    package func fault(_ reason: String) -> CatalogError {
        .badLine(path: path, line: line, reason: reason)
    }

    /// Checks that the bytes that start here are UTF-8 without NUL, which no text in an index may hold.
    /// - Throws: `CatalogError.badLine`.
    func checkText(_ bytes: UnsafeBufferPointer<UInt8>) throws(CatalogError) {
        if let offset = UTF8Validation.firstInvalidByte(in: bytes) {
            let byte = String(bytes[offset], radix: 16, uppercase: true)
            throw fault("expected UTF-8, found 0x\(byte) as byte \(offset + 1); save the file as UTF-8")
        }
        if bytes.containsNUL {
            throw fault("expected text, found a NUL byte; check that the file is complete and not binary")
        }
    }
}
