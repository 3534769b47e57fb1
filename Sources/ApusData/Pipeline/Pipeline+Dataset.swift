import ApusCore

extension Pipeline where Element == Sample<Tensor, Tensor> {
    /// The samples of a data set in memory; a shuffled one is drawn anew in each epoch.
    public init(_ data: Dataset) {
        let stage = PipelineStage(
            .source, label: data.name, settings: ["\(data.count) samples in memory"],
            element: Sample<Tensor, Tensor>.self)
        let rows = Pipeline(stage, count: data.count, observers: []) { (_) throws(ApusError) in
            Access(
                count: data.count,
                gathered: { (indices) throws(ApusError) in
                    Batch(
                        inputs: data.inputs.tensor(of: indices), targets: data.targets.tensor(of: indices),
                        weights: data.weights?.tensor(of: indices))
                }
            ) { (indices) throws(ApusError) in
                indices.map {
                    Sample(
                        input: data.inputs.tensor(at: $0), target: data.targets.tensor(at: $0),
                        weight: data.weights == nil ? nil : data.weight(at: $0))
                }
            }
        }
        self = data.seed.map { rows.shuffle(seed: $0) } ?? rows
    }

    /// The rows of two tensors.
    ///
    /// - Parameters:
    ///   - inputs: `[samples, ...]` of float32, int32 or uint8, which is scaled by `scale`
    ///   - targets: `[samples]` integer labels, or `[samples, ...]` numbers
    public init(
        inputs: Tensor, targets: Tensor, name: String = "tensors", scale: Double = 1 / 255.0
    ) throws(ApusError) {
        self.init(try Dataset(inputs: inputs, targets: targets, name: name, scale: scale))
    }
}

extension Dataset {
    /// The samples as a pipeline.
    public var pipeline: Pipeline<Sample<Tensor, Tensor>> { Pipeline(self) }
}

extension Dataset.Field {
    fileprivate func tensor(of indices: [Int]) -> Tensor {
        let storage = Storage(byteCount: indices.count * bytesPerSample)
        gather(indices.lazy.map { Int32(truncatingIfNeeded: $0) }, into: storage.pointer)
        return Tensor(storage: storage, shape: Shape([indices.count] + sampleShape.extents), dtype: delivered)
    }

    fileprivate func tensor(at index: Int) -> Tensor {
        let storage = Storage(byteCount: bytesPerSample)
        gather(CollectionOfOne(Int32(truncatingIfNeeded: index)), into: storage.pointer)
        return Tensor(storage: storage, shape: sampleShape, dtype: delivered)
    }
}
