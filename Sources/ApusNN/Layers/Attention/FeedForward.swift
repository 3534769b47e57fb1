import ApusCore

/// What stands between the two products of a feed-forward part.
public enum FeedForwardActivation: Sendable {
    /// A function of each element.
    case function(ActivationFunction)
    /// A gated unit: the first product is twice as wide, one half weighs the other (Shazeer, 2020).
    case gated(GatedUnit)

    public static let relu = FeedForwardActivation.function(.relu)
    public static let gelu = FeedForwardActivation.function(.gelu)
    /// GELU approximated by a hyperbolic tangent, as in GPT-2.
    public static let geluTanh = FeedForwardActivation.function(
        ActivationFunction("gelu_tanh") { ApusNN.gelu($0, approximate: true) })
    public static let silu = FeedForwardActivation.function(.silu)
    public static let swiglu = FeedForwardActivation.gated(.swiglu)
    public static let geglu = FeedForwardActivation.gated(.geglu)

    var name: String {
        switch self {
        case .function(let function): function.name
        case .gated(let unit): unit.rawValue
        }
    }
}

/// The feed-forward part of a Transformer layer, `activation(x · inner) · outer`, at each step alone:
/// `[batch, time, width] -> [batch, time, width]`.
///
/// Parameters: those of the dense layers `inner` (`hidden` outputs, twice as many for gated units) and `outer`.
public final class FeedForward: Layer {
    public let hidden: Int
    public let activation: FeedForwardActivation
    public let dropout: Dropout
    public let inner: Projection
    public let outer: Projection

    public init(
        hidden: Int, activation: FeedForwardActivation = .relu, bias: Bool = true, dropout: Double = 0,
        initializer: Initializer = .glorotUniform
    ) {
        self.hidden = hidden
        self.activation = activation
        self.dropout = Dropout(dropout)
        inner = Projection(bias: bias, initializer: initializer)
        outer = Projection(bias: bias, initializer: initializer)
    }

    public var details: String { "\(hidden) units, \(activation.name)" }

    public func forward(_ x: Tensor) throws(ApusError) -> Tensor {
        try require(hidden, in: 1...1 << 24, "the number of hidden units")
        try require(x, rank: 2...8, "[batch, .., width]")
        let activated: Tensor
        switch activation {
        case .function(let function): activated = function(inner(x, units: hidden))
        case .gated(let unit): activated = unit(inner(x, units: 2 * hidden))
        }
        return outer(dropout(activated), units: x.shape[-1])
    }
}
