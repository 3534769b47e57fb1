import ApusCore

/// The lowest point of a smooth function near a start: deterministic functions of all data at once, not batches.
///
///     let minimum = try minimize(Tensor([-1.2, 1], shape: [2])) { x in rosenbrock(x) }
///     minimum.point
///
/// - Parameters:
///   - start: any shape; `float64` converges further
///   - maximumSteps: after which it ends without having converged
///   - tolerance: for the largest magnitude of the gradient
///   - objective: to a scalar
/// - Throws: an `ApusError` if the function is no scalar or no number at the start; what the function throws
public func minimize(
    _ start: Tensor, method: MinimizationMethod = .lbfgs(), lineSearch: LineSearch = .wolfe(),
    maximumSteps: Int = 200, tolerance: Double = 1e-7, _ objective: (Tensor) throws -> Tensor
) throws -> MinimizationResult {
    if let error = start.error { throw error }
    guard start.dtype == .float32 || start.dtype == .float64, start.shape.count > 0 else {
        throw ApusError(
            .type, in: "minimize", "a start of type \(start.dtype) and shape \(start.shape)",
            remedy: "give float64 or float32 numbers, one at least")
    }
    if let limit = method.limit, start.shape.count > limit {
        throw ApusError(
            .value, in: "minimize", "\(start.shape.count) numbers, of which \(method) would keep a square matrix",
            remedy: "use lbfgs() for more than \(limit)")
    }
    return try withoutActuallyEscaping(objective) { objective in
        let function = Objective(shape: start.shape, dtype: start.dtype, function: objective)
        var descent = Descent(
            function, try start.array(), lineSearch: lineSearch, maximumSteps: maximumSteps, tolerance: tolerance)
        return try descent.run(method)
    }
}

/// Brings the trainable parameters of a model to a minimum of a loss over all data, and leaves them there.
///
///     try minimize(model) { m in meanSquaredError(m(x), y) }
///
/// Layers train; each evaluation draws the same random numbers. Penalties are part of the loss. Running statistics stay.
@discardableResult
public func minimize<M: Module>(
    _ model: M, method: MinimizationMethod = .lbfgs(), lineSearch: LineSearch = .wolfe(), maximumSteps: Int = 200,
    tolerance: Double = 1e-7, seed: UInt64 = 0, _ loss: (M) throws -> Tensor
) throws -> MinimizationResult {
    let flat = try FlatParameters(model, seed: seed) { _ = try loss(model) }
    let minimum = try minimize(
        flat.values, method: method, lineSearch: lineSearch, maximumSteps: maximumSteps, tolerance: tolerance
    ) { x in try flat.run(x, seed: seed) { try loss(model) } }
    try flat.adopt(minimum.point)
    return minimum
}

/// The trainable parameters of a model as one vector.
struct FlatParameters {
    private let model: any Module
    private let parameters: [Parameter]
    let values: Tensor

    /// - Parameter use: calls the model, so that it is built
    init(_ model: any Module, seed: UInt64, use: () throws -> Void) throws {
        if model.parameters.contains(where: { !$0.isBuilt }) || model.parameters.isEmpty {
            try ForwardPass(mode: .training, seed: seed).run(use)
        }
        self.model = model
        parameters = model.parameters.filter { $0.isTrainable && $0.isBuilt }
        guard let dtype = parameters.first?.dtype, parameters.allSatisfy({ $0.dtype == dtype }) else {
            throw ApusError(
                .parameter, in: "minimize", "the model has no trainable parameters of one type",
                remedy: "let the loss call the model, and give all parameters the same type")
        }
        values = try Tensor.concatenate(parameters.map { $0.value.reshaped(to: [$0.shape.count]) }).evaluated()
    }

    /// Runs a closure in which slices of a vector stand for the parameters; adds the penalties to its result.
    func run(
        _ x: Tensor, seed: UInt64, withPenalties: Bool = true, _ body: () throws -> Tensor
    ) throws -> Tensor {
        let pass = ForwardPass(mode: .training, seed: seed)
        for (parameter, slice) in zip(parameters, pieces(x)) {
            pass.replacements[ObjectIdentifier(parameter)] = slice.reshaped(to: parameter.shape)
        }
        let value = try pass.run { try LayerCall(model, parent: nil).run(body) }
        guard withPenalties else { return value }
        return (pass.penalties + model.penalties { $0.leaf(in: pass) }).reduce(value) { $0 + $1 }
    }

    func adopt(_ x: Tensor) throws {
        let pieces = pieces(x)
        try Tensor.evaluate(pieces)
        for (parameter, piece) in zip(parameters, pieces) {
            parameter.value = try piece.reshaped(to: parameter.shape).evaluated()
        }
    }

    private func pieces(_ x: Tensor) -> [Tensor] { x.split(sizes: parameters.map(\.shape.count)) }
}
