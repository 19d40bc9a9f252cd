// The system's own words for why a file operation failed. Foundation wraps them in sentences like "The operation could not be completed".

internal import Foundation

/// Finds the cause of a file error.
package enum SystemReason {
    /// The POSIX error's text where there is one below the error, otherwise what the error says for people.
    package static func text(of error: any Error) -> String {
        var current: (any Error)? = error
        while let error = current {
            if let code = (error as? POSIXError)?.code.rawValue { return String(cString: strerror(code)) }
            let bridged = error as NSError
            if bridged.domain == NSPOSIXErrorDomain { return String(cString: strerror(Int32(bridged.code))) }
            current = bridged.userInfo[NSUnderlyingErrorKey] as? any Error
        }
        return error.localizedDescription
    }
}
