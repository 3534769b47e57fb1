import ApusCore
import ApusData
import TestSupport
import Testing

@Suite struct DatasetTests {
    /// `count` samples `[i, -i]` with label `i % 3`.
    static func numbered(_ count: Int) throws -> Dataset {
        try Dataset(
            inputs: Tensor((0..<count).flatMap { [Float($0), -Float($0)] }, shape: [count, 2]),
            targets: Tensor((0..<count).map { Int32($0 % 3) }, shape: [count]), name: "numbered")
    }

    @Test func samplesAndLabelsAreFound() throws {
        let data = try Self.numbered(7)
        #expect(data.count == 7 && data.inputShape == [2] && data.targetShape == [])
        #expect(data.classCount == 3)
        #expect((0..<7).map { data.label(at: $0) } == [0, 1, 2, 0, 1, 2, 0])
        #expect(data.label(at: 7) == nil && data.label(at: -1) == nil)
        #expect(try data.input(at: 4).array() == [4, -4] as [Float])
        #expect(
            refusal { _ = try data.input(at: 7) }?.description
                == "data set numbered: sample 7 of 7; use an index in 0..<7")
    }

    @Test func bytesAreScaled() throws {
        let bytes = Tensor([UInt8(0), 51, 255, 102], shape: [2, 2])
        let data = try Dataset(inputs: bytes, targets: Tensor([Int64(0), 1]))
        #expect(try data.input(at: 0).array() == [0, 51 * (1 / 255)] as [Float])
        let raw = try Dataset(inputs: bytes, targets: Tensor([Int64(0), 1]), scale: 1)
        #expect(try raw.input(at: 1).array() == [255, 102] as [Float])
    }

    @Test func targetsMayBeNumbers() throws {
        let data = try Dataset(
            inputs: Tensor.zeros([4, 3]), targets: Tensor.range(count: 8, dtype: .float64).reshaped(to: [4, 2]))
        #expect(data.targetShape == [2] && data.classCount == nil && data.label(at: 0) == nil)
    }

    @Test func namesCountAsClasses() throws {
        let data = try Dataset(
            inputs: Tensor.zeros([2, 1]), targets: Tensor([Int32(0), 1]), classNames: ["a", "b", "c", "d"])
        #expect(data.classCount == 4)
    }

    @Test func prefixIsADataSetOfItsOwn() throws {
        let data = try Self.numbered(9).shuffled(seed: 4)
        let head = try data.prefix(4)
        #expect(head.count == 4 && head.batches.order(epoch: 0).sorted() == [0, 1, 2, 3])
        #expect(try head.input(at: 3).array() == [3, -3] as [Float])
        #expect(try data.prefix(100).count == 9)
        #expect(refusal { _ = try data.prefix(0) }?.problem == "there are no samples")
    }

    @Test(
        arguments: [
            (1, false, 10), (3, false, 4), (3, true, 3), (10, false, 1), (99, false, 1), (.max, false, 1),
            (99, true, 0), (0, false, 0), (-2, false, 0),
        ] as [(Int, Bool, Int)])
    func batchesAreCounted(size: Int, dropsRemainder: Bool, count: Int) throws {
        #expect(try Self.numbered(10).batched(size, dropsRemainder: dropsRemainder).count == count)
    }

    @Test func orderIsDrawnFromSeedAndEpoch() throws {
        let data = try Self.numbered(100)
        let plain = data.batched(10)
        #expect(plain.order(epoch: 0) == (0..<100).map(Int32.init) && plain.order(epoch: 5) == plain.order(epoch: 0))
        let shuffled = data.shuffled(seed: 1).batched(10)
        let orders = (0..<5).map { shuffled.order(epoch: $0) }
        #expect(orders.allSatisfy { $0.sorted() == (0..<100).map(Int32.init) })
        #expect(Set(orders).count == 5)
        #expect(data.shuffled(seed: 1).batched(7).order(epoch: 3) == orders[3])
        #expect(data.shuffled(seed: 2).batched(10).order(epoch: 0) != orders[0])
    }

    /// Every sample stands equally often at every place.
    @Test func shufflingIsFair() throws {
        let data = try Self.numbered(5)
        var counts = [[Int]](repeating: [0, 0, 0, 0, 0], count: 5)
        for seed: UInt64 in 0..<100 {
            let batches = data.shuffled(seed: seed).batched(5)
            for epoch in 0..<40 {
                for (place, sample) in batches.order(epoch: epoch).enumerated() { counts[place][Int(sample)] += 1 }
            }
        }
        // 800 each, with a standard deviation of 25.
        for count in counts.flatMap({ $0 }) { #expect((680...920).contains(count)) }
    }
}
