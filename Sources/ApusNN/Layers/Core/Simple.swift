import ApusCore

/// A function of each element as a layer of its own.
///
///     Activation(.gelu)
///
/// Any shape to the same shape.
public final class Activation: Layer {
    /// What is applied.
    public let function: ActivationFunction
    /// - Parameter function: what is applied to all elements
    public init(_ function: ActivationFunction) { self.function = function }
    public var details: String { function.name }
    public func forward(_ x: Tensor) -> Tensor { function(x) }
}

/// Gives its input back.
/// Any shape to the same shape.
public final class Identity: Layer {
    /// A layer without effect.
    public init() {}
    public func forward(_ x: Tensor) -> Tensor { x }
}

/// Any function of tensors as a layer.
///
///     Lambda("double") { $0 * 2 }
///
/// From whatever shapes the function takes to the shape that it gives.
public final class Lambda: Layer {
    /// The name for listings.
    public let name: String
    private let function: (Tensor) -> Tensor

    /// - Parameter name: what listings call it
    public init(_ name: String = "function", _ function: @escaping (Tensor) -> Tensor) {
        self.name = name
        self.function = function
    }

    public var details: String { name }
    public func forward(_ x: Tensor) -> Tensor { function(x) }
}

/// Sets the steps of sequences `[batch, time, features]` to zero whose features all have one value, which stands for
/// padding. ``mask(_:)`` tells these steps.
public final class Masking: Layer {
    /// The value of padding.
    public let value: Double

    /// - Parameter value: steps of which all features have it are skipped
    public init(_ value: Double = 0) { self.value = value }

    public var details: String { "value \(value)" }

    /// Whether each step holds data: `[batch, time, features] -> [batch, time]`, `bool`.
    public func mask(_ x: Tensor) -> Tensor { (x .!= value).any(axes: [-1]) }

    public func forward(_ x: Tensor) throws(ApusError) -> Tensor {
        try require(x, rank: 2...8, "[batch, time, features]")
        return x * (x .!= value).any(axes: [-1], keepDimensions: true).cast(to: x.dtype)
    }
}

/// `x * scale + offset`: `Rescaling(1 / 127.5, offset: -1)` maps pixels 0...255 to -1...1.
/// Any shape to the same shape.
public final class Rescaling: Layer {
    /// What inputs are multiplied by.
    public let scale: Double
    /// What is added then.
    public let offset: Double

    /// - Parameter offset: what is added after the product
    public init(_ scale: Double, offset: Double = 0) {
        self.scale = scale
        self.offset = offset
    }

    public var details: String { "\(scale), offset \(offset)" }

    /// Integers become float32.
    public func forward(_ x: Tensor) -> Tensor {
        (x.dtype.isFloatingPoint ? x : x.cast(to: .float32)) * scale + offset
    }
}

/// Channels (the last axis) brought to mean 0 and variance 1 by statistics of the training data, which the layer keeps
/// with the model: `(x - mean) / max(sqrt(variance), epsilon)`.
///
///     let scaling = Normalization()
///     try scaling.adapt(to: trainingInputs)         // never the test data
///
/// Parameters, not learnt: `mean`, `variance`, both `[channels]`; 0 and 1 until ``adapt(to:)``.
public final class Normalization: Layer {
    /// Keeps the divisor from 0.
    public let epsilon: Double
    /// The mean of each feature.
    public let mean: Parameter
    /// The variance of each feature.
    public let variance: Parameter

    /// - Parameter epsilon: keeps the divisor from 0
    public init(epsilon: Double = 1e-7) {
        self.epsilon = epsilon
        mean = Parameter(.zeros, trainable: false)
        variance = Parameter(.ones, trainable: false)
    }

    /// With known statistics for each channel.
    public init(mean: [Double], variance: [Double], epsilon: Double = 1e-7) {
        self.epsilon = epsilon
        func given(_ values: [Double]) -> Initializer {
            Initializer("values") { Tensor.constant(values, shape: [values.count], dtype: $0.dtype) }
        }
        self.mean = Parameter(given(mean), trainable: false)
        self.variance = Parameter(given(variance), trainable: false)
    }

    /// Sets mean and (biased) variance of each channel from data `[.., channels]`.
    public func adapt(to data: Tensor) throws(ApusError) {
        if let error = data.error { throw error }
        try require(data, rank: 1...16, "[.., channels]")
        let x = data.dtype.isFloatingPoint ? data : data.cast(to: .float32)
        guard x.shape.count > 0 else {
            throw mistake(.shape, "data of shape \(x.shape)", remedy: "give at least one sample")
        }
        let axes = Array(0..<x.rank - 1)
        mean.value = try x.mean(axes: axes).evaluated()
        variance.value = try x.variance(axes: axes).evaluated()
    }

    public func forward(_ x: Tensor) throws(ApusError) -> Tensor {
        try require(x, rank: 1...16, "[.., channels]")
        let channels: Shape = [x.shape[-1]]
        let mean = mean.value(shape: channels, dtype: x.dtype)
        let variance = variance.value(shape: channels, dtype: x.dtype)
        return (x - mean) / Tensor.maximum(variance.squareRoot(), epsilon)
    }
}
