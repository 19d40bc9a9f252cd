// What can go wrong between a request and the index that the layers below do not know about.

public import Foundation
public import IndexStore
public import Tensors

/// A request that cannot be carried out, with what was expected, what was found and what to do next.
public enum EngineError: Error, Equatable {
    /// There is no index yet, and no model was named to make one with.
    case modelNeeded(index: String)
    /// The model given is not the one the index was built with.
    case otherModel(index: String, indexModel: ModelFingerprint, indexModelName: String, given: ModelFingerprint)
    /// The text fields given are not the ones the index was built with.
    case otherTemplate(index: String, expected: String, found: String)
    /// The precision asked for is not the one that the index's vectors were computed in.
    case otherPrecision(index: String, modelName: String, expected: Precision, found: Precision)
    /// The model directory inside the index does not hold the model that the index records.
    case damagedModel(path: String, expected: ModelFingerprint, found: ModelFingerprint)
    /// The model inside the index is missing or cannot be read.
    case lostModel(index: String, name: String, reason: String)
    /// No row of a feed could be taken.
    case noUsableRow(feed: String, rows: Int, columns: [String], firstReason: String?)
    /// The query has no text.
    case emptyQuery
    /// The index holds no product.
    case emptyIndex(index: String)
    /// There is no product with this id.
    case unknownProduct(id: String, similar: [String])
    /// A number is out of its range.
    case invalidOption(name: String, expected: String, found: String)
    /// A model could not be copied into the index.
    case modelNotCopied(path: String, reason: String)
    /// A model that its own record calls worse than the one it came from.
    case worseModel(path: String, reason: String)
    /// A tuned model whose record holds no verdict.
    case modelNotJudged(path: String)
    /// There are several generations to go back to.
    case severalGenerations(index: String, kept: [Int])
    /// There is no earlier generation to go back to.
    case noGenerationBefore(index: String, live: Int)
}

extension EngineError: CustomStringConvertible, LocalizedError {
    /// The same sentences, for whoever asks Foundation.
    public var errorDescription: String? { description }

    /// What was expected, what was found and what to do next.
    public var description: String {
        switch self {
        case .modelNeeded(let index):
            return "There is no index at \(index) yet; name the model to build it with (--model)."
        case .otherModel(let index, let indexModel, let indexModelName, let given):
            return "The index at \(index) was built with model \(indexModelName) (\(indexModel.short)), this model is "
                + "\(given.short). Vectors of two models cannot be mixed: leave out --model to go on with the index's own, "
                + "or ingest into a new index."
        case .otherTemplate(let index, let expected, let found):
            return
                "The index at \(index) embeds the fields \(expected), not \(found). Leave out --text to go on with the "
                + "index's own, or ingest into a new index."
        case .otherPrecision(let index, let modelName, let expected, let found):
            return
                "The index at \(index) is embedded in \(expected.rawValue), not \(found.rawValue). Leave out --precision to go on with the "
                + "index's own, or change it for all products: aisle rebuild --index \(index) --model \(modelName) "
                + "--precision \(found.rawValue)."
        case .damagedModel(let path, let expected, let found):
            return
                "\(path) should hold model \(expected.short), but its files make \(found.short): they were changed or "
                + "damaged. A query embedded with it would be compared with vectors of another model. Put the original "
                + "files back, or build the index again."
        case .lostModel(let index, let name, let reason):
            return
                "The model \(name) inside the index at \(index) cannot be used: \(reason) `aisle check --repair` puts it back "
                + "from the model store; from elsewhere: aisle ingest FEED --index \(index) --model MODEL_DIR."
        case .noUsableRow(let feed, let rows, let columns, let firstReason):
            let found = columns.isEmpty ? "no columns" : "the columns \(columns.joined(separator: ", "))"
            guard rows > 0 else { return "\(feed) holds no product rows (found \(found)). Nothing was ingested." }
            let which = rows == 1 ? "The only row" : "None of the \(rows) rows"
            let verdict =
                "\(which) of \(feed) \(rows == 1 ? "cannot" : "can") be used: \(firstReason ?? "see the rejected rows")."
            guard !columns.isEmpty else { return verdict }
            return verdict
                + " It has \(found); needed are an id and a title or description. Name them with --map FIELD=COLUMN."
        case .emptyQuery:
            return "The query is empty: type what a shopper would look for."
        case .emptyIndex(let index):
            return "The index at \(index) holds no products yet; run `aisle ingest` first."
        case .unknownProduct(let id, let similar):
            let hint = similar.isEmpty ? "" : " Did you mean \(similar.joined(separator: ", "))?"
            return "There is no product with the id “\(id)” in the index.\(hint)"
        case .invalidOption(let name, let expected, let found):
            return "\(name) must be \(expected), found \(found)."
        case .worseModel(let path, let reason):
            return
                "The verdict on \(path) is “worse”: \(reason) Nothing was built; --force builds with it all the same."
        case .modelNotJudged(let path):
            return
                "\(path) holds no verdict: the tuning was stopped before it could judge. Run `aisle tune` again, or give --force."
        case .severalGenerations(let index, let kept):
            return
                "The index at \(index) keeps the generations \(kept.map(String.init).joined(separator: ", ")); name the one to go back to: --to NUMBER."
        case .noGenerationBefore(let index, let live):
            return
                "The index at \(index) keeps no finished generation beside \(live), which answers now; `aisle generations list` shows what it keeps."
        case .modelNotCopied(let path, let reason):
            return
                "The model could not be copied to \(path): \(reason). Check the path, the permissions and the space on the disk, "
                + "and run the command again."
        }
    }
}
