// Documents on their way to the disk. One thread writes; what comes while a transaction is being written goes into the next one together, so
// that a hundred pages that send at once cost one wait for the disk and not a hundred.
//
// The file is opened by the first documents and made if need be: an index that nobody collects for gets none, and a server whose index cannot
// be written still answers searches. After an error the next documents try again. A file that was moved away or replaced is left, and
// the one in its place is taken.

internal import Catalog
internal import Dispatch
internal import Foundation
internal import IndexStore
internal import Logging
internal import Synchronization

/// Appends documents to the clicks of an index.
final class ClickCollector: Sendable {
    /// What one request sent.
    private struct Submission {
        let documents: [CollectedDocument]
        let continuation: CheckedContinuation<Void, any Error>
        /// Bytes of the texts.
        let size: Int
    }

    private struct State {
        var waiting: [Submission] = []
        /// Bytes of those that wait.
        var size = 0
        var isWriting = false
    }

    /// Requests, and bytes, that wait at most.
    private static let (maxWaiting, maxWaitingBytes) = (1_024, 16_777_216)

    private let directory: URL
    private let maxBytes: Int
    private let logger: Logger
    private let queue = DispatchQueue(label: "aisle.clicks", qos: .utility)
    private let state = Mutex(State())
    /// Used on `queue` only; the lock is for the compiler, which does not know that.
    private let store = Mutex<ClickStore?>(nil)
    /// The error that the log has been told last: one that stays is told once.
    private let toldError = Mutex<String?>(nil)

    /// Prepares a collector.
    /// - Parameters:
    ///   - directory: the index.
    ///   - maxBytes: of the file.
    ///   - logger: told why documents cannot be stored.
    init(directory: URL, maxBytes: Int, logger: Logger) {
        self.directory = directory
        self.maxBytes = maxBytes
        self.logger = logger
    }

    /// Appends documents, all of them or none; they are on the disk when it returns.
    /// - Throws: `Problem` with 429 where too much waits, 507 where there is no room, 503 where the file cannot be written.
    func add(_ documents: [CollectedDocument]) async throws {
        let size = documents.reduce(0) { $0 + $1.text.utf8.count }
        try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
            let (isTaken, begins) = state.withLock { state -> (Bool, Bool) in
                let fits = state.size + size <= Self.maxWaitingBytes && state.waiting.count < Self.maxWaiting
                guard state.waiting.isEmpty || fits else { return (false, false) }
                state.waiting.append(Submission(documents: documents, continuation: continuation, size: size))
                state.size += size
                defer { state.isWriting = true }
                return (true, !state.isWriting)
            }
            guard isTaken else { return continuation.resume(throwing: Problem.clicksBusy) }
            if begins { queue.async { self.writeAll() } }
        }
    }

    /// Closes the file, and so takes SQLite's log into it.
    func close() { store.withLock { $0 = nil } }

    /// Writes whatever waits, until nothing does.
    private func writeAll() {
        while true {
            let group = state.withLock { state -> [Submission] in
                defer { (state.waiting, state.size) = ([], 0) }
                if state.waiting.isEmpty { state.isWriting = false }
                return state.waiting
            }
            guard !group.isEmpty else { return }
            let result = Result<Void, any Error> { try append(group.flatMap(\.documents)) }
            if case .failure(let problem as Problem) = result, problem.status == 507, group.count > 1 {
                // What is too much for all of them may have room for one.
                for submission in group {
                    submission.continuation.resume(with: Result { try append(submission.documents) })
                }
            } else {
                for submission in group { submission.continuation.resume(with: result) }
            }
        }
    }

    private func append(_ documents: [CollectedDocument]) throws {
        do {
            try store.withLock { store in
                if store?.isInPlace != true {
                    // A file that was taken away gets what its log has; if it cannot, the next one is begun all the same.
                    do { try store?.takeInLog() } catch {
                        logger.error(
                            "the log of a file of clicks that was moved away could not be written into it",
                            metadata: ["error": "\(error)"])
                    }
                    store = nil
                    store = try ClickStore.openOrCreate(at: directory)
                }
                try store?.append(documents, maxBytes: maxBytes)
            }
            toldError.withLock { $0 = nil }
        } catch let error as StoreError {
            let isNew = toldError.withLock { told in
                defer { told = error.description }
                return told != error.description
            }
            if isNew { logger.error("clicks cannot be stored", metadata: ["error": "\(error)"]) }
            throw Problem(storing: error)
        }
    }
}
