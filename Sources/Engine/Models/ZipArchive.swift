// Reading zip archives (a Python wheel is one), as far as archives of models need it.
//
// After PKWARE's APPNOTE 6.3: the end record is looked for from the end of the file, the central directory it points to is the list
// of entries, and each entry's data is found through its local header. Sizes and checksums are taken from the central directory
// alone, so that streamed archives (data descriptors) need nothing extra. ZIP64 is read; encryption, archives in several parts and
// methods other than stored and deflated are refused by name.

internal import Foundation

/// An open archive.
///
/// Reads positions of its own choice, so several readers do not disturb each other.
final class ZipArchive {
    /// One file of an archive, as the central directory lists it.
    struct Entry: Equatable {
        /// Path with `/`; never used as a path on this machine.
        let name: String
        /// Length after decompression, in bytes.
        let size: UInt64
        fileprivate let compressedSize: UInt64
        fileprivate let method: UInt16
        fileprivate let isEncrypted: Bool
        fileprivate let checksum: UInt32
        fileprivate let headerOffset: UInt64
    }

    /// The files in the order of the central directory.
    private(set) var entries: [Entry] = []

    private let path: String
    private let descriptor: Int32
    private let length: UInt64

    /// A central directory of more bytes than this is not that of a model's archive.
    private static let directoryLimit: UInt64 = 64 << 20

    /// Opens an archive and reads its list of entries.
    /// - Throws: `ModelError.sourceUnreadable`, `.archiveDamaged`, `.archiveUnsupported`.
    init(path: String) throws(ModelError) {
        self.path = path
        descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .sourceUnreadable(path: path, reason: String(cString: strerror(errno))) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            close(descriptor)
            throw .sourceUnreadable(path: path, reason: "it is not a regular file")
        }
        length = UInt64(status.st_size)
        let end = try EndRecord(self)
        guard end.size <= Self.directoryLimit else { throw unsupported("a list of entries of \(end.size) bytes") }
        let directory = try read(at: end.offset, count: Int(end.size), "the list of entries")
        var position = 0
        for index in 0..<end.entryCount {
            guard let entry = try Entry(directory, at: &position, of: self) else {
                throw damaged("entry \(index + 1) of \(end.entryCount) in the list of entries cannot be read")
            }
            if !entry.name.hasSuffix("/") { entries.append(entry) }
        }
    }

    deinit { close(descriptor) }

    /// Reads one file.
    /// - Parameters:
    ///   - entry: one of `entries`.
    ///   - body: given the content piece by piece; never more bytes than the list of entries says.
    /// - Throws: `ModelError.archiveDamaged`, `.archiveUnsupported`, what `body` throws.
    func read(_ entry: Entry, _ body: (UnsafeRawBufferPointer) throws(ModelError) -> Void) throws(ModelError) {
        guard !entry.isEncrypted else { throw unsupported("encryption (\(entry.name))") }
        guard entry.method == 0 || entry.method == 8 else {
            throw unsupported("compression method \(entry.method) (\(entry.name))")
        }
        var checksum = CRC32()
        var written: UInt64 = 0
        func take(_ bytes: UnsafeRawBufferPointer) throws(ModelError) {
            written += UInt64(bytes.count)
            guard written <= entry.size else {
                throw damaged("\(entry.name) is longer than the \(entry.size) bytes it should have")
            }
            checksum.update(bytes)
            try body(bytes)
        }
        let inflater = try entry.method == 8 ? makeInflater() : nil
        var position = try dataOffset(of: entry)
        let end = position + entry.compressedSize
        while position < end {
            let count = min(UInt64(FileReading.chunkSize), end - position)
            let chunk = try read(at: position, count: Int(count), entry.name)
            position += count
            try chunk.withBytes { bytes throws(ModelError) in
                guard let inflater else { return try take(bytes) }
                do {
                    try inflater.inflate(bytes, take)
                } catch let error as ModelError {
                    throw error
                } catch {
                    throw damaged("the compressed data of \(entry.name) cannot be read")
                }
            }
        }
        guard written == entry.size, inflater?.isFinished != false else {
            throw damaged("\(entry.name) has \(written) bytes, expected \(entry.size)")
        }
        guard checksum.value == entry.checksum else {
            throw damaged("\(entry.name) has the CRC-32 \(hex(checksum.value)), expected \(hex(entry.checksum))")
        }
    }

    private func makeInflater() throws(ModelError) -> RawInflater {
        do { return try RawInflater() } catch {
            throw .sourceUnreadable(path: path, reason: "no memory to decompress it")
        }
    }

    /// Where an entry's data begin: after its local header, whose name and extra field can differ in length from the directory's.
    private func dataOffset(of entry: Entry) throws(ModelError) -> UInt64 {
        let header = try read(at: entry.headerOffset, count: 30, "the header of \(entry.name)")
        guard header.integer(UInt32.self, at: 0) == 0x0403_4B50, let name = header.integer(UInt16.self, at: 26),
            let extra = header.integer(UInt16.self, at: 28)
        else { throw damaged("\(entry.name) has no header at byte \(entry.headerOffset)") }
        let offset = entry.headerOffset + 30 + UInt64(name) + UInt64(extra)
        guard offset <= length, entry.compressedSize <= length - offset else {
            throw damaged("\(entry.name) goes on after the end of the file at byte \(length)")
        }
        return offset
    }

    private func read(at offset: UInt64, count: Int, _ what: String) throws(ModelError) -> Data {
        guard offset <= length, UInt64(count) <= length - offset else {
            throw damaged("\(what) should be at byte \(offset), and the file ends at byte \(length)")
        }
        var data = Data(count: count)
        var done = 0
        while done < count {
            let read = data.withUnsafeMutableBytes {
                pread(descriptor, $0.baseAddress?.advanced(by: done), count - done, off_t(offset) + off_t(done))
            }
            if read < 0, errno == EINTR { continue }
            guard read >= 0 else { throw .sourceUnreadable(path: path, reason: String(cString: strerror(errno))) }
            guard read > 0 else { throw damaged("\(what) is cut off") }
            done += read
        }
        return data
    }

    private func damaged(_ what: String) -> ModelError { .archiveDamaged(path: path, what: what) }
    private func unsupported(_ what: String) -> ModelError { .archiveUnsupported(path: path, what: what) }
    private func hex(_ value: UInt32) -> String { String(value, radix: 16) }
}

extension ZipArchive {
    /// Where the central directory is, from the record at the end of the file or its ZIP64 companion.
    fileprivate struct EndRecord {
        var entryCount: UInt64
        var size: UInt64
        var offset: UInt64

        init(_ archive: ZipArchive) throws(ModelError) {
            // 22 bytes and a comment of at most 65,535; 20 bytes of ZIP64 locator before them.
            let tailStart = archive.length - min(archive.length, 22 + 65_535 + 20)
            let tail = try archive.read(at: tailStart, count: Int(archive.length - tailStart), "the end of the archive")
            var position = tail.count - 22
            while position >= 0 {
                let comment = tail.integer(UInt16.self, at: position + 20).map(Int.init)
                if tail.integer(UInt32.self, at: position) == 0x0605_4B50, comment == tail.count - position - 22 {
                    break
                }
                position -= 1
            }
            guard position >= 0, let part = tail.integer(UInt16.self, at: position + 4),
                let count = tail.integer(UInt16.self, at: position + 10),
                let size = tail.integer(UInt32.self, at: position + 12),
                let offset = tail.integer(UInt32.self, at: position + 16)
            else { throw archive.damaged("it has no list of entries at its end") }
            (entryCount, self.size, self.offset) = (UInt64(count), UInt64(size), UInt64(offset))
            if tail.integer(UInt32.self, at: position - 20) == 0x0706_4B50,
                let end = tail.integer(UInt64.self, at: position - 12)
            {
                let record = try archive.read(at: end, count: 56, "the ZIP64 end record")
                guard record.integer(UInt32.self, at: 0) == 0x0606_4B50,
                    let count = record.integer(UInt64.self, at: 32),
                    let size = record.integer(UInt64.self, at: 40), let offset = record.integer(UInt64.self, at: 48)
                else { throw archive.damaged("its ZIP64 end record cannot be read") }
                (entryCount, self.size, self.offset) = (count, size, offset)
            }
            guard part == 0 || part == 0xFFFF else { throw archive.unsupported("an archive in several parts") }
        }
    }
}

extension ZipArchive.Entry {
    /// Reads the record at a position of the central directory and moves the position behind it.
    fileprivate init?(_ directory: Data, at position: inout Int, of archive: ZipArchive) throws(ModelError) {
        guard directory.integer(UInt32.self, at: position) == 0x0201_4B50,
            let flags = directory.integer(UInt16.self, at: position + 8),
            let method = directory.integer(UInt16.self, at: position + 10),
            let checksum = directory.integer(UInt32.self, at: position + 16),
            let compressedSize = directory.integer(UInt32.self, at: position + 20),
            let size = directory.integer(UInt32.self, at: position + 24),
            let nameLength = directory.integer(UInt16.self, at: position + 28),
            let extraLength = directory.integer(UInt16.self, at: position + 30),
            let commentLength = directory.integer(UInt16.self, at: position + 32),
            let headerOffset = directory.integer(UInt32.self, at: position + 42)
        else { return nil }
        let nameEnd = position + 46 + Int(nameLength)
        let extraEnd = nameEnd + Int(extraLength)
        guard extraEnd + Int(commentLength) <= directory.count else { return nil }
        name = String(decoding: directory[(position + 46)..<nameEnd], as: UTF8.self)
        var wide = WideFields(directory[nameEnd..<extraEnd])
        // The ZIP64 field holds only the values that do not fit, in this order.
        guard let size = wide.value(size), let compressedSize = wide.value(compressedSize),
            let headerOffset = wide.value(headerOffset)
        else { return nil }
        (self.size, self.compressedSize, self.headerOffset) = (size, compressedSize, headerOffset)
        (self.method, self.checksum, isEncrypted) = (method, checksum, flags & 1 != 0)
        position = extraEnd + Int(commentLength)
    }

    /// The ZIP64 extra field (0x0001).
    private struct WideFields {
        private var rest = Data()

        init(_ extra: Data) {
            var extra = Data(extra)
            while let kind = extra.integer(UInt16.self, at: 0), let count = extra.integer(UInt16.self, at: 2),
                extra.count >= 4 + Int(count)
            {
                if kind == 1 { rest = Data(extra[4..<(4 + Int(count))]) }
                extra = Data(extra.dropFirst(4 + Int(count)))
            }
        }

        mutating func value(_ narrow: UInt32) -> UInt64? {
            guard narrow == .max else { return UInt64(narrow) }
            guard let value = rest.integer(UInt64.self, at: 0) else { return nil }
            rest = Data(rest.dropFirst(8))
            return value
        }
    }
}

extension Data {
    /// The little-endian integer at an offset from the start; nil if it is not all inside.
    fileprivate func integer<Value: FixedWidthInteger>(_ type: Value.Type, at offset: Int) -> Value? {
        let size = MemoryLayout<Value>.size
        guard offset >= 0, offset <= count - size else { return nil }
        return withUnsafeBytes { Value(littleEndian: $0.loadUnaligned(fromByteOffset: offset, as: Value.self)) }
    }
}
