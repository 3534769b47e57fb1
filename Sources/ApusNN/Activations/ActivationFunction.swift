import ApusCore

/// A function that a layer applies to its result.
/// `tensor -> tensor`, element by element but for softmax and its kin, which act along the last axis.
public struct ActivationFunction: Sendable {
    /// The name for listings and the compact notation.
    public let name: String
    private let function: @Sendable (Tensor) -> Tensor

    /// A function of your own, under a name for listings.
    public init(_ name: String, _ function: @escaping @Sendable (Tensor) -> Tensor) {
        self.name = name
        self.function = function
    }

    /// The function of a tensor, of the same shape.
    public func callAsFunction(_ x: Tensor) -> Tensor { function(x) }

    /// `x`
    public static let linear = ActivationFunction("linear") { $0 }
    /// `max(x, 0)`
    public static let relu = ActivationFunction("relu") { $0.relu() }
    /// `1 / (1 + exp(-x))`
    public static let sigmoid = ActivationFunction("sigmoid") { $0.sigmoid() }
    /// The hyperbolic tangent.
    public static let tanh = ActivationFunction("tanh") { $0.tanh() }
    /// `exp(x) / sum(exp(x))` over the last axis.
    public static let softmax = ActivationFunction("softmax") { $0.softmax() }
    /// `log(1 + exp(x))`
    public static let softplus = ActivationFunction("softplus") { $0.softplus() }

    /// All of them by name.
    public static let all: [ActivationFunction] = [linear, relu, sigmoid, tanh, softmax, softplus] + further

    /// The factor by which deviations of weights are to be multiplied so that drives keep their variance: `sqrt(2)` for
    /// rectified units (less for leaky ones), 5/3 for tanh, 3/4 for SELU, 1 for the others.
    public var gain: Double {
        switch name {
        case "relu": 2.0.squareRoot()
        case "leaky_relu": (2 / (1 + 0.01 * 0.01)).squareRoot()
        case "tanh": 5.0 / 3
        case "selu": 0.75
        default: 1
        }
    }
}
