import ApusCore

/// A skip connection that adds: `x + layers(x)` (He et al., CVPR 2016).
///
///     Residual {
///         Conv2D(64, kernel: 3, padding: .same, activation: .relu)
///         Conv2D(64, kernel: 3, padding: .same)
///     }
///
/// Where the layers change the number of channels or the spatial extents by a stride, the input goes through a
/// convolution of size 1 with that stride (or a dense layer); the first call makes it, so build a model before reading
/// its parameters from a file.
/// `[..]` to the same shape as `layers` give.
public final class Residual: Layer {
    /// What the input is added to.
    public let body: Sequential
    /// What the input goes through where it does not fit the output; `nil` while nothing is needed.
    public private(set) var projection: (any Module)?
    /// The function of the sum.
    public let activation: ActivationFunction

    /// - Parameters:
    ///   - projection: a shortcut of the caller's own
    ///   - activation: a function of the sum
    public convenience init(
        activation: ActivationFunction = .linear, projection: (any Module)? = nil,
        @SequentialBuilder _ layers: () -> [SequentialElement]
    ) {
        self.init(activation: activation, projection: projection, elements: layers())
    }

    init(activation: ActivationFunction, projection: (any Module)?, elements: [SequentialElement]) {
        self.activation = activation
        self.projection = projection
        body = Sequential(elements: elements)
    }

    public var details: String { activation.name == "linear" ? "" : activation.name }

    public func forward(_ x: Tensor) throws(ApusError) -> Tensor {
        let y = body(x)
        guard y.error == nil else { return y }
        if projection == nil, y.shape != x.shape { projection = try makeProjection(from: x.shape, to: y.shape) }
        let shortcut = projection.map { $0(x) } ?? x
        guard shortcut.error != nil || shortcut.shape == y.shape else {
            throw mistake(
                .shape, "the layers make \(y.shape) of \(x.shape), the shortcut \(shortcut.shape)",
                remedy: "give a projection that makes the layers' shape")
        }
        return activation(shortcut + y)
    }

    private func makeProjection(from x: Shape, to y: Shape) throws(ApusError) -> any Module {
        let maps = y[-1]
        guard x.rank == y.rank, x.rank >= 2, maps > 0 else { throw noProjection(x, y) }
        let axes = x.rank - 2
        let strides = zip(x.spatial, y.spatial).map { $1 > 0 ? ($0 + $1 - 1) / $1 : 0 }
        let fits = zip(zip(x.spatial, y.spatial), strides).allSatisfy { extents, stride in
            stride > 0 && extents.0 > 0 && (extents.0 - 1) / stride + 1 == extents.1
        }
        guard fits, (0...3).contains(axes) else { throw noProjection(x, y) }
        switch axes {
        case 1: return Conv1D(maps, kernel: 1, stride: strides, bias: false)
        case 2: return Conv2D(maps, kernel: 1, stride: strides, bias: false)
        case 3: return Conv3D(maps, kernel: 1, stride: strides, bias: false)
        default: return Dense(maps, bias: false)
        }
    }

    private func noProjection(_ x: Shape, _ y: Shape) -> ApusError {
        mistake(
            .shape, "the layers make \(y) of \(x), which no stride does",
            remedy: "use layers that keep the shape, divide spatial extents by strides, or give a projection")
    }
}

/// A skip connection that stacks: the input's channels, then those of `layers(x)` (Huang et al., CVPR 2017).
///
///     Concatenating {
///         BatchNorm()
///         Conv2D(12, kernel: 3, padding: .same)
///     }
///
/// `[.., a] -> [.., a + b]` where the layers make `b` channels.
public final class Concatenating: Layer {
    /// What the input is joined with.
    public let body: Sequential
    /// Along which both are joined.
    public let axis: Int

    /// - Parameter axis: along which the input and the layers' output are joined
    public convenience init(axis: Int = -1, @SequentialBuilder _ layers: () -> [SequentialElement]) {
        self.init(axis: axis, elements: layers())
    }

    init(axis: Int, elements: [SequentialElement]) {
        self.axis = axis
        body = Sequential(elements: elements)
    }

    public func forward(_ x: Tensor) -> Tensor {
        Tensor.concatenate([x, body(x)], axis: axis)
    }
}

/// Chains of layers side by side on one input, their outputs one behind the other along an axis: the channels unless
/// given otherwise (Szegedy et al., CVPR 2015). An empty chain passes the input on.
///
///     Branches(
///         Sequential { Conv2D(16, kernel: 1) },
///         Sequential {
///             Conv2D(8, kernel: 1, activation: .relu)
///             Conv2D(16, kernel: 3, padding: .same)
///         })
///
/// `[batch, spatial.., channels] -> [batch, spatial.., the sum of the chains' channels]`; all other extents of the
/// chains' outputs have to agree.
public final class Branches: Layer {
    /// What each sees of the input.
    public let branches: [Sequential]
    /// Along which the outputs are joined.
    public let axis: Int

    /// - Parameter axis: along which the branches' outputs are joined
    public convenience init(axis: Int = -1, _ branches: Sequential...) { self.init(axis: axis, branches) }

    /// - Parameter axis: along which the branches' outputs are joined
    public init(axis: Int = -1, _ branches: [Sequential]) {
        self.branches = branches
        self.axis = axis
    }

    public var details: String { "\(branches.count) chains" }

    public func forward(_ x: Tensor) throws(ApusError) -> Tensor {
        guard !branches.isEmpty else {
            throw mistake(.value, "there are no chains", remedy: "give at least one")
        }
        return Tensor.concatenate(branches.map { $0(x) }, axis: axis)
    }
}

/// Weighs each channel by a number in 0...1 that follows from the means of all channels: `x * gate(expand(activation(
/// squeeze(mean(x)))))`, `[batch, spatial.., channels]` as input and output (Hu et al., CVPR 2018).
public final class SqueezeExcitation: Layer {
    /// The channels divided by this are the units between.
    public let reduction: Int
    /// The function in the middle.
    public let activation: ActivationFunction
    /// The function that makes gates.
    public let gate: ActivationFunction
    /// From channels to the bottleneck.
    public let squeezeWeight: Parameter
    /// What is added there; `nil` without bias.
    public let squeezeBias: Parameter?
    /// From the bottleneck to a gate for each channel.
    public let expandWeight: Parameter
    /// What is added there; `nil` without bias.
    public let expandBias: Parameter?

    /// - Parameter reduction: how many times narrower the bottleneck is than the channels, 1 or more
    public init(
        reduction: Int = 16, activation: ActivationFunction = .relu, gate: ActivationFunction = .sigmoid,
        bias: Bool = true, initializer: Initializer = .glorotUniform
    ) {
        self.reduction = reduction
        self.activation = activation
        self.gate = gate
        squeezeWeight = Parameter(initializer)
        squeezeBias = bias ? Parameter(.zeros) : nil
        expandWeight = Parameter(initializer)
        expandBias = bias ? Parameter(.zeros) : nil
    }

    public var details: String { "reduction \(reduction)" }

    public func forward(_ x: Tensor) throws(ApusError) -> Tensor {
        try require(x, rank: 3...5, "[batch, spatial.., channels]")
        try require(reduction, in: 1...1 << 24, "the reduction")
        let channels = x.shape[-1]
        let units = max(channels / reduction, 1)
        let means = x.mean(axes: Array(1..<x.rank - 1))
        let squeeze = squeezeWeight.value(shape: [channels, units], fanIn: channels, fanOut: units, dtype: x.dtype)
        let hidden = finished(matmul(means, squeeze), bias: squeezeBias, activation: activation)
        let expand = expandWeight.value(shape: [units, channels], fanIn: units, fanOut: channels, dtype: x.dtype)
        let gates = finished(matmul(hidden, expand), bias: expandBias, activation: gate)
        let extents = [x.shape[0]] + [Int](repeating: 1, count: x.rank - 2) + [channels]
        return x * gates.reshaped(to: Shape(extents))
    }
}
