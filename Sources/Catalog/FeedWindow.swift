// The bytes of a feed that are in memory: a window that slides over a file or pipe.
//
// The door to the feed's bytes, and the owner of the buffer. The window grows only for a row that does not fit, up to the row
// limit, so memory is bounded by the longest row and never by the feed. `bytes` is valid until the next `fill`.
// Not thread-safe.

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#else
    internal import Darwin
#endif

/// Sizes, in bytes, of what a feed reader holds in memory.
struct FeedLimits {
    /// The window at first: large enough that system calls do not show, small enough for the second-level cache.
    var bufferSize = 524_288
    /// The longest row that is read.
    var rowSize = 16 * 1_048_576
}

/// A sliding window over the bytes of a feed.
final class FeedWindow {
    /// The feed's name in messages: its path, or "standard input".
    let name: String
    /// Bytes of the whole feed; nil for a pipe.
    let byteCount: Int?
    /// Bytes consumed so far.
    private(set) var bytesConsumed = 0
    /// Whether the window holds the feed's last bytes.
    private(set) var isAtEnd = false

    private let descriptor: Int32
    private let isCancelled: @Sendable () -> Bool
    let limits: FeedLimits
    private var memory: UnsafeMutableBufferPointer<UInt8>
    private var start = 0
    private var end = 0

    /// Opens a file, or standard input for "-".
    /// - Throws: `CatalogError.fileNotFound`, `.isDirectory` or `.unreadable`.
    init(
        path: String, limits: FeedLimits, isCancelled: @escaping @Sendable () -> Bool = { false }
    ) throws(CatalogError) {
        let isStandardInput = path == "-"
        name = isStandardInput ? "standard input" : path
        self.limits = limits
        self.isCancelled = isCancelled
        descriptor = isStandardInput ? STDIN_FILENO : try Self.descriptor(of: path)
        var status = stat()
        guard fstat(descriptor, &status) == 0 else {
            let reason = Self.systemMessage()
            if !isStandardInput { close(descriptor) }
            throw .unreadable(path: name, reason: reason)
        }
        let kind = status.st_mode & S_IFMT
        guard kind != S_IFDIR else {
            if !isStandardInput { close(descriptor) }
            throw .isDirectory(path: name)
        }
        byteCount = kind == S_IFREG ? Int(status.st_size) : nil
        memory = .allocate(capacity: max(16, min(limits.bufferSize, limits.rowSize)))
    }

    deinit {
        memory.deallocate()
        if descriptor != STDIN_FILENO { close(descriptor) }
    }

    /// The unread bytes in memory; valid until the next `fill`.
    var bytes: UnsafeBufferPointer<UInt8> {
        UnsafeBufferPointer(rebasing: memory[start..<end])
    }

    /// Whether the unread bytes reach the row limit, so that `fill` would have nowhere to put more.
    var isFull: Bool {
        end - start >= limits.rowSize
    }

    /// Marks the first `count` unread bytes as read.
    func consume(_ count: Int) {
        precondition(count <= end - start, "\(count) bytes to consume, \(end - start) unread")
        start += count
        bytesConsumed += count
    }

    /// Reads more bytes behind the unread ones, or sets `isAtEnd`.
    ///
    /// A row that spans many reads is looked at anew after each, so once it is long, its bytes are doubled before it is looked at again:
    /// the work stays proportional to the row even when a pipe delivers little at a time.
    /// - Throws: `CatalogError.readFailed`.
    func fill() throws(CatalogError) {
        let unread = end - start
        precondition(!isFull, "the window is full with \(unread) bytes")
        if start > 0 {
            if unread > 0, let base = memory.baseAddress { memmove(base, base + start, unread) }
            (start, end) = (0, unread)
        }
        if end == memory.count { grow() }
        let wanted = unread < 65_536 ? 1 : min(unread, memory.count - unread)
        var received = 0
        while received < wanted, !isAtEnd {
            let count = try readOnce()
            isAtEnd = count == 0
            received += count
        }
    }

    private func readOnce() throws(CatalogError) -> Int {
        while true {
            if byteCount == nil, !InputWait.isReadable(descriptor, isCancelled: isCancelled) {
                throw .cancelled(feed: name)
            }
            let free = UnsafeMutableBufferPointer(rebasing: memory[end...])
            let count = read(descriptor, free.baseAddress, free.count)
            if count >= 0 {
                end += count
                return count
            }
            guard errno == EINTR || errno == EAGAIN else {
                throw .readFailed(feed: name, offset: bytesConsumed + (end - start), reason: Self.systemMessage())
            }
        }
    }

    private func grow() {
        let larger = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: min(memory.count * 2, limits.rowSize))
        if let from = memory.baseAddress, let to = larger.baseAddress { memcpy(to, from, end) }
        memory.deallocate()
        memory = larger
    }

    private static func descriptor(of path: String) throws(CatalogError) -> Int32 {
        while true {
            // Without O_NONBLOCK, a named pipe that nobody writes to would be waited for here.
            let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
            if descriptor >= 0 { return descriptor }
            switch errno {
            case EINTR: continue
            case ENOENT, ENOTDIR: throw .fileNotFound(path: path)
            default: throw .unreadable(path: path, reason: systemMessage())
            }
        }
    }

    private static func systemMessage() -> String {
        String(cString: strerror(errno))
    }
}

extension UnsafeBufferPointer<UInt8> {
    /// Whether a byte is 0.
    ///
    /// The C library looks at many bytes at a time, `contains` at one, which is 7 % of the time that a TSV takes.
    var containsNUL: Bool {
        baseAddress.flatMap { memchr($0, 0, count) } != nil
    }
}
