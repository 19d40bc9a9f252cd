internal import Foundation
internal import Logging

/// Connections are open files, of which a process may have as many as a soft limit says, often 1,024, and it may raise that itself.
enum OpenFileLimit {
    /// Files that are no connections: event loops, clicks, standard streams.
    private static let others = 128

    /// Makes room for connections and for the index, which each worker reads through three files, and warns where there is not enough.
    static func raise(for connections: Int, workers: Int, logger: Logger) {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return }
        let needed = rlim_t(connections + connections / 4 + 3 * workers + others)
        guard limit.rlim_cur < needed else { return }
        limit.rlim_cur = min(needed, limit.rlim_max)
        guard setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) != 0 || limit.rlim_cur < needed else {
            return
        }
        logger.warning(
            "fewer files may be open than there may be connections",
            metadata: ["files": "\(limit.rlim_cur)", "needed": "\(needed)"])
    }
}
