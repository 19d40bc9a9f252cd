// What a caller sees of a pull: where it is while it runs, and what it has done in the end.

public import Foundation

/// A moment of a pull.
public struct PullProgress: Sendable, Equatable {
    /// What is being done.
    public enum Phase: Sendable, Equatable {
        /// Bytes come from the hub.
        case downloading
        /// Bytes come from a directory or an archive on this machine.
        case copying
        /// The model is opened and compared with its pin.
        case checking
        /// Another process pulls the same model; its process id where known.
        case waiting(holder: Int?)
    }

    /// What is being done.
    public var phase: Phase
    /// Path of the file inside the model, empty where no file is concerned.
    public var file: String
    /// Place of the file among the files, from 0.
    public var fileIndex: Int
    /// How many files are asked for; some of them are optional.
    public var fileCount: Int
    /// Bytes of the file that are here, those of an earlier, interrupted pull included.
    public var receivedBytes: Int64
    /// Length of the file, if the source told it.
    public var expectedBytes: Int64?

    static func phase(_ phase: Phase) -> PullProgress {
        PullProgress(phase: phase, file: "", fileIndex: 0, fileCount: 0, receivedBytes: 0, expectedBytes: nil)
    }
}

/// A model that is in the store after a pull.
public struct PulledModel: Sendable, Equatable {
    /// Where the files came from.
    public enum Source: Sendable, Equatable {
        /// The address of the repository on the hub.
        case hub(String)
        /// The path of a model directory.
        case directory(String)
        /// The path of an archive and the directory inside it.
        case archive(String, directory: String)
        /// It was there and in order; nothing was done.
        case store
    }

    /// One file of the model.
    public struct File: Sendable, Equatable {
        /// Path inside the model directory.
        public var path: String
        /// Length in bytes.
        public var bytes: Int64
        /// SHA-256 in 64 hexadecimal digits.
        public var sha256: String
    }

    /// The name it has in the store.
    public var name: String
    /// Its directory.
    public var directory: URL
    /// Where the files came from.
    public var source: Source
    /// The files written by this pull; the weights only, if it was there already.
    public var files: [File]
    /// SHA-256 of `model.safetensors` in 64 hexadecimal digits.
    public var weightsSHA256: String
    /// Whether the weights were compared with a SHA-256 that Aisle knows.
    public var isPinned: Bool
    /// Where a usable directory that stood in the model's place was moved.
    public var setAside: URL?

    /// Whether the model was there and in order, so that nothing was done.
    public var wasPresent: Bool { source == .store }
    /// Bytes in `files`.
    public var byteCount: Int64 { files.reduce(0) { $0 + $1.bytes } }
}

extension PulledModel: CustomStringConvertible {
    /// A few lines for people.
    public var description: String {
        var lines: [String] = []
        switch source {
        case .store: lines.append("\(name) is already in \(directory.path), complete and usable; nothing to do.")
        case .hub(let address): lines.append("Pulled \(name) from \(address) into \(directory.path): \(amount).")
        case .directory(let path): lines.append("Copied \(name) from \(path) into \(directory.path): \(amount).")
        case .archive(let path, let inside):
            lines.append("Took \(name) from \(inside) in \(path) into \(directory.path): \(amount).")
        }
        lines.append(
            isPinned
                ? "Weights SHA-256 \(weightsSHA256), as pinned."
                : "Weights SHA-256 \(weightsSHA256). Aisle has no pin for this model: compare it with what its publisher states."
        )
        if let setAside {
            lines.append("A usable model with other content stood in its place; it is now \(setAside.path).")
        }
        return lines.joined(separator: "\n")
    }

    private var amount: String { "\(files.count) files, \(byteCount) bytes" }
}
