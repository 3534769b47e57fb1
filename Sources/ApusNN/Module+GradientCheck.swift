import ApusCore

/// Compares the gradients of a model's parameters with central differences in float64 and throws where they differ, with
/// the path of the parameter, so that it names the layer whose rule is wrong.
///
///     try checkGradients(of: model) { m in Loss.meanSquaredError(m(x), y) }     // x and y in float64
///
/// The parameters have float64 values while the closure runs, and their own again afterwards.
///
/// - Parameters:
///   - tolerance: the largest accepted difference, relative to the larger of the derivatives' magnitude and 1
///   - sampleLimit: of how many numbers of a parameter about as many are checked
///   - mode: how layers behave; the random numbers of a training pass are those of the seed
///   - loss: computes a value of the model, of any shape
/// - Returns: how well each parameter's gradient agrees, by its path
/// - Throws: an `ApusError` that names the first parameter that disagrees, with both derivatives
@discardableResult
public func checkGradients<M: Module>(
    of model: M, tolerance: Double = 1e-6, step: Double = 1e-5, sampleLimit: Int = 200, mode: Mode = .inference,
    seed: UInt64 = 0, _ loss: (M) throws -> Tensor
) throws -> [String: GradientCheck] {
    let learnt = model.namedParameters.filter { $0.parameter.isTrainable && $0.parameter.isBuilt }
    guard !learnt.isEmpty else {
        throw ApusError(
            .parameter, in: "gradient check", "the model has no trainable parameters with values",
            remedy: "call the model once, or unfreeze some")
    }
    let kept = model.namedParameters.filter(\.parameter.isBuilt).map { ($0.parameter, $0.parameter.value) }
    defer { for (parameter, value) in kept { parameter.value = value } }
    let checks = try checkGradients(
        at: learnt.map(\.parameter.value), names: learnt.map(\.path), tolerance: tolerance, step: step,
        sampleLimit: sampleLimit
    ) { points in
        for (parameter, value) in kept {
            parameter.value = value.dtype.isFloatingPoint ? value.cast(to: .float64) : value
        }
        for (entry, point) in zip(learnt, points) { entry.parameter.value = point }
        return try withMode(mode, seed: seed) { try loss(model) }
    }
    return Dictionary(zip(learnt.map(\.path), checks), uniquingKeysWith: { first, _ in first })
}
