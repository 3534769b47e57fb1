import ApusCore

extension Pipeline {
    /// Batches made by a function of their elements.
    ///
    /// - Parameters:
    ///   - size: elements a batch; the last may be smaller
    ///   - dropsRemainder: leaves a smaller last batch out
    public func batch<Result>(
        _ size: Int, dropsRemainder: Bool = false, collate: @escaping @Sendable ([Element]) throws -> Result
    ) -> Pipeline<Result> {
        batched(size, dropsRemainder: dropsRemainder, settings: []) { (elements, _, stage, index) throws(ApusError) in
            try onElement(index, of: stage) { try collate(elements) }
        }
    }

    private func batched<Result>(
        _ size: Int, dropsRemainder: Bool, settings: [String],
        _ collate:
            @escaping @Sendable ([Element], (any Sendable)?, PipelineStage, Int) throws(ApusError) -> Result
    ) -> Pipeline<Result> {
        let stage = next(
            .batch, ["\(size) elements"] + (dropsRemainder ? ["full ones only"] : []) + settings, element: Result.self)
        guard size > 0 else {
            return Pipeline<Result>(
                stage,
                error: ApusError(.value, in: "pipeline batch", "batches of \(size)", remedy: "use 1 or more"))
        }
        @Sendable func batches(_ count: Int) -> Int {
            count / size + (dropsRemainder || count % size == 0 ? 0 : 1)
        }
        let total = count.map(batches)
        let observed = max(1, min(64, 64 / size))
        if let access {
            return Pipeline<Result>(
                stage, count: total, workers: workers, observers: observers, observed: observed
            ) { run throws(ApusError) in
                let source = try access(run)
                @Sendable func make(_ index: Int) throws(ApusError) -> Result {
                    let (begin, left) = (index * size, source.count - index * size)
                    let indices = Array(begin..<begin + min(size, left))
                    if let gathered = source.gathered {
                        return try collate([], try gathered(indices), stage, index)
                    }
                    return try collate(try source.elements(indices), nil, stage, index)
                }
                return Access(count: batches(source.count)) { (indices) throws(ApusError) in
                    if source.gathered != nil {
                        return try run.team.map(indices.count) { (position) throws(ApusError) in
                            try make(indices[position])
                        }
                    }
                    var result: [Result] = []
                    for index in indices { result.append(try make(index)) }
                    return result
                }
            }
        }
        let open = open
        return Pipeline<Result>(
            stage, count: total, workers: workers, observers: observers, observed: observed
        ) { run throws(ApusError) in
            let source = try open(run)
            var index = 0
            return ClosureCursor<Result>(
                skip: { (count) throws(ApusError) in
                    let skipped = try source.skip(Shape.product(count, size))
                    let whole = batches(skipped)
                    index += whole
                    return whole
                }
            ) { (count) throws(ApusError) in
                var result: [Result] = []
                while result.count < count {
                    let elements = try source.next(size)
                    if elements.isEmpty || (dropsRemainder && elements.count < size) { break }
                    result.append(try collate(elements, nil, stage, index))
                    index += 1
                }
                return result
            }
        }
    }
}

extension Pipeline where Element: Collatable {
    /// Batches of so many elements on a new first axis.
    ///
    /// Rows of arrays in memory are gathered into a batch without becoming elements.
    ///
    /// - Parameters:
    ///   - size: elements a batch; the last may be smaller
    ///   - dropsRemainder: leaves a smaller last batch out
    public func batch(_ size: Int, dropsRemainder: Bool = false) -> Pipeline<Element.Batched> {
        batched(size, dropsRemainder: dropsRemainder, settings: []) {
            (elements, gathered, stage, index) throws(ApusError) in
            if let ready = gathered as? Element.Batched { return ready }
            return try onElement(index, of: stage) { try Element.collated(elements, padding: nil) }
        }
    }

    /// Batches of elements of different lengths, filled up at their ends to the longest of the batch.
    public func paddedBatch(
        _ size: Int, padding: Double = 0, dropsRemainder: Bool = false
    ) -> Pipeline<Element.Batched> {
        batched(size, dropsRemainder: dropsRemainder, settings: ["padded with \(padding)"]) {
            (elements, _, stage, index) throws(ApusError) in
            try onElement(index, of: stage) { try Element.collated(elements, padding: padding) }
        }
    }

    /// Batches of elements of similar lengths, so that little is padded.
    ///
    /// - Parameters:
    ///   - boundaries: ascending; a bucket holds lengths from one boundary up to below the next
    ///   - sizes: elements a batch, one for each bucket, or one for all: a bucket more than boundaries
    ///   - length: of an element
    public func bucketByLength(
        _ boundaries: [Int], sizes: [Int], padding: Double = 0, dropsRemainder: Bool = false,
        length: @escaping @Sendable (Element) throws -> Int
    ) -> Pipeline<Element.Batched> {
        let stage = next(
            .bucket, ["boundaries \(boundaries)", "sizes \(sizes)"], element: [Element].self)
        let buckets = boundaries.count + 1
        guard sizes.count == buckets || sizes.count == 1, sizes.allSatisfy({ $0 > 0 }),
            Swift.zip(boundaries, boundaries.dropFirst()).allSatisfy({ $0 < $1 })
        else {
            return Pipeline<Element.Batched>(
                stage,
                error: ApusError(
                    .value, in: "pipeline bucketByLength", "boundaries \(boundaries), sizes \(sizes)",
                    remedy: "give ascending boundaries, and a size of 1 or more for each bucket or one for all"))
        }
        let groups = grouped(
            stage, sizes: { bucket in sizes.count == 1 ? sizes[0] : sizes[bucket] }, dropsRemainder: dropsRemainder
        ) { element in
            let length = try length(element)
            return boundaries.firstIndex { length < $0 } ?? boundaries.count
        }
        return groups.map("pad") { try Element.collated($0, padding: padding) }
    }
}

extension Pipeline where Element == Batch {
    /// The samples of batches, one by one.
    public func unbatch() -> Pipeline<Sample<Tensor, Tensor>> {
        let rows = flatMap("unbatch") { batch -> [Sample<Tensor, Tensor>] in
            let (inputs, targets) = (try batch.inputs.rows(), try batch.targets.rows())
            guard inputs.count == targets.count else {
                throw ApusError(
                    .data, in: "pipeline unbatch", "\(inputs.count) inputs and \(targets.count) targets",
                    remedy: "give as many targets as inputs, along the first axis")
            }
            let weights: [Double]? = try batch.weights?.array()
            return inputs.indices.map { index in
                Sample(
                    input: inputs[index], target: targets[index],
                    weight: weights.flatMap { $0.indices.contains(index) ? $0[index] : nil })
            }
        }
        return rows
    }
}

extension Tensor {
    /// The parts along the first axis, as tensors of their own.
    package func rows() throws(ApusError) -> [Tensor] {
        let source = try storage()
        guard rank > 0 else {
            throw ApusError(.shape, in: "pipeline unbatch", "a scalar has no rows", remedy: "batch elements first")
        }
        let row = Shape(Array(shape.extents.dropFirst()))
        let bytes = row.count * dtype.size
        return (0..<shape[0]).map { index in
            let storage = Storage(byteCount: bytes)
            storage.pointer.copyMemory(from: source.pointer + index * bytes, byteCount: bytes)
            return Tensor(storage: storage, shape: row, dtype: dtype)
        }
    }
}
