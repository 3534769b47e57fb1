import ApusCore

/// What samples say about a function: where it is not convex, one place is enough to show it; that it is convex no number
/// of samples can prove.
public struct ConvexityCheck: Sendable {
    /// A place that shows that a function is not convex.
    public enum CounterExample: Sendable, Hashable {
        /// Between two points the function is above the straight line: at `share` of the way its height is `value`, the
        /// line's `chord`.
        case chord(from: [Double], to: [Double], share: Double, value: Double, chord: Double)
        /// At a point the function bends down along a direction of length 1.
        case curvature(at: [Double], direction: [Double], value: Double)
    }

    /// How many chords were compared.
    public let chords: Int
    /// At how many points second derivatives were computed.
    public let curvatures: Int
    /// Where the function is not convex, if that was found.
    public let counterExample: CounterExample?

    /// Whether no sample speaks against it.
    public var isConvex: Bool { counterExample == nil }
}

/// Looks for a place where a scalar function is not convex: chords between random points that run below the function, and
/// second derivatives that are negative in some direction.
///
///     let check = try checkConvexity(around: Tensor.zeros([2], dtype: .float64), radius: 3) { x in x.sin().sum() }
///     check.isConvex                                // false
///     check.counterExample                          // .curvature(at: .., direction: .., value: -0.9..)
///
/// Second derivatives of up to 32 numbers are searched for their lowest eigenvalue, those of more along random directions.
///
/// - Parameters:
///   - center: around which the points are drawn; float64 tells small violations from rounding
///   - radius: how far at most each coordinate is from it, above 0
///   - samples: of chords, and of points with second derivatives; at least 1
///   - tolerance: what counts as rounding, relative to the larger of the heights' magnitude and 1
/// - Throws: an `ApusError` for numbers out of range and functions that are no scalars; what the function throws
public func checkConvexity(
    around center: Tensor, radius: Double = 1, samples: Int = 50, tolerance: Double = 1e-9, seed: UInt64 = 0,
    _ function: (Tensor) throws -> Tensor
) throws -> ConvexityCheck {
    if let error = center.error { throw error }
    guard radius > 0, radius.isFinite, (1...1_000_000).contains(samples), tolerance >= 0,
        center.dtype.isFloatingPoint, center.shape.count > 0
    else {
        throw ApusError(
            .value, in: "checkConvexity",
            "a centre of shape \(center.shape) and type \(center.dtype), radius \(radius), \(samples) samples, "
                + "tolerance \(tolerance)",
            remedy: "give floating-point numbers, a radius above 0, 1...1000000 samples and a tolerance of 0 or more")
    }
    let count = center.shape.count
    func drawn(_ stream: UInt64) -> Tensor {
        center
            + Tensor.randomUniform(center.shape, low: -radius, high: radius, seed: seed &+ stream, dtype: center.dtype)
    }
    func height(_ x: Tensor) throws -> Double {
        let y = try function(x)
        if let error = y.error { throw error }
        guard y.shape.count == 1 else {
            throw ApusError(
                .shape, in: "checkConvexity", "the function's result has shape \(y.shape), expected a scalar",
                remedy: "reduce it, for example with sum()")
        }
        return try y.cast(to: .float64).item()
    }
    for sample in 0..<samples {
        let stream = UInt64(sample) * 4
        // Chords first, which need no derivatives.
        let (a, b) = (try drawn(stream).evaluated(), try drawn(stream + 1).evaluated())
        let share: Double = try Tensor.randomUniform([1], low: 0.1, high: 0.9, seed: seed &+ stream &+ 2).item()
        let ends = (try height(a), try height(b))
        let value = try height(try (a * (1 - share) + b * share).evaluated())
        let chord = (1 - share) * ends.0 + share * ends.1
        if value - chord > tolerance * max(1, abs(ends.0), abs(ends.1)) {
            return ConvexityCheck(
                chords: sample + 1, curvatures: sample,
                counterExample: .chord(
                    from: try a.array(), to: try b.array(), share: share, value: value, chord: chord))
        }
        var direction: Tensor
        if count <= 32 {
            let (values, vectors) = try hessian(at: a) { try function($0).sum() }.cast(to: .float64).symmetricEigen()
            try Tensor.evaluate([values, vectors])
            direction = vectors.slice(axis: 1, 0..<1).reshaped(to: center.shape).cast(to: center.dtype)
        } else {
            direction = Tensor.randomNormal(center.shape, seed: seed &+ stream &+ 3, dtype: center.dtype)
            direction = direction / direction.square().sum().squareRoot()
        }
        direction = try direction.evaluated()
        let bend: Double = try (hessianVectorProduct(at: a, vector: direction) { try function($0).sum() } * direction)
            .sum().cast(to: .float64).item()
        if bend < -tolerance * max(1, abs(ends.0)) {
            return ConvexityCheck(
                chords: sample + 1, curvatures: sample + 1,
                counterExample: .curvature(at: try a.array(), direction: try direction.array(), value: bend))
        }
    }
    return ConvexityCheck(chords: samples, curvatures: samples, counterExample: nil)
}

/// Looks for a place where a loss is not convex in the trainable parameters of a model, around their values of now. The
/// parameters stay as they are.
///
///     let check = try checkConvexity(of: model) { m in Loss.softmaxCrossEntropy(m(x), labels) }
///
/// Points of counterexamples are all parameters one behind the other. Layers train, and penalties are part of the loss.
///
/// - Parameters:
///   - radius: how far at most each number is from its value of now, above 0
///   - samples: of chords, and of points with second derivatives; at least 1
///   - tolerance: what counts as rounding, relative to the larger of the loss and 1; parameters of float64 need less
/// - Throws: what ``checkConvexity(around:radius:samples:tolerance:seed:_:)`` and the loss throw
public func checkConvexity<M: Module>(
    of model: M, radius: Double = 1, samples: Int = 20, tolerance: Double = 1e-5, seed: UInt64 = 0,
    _ loss: (M) throws -> Tensor
) throws -> ConvexityCheck {
    let flat = try FlatParameters(model, seed: seed) { _ = try loss(model) }
    return try checkConvexity(
        around: flat.values, radius: radius, samples: samples, tolerance: tolerance, seed: seed
    ) { x in try flat.run(x, seed: seed) { try loss(model) } }
}
