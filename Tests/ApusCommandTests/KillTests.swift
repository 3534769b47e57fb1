import Apus
import Foundation
import Testing

/// A killed training leaves the old model file or the new one, never a broken one.
@Suite struct KillTests {
    /// 10 MB of numbers, so that writing them takes a while.
    private static let arguments = [
        "train", "--model", "L3000 R L10", "--samples", "60", "--epochs", "1", "--batch", "50", "--json",
    ]

    @Test func killedTrainingLeavesAWholeModel() async throws {
        let folder = try WorkFolder()
        let model = folder.url.appendingPathComponent("out/model.safetensors")
        func train(seed: Int) throws -> Data {
            let run = try folder.run(Self.arguments + ["--seed", "\(seed)", "--output", "out"])
            try #require(run.status == 0)
            return try Data(contentsOf: model)
        }
        let new = try train(seed: 2)
        let old = try train(seed: 1)
        try #require(old != new && old.count > 9_000_000)

        var (killed, olds, news) = (0, 0, 0)
        for round in 0..<30 {
            try old.write(to: model)
            let process = try Command.start(Self.arguments + ["--seed", "2", "--output", "out"], in: folder.url)
            // Half of the blows fall while the file is written, some before, some after.
            let isWriting = try await waitForWriting(of: process, in: folder.url.appendingPathComponent("out"))
            if isWriting { usleep(UInt32(round % 15) * 700) }
            kill(process.processIdentifier, SIGKILL)
            process.waitUntilExit()
            if process.terminationReason == .uncaughtSignal { killed += 1 }
            let left = try Data(contentsOf: model)
            #expect(left == old || left == new, "round \(round): neither the old model nor the new one")
            if left == old { olds += 1 }
            if left == new { news += 1 }
            let network = try Sequential(notation: "L3000 R L10")
            try network.load(from: model.path)
            #expect(network.trainableCount == 785 * 3000 + 3001 * 10)
        }
        #expect(killed >= 20)
        #expect(olds + news == 30)
        // What the killed runs left behind is in nobody's way.
        #expect(try train(seed: 2) == new)
    }

    /// Waits until the process writes its model (a temporary file has appeared), or ends.
    private func waitForWriting(of process: Process, in folder: URL) async throws -> Bool {
        let before = Set(try FileManager.default.contentsOfDirectory(atPath: folder.path))
        while process.isRunning {
            let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
            if names.contains(where: { $0.hasSuffix(".tmp") && !before.contains($0) }) { return true }
            usleep(300)
        }
        return false
    }
}
