import ApusCore

/// What a loss, one of your own above all, does around given outputs: whether its gradient is right, and whether making it small
/// brings outputs to the targets.
///
///     let signed = Loss("signed error") { output, target in output - target }
///     try signed.check(at: output, target).problems      // it is not bounded below: ...
public struct LossCheck: Sendable, CustomStringConvertible {
    /// The loss.
    public let name: String
    /// The largest difference of the gradient from central differences in float64, relative to the larger of their
    /// magnitude and 1.
    public let gradientError: Double
    /// Whether the loss stays above some number however far outputs go away.
    public let isBoundedBelow: Bool
    /// Whether no output near the target has a smaller loss than the target itself; `nil` for targets of another shape or type
    /// than outputs, such as labels. Losses of logits have their least values elsewhere.
    public let isLeastAtTarget: Bool?
    /// Whether the derivative is the same at all outputs that were tried, so that it tells nothing of how far the target is.
    public let hasConstantSlope: Bool
    /// What is wrong, with what to do; empty if nothing is.
    public let problems: [String]

    /// The problems, or a word that there are none.
    public var description: String {
        problems.isEmpty ? "\(name): no problems" : problems.map { "\(name): \($0)" }.joined(separator: "\n")
    }
}

extension Loss {
    /// Checks the loss around outputs: gradient, lower bound, least value.
    ///
    /// Outputs are moved by steps of up to a million along the loss' slope, and up, down and at random: a loss that keeps falling in
    /// proportion is not bounded below, as that of errors with their signs.
    ///
    /// - Parameters:
    ///   - output: `[batch, ...]` where the loss is smooth, such as random numbers; computed in float64
    ///   - target: what the loss takes
    ///   - tolerance: the largest accepted `gradientError`
    /// - Throws: an `ApusError` if the loss refuses these, or is no number there
    public func check(at output: Tensor, _ target: Tensor, tolerance: Double = 1e-5) throws -> LossCheck {
        let output = try output.cast(to: .float64).evaluated()
        let target = target.dtype.isFloatingPoint ? target.cast(to: .float64) : target
        func total(_ output: Tensor) -> Tensor { self(output, target).sum().cast(to: .float64) }
        let start = try total(output).item()
        guard start.isFinite else {
            throw ApusError(
                .numeric, in: "loss \(name)", "it is \(start) at the outputs of the check",
                remedy: "give outputs where it is a number")
        }
        let gradientError = try checkGradients(at: [output], tolerance: .infinity) { total($0[0]) }[0].largestError
        // Moved at random: a shift of all elements alike leaves the slopes of a softmax as they are.
        let slopes = try [0.0, 1, -1, 7, -7].map { size -> [Double] in
            let random = Tensor.randomNormal(output.shape, seed: 2, dtype: .float64)
            return try gradient(at: (output + random * size).evaluated()) { total($0) }.array()
        }
        let hasConstantSlope =
            slopes[0].contains { $0 != 0 }
            && slopes.allSatisfy { slope in zip(slope, slopes[0]).allSatisfy { abs($0 - $1) < 1e-12 } }
        let fall = try unboundedFall(total, output, slopes[0])
        var isLeast: Bool?
        if target.dtype.isFloatingPoint, target.shape == output.shape {
            isLeast = try isLeastAt(target, total, tolerance: tolerance)
        }
        var problems: [String] = []
        if !(gradientError <= tolerance) {
            problems.append(
                "its gradient differs from central differences by \(gradientError): check rules made with withGradient")
        }
        if let fall {
            problems.append(
                "it is not bounded below: it falls from \(fall.near) to \(fall.far) as outputs go away: square the "
                    + "difference, or take its magnitude")
        }
        if hasConstantSlope {
            problems.append("its derivative is the same at all outputs, near the target and far from it")
        }
        return LossCheck(
            name: name, gradientError: gradientError, isBoundedBelow: fall == nil, isLeastAtTarget: isLeast,
            hasConstantSlope: hasConstantSlope, problems: problems)
    }

    /// Values a thousand and a million away in a direction in which the loss falls in proportion.
    private func unboundedFall(
        _ total: (Tensor) -> Tensor, _ output: Tensor, _ slope: [Double]
    ) throws -> (near: Double, far: Double)? {
        let length = slope.reduce(0) { $0 + $1 * $1 }.squareRoot()
        let descent = Tensor(slope.map { length > 0 ? -$0 / length : 0 }, shape: output.shape)
        let random = Tensor.randomNormal(output.shape, seed: 1, dtype: .float64)
        for direction in [descent, output.filled(1), output.filled(-1), random, -random] {
            let values = try [10, 1e3, 1e6].map { try total(output + direction * $0).item() }
            guard values.allSatisfy({ !$0.isNaN }) else { continue }
            let (near, far) = (values[1] - values[0], values[2] - values[1])
            if values[2] == -.infinity || near < 0 && far < 10 * near { return (values[1], values[2]) }
        }
        return nil
    }

    private func isLeastAt(_ target: Tensor, _ total: (Tensor) -> Tensor, tolerance: Double) throws -> Bool {
        let least = try total(target).item()
        guard least.isFinite else { return false }
        for (number, size) in [1e-3, -1e-3, 0.1, -0.1, 1, -1].enumerated() {
            let random = Tensor.randomNormal(target.shape, seed: UInt64(number), dtype: .float64)
            for step in [target.filled(1), random] {
                let value = try total(target + step * size).item()
                if value < least - tolerance * max(1, least.magnitude) * size.magnitude { return false }
            }
        }
        return true
    }
}
