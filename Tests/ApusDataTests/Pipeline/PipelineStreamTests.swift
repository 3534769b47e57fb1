import Apus
import TestSupport
import Testing

/// The same bits on any number of threads, in two runs, and from any place in the middle.
@Suite struct PipelineStreamTests {
    /// Shuffling, augmentation, a filter, a random order within a buffer, and batches.
    static func stream(seed: UInt64 = 7, workers: Int = 2, indexed: Bool = false) -> Pipeline<Batch> {
        let source = Pipeline(count: 300) { index in
            Sample(input: (0..<4).map { Float(index * 4 + $0) }, target: index % 5)
        }
        let mixed = source.shuffle(seed: seed).map("noise", seed: seed) { sample, random in
            Sample(input: sample.input.map { $0 + Float(random.normal()) }, target: sample.target)
        }
        if indexed { return mixed.batch(8).prefetch().workers(workers) }
        return mixed.filter("keep most") { $0.target != 3 }.shuffle(seed: seed, buffer: 20)
            .map("scale", seed: seed) { sample, random in
                let factor = Float(random.uniform(0.5...2))
                return Sample(input: sample.input.map { $0 * factor }, target: sample.target)
            }
            .batch(8).prefetch(3).workers(workers)
    }

    static func numbers(_ batches: [Batch]) throws -> [Float] {
        try batches.flatMap { try $0.inputs.array(of: Float.self) + $0.targets.array(of: Int32.self).map(Float.init) }
    }

    @Test(arguments: [false, true]) func anyNumberOfWorkersGivesTheSameBits(indexed: Bool) throws {
        let expected = try Self.numbers(Self.stream(workers: 1, indexed: indexed).elements())
        #expect(expected.count == (indexed ? 300 : 240) * 5)
        for workers in [1, 2, 4] {
            #expect(try Self.numbers(Self.stream(workers: workers, indexed: indexed).elements()) == expected)
        }
        #expect(try Self.numbers(Self.stream(seed: 8, indexed: indexed).elements()) != expected)
        #expect(try Self.numbers(Self.stream(indexed: indexed).elements(epoch: 1)) != expected)
    }

    @Test(arguments: [false, true]) func anyPlaceInTheMiddleIsFoundAgain(indexed: Bool) throws {
        var random = RandomSource(seed: 3)
        let whole = try Self.stream(indexed: indexed).elements(epoch: 2)
        for _ in 0..<20 {
            let stop = random.integer(below: whole.count + 1)
            let iterator = try Self.stream(workers: 1 + stop % 3, indexed: indexed).iterator(epoch: 2)
            for _ in 0..<stop { _ = try iterator.next() }
            let text = iterator.position.text
            let resumed = try Self.stream(indexed: indexed).iterator(at: try PipelinePosition(text: text))
            var rest: [Batch] = []
            while let batch = try resumed.next() { rest.append(batch) }
            #expect(try Self.numbers(rest) == Self.numbers(Array(whole[stop...])), "at \(stop)")
        }
    }

    @Test func positionsOfOtherPipelinesAreRefused() throws {
        let position = try Self.stream().iterator().position
        #expect(
            refusal { _ = try Self.stream(seed: 8).iterator(at: position) }?.problem.hasPrefix(
                "it belongs to another pipeline than\nsource \"function\" (300 elements)\nshuffle (seed 8, all)")
                == true)
        var far = position
        far.delivered = 1000
        #expect(
            refusal { _ = try Self.stream().iterator(at: far) }?.problem == "element 1000, but the epoch has 30")
        #expect(refusal { _ = try PipelinePosition(text: "epoch 1") }?.kind == .format)
    }

    @Test func everyStageFindsItsPlace() throws {
        let numbers = Pipeline(Array(0..<50))
        let stream = numbers.filter { _ in true }
        for source in [numbers, stream] {
            let pipelines: [Pipeline<[Int]>] = [
                source.map { [$0] }, source.map(seed: 1) { [$0, $1.integer(below: 9)] }, source.window(7, stride: 3),
                source.window(3, stride: 5), source.group(size: 3) { $0 % 4 }, source.repeat(3).map { [$0] },
                source.cache().map { [$0] }, source.zip(source.shuffle(seed: 2)).map { [$0, $1] },
                source.enumerate().map { [$0.index, $0.element] }, source.take(20).concatenate(source).map { [$0] },
                source.interleave(cycle: 3) { Pipeline(Array(0..<$0 % 7)) }.map { [$0] },
                source.flatMap { Array(0..<$0 % 4) }.map { [$0] }, source.shard(1, of: 3).map { [$0] },
                Pipeline.mixed([source, source.skip(9)], weights: [1, 2], seed: 4).map { [$0] },
                source.skip(5).take(30).map { [$0] }, source.shuffle(seed: 3, buffer: 9).map { [$0] },
                source.prefetch(5).map { [$0] }, source.batch(4) { $0 },
                source.batch(4, dropsRemainder: true) { $0 }.filter { $0[0] % 8 == 0 },
            ]
            for pipeline in pipelines {
                let whole = try pipeline.elements(epoch: 1)
                for stop in [0, 1, whole.count / 2, whole.count] {
                    let iterator = try pipeline.iterator(epoch: 1)
                    for _ in 0..<stop { _ = try iterator.next() }
                    let resumed = try pipeline.iterator(at: iterator.position)
                    var rest: [[Int]] = []
                    while let element = try resumed.next() { rest.append(element) }
                    #expect(rest == Array(whole[stop...]), "\(pipeline.outline) at \(stop)")
                }
                if let count = pipeline.count { #expect(whole.count == count) }
            }
        }
    }
}
