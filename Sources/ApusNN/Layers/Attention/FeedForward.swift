import ApusCore

/// What stands between the two products of a feed-forward part.
public enum FeedForwardActivation: Sendable {
    /// A function of each element.
    case function(ActivationFunction)
    /// A gated unit: the first product is twice as wide, one half weighs the other (Shazeer, 2020).
    case gated(GatedUnit)

    /// `max(x, 0)`.
    public static let relu = FeedForwardActivation.function(.relu)
    /// `x Φ(x)`.
    public static let gelu = FeedForwardActivation.function(.gelu)
    /// GELU approximated by a hyperbolic tangent, as in GPT-2.
    public static let geluTanh = FeedForwardActivation.function(
        ActivationFunction("gelu_tanh") { ApusNN.gelu($0, approximate: true) })
    /// `x sigmoid(x)`.
    public static let silu = FeedForwardActivation.function(.silu)
    /// `silu(a) b` of two projections (SwiGLU).
    public static let swiglu = FeedForwardActivation.gated(.swiglu)
    /// `gelu(a) b` of two projections (GEGLU).
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
    /// The features between both layers.
    public let hidden: Int
    /// What stands between both layers.
    public let activation: FeedForwardActivation
    /// What is dropped between both layers while training.
    public let dropout: Dropout
    /// The first layer; with a gate it has twice as many units.
    public let inner: Projection
    /// The second layer, back to the input's width.
    public let outer: Projection

    /// - Parameter hidden: the features between both layers, 1 or more
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
