// A generation is one model's vectors and the graph over them.

package import Catalog
package import Foundation
package import Tensors
package import VectorSearch

/// What an index records about the model, the text and the graph of one generation.
package struct GenerationRecord: Hashable, Sendable {
    /// Number inside the file; the first one is 1.
    package let id: Int
    /// The model that made the vectors.
    package let fingerprint: ModelFingerprint
    /// The name the model was called by, for people.
    package let modelName: String
    /// What the model's linear layers were computed in; a query's are too.
    package let precision: Precision
    /// Values per vector.
    package let dimension: Int
    /// How the graph is built.
    package let parameters: HNSWParameters
    /// Which product fields the text is made of.
    package let template: TextTemplate
    /// When the generation was begun, in whole milliseconds.
    package let createdAt: Date

    /// Most values a vector may have.
    static let largestDimension = 65_536
}

extension GenerationRecord {
    /// The record of a generation that begins.
    init(id: Int, _ new: NewGeneration) {
        self.init(
            id: id, fingerprint: new.fingerprint, modelName: new.modelName, precision: new.precision,
            dimension: new.dimension, parameters: new.parameters, template: new.template, createdAt: new.createdAt)
    }

    /// SHA-256 over what never changes in the record: the numbers (8 bytes each, little-endian), then the texts, each after its length.
    ///
    /// The precision is one of the texts where it is not float32: format 1 knew no other, and its checksums stay what they are.
    var checksum: Digest {
        var bytes: [UInt8] = []
        func append(_ number: UInt64) { withUnsafeBytes(of: number.littleEndian) { bytes.append(contentsOf: $0) } }
        let milliseconds = Int64((createdAt.timeIntervalSince1970 * 1000).rounded())
        for number in [id, dimension, parameters.maxNeighbors, parameters.efConstruction] {
            append(UInt64(bitPattern: Int64(number)))
        }
        append(parameters.seed)
        append(UInt64(bitPattern: milliseconds))
        var texts = [fingerprint.rawValue, modelName, template.description]
        if precision != .float32 { texts.append(precision.rawValue) }
        for text in texts {
            append(UInt64(text.utf8.count))
            bytes += text.utf8
        }
        return Digest(of: bytes)
    }
}

/// What it takes to begin a generation.
package struct NewGeneration: Hashable, Sendable {
    /// The model that will make the vectors.
    package var fingerprint: ModelFingerprint
    /// The name the model is called by.
    package var modelName: String
    /// What the model's linear layers will be computed in.
    package var precision: Precision
    /// Values per vector, 1...65,536.
    package var dimension: Int
    /// How the graph will be built.
    package var parameters: HNSWParameters
    /// Which product fields the text is made of.
    package var template: TextTemplate
    /// When the generation begins; milliseconds are kept.
    package var createdAt: Date

    /// Describes a generation like one that exists, for another file.
    package init(_ record: GenerationRecord) {
        self.init(
            fingerprint: record.fingerprint, modelName: record.modelName, precision: record.precision,
            dimension: record.dimension, parameters: record.parameters, template: record.template,
            createdAt: record.createdAt)
    }

    /// Describes a generation that does not exist yet.
    package init(
        fingerprint: ModelFingerprint, modelName: String, precision: Precision, dimension: Int,
        parameters: HNSWParameters, template: TextTemplate = .standard, createdAt: Date = Date()
    ) {
        self.fingerprint = fingerprint
        self.modelName = modelName
        self.precision = precision
        self.dimension = dimension
        self.parameters = parameters
        self.template = template
        self.createdAt = createdAt
    }
}
