import ApusCore

/// A layer whose kernel is normalised in each call.
public class KernelNormalizationLayer: Layer {
    /// The layer whose kernel is normalised.
    public let layer: any Module
    /// The path of the kernel in that layer.
    public let parameter: String

    /// - Parameters:
    ///   - layer: the layer whose kernel is normalised; its outputs are the kernel's last axis
    ///   - parameter: the path of the kernel; by default `kernel` or `weight`
    init(_ layer: any Module, parameter: String? = nil) {
        self.layer = layer
        let names = layer.namedParameters.map(\.path)
        self.parameter = parameter ?? names.first { $0 == "kernel" || $0 == "weight" } ?? "kernel"
    }

    public var details: String { "of \(parameter) of \(type(of: layer)) \(layer.details)" }

    public func forward(_ x: Tensor) throws(ApusError) -> Tensor {
        guard let kernel = layer.namedParameters.first(where: { $0.path == parameter })?.parameter else {
            let names = layer.namedParameters.map(\.path).joined(separator: ", ")
            throw mistake(
                .parameter,
                "\(type(of: layer)) has no parameter \(parameter), it has \(names.isEmpty ? "none" : names)",
                remedy: "name one of its parameters")
        }
        return kernel.substituting({ self.normalizedKernel($0) }, in: { layer(x) })
    }

    /// The kernel that the layer works with.
    func normalizedKernel(_ kernel: Tensor) -> Tensor { kernel }
}

/// A layer whose kernel is divided by its largest singular value, so that no input is stretched (Miyato et al., ICLR
/// 2018); for discriminators.
///
///     SpectralNorm(Conv2D(64, kernel: 3))
///
/// The value is estimated by power iteration, continued in each training step; its vectors are kept as `u [outputs]` and
/// `v [others]`.
public final class SpectralNorm: KernelNormalizationLayer {
    /// How many steps of power iteration each training call makes.
    public let iterations: Int
    /// The left singular vector so far.
    public let u = Parameter(.normal(deviation: 1), trainable: false)
    /// The right singular vector so far.
    public let v = Parameter(.zeros, trainable: false)

    /// - Parameter iterations: steps of power iteration in each training call
    public init(_ layer: any Module, parameter: String? = nil, iterations: Int = 1) {
        self.iterations = iterations
        super.init(layer, parameter: parameter)
    }

    override func normalizedKernel(_ kernel: Tensor) -> Tensor {
        guard kernel.rank >= 1, (1...1000).contains(iterations) else {
            return Tensor(
                error: mistake(
                    .value, "\(iterations) iterations for a kernel of shape \(kernel.shape)",
                    remedy: "use 1 to 1000 iterations and a kernel of at least one axis"))
        }
        let outputs = kernel.shape[-1]
        let others = kernel.shape.count / max(outputs, 1)
        let isNew = !u.isBuilt
        let first = (u.value(shape: [outputs], dtype: kernel.dtype), v.value(shape: [others], dtype: kernel.dtype))
        if isNew, u.isBuilt {
            // The vectors must point the right way before they are first used.
            let start = spectralNorm(kernel, u: normalized(first.0), v: first.1, iterations: 15)
            if let foundU = try? start.u.evaluated(), let foundV = try? start.v.evaluated() {
                (u.value, v.value) = (foundU, foundV)
            }
        }
        let (oldU, oldV) = u.isBuilt ? (u.leaf(in: ForwardPass.current), v.leaf(in: ForwardPass.current)) : first
        let isTraining = trainingPass != nil
        let (result, newU, newV) = spectralNorm(kernel, u: oldU, v: oldV, iterations: isTraining ? iterations : 0)
        if isTraining {
            u.update(to: newU.stopGradient())
            v.update(to: newV.stopGradient())
        }
        return result
    }
}

/// A layer whose kernel is a direction, the layer's own, and a length for each output: `length * kernel / |kernel|`
/// (Salimans and Kingma, NeurIPS 2016). Parameter: `length [outputs]`, at first that of the kernel.
///
///     WeightNorm(Dense(64))
public final class WeightNorm: KernelNormalizationLayer {
    /// The length of each output's weights.
    public let length = Parameter(.ones)

    public override init(_ layer: any Module, parameter: String? = nil) { super.init(layer, parameter: parameter) }

    override func normalizedKernel(_ kernel: Tensor) -> Tensor {
        guard kernel.rank >= 1 else { return kernel }
        let isNew = !length.isBuilt
        var lengths = length.value(shape: [kernel.shape[-1]], dtype: kernel.dtype)
        if isNew, length.isBuilt,
            let norms = try? kernel.norm(axes: Array(0..<kernel.rank - 1)).evaluated()
        {
            length.value = norms
            lengths = length.leaf(in: ForwardPass.current)
        }
        return weightNorm(kernel, length: lengths)
    }
}
