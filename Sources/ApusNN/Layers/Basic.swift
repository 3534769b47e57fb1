import ApusCore

/// Sets each element to zero with a probability while training and scales the others so that the expectation stays;
/// otherwise passes the input through (Srivastava et al., JMLR 2014).
public final class Dropout: Module {
    /// The probability of an element to be dropped.
    public let rate: Double

    public init(_ rate: Double) { self.rate = rate }

    public var details: String { "rate \(rate)" }

    public func callAsFunction(_ x: Tensor) -> Tensor {
        guard x.error == nil else { return x }
        guard rate >= 0, rate < 1 else {
            return Tensor(
                error: ApusError(
                    .value, in: "layer Dropout", "the rate is \(rate)", remedy: "use a probability from 0 to below 1"))
        }
        guard rate > 0, let pass = ForwardPass.current, pass.mode == .training else { return x }
        let noise = Tensor.random(
            .uniform, key: pass.randomKey, stream: pass.nextRandomStream(), shape: x.shape, dtype: x.dtype)
        return x * ((noise .>= rate).cast(to: x.dtype) * (1 / (1 - rate)))
    }
}

/// `[batch, ...] -> [batch, features]`
public final class Flatten: Module {
    public init() {}
    public func callAsFunction(_ x: Tensor) -> Tensor { x.flattened(from: 1) }
}

/// A function of each element as a layer of its own.
public final class Activation: Module {
    public let function: ActivationFunction
    public init(_ function: ActivationFunction) { self.function = function }
    public var details: String { function.name }
    public func callAsFunction(_ x: Tensor) -> Tensor { x.error == nil ? function(x) : x }
}

extension Catalog {
    static let basicLayers: [CatalogEntry] = [
        CatalogEntry(
            "Dropout", "Elements dropped at random while training", keras: ["Dropout"], torch: ["Dropout"],
            mlx: ["Dropout"]),
        CatalogEntry("Flatten", "All axes but the batch joined into one", keras: ["Flatten"], torch: ["Flatten"]),
        CatalogEntry("Activation", "A function of each element", keras: ["Activation"]),
    ]
}
