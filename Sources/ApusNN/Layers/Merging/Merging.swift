import ApusCore

/// The sum of any number of inputs whose shapes broadcast.
/// `x + y + ..`: shapes such as `[batch, features]` that broadcast, to the shape of all together.
public final class Add: MergingLayer {
    /// A layer of any number of inputs.
    public init() {}
    public func merge(_ inputs: [Tensor]) -> Tensor { inputs.dropFirst().reduce(inputs[0], +) }
}

/// The first input less the second.
/// `x - y`: shapes such as `[batch, features]` that broadcast, to the shape of all together.
public final class Subtract: MergingLayer {
    /// A layer of two inputs.
    public init() {}
    public func merge(_ inputs: [Tensor]) throws(ApusError) -> Tensor {
        try require(inputs, count: 2, "two tensors")
        return inputs[0] - inputs[1]
    }
}

/// The product of any number of inputs, element by element.
/// `x * y * ..`: shapes such as `[batch, features]` that broadcast, to the shape of all together.
public final class Multiply: MergingLayer {
    /// A layer of any number of inputs.
    public init() {}
    public func merge(_ inputs: [Tensor]) -> Tensor { inputs.dropFirst().reduce(inputs[0], *) }
}

/// The mean of any number of inputs, element by element.
/// `(x + y + ..) / n`: shapes such as `[batch, features]` that broadcast, to the shape of all together.
public final class Average: MergingLayer {
    /// A layer of any number of inputs.
    public init() {}
    public func merge(_ inputs: [Tensor]) -> Tensor { inputs.dropFirst().reduce(inputs[0], +) / Double(inputs.count) }
}

/// The largest of any number of inputs, element by element.
/// `max(x, y, ..)`: shapes such as `[batch, features]` that broadcast, to the shape of all together.
public final class Maximum: MergingLayer {
    /// A layer of any number of inputs.
    public init() {}
    public func merge(_ inputs: [Tensor]) -> Tensor {
        inputs.dropFirst().reduce(inputs[0]) { Tensor.maximum($0, $1) }
    }
}

/// The smallest of any number of inputs, element by element.
/// `min(x, y, ..)`: shapes such as `[batch, features]` that broadcast, to the shape of all together.
public final class Minimum: MergingLayer {
    /// A layer of any number of inputs.
    public init() {}
    public func merge(_ inputs: [Tensor]) -> Tensor {
        inputs.dropFirst().reduce(inputs[0]) { Tensor.minimum($0, $1) }
    }
}

/// Inputs one behind the other along an axis, by default the channels: all other extents must be equal.
/// `[.., a], [.., b] -> [.., a + b]`.
public final class Concatenate: MergingLayer {
    /// Along which inputs stand one behind the other.
    public let axis: Int

    /// - Parameter axis: along which inputs stand one behind the other; the other extents are equal
    public init(axis: Int = -1) { self.axis = axis }

    public var details: String { "axis \(axis)" }

    public func merge(_ inputs: [Tensor]) -> Tensor { Tensor.concatenate(inputs, axis: axis) }
}

/// Sums of products along one axis of each of two inputs, sample by sample: `[batch, a.., k], [batch, b.., k] -> [batch,
/// a.., b..]`; of two vectors for each sample `[batch, 1]`.
public final class Dot: MergingLayer {
    /// The axis of the first input and that of the second; axis 0 is the batch.
    public let axes: (first: Int, second: Int)
    /// Whether the inputs are brought to length 1 along these axes first, so that the result is their cosine.
    public let normalized: Bool

    /// - Parameter normalized: whether vectors are scaled to length 1 first, which gives their cosine
    public init(axes: (first: Int, second: Int) = (-1, -1), normalized: Bool = false) {
        self.axes = axes
        self.normalized = normalized
    }

    public var details: String { "axes \(axes.first) and \(axes.second)" + (normalized ? ", normalised" : "") }

    public func merge(_ inputs: [Tensor]) throws(ApusError) -> Tensor {
        try require(inputs, count: 2, "two tensors")
        for input in inputs { try require(input, rank: 2...8, "two tensors of at least [batch, features]") }
        let first = try inputs[0].shape.axis(axes.first, in: place)
        let second = try inputs[1].shape.axis(axes.second, in: place)
        guard first > 0, second > 0, inputs[0].shape[first] == inputs[1].shape[second],
            inputs[0].shape[0] == inputs[1].shape[0]
        else {
            throw mistake(
                .shape,
                "axes \(axes.first) and \(axes.second) of shapes \(inputs[0].shape) and \(inputs[1].shape)",
                remedy: "use axes of equal extent behind an equal batch axis")
        }
        let (a, b) = normalized ? (unit(inputs[0], first), unit(inputs[1], second)) : (inputs[0], inputs[1])
        if let failed = a.error ?? b.error { throw failed }
        let batch = a.shape[0]
        let left = (1..<a.rank).filter { $0 != first }
        let right = (1..<b.rank).filter { $0 != second }
        let (rows, columns) = (left.map { a.shape[$0] }, right.map { b.shape[$0] })
        let x = a.permuted([0] + left + [first]).reshaped(to: [batch, rows.reduce(1, *), a.shape[first]])
        let y = b.permuted([0, second] + right).reshaped(to: [batch, b.shape[second], columns.reduce(1, *)])
        let extents = rows + columns
        return matmul(x, y).reshaped(to: Shape([batch] + (extents.isEmpty ? [1] : extents)))
    }

    private func unit(_ x: Tensor, _ axis: Int) -> Tensor { ApusNN.normalized(x, axis: axis) }
}

/// The cosine of the angle between two inputs along an axis, which falls away: `x · y / (max(|x|, epsilon) max(|y|,
/// epsilon))`.
/// `[.., features]` twice to `[..]`.
public final class CosineSimilarity: MergingLayer {
    /// Along which vectors lie.
    public let axis: Int
    /// Keeps the divisor from 0.
    public let epsilon: Double

    /// - Parameter axis: along which vectors lie
    public init(axis: Int = -1, epsilon: Double = 1e-8) {
        self.axis = axis
        self.epsilon = epsilon
    }

    public var details: String { "axis \(axis)" }

    public func merge(_ inputs: [Tensor]) throws(ApusError) -> Tensor {
        try require(inputs, count: 2, "two tensors")
        let (x, y) = (
            normalized(inputs[0], axis: axis, epsilon: epsilon), normalized(inputs[1], axis: axis, epsilon: epsilon)
        )
        return (x * y).sum(axes: [axis])
    }
}

/// The length of the difference of two inputs along the last axis, which falls away: `(sum |x - y + epsilon|^order)^(1 /
/// order)`.
/// `[.., features]` twice to `[..]`.
public final class PairwiseDistance: MergingLayer {
    /// Of the norm.
    public let order: Double
    /// Added to each difference.
    public let epsilon: Double

    /// - Parameter order: of the norm, such as 2
    public init(order: Double = 2, epsilon: Double = 1e-6) {
        self.order = order
        self.epsilon = epsilon
    }

    public var details: String { "order \(order)" }

    public func merge(_ inputs: [Tensor]) throws(ApusError) -> Tensor {
        try require(inputs, count: 2, "two tensors")
        return (inputs[0] - inputs[1] + epsilon).norm(order, axes: [-1])
    }
}
