#if TLS
    // What the server shows of itself: a certificate, those that signed it, and the proof that it is its own.

    internal import Foundation
    internal import NIOSSL

    /// A certificate chain and its key.
    struct ServerIdentity {
        /// For connections: TLS 1.2 at least.
        let tlsConfiguration: TLSConfiguration

        /// Reads the files of a configuration, and checks that they belong together; nil where none are named.
        init?(_ configuration: ServerConfiguration) throws(IdentityError) {
            guard let chainPath = configuration.tlsCert, let keyPath = configuration.tlsKey else { return nil }
            let chain: [NIOSSLCertificate]
            do { chain = try NIOSSLCertificate.fromPEMFile(chainPath) } catch {
                throw .unreadable(chainPath, "a certificate in PEM")
            }
            guard !chain.isEmpty else { throw .unreadable(chainPath, "a certificate in PEM") }
            let key: NIOSSLPrivateKey
            do { key = try NIOSSLPrivateKey(file: keyPath, format: .pem) } catch {
                throw .unreadable(keyPath, "a private key in PEM without a passphrase")
            }
            var settings = TLSConfiguration.makeServerConfiguration(
                certificateChain: chain.map { .certificate($0) }, privateKey: .privateKey(key))
            settings.minimumTLSVersion = .tlsv12
            do { _ = try NIOSSLContext(configuration: settings) } catch { throw .mismatch(chainPath, keyPath) }
            tlsConfiguration = settings
        }
    }

    /// Why a server cannot show who it is.
    enum IdentityError: Error, CustomStringConvertible {
        /// A file that does not hold what it should.
        case unreadable(String, String)
        /// Certificate and key of different pairs.
        case mismatch(String, String)

        /// A sentence for people.
        var description: String {
            switch self {
            case .unreadable(let path, let expected):
                FileManager.default.isReadableFile(atPath: path)
                    ? "\(path): expected \(expected), found something else"
                    : "\(path): expected \(expected), found that it cannot be read; check its path and mode"
            case .mismatch(let certificate, let key):
                "\(key): expected the private key of the certificate in \(certificate), found another one"
            }
        }
    }
#endif
