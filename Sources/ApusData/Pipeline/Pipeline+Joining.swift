import ApusCore

extension Pipeline {
    /// Pairs of the elements of two pipelines, up to the end of the shorter one.
    public func zip<Other>(_ other: Pipeline<Other>) -> Pipeline<(Element, Other)> {
        let stage = PipelineStage(
            .zip, element: (Element, Other).self, inputs: [self.stage, other.stage])
        let total = count.flatMap { count in other.count.map { min(count, $0) } }
        let watched = observers + other.observers
        if let access, let otherAccess = other.access {
            return Pipeline<(Element, Other)>(stage, count: total, workers: workers, observers: watched) {
                run throws(ApusError) in
                let (first, second) = (try access(run), try otherAccess(run))
                return Access(count: min(first.count, second.count)) { (indices) throws(ApusError) in
                    Array(Swift.zip(try first.elements(indices), try second.elements(indices)))
                }
            }
        }
        let (open, otherOpen) = (open, other.open)
        return Pipeline<(Element, Other)>(stage, count: total, workers: workers, observers: watched) {
            run throws(ApusError) in
            let (first, second) = (try open(run), try otherOpen(run))
            return ClosureCursor(
                skip: { (count) throws(ApusError) in min(try first.skip(count), try second.skip(count)) }
            ) { (count) throws(ApusError) in Array(Swift.zip(try first.next(count), try second.next(count))) }
        }
    }

    /// The elements of this pipeline, then those of others.
    public func concatenate(_ others: Pipeline<Element>...) -> Pipeline<Element> {
        let parts = [self] + others
        let stage = PipelineStage(.concatenate, element: Element.self, inputs: parts.map(\.stage))
        let counts = parts.compactMap(\.count)
        let total = counts.count == parts.count ? counts.reduce(0) { $0 &+ $1 } : nil
        let watched = parts.flatMap(\.observers)
        let accesses = parts.compactMap(\.access)
        if accesses.count == parts.count {
            return Pipeline(stage, count: total, workers: workers, observers: watched) { run throws(ApusError) in
                var sources: [Access<Element>] = []
                for access in accesses { sources.append(try access(run)) }
                let ends = sources.reduce(into: [Int]()) { $0.append(($0.last ?? 0) + $1.count) }
                let held = sources
                return Access(count: ends.last ?? 0) { (indices) throws(ApusError) in
                    // Neighbours of one part are computed together.
                    var result: [Element] = []
                    var rest = indices[...]
                    while let first = rest.first {
                        let part = ends.firstIndex { first < $0 } ?? 0
                        let begin = part == 0 ? 0 : ends[part - 1]
                        let run = rest.prefix { $0 >= begin && $0 < ends[part] }
                        if run.isEmpty { break }
                        result += try held[part].elements(run.map { $0 - begin })
                        rest = rest.dropFirst(run.count)
                    }
                    return result
                }
            }
        }
        return Pipeline(stage, count: total, workers: workers, observers: watched) { run throws(ApusError) in
            var number = 0
            var source: Cursor<Element>?
            func go(
                _ count: Int, _ step: (Cursor<Element>, Int) throws(ApusError) -> Int
            ) throws(ApusError) -> Int {
                var done = 0
                while done < count, number < parts.count {
                    let cursor = if let source { source } else { try parts[number].open(run) }
                    source = cursor
                    let given = try step(cursor, count - done)
                    done += given
                    if given == 0 {
                        source = nil
                        number += 1
                    }
                }
                return done
            }
            return ClosureCursor(
                skip: { (count) throws(ApusError) in
                    try go(count) { (cursor, count) throws(ApusError) in try cursor.skip(count) }
                }
            ) { (count) throws(ApusError) in
                var result: [Element] = []
                _ = try go(count) { (cursor, count) throws(ApusError) in
                    let elements = try cursor.next(count)
                    result += elements
                    return elements.count
                }
                return result
            }
        }
    }

    /// The elements of the pipelines that a function makes of each element, in turns.
    ///
    /// - Parameters:
    ///   - cycle: how many pipelines are read in turns
    ///   - block: how many elements are taken from each at a turn
    public func interleave<Result>(
        cycle: Int = 4, block: Int = 1, _ make: @escaping @Sendable (Element) throws -> Pipeline<Result>
    ) -> Pipeline<Result> {
        let stage = next(.interleave, ["\(cycle) in turns of \(block)"], element: Result.self)
        guard cycle > 0, block > 0 else {
            return Pipeline<Result>(
                stage,
                error: ApusError(
                    .value, in: "pipeline interleave", "\(cycle) in turns of \(block)", remedy: "use 1 or more"))
        }
        let open = open
        return Pipeline<Result>(stage, workers: workers, observers: observers) { run throws(ApusError) in
            let source = try open(run)
            var index = 0
            var sources: [Cursor<Result>] = []
            var turn = 0
            var taken = 0
            func another() throws(ApusError) -> Cursor<Result>? {
                guard let element = try source.one() else { return nil }
                let made = try onElement(index, of: stage) { try make(element) }
                index += 1
                return try made.open(run)
            }
            var isOpened = false
            return ClosureCursor<Result> { (count) throws(ApusError) in
                if !isOpened {
                    isOpened = true
                    while sources.count < cycle, let cursor = try another() { sources.append(cursor) }
                }
                var result: [Result] = []
                while result.count < count, !sources.isEmpty {
                    let elements = try sources[turn].next(min(block - taken, count - result.count))
                    result += elements
                    taken += elements.count
                    if elements.isEmpty {
                        // Another one takes the place of one that has ended.
                        taken = 0
                        if let cursor = try another() {
                            sources[turn] = cursor
                        } else {
                            sources.remove(at: turn)
                            if turn >= sources.count { turn = 0 }
                        }
                    } else if taken == block {
                        taken = 0
                        turn = (turn + 1) % sources.count
                    }
                }
                return result
            }
        }
    }

    /// Elements drawn from several pipelines, in proportion to weights, until all have ended.
    ///
    /// - Parameters:
    ///   - weights: one for each, 0 or more; by default equal
    ///   - stopsAtFirstEnd: ends as soon as the pipeline that is drawn has ended, so that the shares stay as asked for
    public static func mixed(
        _ pipelines: [Pipeline<Element>], weights: [Double]? = nil, stopsAtFirstEnd: Bool = false, seed: UInt64
    ) -> Pipeline<Element> {
        let weights = weights ?? pipelines.map { _ in 1 }
        let stage = PipelineStage(
            .mix, settings: ["weights \(weights)", "seed \(seed)"], isRandom: true, element: Element.self,
            inputs: pipelines.map(\.stage))
        guard !pipelines.isEmpty, weights.count == pipelines.count,
            weights.allSatisfy({ $0 >= 0 && $0.isFinite }), weights.contains(where: { $0 > 0 })
        else {
            return Pipeline(
                stage,
                error: ApusError(
                    .value, in: "pipeline mix", "\(pipelines.count) pipelines with weights \(weights)",
                    remedy: "give a weight of 0 or more to each, and one above 0"))
        }
        let stream = stage.depth
        return Pipeline(stage, workers: pipelines[0].workers, observers: pipelines.flatMap(\.observers)) {
            run throws(ApusError) in
            var cursors: [Cursor<Element>] = []
            for pipeline in pipelines { cursors.append(try pipeline.open(run)) }
            let sources = cursors
            var shares = weights
            var random = RandomSource(seed: seed, stream: stream, epoch: run.epoch)
            return ClosureCursor { (count) throws(ApusError) in
                var result: [Element] = []
                while result.count < count, shares.contains(where: { $0 > 0 }) {
                    let choice = random.choice(weights: shares)
                    if let element = try sources[choice].one() {
                        result.append(element)
                    } else if stopsAtFirstEnd {
                        shares = shares.map { _ in 0 }
                    } else {
                        shares[choice] = 0
                    }
                }
                return result
            }
        }
    }
}
