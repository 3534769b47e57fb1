import ApusCore

/// `x` where positive, else `slope * x`.
public func leakyRelu(_ x: Tensor, slope: Double = 0.01) -> Tensor { Tensor.select(x .> 0.0, x, x * slope) }

/// `x` where positive, else `slope * x` with a slope that is learned: of one element, or broadcast to the input.
public func parametricRelu(_ x: Tensor, slope: Tensor) -> Tensor { Tensor.select(x .> 0.0, x, x * slope) }

/// `max(x, 0)` with a slope below a threshold and a maximum: `maximum` from there on, `x` from the threshold, else
/// `negativeSlope * (x - threshold)`.
public func relu(_ x: Tensor, negativeSlope: Double = 0, maximum: Double = .infinity, threshold: Double) -> Tensor {
    let below = (x - threshold) * negativeSlope
    let kept = Tensor.select(x .>= threshold, x, below)
    return maximum == .infinity ? kept : Tensor.select(x .>= maximum, constant(maximum, like: x), kept)
}

/// `x` limited to 0...6.
public func relu6(_ x: Tensor) -> Tensor { x.clipped(0, 6) }

/// `x` where positive, else `alpha * (exp(x) - 1)`.
public func elu(_ x: Tensor, alpha: Double = 1) -> Tensor {
    Tensor.select(x .> 0.0, x, negativePart(x).expm1() * alpha)
}

/// `x` where positive, else `alpha * (exp(x / alpha) - 1)`.
public func celu(_ x: Tensor, alpha: Double = 1) -> Tensor {
    Tensor.select(x .> 0.0, x, (negativePart(x) / alpha).expm1() * alpha)
}

/// `scale * elu(x, alpha)` with the numbers that keep mean 0 and variance 1 (Klambauer et al., NeurIPS 2017).
public func selu(_ x: Tensor) -> Tensor { elu(x, alpha: 1.6732632423543772) * 1.0507009873554805 }

/// `x * sigmoid(x)`, also called swish.
public func silu(_ x: Tensor) -> Tensor { x * x.sigmoid() }

/// `x` times the normal distribution function of `x`, or its approximation by a hyperbolic tangent.
public func gelu(_ x: Tensor, approximate: Bool = false) -> Tensor {
    approximate
        ? x * 0.5 * (((x + Tensor.power(x, 3) * 0.044715) * 0.7978845608028654).tanh() + 1)
        : x * 0.5 * ((x * 0.7071067811865476).erf() + 1)
}

/// `x * sigmoid(1.702 x)`: a rough GELU without the normal distribution (Hendrycks and Gimpel, 2016).
public func fastGelu(_ x: Tensor) -> Tensor { x * (x * 1.702).sigmoid() }

/// `max(x, 0)^2` (So et al., NeurIPS 2021).
public func reluSquared(_ x: Tensor) -> Tensor { x.relu().square() }

/// Heaviside's step: 1 from the threshold on, else 0. Its derivative is 0.
public func step(_ x: Tensor, threshold: Double = 0) -> Tensor {
    Tensor.select(x .>= threshold, constant(1, like: x), constant(0, like: x))
}

/// `x * tanh(softplus(x))`.
public func mish(_ x: Tensor) -> Tensor { x * x.softplus().tanh() }

/// `log(1 + exp(beta x)) / beta`.
public func softplus(_ x: Tensor, beta: Double = 1) -> Tensor { (x * beta).softplus() / beta }

/// `x / (1 + |x|)`.
public func softsign(_ x: Tensor) -> Tensor { x / (x.absolute() + 1) }

/// `(x + sqrt(x^2 + b)) / 2`.
public func squareplus(_ x: Tensor, b: Double = 4) -> Tensor { (x + (x.square() + b).squareRoot()) / 2 }

/// `slope * x + offset` limited to 0...1.
public func hardSigmoid(_ x: Tensor, slope: Double = 1 / 6.0, offset: Double = 0.5) -> Tensor {
    (x * slope + offset).clipped(0, 1)
}

/// `x * hardSigmoid(x)`, also called hard swish.
public func hardSilu(_ x: Tensor) -> Tensor { x * hardSigmoid(x) }

/// `x` limited to a range.
public func hardTanh(_ x: Tensor, minimum: Double = -1, maximum: Double = 1) -> Tensor { x.clipped(minimum, maximum) }

/// `x` where its magnitude is over `lambda`, else 0.
public func hardShrink(_ x: Tensor, lambda: Double = 0.5) -> Tensor {
    Tensor.select(x.absolute() .> lambda, x, constant(0, like: x))
}

/// `x` moved towards 0 by `lambda`, 0 where its magnitude is not over that.
public func softShrink(_ x: Tensor, lambda: Double = 0.5) -> Tensor {
    Tensor.select(x .> lambda, x - lambda, Tensor.select(x .< -lambda, x + lambda, constant(0, like: x)))
}

/// `x - tanh(x)`.
public func tanhShrink(_ x: Tensor) -> Tensor { x - x.tanh() }

/// `x` where it is over the threshold, else `value`.
public func thresholded(_ x: Tensor, threshold: Double, value: Double) -> Tensor {
    Tensor.select(x .> threshold, x, constant(value, like: x))
}

/// 0 up to -1, `x` from 1 on, `(x + 1)^2 / 4` between.
public func sparsePlus(_ x: Tensor) -> Tensor {
    let between = (x + 1).square() / 4
    return Tensor.select(x .<= -1.0, constant(0, like: x), Tensor.select(x .>= 1.0, x, between))
}

/// `(x + 1) / 2` limited to 0...1.
public func sparseSigmoid(_ x: Tensor) -> Tensor { ((x + 1) / 2).clipped(0, 1) }

/// The logarithm of the softmax along an axis.
public func logSoftmax(_ x: Tensor, axis: Int = -1) -> Tensor { x - x.logSumExp(axes: [axis], keepDimensions: true) }

/// The softmax of `-x` along an axis.
public func softmin(_ x: Tensor, axis: Int = -1) -> Tensor { (-x).softmax(axis: axis) }

/// The Euclidean projection onto the probability simplex along an axis (Martins and Astudillo, ICML 2016).
///
/// - Parameter addsRunningSums: whether the threshold is what Keras 3 computes, for networks trained with it: it adds up
///   the running sums of all chosen elements where the projection takes the last one, so that results need not sum to 1
public func sparsemax(_ x: Tensor, axis: Int = -1, addsRunningSums: Bool = false) -> Tensor {
    guard x.error == nil else { return x }
    guard x.rank > 0, x.shape.count > 0 else { return x.softmax(axis: axis) }
    let order = x.sorted(axis: axis, descending: true)
    guard order.error == nil else { return order }
    var column = [Int](repeating: 1, count: x.rank)
    column[axis < 0 ? axis + x.rank : axis] = x.shape[axis]
    let ranks = Tensor.range(count: x.shape[axis], from: 1, dtype: x.dtype).reshaped(to: Shape(column))
    let sums = order.cumulativeSum(axis: axis)
    let support = order * ranks + 1 .> sums
    let chosen = support.cast(to: x.dtype).stopGradient()
    let total = ((addsRunningSums ? sums : order) * chosen).sum(axes: [axis], keepDimensions: true)
    return (x - (total - 1) / chosen.sum(axes: [axis], keepDimensions: true)).relu()
}

/// Gated units: the tensor is split in halves `a`, `b` along an axis, and the gate's function of one half weighs the
/// other.
public enum GatedUnit: String, Sendable, CaseIterable {
    /// `a * sigmoid(b)`
    case glu
    /// `a * gelu(b)`
    case geglu
    /// `silu(a) * b`
    case swiglu
    /// `a * relu(b)`
    case reglu

    /// The gated values: the axis has half the extent.
    public func callAsFunction(_ x: Tensor, axis: Int = -1) -> Tensor {
        guard x.error == nil else { return x }
        guard axis >= -x.rank, axis < x.rank, x.shape[axis] % 2 == 0 else {
            return Tensor(
                error: ApusError(
                    .shape, in: "activation \(rawValue)", "axis \(axis) of shape \(x.shape) cannot be halved",
                    remedy: "use an even extent"))
        }
        let extent = x.shape[axis]
        let halves = x.split(sizes: [extent / 2, extent / 2], axis: axis)
        switch self {
        case .glu: return halves[0] * halves[1].sigmoid()
        case .geglu: return halves[0] * gelu(halves[1])
        case .swiglu: return silu(halves[0]) * halves[1]
        case .reglu: return halves[0] * halves[1].relu()
        }
    }
}

/// The maximum of each run of `pieces` channels (the last axis).
public func maxout(_ x: Tensor, pieces: Int) -> Tensor {
    guard x.error == nil else { return x }
    guard pieces >= 1, x.rank >= 1, x.shape[-1] % pieces == 0 else {
        return Tensor(
            error: ApusError(
                .shape, in: "activation maxout", "\(pieces) pieces of the last axis of shape \(x.shape)",
                remedy: "use a number of pieces that divides it"))
    }
    return x.reshaped(to: Shape(x.shape.extents.dropLast() + [x.shape[-1] / pieces, pieces])).max(axes: [-1])
}

extension ActivationFunction {
    /// `x` where positive, else `0.01 x`.
    public static let leakyRelu = ActivationFunction("leaky_relu") { ApusNN.leakyRelu($0) }
    /// `min(max(x, 0), 6)`.
    public static let relu6 = ActivationFunction("relu6") { ApusNN.relu6($0) }
    /// `x` where positive, else `e^x - 1`.
    public static let elu = ActivationFunction("elu") { ApusNN.elu($0) }
    /// A scaled exponential linear unit, which keeps mean and variance.
    public static let selu = ActivationFunction("selu") { ApusNN.selu($0) }
    /// `x sigmoid(x)`, also called swish.
    public static let silu = ActivationFunction("silu") { ApusNN.silu($0) }
    /// `x Φ(x)` with the normal distribution's Φ.
    public static let gelu = ActivationFunction("gelu") { ApusNN.gelu($0) }
    /// `x tanh(softplus(x))`.
    public static let mish = ActivationFunction("mish") { ApusNN.mish($0) }
    /// `x / (1 + |x|)`.
    public static let softsign = ActivationFunction("softsign") { ApusNN.softsign($0) }
    /// A sigmoid of three straight pieces.
    public static let hardSigmoid = ActivationFunction("hard_sigmoid") { ApusNN.hardSigmoid($0) }
    /// `x hardSigmoid(x)`, also called hard swish.
    public static let hardSilu = ActivationFunction("hard_silu") { ApusNN.hardSilu($0) }
    /// `x` limited to -1...1.
    public static let hardTanh = ActivationFunction("hard_tanh") { ApusNN.hardTanh($0) }
    /// The logarithm of the softmax over the last axis.
    public static let logSoftmax = ActivationFunction("log_softmax") { ApusNN.logSoftmax($0) }

    /// `max(x, 0) + min(e^x - 1, 0)`.
    public static let celu = ActivationFunction("celu") { ApusNN.celu($0) }
    /// An approximation of `gelu` by a sigmoid.
    public static let fastGelu = ActivationFunction("fast_gelu") { ApusNN.fastGelu($0) }
    /// `max(x, 0)²`.
    public static let reluSquared = ActivationFunction("relu_squared") { ApusNN.reluSquared($0) }
    /// Heaviside's step at 0.
    public static let step = ActivationFunction("step") { ApusNN.step($0) }
    /// `exp(x)`
    public static let exponential = ActivationFunction("exponential") { $0.exp() }
    /// `-log(1 + exp(-x))`
    public static let logSigmoid = ActivationFunction("log_sigmoid") { $0.logSigmoid() }
    /// `(x + sqrt(x² + b)) / 2`, a smooth ReLU.
    public static let squareplus = ActivationFunction("squareplus") { ApusNN.squareplus($0) }
    /// `x` where its magnitude exceeds a threshold, else 0.
    public static let hardShrink = ActivationFunction("hard_shrink") { ApusNN.hardShrink($0) }
    /// `x` moved towards 0 by a threshold.
    public static let softShrink = ActivationFunction("soft_shrink") { ApusNN.softShrink($0) }
    /// `x - tanh(x)`.
    public static let tanhShrink = ActivationFunction("tanh_shrink") { ApusNN.tanhShrink($0) }
    /// 0 up to -1, `x` from 1 on, `(x + 1)² / 4` between.
    public static let sparsePlus = ActivationFunction("sparse_plus") { ApusNN.sparsePlus($0) }
    /// `(x + 1) / 2` limited to 0...1.
    public static let sparseSigmoid = ActivationFunction("sparse_sigmoid") { ApusNN.sparseSigmoid($0) }
    /// The softmax of `-x` over the last axis.
    public static let softmin = ActivationFunction("softmin") { ApusNN.softmin($0) }
    /// The nearest mass function (Martins and Astudillo, ICML 2016) over the last axis; many of its values are 0.
    public static let sparsemax = ActivationFunction("sparsemax") { ApusNN.sparsemax($0) }

    /// Those of this file by name.
    static let further = [
        leakyRelu, relu6, elu, selu, silu, gelu, mish, softsign, hardSigmoid, hardSilu, hardTanh, logSoftmax, celu,
        fastGelu, reluSquared, step, exponential, logSigmoid, squareplus, hardShrink, softShrink, tanhShrink,
        sparsePlus, sparseSigmoid, softmin, sparsemax,
    ]
}

private func constant(_ value: Double, like x: Tensor) -> Tensor {
    Tensor(repeating: value, shape: x.shape, dtype: x.dtype)
}

/// `min(x, 0)`, so that exponentials of what is not taken do not overflow.
private func negativePart(_ x: Tensor) -> Tensor { Tensor.select(x .> 0.0, constant(0, like: x), x) }
