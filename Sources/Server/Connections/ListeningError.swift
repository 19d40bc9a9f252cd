internal import Foundation
internal import NIOCore

/// An address that cannot be listened on.
public struct ListeningError: Error, CustomStringConvertible {
    /// What was asked for, why it cannot be had, and what to do.
    public let description: String

    /// What the system says of a port or an address.
    init(host: String, port: Int, _ error: IOError) {
        description =
            switch error.errnoCode {
            case EADDRINUSE:
                "--port \(port): another process listens there already; stop it, or choose another port (0: any that is free)."
            case EACCES:
                "--port \(port): this user may not listen there; ports below 1024 need a right of their own. Choose another port, or put a proxy in front."
            case EADDRNOTAVAIL:
                "--host \(host): this machine has no such address; 127.0.0.1 is reached from it alone, 0.0.0.0 from everywhere."
            default:
                "--host \(host) --port \(port): cannot listen there: \(String(cString: strerror(error.errnoCode)))."
            }
    }

    /// A name that is no address.
    init(host: String, port: Int, _ error: SocketAddressError.UnknownHost) {
        description = "--host \(host): no address has this name; expected one such as 127.0.0.1, ::1 or 0.0.0.0."
    }
}
