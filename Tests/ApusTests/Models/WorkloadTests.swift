import Apus
import ApusWorkloads
import TestSupport
import Testing

@Suite struct WorkloadTests {
    /// Every network is built, steps, and has the number of parameters that its peers have.
    @Test(arguments: Workload.names) func everyWorkloadSteps(name: String) throws {
        let workload = try #require(Workload.named(name))
        let run = try WorkloadRun(workload, batch: 1, distinct: 1)
        #expect(try run.step(0).isFinite)
        #expect(run.parameterCount == workload.parameters)
        #expect(run.callCount > 0 && run.movedByteCount > 0 && run.arenaByteCount > 0)
    }

    @Test func batchesHaveTheirSizes() {
        #expect(refusal { _ = try WorkloadRun(Workload.all[0], batch: 0) }?.problem == "a batch of 0")
        #expect(Workload.named("alexnet") == nil)
        #expect(Workload.all[0].operations(batch: 256) == 2 * Workload.all[0].operations(batch: 128))
    }

    /// Values and batches of a file are what a run begins with.
    @Test func aFileGivesValuesAndBatches() throws {
        let folder = TemporaryFolder()
        let path = folder.file("proof.safetensors")
        let workload = try #require(Workload.named("lenet5"))
        let x = Tensor.randomNormal([4, 28, 28, 1], seed: 1)
        let shapes: [Shape] = [
            [5, 5, 1, 6], [6], [5, 5, 6, 16], [16], [400, 120], [120], [120, 84], [84], [84, 10], [10],
        ]
        var tensors: [(String, Tensor)] = [
            ("batch.0.0", x), ("batch.0.1", Tensor([1, 2, 3, 4] as [Int32], shape: [4])),
        ]
        for (index, shape) in shapes.enumerated() { tensors.append(("parameter.\(index)", Tensor.zeros(shape))) }
        try Safetensors.write(tensors.map { ($0.0, try $0.1.rawArray()) }, to: path)
        let run = try WorkloadRun(workload, file: path)
        // All scores are equal.
        #expect(abs(try run.step(0) - 2.302585) < 1e-5)
        try Safetensors.write(tensors.dropLast().map { ($0.0, try $0.1.rawArray()) }, to: path)
        #expect(refusal { _ = try WorkloadRun(workload, file: path) }?.problem == "9 parameters for 10")
    }
}
