// Threads that compute one batch together, whenever the helpers come to it.

import Foundation
import Tensors
import Testing

@testable import Encoder
@testable import Tokenization

struct EncoderTeamTests {
    /// The last hidden state of a batch, as bytes.
    private func hidden(_ encoder: SentenceEncoder, _ scratch: EncoderScratch) -> [UInt32] {
        let count = scratch.batch.ids.count * encoder.configuration.body.hiddenSize
        return (0..<count).map { scratch.lane.hidden.start[$0].bitPattern }
    }

    @Test(arguments: [2, 3]) func `helpers change no bit, whichever layer they join at`(size: Int) throws {
        let encoder = try SentenceEncoder(modelDirectory: Fixtures.tiny, precision: .bfloat16)
        let words = try Fixtures.Goldens.load().texts
        let team = EncoderTeam(size: size)
        let (together, alone) = (EncoderScratch(), EncoderScratch())
        for round in 0..<300 {
            // Short ones end before a helper wakes, in long ones it joins.
            let text = (0...round % 40).map { words[(round + $0) % words.count] }.joined(separator: " ")
            let tokens = encoder.tokens(of: text)
            for scratch in [together, alone] {
                scratch.batch.removeAll()
                scratch.batch.append(tokens)
                encoder.body.reserve(scratch.batch, scratch.activations)
            }
            encoder.body.forward(alone.batch, alone.activations, alone.lane)
            // From awake to fast asleep.
            usleep(UInt32(round % 7 * 100))
            try #require(team.forward(encoder.body, together))
            #expect(hidden(encoder, together) == hidden(encoder, alone), "round \(round)")
        }
        if Processors.usableCount >= size { #expect(team.lastJoined > 0, "no helper ever came") }
    }

    @Test(
        .enabled(if: FileManager.default.fileExists(atPath: "/proc/self/task"), "needs the list of a process's threads")
    )
    func `teams end with those who made them, whatever their helpers do then`() throws {
        let encoder = try SentenceEncoder(modelDirectory: Fixtures.tiny, precision: .bfloat16)
        func threadCount() throws -> Int {
            try FileManager.default.contentsOfDirectory(atPath: "/proc/self/task").count
        }
        let scratch = EncoderScratch()
        scratch.batch.append(encoder.tokens(of: "red lamp"))
        encoder.body.reserve(scratch.batch, scratch.activations)
        let (before, processors) = (try threadCount(), Processors.usableCount)
        for round in 0..<200 {
            let team = EncoderTeam(size: 3)
            if round % 2 == 0 { _ = team.forward(encoder.body, scratch) }
            if round % 3 == 0 { usleep(UInt32(round)) }
        }
        #expect(Processors.usableCount == processors, "this thread may run on fewer processors than before")
        for _ in 0..<500 {
            if try threadCount() < before + 50 { return }
            usleep(10_000)
        }
        Issue.record("\(try threadCount()) threads, \(before) before 400 helpers were made")
    }

    @Test func `threads that ask for one team get it or do without, and each its own result`() throws {
        let encoder = try SentenceEncoder(modelDirectory: Fixtures.tiny, precision: .bfloat16)
        let team = EncoderTeam(size: 2)
        let answers = (0..<4).map { _ in Answers() }
        DispatchQueue.concurrentPerform(iterations: answers.count) { thread in
            let scratch = EncoderScratch()
            scratch.batch.append(encoder.tokens(of: "red lamp number \(thread)"))
            for _ in 0..<200 {
                encoder.body.reserve(scratch.batch, scratch.activations)
                if team.forward(encoder.body, scratch) { answers[thread].seen.insert(hidden(encoder, scratch)) }
            }
        }
        #expect(answers.contains { !$0.seen.isEmpty })
        #expect(answers.allSatisfy { $0.seen.count <= 1 }, "a batch has one result")
    }

    /// What one thread got.
    private final class Answers: @unchecked Sendable {
        var seen: Set<[UInt32]> = []
    }
}
