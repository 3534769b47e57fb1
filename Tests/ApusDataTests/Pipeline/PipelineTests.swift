import Apus
import ApusData
import TestSupport
import Testing

@Suite struct PipelineTests {
    private let numbers = Pipeline(Array(0..<10))
    /// The same elements, which have to be read in order.
    private let stream = Pipeline<Int>(generating: "numbers") { _ in
        var next = -1
        return {
            next += 1
            return next < 10 ? next : nil
        }
    }

    private var both: [Pipeline<Int>] { [numbers, stream] }

    @Test func elementsAreChangedLeftOutAndMultiplied() throws {
        for source in both {
            #expect(try source.map { 2 * $0 }.elements() == (0..<10).map { 2 * $0 })
            #expect(try source.filter { $0 % 3 == 0 }.elements() == [0, 3, 6, 9])
            #expect(try source.compactMap { $0 > 6 ? "\($0)" : nil }.elements() == ["7", "8", "9"])
            #expect(
                try source.flatMap { [Int](repeating: $0, count: $0 % 3) }.elements() == [1, 2, 2, 4, 5, 5, 7, 8, 8])
            #expect(try source.enumerate().skip(7).elements().map { $0.index * $0.element } == [49, 64, 81])
        }
    }

    @Test func partsAreTaken() throws {
        for source in both {
            #expect(try source.take(3).elements() == [0, 1, 2] && source.take(99).elements().count == 10)
            #expect(try source.skip(7).elements() == [7, 8, 9] && source.skip(99).elements() == [])
            #expect(try source.shard(1, of: 4).elements() == [1, 5, 9] && source.shard(3, of: 4).elements() == [3, 7])
            #expect(try source.take(4).repeat(3).elements() == [0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3])
            #expect(try source.repeat().skip(25).take(7).elements() == [5, 6, 7, 8, 9, 0, 1])
            #expect(try source.window(4, stride: 3).elements() == [[0, 1, 2, 3], [3, 4, 5, 6], [6, 7, 8, 9]])
            #expect(try source.window(2, stride: 5).elements() == [[0, 1], [5, 6]])
            #expect(
                try source.window(4, dropsRemainder: false).elements() == [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9]])
            #expect(try source.group(size: 2) { $0 % 3 }.elements() == [[0, 3], [1, 4], [2, 5], [6, 9], [7], [8]])
        }
        #expect(numbers.shard(1, of: 4).count == 3 && numbers.window(4, stride: 3).count == 3)
        #expect(numbers.repeat(3).count == 30 && numbers.repeat().count == nil && stream.count == nil)
        #expect(try Pipeline([Int]()).repeat().elements() == [])
    }

    @Test func pipelinesAreJoined() throws {
        for source in both {
            let pairs = try source.zip(source.map { -$0 }.take(3)).elements()
            #expect(pairs.map(\.0) == [0, 1, 2] && pairs.map(\.1) == [0, -1, -2])
            #expect(try source.take(2).concatenate(source.skip(8), source.take(1)).elements() == [0, 1, 8, 9, 0])
            let woven = source.take(3).interleave(cycle: 2, block: 2) { first in
                Pipeline((0..<3).map { 10 * first + $0 })
            }
            #expect(try woven.elements() == [0, 1, 10, 11, 2, 20, 21, 12, 22])
        }
    }

    @Test func mixturesHaveTheSharesAskedFor() throws {
        let many = Pipeline([Int](repeating: 1, count: 40_000))
        let few = Pipeline([Int](repeating: 0, count: 40_000))
        let mixed = Pipeline.mixed([many, few], weights: [3, 1], stopsAtFirstEnd: true, seed: 5)
        let first = try mixed.take(20_000).elements()
        let share = Double(first.reduce(0, +)) / Double(first.count)
        // Four standard errors.
        #expect(abs(share - 0.75) < 0.0123)
        #expect(try Pipeline.mixed([many.take(5), few.take(7)], seed: 1).elements().count == 12)
    }

    @Test func shufflesAreOfAllAndAnewEachEpoch() throws {
        for source in both {
            let all = source.shuffle(seed: 3)
            let (first, second) = (try all.elements(epoch: 0), try all.elements(epoch: 1))
            #expect(first.sorted() == Array(0..<10) && second.sorted() == Array(0..<10) && first != second)
            #expect(try all.elements(epoch: 0) == first && source.shuffle(seed: 4).elements() != first)
            let near = try source.shuffle(seed: 3, buffer: 3).elements()
            #expect(near.sorted() == Array(0..<10) && near != Array(0..<10))
            // No element comes more than two places before its own.
            #expect(near.enumerated().allSatisfy { $1 <= $0 + 2 })
        }
        #expect(try numbers.shuffle(seed: 9, buffer: 4).elements() == stream.shuffle(seed: 9, buffer: 4).elements())
    }

    @Test func cachesReadTheirSourceOnceAndWhatComesAfterStaysRandom() throws {
        for indexed in [true, false] {
            let reads = Counter()
            let source: Pipeline<Int> = (indexed ? numbers : stream).map { element in
                reads.add()
                return element
            }
            let kept = source.cache()
            let noisy = kept.map(seed: 1) { element, random in element + 100 * random.integer(below: 1000) }
            let (first, second) = (try noisy.elements(epoch: 0), try noisy.elements(epoch: 1))
            #expect(reads.value == 10)
            #expect(first != second && first.map { $0 % 100 } == second.map { $0 % 100 })
            #expect(try kept.skip(4).elements() == [4, 5, 6, 7, 8, 9])
        }
    }

    @Test func cachesOnDiskServeLaterProcesses() throws {
        let folder = TemporaryFolder()
        let reads = Counter()
        func kept() -> Pipeline<Tensor> {
            numbers.map("tensor") { number in
                reads.add()
                return Tensor([Float(number), 1], shape: [2])
            }.cache(folder: folder.path, block: 4)
        }
        func sums(_ pipeline: Pipeline<Tensor>) throws -> [Double] {
            try pipeline.elements().map { try $0.sum().item() }
        }
        let expected = (0..<10).map { Double($0 + 1) }
        #expect(try sums(kept()) == expected && sums(kept().shuffle(seed: 1)).sorted() == expected)
        #expect(reads.value == 10)
        // Another pipeline does not take what is not its own.
        #expect(
            try sums(numbers.take(3).map { Tensor([Float($0)]) }.cache(folder: folder.path)) == [0, 1, 2])
    }

    @Test func prefetchingChangesNothing() throws {
        for source in both {
            #expect(try source.prefetch(3).elements() == Array(0..<10))
            #expect(try source.prefetch().skip(4).map { -$0 }.prefetch(64).elements() == (4..<10).map { -$0 })
            let iterator = try source.repeat().prefetch().iterator()
            #expect(try iterator.next() == 0)
        }
        let failing = numbers.map { number -> Int in
            guard number < 5 else { throw ApusError(.data, in: "here", "it is \(number)", remedy: "stop") }
            return number
        }.prefetch()
        let iterator = try failing.workers(1).iterator()
        for number in 0..<5 { #expect(try iterator.next() == number) }
        #expect(
            refusal { _ = try iterator.next() }?.description == "element 5 of map: here: it is 5; stop")
    }

    @Test func errorsNameStageAndElement() throws {
        struct Odd: Error {}
        let failing = numbers.map("halve") { number -> Int in
            if number % 2 == 1 { throw Odd() }
            return number / 2
        }
        for workers in [1, 4] {
            #expect(
                refusal { _ = try failing.workers(workers).elements() }?.description
                    == "element 1 of map \"halve\": the function threw Odd(); "
                    + "mend the element, or leave it out with filter")
        }
        #expect(refusal { _ = try numbers.batch(0).elements() }?.problem == "batches of 0")
        #expect(refusal { _ = try numbers.shard(4, of: 4).elements() }?.problem == "part 4 of 4")
        #expect(refusal { _ = try numbers.shuffle(seed: 1, buffer: 0).elements() }?.problem == "a buffer of 0")
        #expect(refusal { _ = try numbers.window(0).elements() }?.problem == "size 0 and stride 0")
        #expect(refusal { _ = try numbers.repeat(-1).elements() }?.problem == "-1 passes")
    }

    @Test func generatorsKeepTheirSignature() throws {
        let signature = ElementSignature([.init("input", shape: [2]), .init("target", shape: [], .int32)])
        func samples(_ wrong: Int, _ odd: Sample<Tensor, Tensor>) -> Pipeline<Sample<Tensor, Tensor>> {
            Pipeline(generating: "walk", signature: signature) { _ in
                var next = -1
                return {
                    next += 1
                    guard next < 5 else { return nil }
                    return next == wrong
                        ? odd : Sample(input: Tensor.zeros([2]), target: Tensor([Int32(1)], shape: []))
                }
            }
        }
        let good = Sample(input: Tensor.zeros([2]), target: Tensor([Int32(1)], shape: []))
        #expect(try samples(-1, good).elements().count == 5)
        #expect(
            refusal { _ = try samples(3, Sample(input: Tensor.zeros([3]), target: good.target)).elements() }?
                .description
                == "element 3 of walk: it is input [3] float32, target [] int32, declared is input [2] float32, "
                + "target [] int32; mend the generator, or its declaration")
        #expect(refusal { _ = try samples(0, Sample(input: good.input, target: good.input)).elements() } != nil)
        #expect(refusal { _ = try samples(4, Sample(input: good.target, target: good.input)).elements() } != nil)
    }

    @Test func applySeesTheWholePipeline() throws {
        let halves = try numbers.apply { source in try source.take(source.elements().count / 2) }
        #expect(try halves.elements() == [0, 1, 2, 3, 4])
    }
}

/// Counts calls from any thread.
final class Counter: @unchecked Sendable {
    private let monitor = Monitor()
    private var count = 0

    func add() { monitor.when { count += 1 } }
    var value: Int { monitor.when { count } }
}
