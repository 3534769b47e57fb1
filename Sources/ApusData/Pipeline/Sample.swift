import ApusCore

/// An input with what a model should make of it.
///
///     Sample(input: image, target: 3)
public struct Sample<Input: Sendable, Target: Sendable>: Sendable {
    /// What the model is fed.
    public var input: Input
    /// What it should make of it.
    public var target: Target
    /// How much it counts in losses: 0 or more; nil is 1.
    public var weight: Double?

    /// - Parameter weight: how much it counts in losses: 0 or more; nil is 1
    public init(input: Input, target: Target, weight: Double? = nil) {
        self.input = input
        self.target = target
        self.weight = weight
    }
}

extension Sample: Equatable where Input: Equatable, Target: Equatable {}

/// Samples as the rows of two tensors: what training and evaluation take.
public struct Batch: Sendable {
    /// `[batch, ...]`
    public var inputs: Tensor
    /// `[batch]` labels, or `[batch, ...]`
    public var targets: Tensor
    /// Where inputs were padded, how long each was before, along its first axis: int32 `[batch]`.
    public var lengths: Tensor?
    /// How much each sample counts in losses: `[batch]`, 0 or more; nil where all count the same.
    public var weights: Tensor?

    /// - Parameters:
    ///   - inputs: `[batch, ...]`
    ///   - targets: `[batch]` labels, or `[batch, ...]`
    ///   - lengths: int32 `[batch]`, where inputs were padded
    ///   - weights: `[batch]`, 0 or more: how much each sample counts in losses
    public init(inputs: Tensor, targets: Tensor, lengths: Tensor? = nil, weights: Tensor? = nil) {
        self.inputs = inputs
        self.targets = targets
        self.lengths = lengths
        self.weights = weights
    }

    /// The number of samples.
    public var count: Int { inputs.shape[0] }
}

/// Elements of which several make a batch.
public protocol Collatable: Sendable {
    associatedtype Batched: Sendable
    /// The elements one behind the other on a new first axis.
    ///
    /// - Parameter padding: what shorter elements are filled up with; nil refuses elements of different shapes
    static func collated(_ elements: [Self], padding: Double?) throws(ApusError) -> Batched
}

/// Elements that are tensors, or can be written as such.
public protocol TensorElement: Collatable where Batched == Tensor {
    /// The element without a batch axis.
    func tensor() throws(ApusError) -> Tensor
}

extension TensorElement {
    public static func collated(_ elements: [Self], padding: Double? = nil) throws(ApusError) -> Tensor {
        var tensors: [Tensor] = []
        tensors.reserveCapacity(elements.count)
        for element in elements { tensors.append(try element.tensor()) }
        return try Tensor.batch(of: tensors, padding: padding)
    }
}

extension Tensor: TensorElement {
    public func tensor() -> Tensor { self }
}

extension Int: TensorElement {
    /// An int32 scalar.
    public func tensor() throws(ApusError) -> Tensor { try Self.collated([self], padding: nil).reshaped(to: []) }

    public static func collated(_ elements: [Int], padding: Double?) throws(ApusError) -> Tensor {
        var values: [Int32] = []
        values.reserveCapacity(elements.count)
        for element in elements {
            guard let value = Int32(exactly: element) else {
                throw ApusError(
                    .value, in: "pipeline batch", "\(element) does not fit int32", remedy: "use smaller numbers")
            }
            values.append(value)
        }
        return Tensor(values, shape: [values.count])
    }
}

extension Float: TensorElement {
    public func tensor() -> Tensor { Tensor([self], shape: []) }

    public static func collated(_ elements: [Float], padding: Double?) -> Tensor {
        Tensor(elements, shape: [elements.count])
    }
}

extension Double: TensorElement {
    /// A float32 scalar, as models take them.
    public func tensor() -> Tensor { Tensor(self) }
}

extension Bool: TensorElement {
    /// 0 or 1, as float32.
    public func tensor() -> Tensor { Tensor(self ? 1 : 0) }
}

extension Array: Collatable where Element: TensorElement {
    public static func collated(_ elements: [[Element]], padding: Double?) throws(ApusError) -> Tensor {
        var tensors: [Tensor] = []
        tensors.reserveCapacity(elements.count)
        for element in elements { tensors.append(try element.tensor()) }
        return try Tensor.batch(of: tensors, padding: padding)
    }
}

extension Array: TensorElement where Element: TensorElement {
    /// The elements as the rows of a tensor; a vector for numbers.
    public func tensor() throws(ApusError) -> Tensor {
        if isEmpty, Element.self == Int.self { return Tensor([Int32](), shape: [0]) }
        return try Element.collated(self, padding: nil)
    }
}

extension Image: TensorElement {
    /// `[height, width, channels]` of float32 from 0 to 1.
    public func tensor() -> Tensor {
        let storage = Storage(byteCount: 4 * pixels.count)
        let target = storage.pointer.assumingMemoryBound(to: Float.self)
        pixels.withUnsafeBufferPointer { source in
            for index in source.indices { target[index] = Float(source[index]) * (1 / 255) }
        }
        return Tensor(storage: storage, shape: [height, width, channels], dtype: .float32)
    }
}

extension Sample: Collatable where Input: TensorElement, Target: TensorElement {
    public static func collated(_ elements: [Self], padding: Double?) throws(ApusError) -> Batch {
        var batch = Batch(
            inputs: try Input.collated(elements.map(\.input), padding: padding),
            targets: try Target.collated(elements.map(\.target), padding: padding))
        if elements.contains(where: { $0.weight != nil }) {
            batch.weights = Tensor(elements.map { Float($0.weight ?? 1) }, shape: [elements.count])
        }
        if padding != nil {
            var lengths: [Int] = []
            for element in elements { lengths.append(try element.input.tensor().shape[0]) }
            batch.lengths = try Int.collated(lengths, padding: nil)
        }
        return batch
    }
}

extension Tensor {
    /// Tensors of one shape and type on a new first axis; with padding, of one rank, filled up at their ends.
    package static func batch(of tensors: [Tensor], padding: Double?) throws(ApusError) -> Tensor {
        guard let first = tensors.first else { return Tensor.zeros([0]) }
        var extents = first.shape.extents
        for (index, tensor) in tensors.enumerated() {
            if let error = tensor.error { throw error }
            let fits = padding == nil ? tensor.shape == first.shape : tensor.rank == first.rank
            guard fits, tensor.dtype == first.dtype else {
                throw ApusError(
                    .shape, in: "pipeline batch",
                    "element \(index) is \(tensor.shape) of \(tensor.dtype), the first is \(first.shape) of \(first.dtype)",
                    remedy: padding == nil
                        ? "bring all to one shape and type with map, or use paddedBatch"
                        : "bring all to one type and number of axes with map")
            }
            for axis in extents.indices { extents[axis] = Swift.max(extents[axis], tensor.shape[axis]) }
        }
        let shape = Shape([tensors.count] + extents)
        try Memory.check(shape, first.dtype, in: "pipeline batch")
        let size = first.dtype.size
        let storage = Storage(byteCount: shape.count * size)
        let row = Shape(extents)
        if let padding, tensors.contains(where: { $0.shape != row }) {
            if row.count > 0 { storage.store(padding, at: 0, first.dtype) }
            for index in 1..<Swift.max(shape.count, 1) where row.count > 0 {
                (storage.pointer + index * size).copyMemory(from: storage.pointer, byteCount: size)
            }
        }
        for (index, tensor) in tensors.enumerated() {
            let source = try tensor.storage()
            let target = storage.pointer + index * row.count * size
            if tensor.shape == row {
                target.copyMemory(from: source.pointer, byteCount: row.count * size)
            } else {
                copyRows(from: source.pointer, tensor.shape, to: target, row, size: size)
            }
        }
        return Tensor(storage: storage, shape: shape, dtype: first.dtype)
    }

    /// Copies an array into the corner of a larger one, run by run of the last axis.
    private static func copyRows(
        from source: UnsafeMutableRawPointer, _ shape: Shape, to target: UnsafeMutableRawPointer, _ outer: Shape,
        size: Int
    ) {
        let width = shape[-1]
        guard shape.count > 0 else { return }
        let strides = outer.denseStrides
        var position = [Int](repeating: 0, count: Swift.max(shape.rank - 1, 0))
        for row in 0..<shape.count / width {
            var offset = 0
            for axis in position.indices { offset += position[axis] * strides[axis] }
            (target + offset * size).copyMemory(from: source + row * width * size, byteCount: width * size)
            for axis in position.indices.reversed() {
                position[axis] += 1
                if position[axis] < shape[axis] { break }
                position[axis] = 0
            }
        }
    }
}
