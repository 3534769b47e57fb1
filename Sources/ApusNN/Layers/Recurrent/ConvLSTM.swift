import ApusCore

/// A step of the convolutional LSTM (Shi et al., NeurIPS 2015): an ``LSTMCell`` on images whose products are
/// convolutions. That with the state keeps its size.
///
/// States: `h` and `c [batch, .., maps]`. Parameters: `kernel [window.., channels, 4 maps]`, `recurrentKernel [window..,
/// maps, 4 maps]`, `bias [4 maps]`.
public final class ConvLSTMCell: WindowedLayer, RecurrentCell {
    /// The number of output channels.
    public let maps: Int
    /// The function of candidates and outputs.
    public let activation: ActivationFunction
    /// The function of the gates.
    public let recurrentActivation: ActivationFunction
    /// The kernel that reads the input.
    public let kernel: Parameter
    /// The kernel that reads the state.
    public let recurrentKernel: Parameter
    /// What is added to the gates; `nil` without bias.
    public let bias: Parameter?
    /// The share of `h` that is dropped before its convolution while training, the same elements in all steps.
    public let recurrentDropout: Double
    /// With what the forget gate's bias begins.
    public let forgetBias: Double
    private let spatialAxes: Int

    /// - Parameters:
    ///   - maps: the number of output channels
    ///   - kernel: the extents of both kernels: one number, or one for each spatial axis
    ///   - axes: the number of spatial axes, 1 to 3
    public init(
        _ maps: Int, kernel: any PerAxisConvertible, axes: Int = 2, stride: any PerAxisConvertible = 1,
        padding: Padding = .valid, dilation: any PerAxisConvertible = 1, activation: ActivationFunction = .tanh,
        recurrentActivation: ActivationFunction = .sigmoid, bias: Bool = true, forgetBias: Double = 1,
        recurrentDropout: Double = 0, initializer: Initializer = .glorotUniform,
        recurrentInitializer: Initializer = .orthogonal()
    ) {
        self.maps = maps
        spatialAxes = axes
        self.forgetBias = forgetBias
        self.activation = activation
        self.recurrentActivation = recurrentActivation
        self.kernel = Parameter(initializer)
        recurrentKernel = Parameter(recurrentInitializer)
        self.bias = bias ? Parameter(LSTMCell.forgetting(maps, forgetBias)) : nil
        self.recurrentDropout = recurrentDropout
        super.init(window: kernel, stride: stride, padding: padding, dilation: dilation)
    }

    override var axes: Int { spatialAxes }

    public var details: String { (["\(maps) maps", windowText] + stepTexts).joined(separator: ", ") }

    public var stateCount: Int { 2 }

    /// The drive of the input, given its kernel.
    private func drive(_ x: Tensor, _ weight: Tensor) -> Tensor {
        convolution(x, weight, strides: stride, padding: padding, dilation: dilation)
    }

    private func kernelShape(_ x: Shape, _ window: [Int]) -> Shape { Shape(window + [x[-1], 4 * maps]) }

    private func checkedWindow(_ x: Shape) throws(ApusError) -> [Int] {
        try require(spatialAxes, in: 1...3, "the number of spatial axes")
        try require(rate: recurrentDropout)
        return try checkedWindow(Tensor.placeholder(x, .float32), maps: maps, in: self)
    }

    public func stateShapes(_ x: Shape) throws(ApusError) -> [Shape] {
        let window = try checkedWindow(x)
        let y = drive(Tensor.placeholder(x, .float32), Tensor.placeholder(kernelShape(x, window), .float32))
        if let error = y.error { throw error }
        let shape = Shape(y.shape.extents.dropLast() + [maps])
        return [shape, shape]
    }

    public func project(_ x: Tensor) throws(ApusError) -> Tensor {
        if let error = x.error { throw error }
        let window = try checkedWindow(x.shape)
        let area = window.reduce(1, *)
        let weight = kernel.value(
            shape: kernelShape(x.shape, window), fanIn: Shape.product(area, x.shape[-1]),
            fanOut: Shape.product(area, 4 * maps), dtype: x.dtype)
        return finished(drive(x, weight), bias: bias, activation: .linear)
    }

    public func step(_ projected: Tensor, _ states: [Tensor]) throws(ApusError) -> [Tensor] {
        let all = try parts(projected, states)
        return [all[5].value, all[4].value]
    }

    /// The gates `input`, `forget` and `output`, the `candidate`, and the states after the step, `cell` and `hidden`.
    public func parts(_ projected: Tensor, _ states: [Tensor]) throws(ApusError) -> [(name: String, value: Tensor)] {
        let (h, c) = (states[0], states[1])
        let window = try window.resolved(rank: axes, allowed: WindowGeometry.windowRange, "window extent", in: place)
        let area = window.reduce(1, *)
        let weight = recurrentKernel.value(
            shape: Shape(window + [maps, 4 * maps]), fanIn: Shape.product(area, maps),
            fanOut: Shape.product(area, 4 * maps), dtype: h.dtype)
        let seen = dropped(h, rate: recurrentDropout, noise: h.shape)
        let drive = projected + convolution(seen, weight, padding: .same)
        if let error = drive.error { throw error }
        func block(_ index: Int) -> Tensor { drive.slice(axis: -1, index * maps..<(index + 1) * maps) }
        let (input, forget) = (recurrentActivation(block(0)), recurrentActivation(block(1)))
        let candidate = activation(block(2))
        let output = recurrentActivation(block(3))
        let cell = forget * c + input * candidate
        return [
            ("input", input), ("forget", forget), ("candidate", candidate), ("output", output), ("cell", cell),
            ("hidden", output * activation(cell)),
        ]
    }
}

/// Convolutional LSTMs over sequences of images: see ``ConvLSTM1D``, ``ConvLSTM2D`` and ``ConvLSTM3D``.
public class ConvLSTMLayer: Recurrent {
    class var axes: Int { 2 }

    /// - Parameters:
    ///   - maps: the number of output channels
    ///   - kernel: the extents of both kernels: one number, or one for each spatial axis
    public init(
        _ maps: Int, kernel: any PerAxisConvertible, stride: any PerAxisConvertible = 1, padding: Padding = .valid,
        dilation: any PerAxisConvertible = 1, direction: RecurrentDirection = .forward, returnsSequence: Bool = false,
        activation: ActivationFunction = .tanh, recurrentActivation: ActivationFunction = .sigmoid, bias: Bool = true,
        forgetBias: Double = 1, dropout: Double = 0, recurrentDropout: Double = 0,
        initializer: Initializer = .glorotUniform, recurrentInitializer: Initializer = .orthogonal()
    ) {
        let axes = Self.axes
        super.init(direction: direction, returnsSequence: returnsSequence, dropout: dropout) { _ in
            ConvLSTMCell(
                maps, kernel: kernel, axes: axes, stride: stride, padding: padding, dilation: dilation,
                activation: activation, recurrentActivation: recurrentActivation, bias: bias,
                forgetBias: forgetBias, recurrentDropout: recurrentDropout, initializer: initializer,
                recurrentInitializer: recurrentInitializer)
        }
    }
}

/// Convolutional LSTMs over sequences of sequences: `[batch, time, length, channels] -> [batch, length', maps]`, with
/// `returnsSequence` `[batch, time, length', maps]`.
public final class ConvLSTM1D: ConvLSTMLayer {
    override class var axes: Int { 1 }
}

/// Convolutional LSTMs over sequences of images: `[batch, time, height, width, channels] -> [batch, height', width',
/// maps]`, with `returnsSequence` `[batch, time, height', width', maps]`.
///
///     ConvLSTM2D(16, kernel: 3, padding: .same, returnsSequence: true)
public final class ConvLSTM2D: ConvLSTMLayer {
    override class var axes: Int { 2 }
}

/// Convolutional LSTMs over sequences of volumes: `[batch, time, depth, height, width, channels] -> [batch, depth',
/// height', width', maps]`, with `returnsSequence` `[batch, time, depth', height', width', maps]`.
public final class ConvLSTM3D: ConvLSTMLayer {
    override class var axes: Int { 3 }
}
