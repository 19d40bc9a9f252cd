public import FoundationEssentials

/// Why a model directory gave no tokenizer.
///
/// Each message names the file, what was expected, what was found, and what to do.
public enum TokenizerError: Error, Hashable, Sendable {
    /// A file that the tokenizer needs is not in the model directory.
    case missingFile(path: String, remedy: String)

    /// A file is there but cannot be read.
    case unreadableFile(path: String, reason: String)

    /// A file is not JSON, or not UTF-8; `offset` counts bytes from the start of the file.
    case malformedFile(path: String, offset: Int, expected: String, found: String)

    /// A JSON field is missing or holds something else, e.g. `model.vocab`.
    case unexpectedField(path: String, field: String, expected: String, found: String)

    /// A kind of model, normalizer, pre-tokenizer or post-processor that this module does not implement.
    case unsupported(path: String, field: String, found: String, supported: String)

    /// A token that the model relies on, e.g. `[UNK]`, is not in its vocabulary.
    case missingToken(path: String, token: String, role: String)
}

extension TokenizerError: CustomStringConvertible, LocalizedError {
    /// One line for a person who installs models.
    public var description: String {
        switch self {
        case .missingFile(let path, let remedy):
            "\(path) does not exist; \(remedy)"
        case .unreadableFile(let path, let reason):
            "\(path) cannot be read (\(reason)); check that it is a file and that its permissions allow reading"
        case .malformedFile(let path, let offset, let expected, let found):
            "\(path) is damaged: expected \(expected) at byte \(offset), found \(found); copy the model anew"
        case .unexpectedField(let path, let field, let expected, let found):
            "\(path): expected \(expected) in \(field), found \(found); "
                + "copy the model anew or save its tokenizer with a current version of the tokenizers package"
        case .unsupported(let path, let field, let found, let supported):
            "\(path): \(field) is \(found), supported is \(supported); choose a model with a BERT WordPiece tokenizer"
        case .missingToken(let path, let token, let role):
            "\(path): the vocabulary has no \(token), which is the model's \(role); "
                + "check that vocabulary and configuration belong to the same model"
        }
    }

    /// The same line, for callers that go through Foundation.
    public var errorDescription: String? {
        description
    }
}
