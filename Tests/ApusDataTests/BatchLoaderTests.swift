import ApusCore
import ApusData
import TestSupport
import Testing

@Suite struct BatchLoaderTests {
    /// The first elements of the batch's inputs, and its labels.
    private func contents(_ batch: BatchLoader.Batch) -> (samples: [Int], labels: [Int]) {
        let inputs = batch.inputs.assumingMemoryBound(to: Float.self)
        let targets = batch.targets.assumingMemoryBound(to: Int32.self)
        for row in 0..<batch.count { #expect(inputs[row * 2 + 1] == -inputs[row * 2]) }
        return ((0..<batch.count).map { Int(inputs[$0 * 2]) }, (0..<batch.count).map { Int(targets[$0]) })
    }

    @Test(arguments: [1, 3, 7, 20, 50], [false, true])
    func everySampleComesOnceAnEpoch(size: Int, isShuffled: Bool) throws {
        var data = try DatasetTests.numbered(20)
        if isShuffled { data = data.shuffled(seed: 9) }
        let batches = data.batched(size)
        let loader = try BatchLoader(batches)
        for epoch in 0..<5 {
            var samples: [Int] = []
            for index in 0..<batches.count {
                let batch = loader.next()
                #expect(batch.count == min(size, 20 - index * size))
                let (inputs, labels) = contents(batch)
                #expect(labels == inputs.map { $0 % 3 })
                samples += inputs
            }
            #expect(samples == batches.order(epoch: epoch).map(Int.init))
            #expect(samples.sorted() == Array(0..<20))
        }
    }

    @Test func smallerLastBatchMayBeLeftOut() throws {
        let batches = try DatasetTests.numbered(20).shuffled(seed: 2).batched(6, dropsRemainder: true)
        let loader = try BatchLoader(batches, firstEpoch: 4)
        for epoch in 4..<8 {
            var samples: [Int] = []
            for _ in 0..<3 { samples += contents(loader.next()).samples }
            #expect(samples == batches.order(epoch: epoch).prefix(18).map(Int.init))
        }
    }

    @Test func batchStaysUntilTheNextIsTaken() throws {
        let loader = try BatchLoader(try DatasetTests.numbered(60).batched(2))
        for round in 0..<300 {
            let batch = loader.next()
            let first = contents(batch)
            // Time for the loader to run ahead as far as it may.
            if round % 50 == 0 { for _ in 0..<20_000 { _ = contents(batch) } }
            #expect(contents(batch) == first)
            #expect(first.samples == [round * 2 % 60, round * 2 % 60 + 1])
        }
    }

    @Test func loadersEndWithTheirOwner() throws {
        let data = try DatasetTests.numbered(64)
        for taken in 0..<40 {
            let loader = try BatchLoader(data.batched(4))
            for _ in 0..<taken % 5 { _ = loader.next() }
        }
    }

    @Test(arguments: [0, -1, 21])
    func sizesThatGiveNoBatchAreRefused(size: Int) throws {
        let error = refusal { _ = try BatchLoader(DatasetTests.numbered(20).batched(size, dropsRemainder: true)) }
        #expect(
            error?.description == "data set numbered: 20 samples in batches of \(size) give no batch; "
                + "use a batch size from 1 to the number of samples")
    }
}
