import ApusCore

/// Where a minimisation ended.
public struct MinimizationResult: Sendable {
    /// The best point.
    public let point: Tensor
    /// The function there.
    public let value: Double
    /// The largest magnitude of the gradient there.
    public let gradientMagnitude: Double
    /// How many steps were made.
    public let steps: Int
    /// How often the function and its gradient were computed.
    public let evaluations: Int
    /// Whether the gradient's largest magnitude fell to the tolerance.
    public let isConverged: Bool
    /// The points after each step.
    public let path: [[Double]]
    /// BFGS' estimate of the inverse Hessian, `[n, n]`.
    public let inverseHessian: Tensor?
}

/// How ``minimize(_:method:lineSearch:maximumSteps:tolerance:_:)`` goes down.
public enum MinimizationMethod: Sendable {
    /// Broyden, Fletcher, Goldfarb and Shanno: an inverse Hessian is learnt from the gradients. Memory `n^2`.
    case bfgs
    /// The same from the last `history` steps alone (Liu and Nocedal, 1989). Memory `2 history n`.
    case lbfgs(history: Int = 10)
    /// Newton's method: the Hessian itself, made positive definite where it is not. Each step computes `n^2` second
    /// derivatives and solves for them in `n^3`: for small models.
    case newton

    /// How many numbers there may be where a matrix of all pairs is kept.
    var limit: Int? {
        switch self {
        case .bfgs: 5_000
        case .lbfgs: nil
        case .newton: 2_000
        }
    }
}

/// How far to go in a direction.
public enum LineSearch: Sendable {
    /// Until the value has fallen enough and the slope is at most `curvature` times what it was (strong Wolfe conditions).
    case wolfe(curvature: Double = 0.9)
    /// To the lowest point.
    case exact

    var curvature: Double {
        switch self {
        case .wolfe(let curvature): min(max(curvature, 1e-3), 0.999)
        case .exact: 1e-12
        }
    }
}

/// A function of numbers with its derivatives, computed by the engine.
struct Objective {
    let shape: Shape
    let dtype: DType
    let function: (Tensor) throws -> Tensor

    func tensor(_ x: [Double]) -> Tensor { Tensor.constant(x, shape: shape, dtype: dtype) }

    func callAsFunction(_ x: [Double]) throws -> (value: Double, gradient: [Double]) {
        let (value, gradient) = try valueAndGradient(at: tensor(x), function)
        if let error = value.error ?? gradient.error { throw error }
        try Tensor.evaluate([value, gradient])
        return (try value.item(), try gradient.array())
    }

    func hessian(_ x: [Double]) throws -> [Double] {
        try ApusCore.hessian(at: tensor(x), function).array()
    }
}
