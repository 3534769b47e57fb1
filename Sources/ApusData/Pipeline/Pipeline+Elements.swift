import ApusCore

extension Pipeline {
    /// Computes a new element from each; on several threads, in order.
    ///
    /// - Parameter label: what the function does, for descriptions
    public func map<Result>(
        _ label: String = "", _ transform: @escaping @Sendable (Element) throws -> Result
    ) -> Pipeline<Result> {
        let stage = next(.map, label: label, element: Result.self)
        return mapped(stage) { (element, _, _) in try transform(element) }
    }

    /// Computes a new element from each and random numbers, which are drawn anew for each element and epoch.
    public func map<Result>(
        _ label: String = "", seed: UInt64,
        _ transform: @escaping @Sendable (Element, inout RandomSource) throws -> Result
    ) -> Pipeline<Result> {
        let stage = next(.map, label: label, ["seed \(seed)"], isRandom: true, element: Result.self)
        let stream = stage.depth
        return mapped(stage) { (element, index, epoch) in
            var random = RandomSource(seed: seed, stream: stream, epoch: epoch, element: index)
            return try transform(element, &random)
        }
    }

    private func mapped<Result>(
        _ stage: PipelineStage, _ transform: @escaping @Sendable (Element, Int, Int) throws -> Result
    ) -> Pipeline<Result> {
        @Sendable func apply(
            _ elements: [Element], _ run: PipelineRun, _ index: @escaping @Sendable (Int) -> Int
        ) throws(ApusError) -> [Result] {
            try run.team.map(elements.count) { (position) throws(ApusError) in
                try onElement(index(position), of: stage) {
                    try transform(elements[position], index(position), run.epoch)
                }
            }
        }
        if let access {
            return Pipeline<Result>(stage, count: count, workers: workers, observers: observers) {
                run throws(ApusError) in
                let source = try access(run)
                return Access(count: source.count) { (indices) throws(ApusError) in
                    try apply(try source.elements(indices), run) { indices[$0] }
                }
            }
        }
        let open = open
        return Pipeline<Result>(stage, count: count, workers: workers, observers: observers) { run throws(ApusError) in
            let source = try open(run)
            var position = 0
            return ClosureCursor<Result>(
                skip: { (count) throws(ApusError) in
                    let skipped = try source.skip(count)
                    position += skipped
                    return skipped
                }
            ) { (count) throws(ApusError) in
                let elements = try source.next(count)
                let first = position
                position += elements.count
                return try apply(elements, run) { first + $0 }
            }
        }
    }

    /// The elements for which the function holds.
    public func filter(
        _ label: String = "", _ isIncluded: @escaping @Sendable (Element) throws -> Bool
    ) -> Pipeline<Element> {
        compacted(next(.filter, label: label)) { try isIncluded($0) ? $0 : nil }
    }

    /// The results that are not nil: elements can be changed and left out in one go.
    public func compactMap<Result>(
        _ label: String = "", _ transform: @escaping @Sendable (Element) throws -> Result?
    ) -> Pipeline<Result> {
        compacted(next(.filter, label: label, element: Result.self), transform)
    }

    private func compacted<Result>(
        _ stage: PipelineStage, _ transform: @escaping @Sendable (Element) throws -> Result?
    ) -> Pipeline<Result> {
        let open = open
        return Pipeline<Result>(stage, workers: workers, observers: observers) { run throws(ApusError) in
            let source = try open(run)
            var position = 0
            return ClosureCursor<Result> { (count) throws(ApusError) in
                var result: [Result] = []
                while result.count < count {
                    let elements = try source.next(count - result.count)
                    if elements.isEmpty { break }
                    let first = position
                    position += elements.count
                    result += try run.team.map(elements.count) { (offset) throws(ApusError) in
                        try onElement(first + offset, of: stage) { try transform(elements[offset]) }
                    }.compactMap { $0 }
                }
                return result
            }
        }
    }

    /// The elements of the arrays that a function makes of each element, one after the other.
    public func flatMap<Result>(
        _ label: String = "", _ transform: @escaping @Sendable (Element) throws -> [Result]
    ) -> Pipeline<Result> {
        let stage = next(.flatMap, label: label, element: Result.self)
        let open = open
        return Pipeline<Result>(stage, workers: workers, observers: observers) { run throws(ApusError) in
            let source = try open(run)
            var position = 0
            var pending: ArraySlice<Result> = []
            return ClosureCursor<Result> { (count) throws(ApusError) in
                var result: [Result] = []
                while result.count < count {
                    if pending.isEmpty {
                        let elements = try source.next(run.team.size)
                        if elements.isEmpty { break }
                        let first = position
                        position += elements.count
                        pending = try run.team.map(elements.count) { (offset) throws(ApusError) in
                            try onElement(first + offset, of: stage) { try transform(elements[offset]) }
                        }.flatMap { $0 }[...]
                    }
                    let step = pending.prefix(count - result.count)
                    result += step
                    pending = pending.dropFirst(step.count)
                }
                return result
            }
        }
    }

    /// Each element with its number in the epoch.
    public func enumerate() -> Pipeline<(index: Int, element: Element)> {
        let stage = next(.enumerate, element: (index: Int, element: Element).self)
        let open = open
        if let access {
            return Pipeline<(index: Int, element: Element)>(
                stage, count: count, workers: workers, observers: observers
            ) { run throws(ApusError) in
                let source = try access(run)
                return Access(count: source.count) { (indices) throws(ApusError) in
                    Array(Swift.zip(indices, try source.elements(indices))).map { (index: $0, element: $1) }
                }
            }
        }
        return Pipeline<(index: Int, element: Element)>(stage, count: count, workers: workers, observers: observers) {
            run throws(ApusError) in
            let source = try open(run)
            var position = 0
            return ClosureCursor<(index: Int, element: Element)>(
                skip: { (count) throws(ApusError) in
                    let skipped = try source.skip(count)
                    position += skipped
                    return skipped
                }
            ) { (count) throws(ApusError) in
                let elements = try source.next(count)
                defer { position += elements.count }
                return elements.enumerated().map { (index: position + $0, element: $1) }
            }
        }
    }
}
