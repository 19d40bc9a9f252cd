// The model that is searched with while a training is judged: gone at the end, and whatever a kill has left of it is no hindrance.

import Encoder
import Foundation
import Testing

@testable import Tuning

struct CandidateModelTests {
    @Test(arguments: [[], ["modules.json"], ["tuning.json", "model.safetensors"], ["something else"]])
    func `what a kill has left of a candidate is replaced, and the candidate goes with its owner`(left: [String]) throws
    {
        let manager = FileManager.default
        let workshop = try Workshop()
        let place = workshop.directory.appending(path: ".tuned.candidate")
        try manager.createDirectory(at: place, withIntermediateDirectories: true)
        for name in left { try Data("{".utf8).write(to: place.appending(path: name)) }
        do {
            let encoder = try TrainableEncoder(modelDirectory: Workshop.tinyModel, dropout: false, threads: 1)
            let candidate = CandidateModel(encoder, besides: workshop.directory.appending(path: "tuned"))
            for _ in 0..<2 {
                let opened = try candidate.open()
                #expect(opened.dimension == encoder.dimension)
            }
            #expect(!manager.fileExists(atPath: place.appending(path: "something else").path))
            withExtendedLifetime(candidate) {}
        }
        #expect(!manager.fileExists(atPath: place.path))
    }
}
