import Encoder
import Foundation
import Testing

@testable import Engine

struct WeightsFileTests {
    private func weights(of bytes: Data) throws -> WeightsFile {
        let directory = try TemporaryDirectory()
        try bytes.write(to: directory.url.appending(path: "model.safetensors"))
        return try WeightsFile(modelDirectory: directory.url)
    }

    @Test func `counts values and names the formats of weights`() throws {
        let header = """
            {"__metadata__": {"format": "pt"}, "a": {"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]}, \
            "b": {"dtype": "BF16", "shape": [2], "data_offsets": [24, 28]}}
            """
        let size = UInt8(header.utf8.count)
        let weights = try weights(of: Data([size, 0, 0, 0, 0, 0, 0, 0]) + Data(header.utf8) + Data(count: 28))
        #expect(weights.types == ["BF16", "F32"])
        #expect(weights.parameterCount == 8)
        #expect(weights.byteCount == 8 + header.utf8.count + 28)
    }

    @Test func `integer tables are no weights`() throws {
        let header = """
            {"a": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}, \
            "i": {"dtype": "I32", "shape": [2], "data_offsets": [4, 12]}}
            """
        let size = UInt8(header.utf8.count)
        let weights = try weights(of: Data([size, 0, 0, 0, 0, 0, 0, 0]) + Data(header.utf8) + Data(count: 12))
        #expect(weights.types == ["F32"])
    }

    @Test func `has the checksum of the whole file`() throws {
        // printf '\\002\\0\\0\\0\\0\\0\\0\\0{}' | sha256sum
        let weights = try weights(of: Data([2, 0, 0, 0, 0, 0, 0, 0]) + Data("{}".utf8))
        #expect(weights.sha256 == "411a485216e432ece6b9af94fa32154cf79a2a56d4f81266baa50063f45092bd")
    }

    @Test(
        arguments: [
            [], [1, 2, 3], [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF], [4, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4],
        ] as [[UInt8]])
    func `refuses what is no safetensors file`(_ bytes: [UInt8]) {
        #expect(throws: EncoderError.self) { try weights(of: Data(bytes)) }
    }
}
