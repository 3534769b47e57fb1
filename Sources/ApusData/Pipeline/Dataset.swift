import ApusCore

/// Samples in memory: an input and a target each.
///
///     let data = try Dataset(inputs: images, targets: labels)
///     for epoch in 0..<3 { for batch in data.shuffled(seed: 7).batched(128)... }
///
/// Images may be kept as bytes: they are scaled to 0...1 as batches are made, so that they take a quarter of the
/// memory.
public struct Dataset: Sendable {
    /// One array with a row a sample.
    package struct Field: Sendable {
        package let storage: Storage
        package let sampleShape: Shape
        package let stored: DType
        /// The type in batches: bytes are scaled to `float32`.
        package let delivered: DType
        package let scale: Float
    }

    package let inputs: Field
    package let targets: Field
    /// How much each sample counts: `[]` of float32; nil where all count the same.
    package let weights: Field?
    /// The number of samples.
    public let count: Int
    /// The names of the classes, if the targets are labels; empty if unknown.
    public let classNames: [String]
    /// The number of classes if the targets are labels.
    public let classCount: Int?
    /// The largest target if the targets are integers, whatever their shape.
    package let largestLabel: Int?
    /// The name for listings.
    public let name: String
    package var seed: UInt64?

    /// The extents of one input, such as `[28, 28, 1]`.
    public var inputShape: Shape { inputs.sampleShape }
    /// The extents of one target; `[]` for a label.
    public var targetShape: Shape { targets.sampleShape }

    /// - Parameters:
    ///   - inputs: `[samples, ...]`; `uint8` is scaled by `scale`, else `float32`
    ///   - targets: `[samples]` integer labels, or `[samples, ...]` numbers
    ///   - weights: `[samples]`, 0 or more: how much each counts in losses; without it all count the same
    ///   - scale: what bytes are multiplied by
    /// - Throws: an `ApusError` if shapes or types do not fit, labels are negative or very large, or weights out of range
    public init(
        inputs: Tensor, targets: Tensor, weights: Tensor? = nil, name: String = "data", classNames: [String] = [],
        scale: Double = 1 / 255.0
    ) throws(ApusError) {
        let place = "data set \(name)"
        guard inputs.rank >= 1, targets.rank >= 1, inputs.shape[0] == targets.shape[0] else {
            if let error = inputs.error ?? targets.error { throw error }
            throw ApusError(
                .data, in: place, "inputs of shape \(inputs.shape), targets of shape \(targets.shape)",
                remedy: "give as many targets as inputs, along the first axis")
        }
        guard inputs.shape[0] > 0 else {
            throw ApusError(.data, in: place, "there are no samples", remedy: "give at least one")
        }
        guard inputs.dtype == .uint8 || inputs.dtype == .float32 || inputs.dtype == .int32 else {
            throw ApusError(
                .type, in: place, "inputs of type \(inputs.dtype)", remedy: "give uint8, float32 or int32")
        }
        let labels = targets.dtype.isInteger ? targets.cast(to: .int32) : targets.cast(to: .float32)
        self.inputs = Field(
            storage: try inputs.storage(), sampleShape: Shape(Array(inputs.shape.extents.dropFirst())),
            stored: inputs.dtype, delivered: inputs.dtype == .uint8 ? .float32 : inputs.dtype, scale: Float(scale))
        self.targets = Field(
            storage: try labels.storage(), sampleShape: Shape(Array(targets.shape.extents.dropFirst())),
            stored: labels.dtype, delivered: labels.dtype, scale: 1)
        self.weights = try weights.map { (weights) throws(ApusError) in
            if let error = weights.error { throw error }
            let values: [Float] = try weights.cast(to: .float32).array()
            guard weights.shape == [inputs.shape[0]], values.allSatisfy({ $0 >= 0 && $0.isFinite }) else {
                throw ApusError(
                    .data, in: place,
                    "weights of shape \(weights.shape) for \(inputs.shape[0]) samples, from "
                        + "\(values.min() ?? 0) to \(values.max() ?? 0)",
                    remedy: "give a finite number of 0 or more for each sample")
            }
            return Field(
                storage: try Tensor(values).storage(), sampleShape: [], stored: .float32, delivered: .float32, scale: 1)
        }
        count = inputs.shape[0]
        self.name = name
        if targets.dtype.isInteger {
            let values = UnsafeBufferPointer(
                start: self.targets.storage.pointer.assumingMemoryBound(to: Int32.self), count: targets.shape.count)
            let smallest = values.min() ?? 0
            let largest = Int(values.max() ?? 0)
            guard smallest >= 0, largest < 1 << 24 else {
                throw ApusError(
                    .data, in: place, "labels reach from \(smallest) to \(largest)",
                    remedy: "number the classes from 0, to 16777215 at most")
            }
            largestLabel = largest
            classCount = targets.rank == 1 ? max(largest + 1, classNames.count) : nil
        } else {
            largestLabel = nil
            classCount = nil
        }
        self.classNames = classNames
    }

    /// The label of a sample.
    public func label(at index: Int) -> Int? {
        guard classCount != nil, (0..<count).contains(index) else { return nil }
        return Int(targets.storage.integer(at: index, .int32))
    }

    /// How much a sample counts in losses; 1 unless the data set has weights.
    public func weight(at index: Int) -> Double {
        guard let weights, (0..<count).contains(index) else { return 1 }
        return weights.storage.value(at: index, .float32)
    }

    /// The same samples with weights: how much each counts in losses.
    ///
    /// - Parameter weights: `[samples]`, 0 or more
    public func weighted(by weights: Tensor) throws(ApusError) -> Dataset {
        func whole(_ field: Field) -> Tensor {
            Tensor(storage: field.storage, shape: Shape([count] + field.sampleShape.extents), dtype: field.stored)
        }
        var result = try Dataset(
            inputs: whole(inputs), targets: whole(targets), weights: weights, name: name, classNames: classNames,
            scale: Double(inputs.scale))
        result.seed = seed
        return result
    }

    /// One input as numbers, `[...]` without a batch axis.
    public func input(at index: Int) throws(ApusError) -> Tensor {
        guard (0..<count).contains(index) else {
            throw ApusError(
                .index, in: "data set \(name)", "sample \(index) of \(count)", remedy: "use an index in 0..<\(count)")
        }
        let storage = Storage(byteCount: inputs.sampleShape.count * inputs.delivered.size)
        inputs.gather([Int32(index)], into: storage.pointer)
        return Tensor(storage: storage, shape: inputs.sampleShape, dtype: inputs.delivered)
    }

    /// The samples in an order that is drawn anew for each epoch, from the seed.
    public func shuffled(seed: UInt64) -> Dataset {
        var result = self
        result.seed = seed
        return result
    }

    /// Batches of so many samples; the last may be smaller.
    ///
    /// - Parameter dropsRemainder: leaves a smaller last batch out
    public func batched(_ size: Int, dropsRemainder: Bool = false) -> Batches {
        Batches(dataset: self, size: size, dropsRemainder: dropsRemainder)
    }

    /// The first samples.
    public func prefix(_ length: Int) throws(ApusError) -> Dataset {
        let length = min(max(length, 0), count)
        func head(_ field: Field) -> Tensor {
            let bytes = field.sampleShape.count * field.stored.size * length
            let storage = Storage(byteCount: bytes)
            storage.pointer.copyMemory(from: field.storage.pointer, byteCount: bytes)
            return Tensor(
                storage: storage, shape: Shape([length] + field.sampleShape.extents), dtype: field.stored)
        }
        var result = try Dataset(
            inputs: head(inputs), targets: head(targets), weights: weights.map(head), name: name,
            classNames: classNames,
            scale: Double(inputs.scale))
        result.seed = seed
        return result
    }
}

extension Dataset.Field {
    package var bytesPerSample: Int { sampleShape.count * delivered.size }

    /// Writes the samples at the indices one behind the other.
    package func gather(_ indices: some Sequence<Int32>, into target: UnsafeMutableRawPointer) {
        let count = sampleShape.count
        var position = target
        if stored == delivered {
            let bytes = count * stored.size
            for index in indices {
                position.copyMemory(from: storage.pointer + Int(index) * bytes, byteCount: bytes)
                position += bytes
            }
        } else {
            let source = storage.pointer.assumingMemoryBound(to: UInt8.self)
            for index in indices {
                let from = source + Int(index) * count
                let to = position.assumingMemoryBound(to: Float.self)
                for element in 0..<count { to[element] = Float(from[element]) * scale }
                position += count * 4
            }
        }
    }
}

/// A data set cut into batches. Making the next batches goes on in the background while one is used.
public struct Batches: Sendable {
    /// What is cut.
    public let dataset: Dataset
    /// Samples a batch.
    public let size: Int
    /// Whether a smaller last batch is left out.
    public let dropsRemainder: Bool

    /// The number of batches an epoch.
    public var count: Int {
        guard size > 0 else { return 0 }
        return dataset.count / size + (dropsRemainder || dataset.count % size == 0 ? 0 : 1)
    }

    /// The samples of an epoch in order.
    package func order(epoch: Int) -> [Int32] {
        var order = [Int32](repeating: 0, count: dataset.count)
        arrange(&order, epoch: epoch)
        return order
    }

    /// Writes the samples of an epoch in order.
    package func arrange(_ order: inout [Int32], epoch: Int) {
        for index in order.indices { order[index] = Int32(truncatingIfNeeded: index) }
        if let seed = dataset.seed { EpochGenerator.arrange(&order, seed: seed, epoch: epoch) }
    }
}

/// Random numbers for the order of an epoch: SplitMix64 over a mix of seed and epoch.
struct EpochGenerator {
    private var state: UInt64

    init(seed: UInt64, epoch: Int) {
        state = seed &* 0x9e37_79b9_7f4a_7c15 ^ (UInt64(bitPattern: Int64(epoch)) &+ 1) &* 0xbf58_476d_1ce4_e5b9
    }

    /// Brings numbers into the order of an epoch.
    static func arrange(_ order: inout [Int32], seed: UInt64, epoch: Int) {
        var generator = EpochGenerator(seed: seed, epoch: epoch)
        for last in stride(from: order.count - 1, to: 0, by: -1) {
            order.swapAt(last, Int(generator.next(below: UInt64(last + 1))))
        }
    }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }

    /// Uniform below a bound, without bias.
    mutating func next(below bound: UInt64) -> UInt64 {
        var product = next().multipliedFullWidth(by: bound)
        if product.low < bound {
            let threshold = (0 &- bound) % bound
            while product.low < threshold { product = next().multipliedFullWidth(by: bound) }
        }
        return product.high
    }
}
