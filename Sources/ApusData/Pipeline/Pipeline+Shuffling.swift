import ApusCore

extension Pipeline {
    /// The elements in an order that is drawn anew for each epoch, from the seed.
    ///
    /// Elements that can be asked for by number are shuffled before they are computed; others are all read first, which
    /// takes memory for all of them: then a buffer is the choice.
    ///
    /// - Parameter buffer: shuffles within so many elements that are read ahead: each next element is drawn from these.
    ///   Elements move forward by no more than that, so that long runs of a label remain visible.
    public func shuffle(seed: UInt64, buffer: Int? = nil) -> Pipeline<Element> {
        let stage = next(
            .shuffle, ["seed \(seed)", buffer.map { "buffer of \($0)" } ?? "all"], isRandom: true)
        if let buffer, buffer < 1 {
            return Pipeline(
                stage,
                error: ApusError(.value, in: "pipeline shuffle", "a buffer of \(buffer)", remedy: "use 1 or more"))
        }
        let open = open
        let stream = stage.depth
        @Sendable func random(_ run: PipelineRun) -> RandomSource {
            RandomSource(seed: seed, stream: stream, epoch: run.epoch)
        }
        return rearranged(
            stage, count: count,
            { (run, count) in
                let order: [Int32]
                if let buffer, buffer < count {
                    var queue = ShuffleBuffer<Int32>(size: buffer, random: random(run))
                    order = (0..<count).compactMap { queue.exchange(Int32(truncatingIfNeeded: $0)) } + queue.rest()
                } else {
                    var shuffled = (0..<count).map { Int32(truncatingIfNeeded: $0) }
                    EpochGenerator.arrange(&shuffled, seed: seed, epoch: run.epoch)
                    order = shuffled
                }
                return (count, { Int(order[$0]) })
            }
        ) { run throws(ApusError) in
            let source = try open(run)
            var queue = ShuffleBuffer<Element>(size: buffer ?? .max, random: random(run))
            var rest: ArraySlice<Element>?
            return ClosureCursor { (count) throws(ApusError) in
                var result: [Element] = []
                while result.count < count {
                    if rest == nil {
                        let block = try source.next(queue.room > 0 ? min(queue.room, 64) : count - result.count)
                        result += block.compactMap { queue.exchange($0) }
                        if block.isEmpty { rest = queue.rest()[...] }
                    } else {
                        guard let element = rest?.popFirst() else { break }
                        result.append(element)
                    }
                }
                return result
            }
        }
    }
}

/// Elements that wait to be drawn.
private struct ShuffleBuffer<Element> {
    private let size: Int
    private var random: RandomSource
    private var held: [Element] = []

    init(size: Int, random: RandomSource) {
        self.size = size
        self.random = random
    }

    /// How many elements it takes in before it gives any.
    var room: Int { size - held.count }

    /// Takes an element in and gives one of those held out, once there are enough.
    mutating func exchange(_ element: Element) -> Element? {
        if held.count < size {
            held.append(element)
            return nil
        }
        let place = random.integer(below: held.count)
        let drawn = held[place]
        held[place] = element
        return drawn
    }

    /// What is held at the end, in random order.
    mutating func rest() -> [Element] {
        for last in stride(from: held.count - 1, to: 0, by: -1) {
            held.swapAt(last, random.integer(below: last + 1))
        }
        let result = held
        held = []
        return result
    }
}
