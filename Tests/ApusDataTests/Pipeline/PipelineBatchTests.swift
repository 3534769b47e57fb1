import Apus
import TestSupport
import Testing

@Suite struct PipelineBatchTests {
    @Test func rowsInMemoryAreGatheredAsThoseOfDataSets() throws {
        let data = try DatasetTests.numbered(10)
        let batches = try data.pipeline.shuffle(seed: 5).batch(4).elements(epoch: 3)
        #expect(batches.map(\.count) == [4, 4, 2])
        let inputs = try batches.flatMap { try $0.inputs.array(of: Float.self) }
        let order = data.shuffled(seed: 5).batched(4).order(epoch: 3)
        #expect(inputs == order.flatMap { [Float($0), -Float($0)] })
        #expect(try batches.flatMap { try $0.targets.array(of: Int32.self) } == order.map { $0 % 3 })
        #expect(try data.shuffled(seed: 5).pipeline.batch(4).elements(epoch: 3).count == 3)
        let sequential = try data.pipeline.shuffle(seed: 5).filter { _ in true }.batch(4).elements(epoch: 3)
        #expect(try sequential.flatMap { try $0.inputs.array(of: Float.self) } == inputs)
        let parts = try data.pipeline.skip(2).shard(1, of: 2).take(3).batch(2, dropsRemainder: true).elements()
        #expect(try parts.map { try $0.inputs.array(of: Float.self) } == [[3, -3, 5, -5]])
    }

    /// Exercise val-shuffle-001p1a: the last batch of 10 samples in batches of 4 is ragged.
    @Test func elementsOfManyTypesAreStacked() throws {
        let sums = try Pipeline((0..<5).map(Double.init)).batch(2).elements()
        #expect(sums.map(\.shape) == [[2], [2], [1]] && sums[0].dtype == .float32)
        #expect(try Pipeline([1, 2, 3]).batch(5).elements()[0].array(of: Int32.self) == [1, 2, 3])
        #expect(try Pipeline([[1, 2], [3, 4]]).batch(2).elements()[0].shape == [2, 2])
        #expect(try Pipeline([[[1.5, 2]], [[3, 4]]]).batch(2).elements()[0].shape == [2, 1, 2])
        let image = try Image(width: 2, height: 1, channels: 1, pixels: [0, 255])
        let pictures = try Pipeline([Sample(input: image, target: 3)]).batch(1).elements()[0]
        #expect(try pictures.inputs.shape == [1, 1, 2, 1] && pictures.inputs.array(of: Float.self) == [0, 1])
        #expect(try pictures.targets.array(of: Int32.self) == [3])
        #expect(
            refusal { _ = try Pipeline([[1, 2], [3]]).batch(2).elements() }?.description
                == "element 0 of batch (2 elements): pipeline batch: element 1 is [1] of int32, the first is [2] of int32; "
                + "bring all to one shape and type with map, or use paddedBatch")
        #expect(
            refusal { _ = try Pipeline([1 << 40]).batch(2).elements() }?.problem == "1099511627776 does not fit int32")
    }

    @Test func shorterElementsArePadded() throws {
        let texts = [[1, 2, 3], [4], [], [5, 6]].map { Sample(input: $0, target: $0.count) }
        let batch = try Pipeline(texts).paddedBatch(4, padding: -1).elements()[0]
        #expect(try batch.inputs.array(of: Int32.self) == [1, 2, 3, 4, -1, -1, -1, -1, -1, 5, 6, -1])
        #expect(try batch.lengths?.array(of: Int32.self) == [3, 1, 0, 2])
        let grids = [Tensor.ones([1, 3]), Tensor.ones([2, 1])]
        #expect(
            try Pipeline(grids).paddedBatch(2).elements()[0].array(of: Float.self) == [
                1, 1, 1, 0, 0, 0, 1, 0, 0, 1, 0, 0,
            ])
    }

    @Test func bucketsHoldSimilarLengths() throws {
        let texts = Pipeline((0..<40).map { [Int](repeating: 1, count: 1 + $0 * 7 % 20) })
        let batches = try texts.bucketByLength([5, 10, 15], sizes: [8, 4, 4, 2]) { $0.count }.elements()
        #expect(batches.reduce(0) { $0 + $1.shape[0] } == 40)
        for batch in batches {
            let lengths = try batch.sum(axes: [1]).array(of: Int32.self)
            let buckets = Set(lengths.map { length in [5, 10, 15].filter { Int(length) >= $0 }.count })
            #expect(buckets.count == 1 && batch.shape[0] <= [8, 4, 4, 2][buckets.first ?? 0])
        }
        #expect(refusal { _ = try texts.bucketByLength([5, 5], sizes: [1]) { $0.count }.elements() } != nil)
        #expect(refusal { _ = try texts.bucketByLength([5], sizes: [1, 2, 3]) { $0.count }.elements() } != nil)
    }

    @Test func batchesAreTakenApart() throws {
        let data = try DatasetTests.numbered(5)
        let samples = try data.pipeline.batch(2).unbatch().elements()
        #expect(try samples.map { try $0.target.item() } == [0, 1, 2, 0, 1])
        #expect(samples[0].input.shape == [2])
    }

    @Test func descriptionsShowStagesAndRanges() throws {
        let data = try DatasetTests.numbered(6)
        let pipeline = data.pipeline.batch(4).shuffle(seed: 7).map("scale") {
            Batch(inputs: $0.inputs * 0.5, targets: $0.targets)
        }
        #expect(
            try pipeline.describe() == """
                source "numbered" (6 samples in memory)
                    input [2] float32 -5...5, target [] int32 0...2
                batch (4 elements)
                    inputs [?, 2] float32 -5...5, targets [?] int32 0...2
                shuffle (seed 7, all), random
                    inputs [?, 2] float32 -5...5, targets [?] int32 0...2
                map "scale"
                    inputs [?, 2] float32 -2.5...2.5, targets [?] int32 0...2
                """)
        let words = Pipeline(["a", "bc"]).map { ($0, $0.count) }.cache()
        #expect(
            try words.describe() == """
                source "array" (2 elements)
                    String
                map
                    0 String, 1 Int 1...2
                cache (in memory), cached
                    0 String, 1 Int 1...2
                """)
        #expect(words.outline == "source \"array\" (2 elements)\nmap\ncache (in memory)")
    }

    @Test func structuresAreWalked() {
        let files = Pipeline(["a", "b"])
        let wrong = files.map { $0.count }.batch(2).shuffle(seed: 1)
        #expect(wrong.stage.kind == .shuffle && wrong.stage.isRandom && wrong.stage.follows(.batch))
        #expect(wrong.stage.upstream.map(\.kind) == [.source, .map, .batch, .shuffle])
        #expect(wrong.stage.upstream.map(\.element) == ["String", "Int", "Tensor", "Tensor"])
        let right = files.shuffle(seed: 1).map { $0.count }.cache().batch(2)
        #expect(!right.stage.upstream.contains { $0.kind == .shuffle && $0.follows(.batch) })
        #expect(right.stage.upstream.filter(\.isCached).count == 1)
        #expect(wrong.stage.fingerprint != right.stage.fingerprint)
    }
}
