// Everything that can go wrong between a model's name and a model directory, each with both sides and the next step.

public import Foundation

/// A model that cannot be found, fetched or used.
public enum ModelError: Error, Equatable {
    /// A name that no directory of the store may have.
    case invalidName(String)
    /// A name without an organisation that is not among the pinned models.
    case unknownModel(name: String, pinned: [String])
    /// Nothing of this name is in the store.
    case notInStore(name: String, store: String, available: [String])
    /// A path that holds no model.
    case notAModel(path: String)
    /// The store already holds another model under this name.
    case nameTaken(name: String, directory: String)

    /// An environment variable forbids connections.
    case offline(variable: String, name: String)
    /// An environment variable that cannot be used; secrets are never repeated in it.
    case malformedSetting(variable: String, expected: String, found: String)
    /// The hub has no such file (404).
    case notOnHub(url: String)
    /// The hub wants a token, or another one (401, 403).
    case notAuthorized(url: String, status: Int, tokenSent: Bool)
    /// The hub asks to come back later (429).
    case rateLimited(url: String, seconds: Int?)
    /// The hub failed on its own side (5xx), again and again.
    case serverFailed(url: String, status: Int, attempts: Int)
    /// An answer that HTTP or the hub's interface does not allow here.
    case unexpectedAnswer(url: String, expected: String, found: String)
    /// The host's name has no address.
    case hostNotFound(host: String)
    /// Nothing listens at the host's address.
    case connectionRefused(host: String)
    /// The host has never answered.
    case noAnswer(host: String, seconds: Double)
    /// The connection could not be made or broke before an answer came.
    case connectionFailed(url: String, reason: String)
    /// The connection broke inside a file; what came is kept.
    case cutOff(file: String, receivedBytes: Int64, expectedBytes: Int64?)
    /// The task was cancelled; what came is kept.
    case cancelled(name: String)

    /// A file whose content is not the pinned one.
    case wrongChecksum(file: String, expected: String, found: String)
    /// A file that is not as long as the pinned one.
    case wrongSize(file: String, expectedBytes: Int64, foundBytes: Int64)
    /// A file that is longer than any file of its kind has a reason to be.
    case tooLarge(file: String, limitBytes: Int64)
    /// The source has no such file, and the model needs it.
    case missingFile(source: String, file: String)
    /// The files came, but the encoder cannot use them.
    case notUsable(name: String, reason: String)
    /// The files came, and mean something else than the pinned model.
    case otherMeaning(name: String, what: String, expected: String, found: String)

    /// The path given to copy from does not exist or cannot be read.
    case sourceUnreadable(path: String, reason: String)
    /// The archive is damaged.
    case archiveDamaged(path: String, what: String)
    /// The archive uses something that is not read here.
    case archiveUnsupported(path: String, what: String)
    /// No entry of the archive is a model's `modules.json`.
    case noModelInArchive(path: String, entryCount: Int)
    /// More than one directory of the archive is a model.
    case severalModelsInArchive(path: String, models: [String])

    /// The disk has no room left.
    case diskFull(path: String)
    /// The store may not be written to.
    case notWritable(path: String, reason: String)
    /// Another failure of the file system.
    case fileSystem(path: String, operation: String, reason: String)
}

extension ModelError {
    /// Translates a C error number of an operation on the store; the only place that does.
    init(errno code: Int32, path: String, doing operation: String) {
        let reason = String(cString: strerror(code))
        switch code {
        case ENOSPC, EDQUOT: self = .diskFull(path: path)
        case EACCES, EPERM, EROFS, ENOTDIR: self = .notWritable(path: path, reason: reason)
        default: self = .fileSystem(path: path, operation: operation, reason: reason)
        }
    }
}

extension ModelError: CustomStringConvertible, LocalizedError {
    /// The same as `description`, for Foundation.
    public var errorDescription: String? { description }

    /// Both sides and the next step, for people.
    public var description: String {
        switch self {
        case .invalidName, .unknownModel, .notInStore, .notAModel, .nameTaken: nameDescription
        case .offline, .malformedSetting, .notOnHub, .notAuthorized, .rateLimited, .serverFailed, .unexpectedAnswer:
            hubDescription
        case .hostNotFound, .connectionRefused, .noAnswer, .connectionFailed, .cutOff, .cancelled: connectionDescription
        case .wrongChecksum, .wrongSize, .tooLarge, .missingFile, .notUsable, .otherMeaning: contentDescription
        default: storageDescription
        }
    }

    private var nameDescription: String {
        switch self {
        case .invalidName(let name):
            "“\(name)” cannot be the name of a model: expected NAME or ORGANISATION/NAME of letters, digits, “.”, “_” and “-”, "
                + "not starting with “.” or “-”. For a directory on this machine use --from PATH."
        case .unknownModel(let name, let pinned):
            "“\(name)” is not a pinned model (\(pinned.joined(separator: ", "))). Give the hub's full name, ORGANISATION/NAME, "
                + "or a local copy with --from PATH."
        case .notInStore(let name, let store, let available):
            "No model “\(name)” in \(store), which holds \(available.isEmpty ? "none" : available.joined(separator: ", ")). "
                + "`aisle model pull \(name)` fetches it; a path to a model directory works too."
        case .notAModel(let path):
            "\(path) is no model: expected a sentence-transformers directory with modules.json and config.json. "
                + "Check the path, or run `aisle model pull`."
        case .nameTaken(let name, let directory):
            "\(directory) already holds another model under the name “\(name)”. Pull under another name, or remove that directory first."
        default: ""
        }
    }

    private var hubDescription: String {
        switch self {
        case .offline(let variable, let name):
            "\(variable) is set, so no connection was tried, and “\(name)” is not in the store. "
                + "Unset it, or bring a copy with --from PATH."
        case .malformedSetting(let variable, let expected, let found):
            "The environment variable \(variable) is not usable: expected \(expected), found \(found). Correct or unset it."
        case .notOnHub(let url):
            "\(url) does not exist (404). Check the model's name; only models with safetensors weights in one file can be used."
        case .notAuthorized(let url, let status, let tokenSent):
            tokenSent
                ? "\(url) refused the token in HF_TOKEN (\(status)). Check the token, and that its account was granted access to the model."
                : "\(url) wants a token (\(status)): the model is private, gated or does not exist. "
                    + "Check the name, or set HF_TOKEN to an access token."
        case .rateLimited(let url, let seconds):
            "\(url) asks for a pause (429). Run the same command again "
                + (seconds.map { "in \($0) seconds" } ?? "in a few minutes") + "; HF_TOKEN raises the hub's limit."
        case .serverFailed(let url, let status, let attempts):
            "\(url) failed on the hub's side (\(status)) in each of \(attempts) attempts. Run the same command again later."
        case .unexpectedAnswer(let url, let expected, let found):
            "\(url): expected \(expected), found \(found). Check HF_ENDPOINT and any proxy in between."
        default: ""
        }
    }

    private var connectionDescription: String {
        switch self {
        case .hostNotFound(let host):
            "The host \(host) was not found. Check the network, name resolution and HF_ENDPOINT, or bring a copy with --from PATH."
        case .connectionRefused(let host):
            "No connection to \(host): it refused or does not answer. Check the network, any proxy and HF_ENDPOINT, "
                + "or bring a copy with --from PATH."
        case .noAnswer(let host, let seconds):
            "The hub cannot be reached: \(host) did not answer within \(seconds.formatted()) seconds, as behind a firewall. "
                + "Check the network, any proxy and HF_ENDPOINT, or bring a copy with --from PATH."
        case .connectionFailed(let url, let reason):
            "\(url): \(reason). Run the same command again; it goes on where it stopped."
        case .cutOff(let file, let receivedBytes, let expectedBytes):
            "The connection broke inside \(file) after \(receivedBytes) of \(expectedBytes.map(String.init) ?? "an unknown number of") bytes. "
                + "What came is kept: the same command resumes there."
        case .cancelled(let name):
            "The pull of “\(name)” was cancelled. What came is kept: the same command resumes there."
        default: ""
        }
    }

    private var contentDescription: String {
        switch self {
        case .wrongChecksum(let file, let expected, let found):
            "\(file) is not the pinned file: expected SHA-256 \(expected), found \(found). It was not installed. Pull again; "
                + "if this repeats, the source holds other weights, which can only go under another name."
        case .wrongSize(let file, let expectedBytes, let foundBytes):
            "\(file) is not the pinned file: expected \(expectedBytes) bytes, found \(foundBytes). It was not installed. "
                + "Check the source; other weights can only go under another name."
        case .tooLarge(let file, let limitBytes):
            "\(file) is longer than \(limitBytes) bytes, the limit for such a file. It was not installed; check the source."
        case .missingFile(let source, let file):
            "\(source) has no \(file), which the model needs. Expected a complete sentence-transformers model with safetensors weights "
                + "in one file."
        case .notUsable(let name, let reason):
            "“\(name)” was not installed, because the encoder cannot use it: \(reason)"
        case .otherMeaning(let name, let what, let expected, let found):
            "“\(name)” was not installed: \(what) is \(found), and the pinned model has \(expected). "
                + "Pull from another source, or under another name."
        default: ""
        }
    }

    private var storageDescription: String {
        switch self {
        case .sourceUnreadable(let path, let reason):
            "\(path) cannot be read: \(reason). Expected a model directory, or a wheel or zip archive that holds one."
        case .archiveDamaged(let path, let what):
            "\(path) is damaged or no zip archive: \(what). Fetch the archive again."
        case .archiveUnsupported(let path, let what):
            "\(path): \(what) is not supported. Unpack it with another program and give the model's directory to --from."
        case .noModelInArchive(let path, let entryCount):
            "\(path) holds no model: none of its \(entryCount) entries is a modules.json. Expected an archive of a "
                + "sentence-transformers model directory."
        case .severalModelsInArchive(let path, let models):
            "\(path) holds \(models.count) models (\(models.joined(separator: ", "))), expected one. "
                + "Unpack it and give one of the directories to --from."
        case .diskFull(let path):
            "The disk is full: \(path) could not be written. Make room, or set AISLE_HOME to another disk, and run the same command again."
        case .notWritable(let path, let reason):
            "\(path) cannot be written: \(reason). Check its owner and permissions, or set AISLE_HOME to a directory of yours."
        case .fileSystem(let path, let operation, let reason):
            "Could not \(operation) \(path): \(reason). Check the file system, or set AISLE_HOME to another directory."
        default: ""
        }
    }
}
