// Makes an index of vectors that are there already, for scripts/bench-growth: products without meaning, whose texts are never embedded.
//
// Usage: index-figures VECTORS.npy MODEL_DIRECTORY INDEX_DIRECTORY
//
// Vectors, rows and graph are written as an ingest writes them, in batches of 4,096; the index answers queries by the model. One line of JSON
// says how long each part took.

import Catalog
import Foundation
import Measuring

@testable import Engine
@testable import IndexStore
@testable import VectorSearch

func seconds(_ work: () throws -> Void) rethrows -> Double { try ContinuousClock().measure(work) / .seconds(1) }

let words = Array(CommandLine.arguments.dropFirst())
guard words.count == 3 else {
    FileHandle.standardError.write(Data("Usage: index-figures VECTORS.npy MODEL_DIRECTORY INDEX_DIRECTORY\n".utf8))
    exit(64)
}
let matrix = try NumPyMatrix(path: words[0])
let (model, directory) = (URL(fileURLWithPath: words[1]), URL(fileURLWithPath: words[2]))
let fingerprint = try IndexModel.fingerprint(of: model, template: .standard)
let generation = NewGeneration(
    fingerprint: fingerprint, modelName: model.lastPathComponent, precision: .bfloat16, dimension: matrix.dimension,
    parameters: .standard)
let store = try IndexStore.create(at: directory, generation: generation) {
    try IndexModel.install(model, into: directory, fingerprint, template: .standard)
}
let table = VectorTable(dimension: matrix.dimension)

func product(_ number: Int) -> Product {
    var product = Product(id: ProductID(rawValue: "p\(number)"), title: "Product number \(number)")
    product.category = CategoryPath(components: ["Department \(number % 20)", "Shelf \(number % 400)"])
    product.brand = "Brand \(number % 1_000)"
    product.price = Double(number % 10_000) / 100
    return product
}

let writing = try seconds {
    for first in stride(from: 0, to: matrix.count, by: 4_096) {
        let range = first..<min(first + 4_096, matrix.count)
        let products = range.map(product)
        let hashes = products.map { TextHash(of: TextTemplate.standard.text(for: $0)) }
        let vectors = matrix.rows(range)
        try store.commit(
            IngestBatch(
                products: range.indices.map {
                    (products[$0 - first], hashes[$0 - first], NodeID(rawValue: UInt32($0)))
                }, firstNewNode: NodeID(rawValue: UInt32(first)), newNodes: hashes, vectors: vectors))
        table.append(vectors)
    }
}
var builder = HNSWBuilder(parameters: .standard, vectors: table)
let linking = seconds { builder.link(upTo: table.count, threads: GraphLinker.allThreads) }
let repairing = seconds { _ = builder.repairReachability() }
let graph = builder.graph
let saving = try seconds { try store.checkpoint(graph) }
let figures: [String: Any] = [
    "vectors": table.count, "writing_s": writing, "linking_s": linking, "repairing_s": repairing, "saving_s": saving,
    "bytes": try store.byteCount(),
    "bytes_in_memory": Double(table.byteCount + graph.byteCount) / Double(max(table.count, 1)),
]
FileHandle.standardOutput.write(
    try JSONSerialization.data(withJSONObject: figures, options: .sortedKeys) + Data("\n".utf8))
