import ApusCore

/// A function with known features on which any optimizer can be tried.
///
///     let descent = try TestSurface.rosenbrock.descend(.adam(learningRate: 0.02), steps: 500)
///     descent.distance                              // from the nearest minimum
///
/// `TestSurface.all` lists those that have names here; a function of your own is one too.
public struct TestSurface: Sendable, CustomStringConvertible {
    /// What makes a surface hard, or easy.
    public enum Kind: String, Sendable, CaseIterable {
        case bowl, canyon, plateau, cliff, saddle, manyMinima, sharpAndFlat
    }

    /// The name for listings.
    public let name: String
    /// What it is an example of.
    public let kind: Kind
    /// The formula.
    public let description: String
    /// Where a descent begins by default: `[n]`.
    public let start: [Double]
    /// Its lowest points; empty if it has no lower bound.
    public let minima: [[Double]]
    /// The value at the minima; minus infinity without one.
    public let minimum: Double
    /// Whether it is convex.
    public let isConvex: Bool
    private let dimensions: Int
    private let function: @Sendable (Tensor) -> Tensor

    /// A surface of your own.
    ///
    /// - Parameters:
    ///   - start: where descents begin: as many numbers as the surface has dimensions
    ///   - minima: the lowest points, if they are known
    ///   - minimum: the value there
    ///   - function: from a point `[n]` to a scalar
    public init(
        _ name: String, kind: Kind, description: String = "", start: [Double], minima: [[Double]] = [],
        minimum: Double = -.infinity, isConvex: Bool = false, _ function: @escaping @Sendable (Tensor) -> Tensor
    ) {
        self.name = name
        self.kind = kind
        self.description = description.isEmpty ? name : description
        self.start = start
        self.minima = minima
        self.minimum = minimum
        self.isConvex = isConvex
        self.function = function
        dimensions = start.count
    }

    private init(_ surface: TestSurface, start: [Double]) {
        name = surface.name
        kind = surface.kind
        description = surface.description
        self.start = start
        minima = surface.minima
        minimum = surface.minimum
        isConvex = surface.isConvex
        function = surface.function
        dimensions = surface.dimensions
    }

    /// The height at a point: `[n]` to a scalar, where `n` is the number of dimensions.
    public func callAsFunction(_ point: Tensor) -> Tensor {
        guard point.error == nil else { return point }
        guard point.shape == [dimensions] else {
            return Tensor(
                error: ApusError(
                    .shape, in: "surface \(name)", "a point of shape \(point.shape)",
                    remedy: "give a point of shape [\(dimensions)]"))
        }
        return function(point)
    }

    /// The distance of a point from the nearest minimum; infinite if there is none.
    public func distance(from point: [Double]) -> Double {
        minima.map { minimum in
            zip(minimum, point).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }.squareRoot()
        }.min() ?? .infinity
    }

    /// The surface with another start, of as many numbers.
    public func starting(at start: [Double]) -> TestSurface { TestSurface(self, start: start) }
}

extension TestSurface {
    /// A descent's way.
    public struct Descent: Sendable {
        /// The points after each step.
        public let path: [[Double]]
        /// The heights there.
        public let values: [Double]
        /// The last point's distance from the nearest minimum; infinite if there is none.
        public let distance: Double
    }

    /// Lets an optimizer go down the surface, in float64.
    ///
    /// - Parameters:
    ///   - steps: 0 or more
    ///   - schedule: the learning rate of each step; without it that of the optimizer
    ///   - noise: the standard deviation of what is added to each derivative, as minibatches do
    ///   - perturbation: by how much at most each coordinate is moved once, before the first step
    ///   - seed: for noise and perturbation
    /// - Throws: an `ApusError` if numbers are out of range, or the optimizer's are
    public func descend(
        _ optimizer: Optimizer, steps: Int, schedule: Schedule? = nil, noise: Double = 0, perturbation: Double = 0,
        seed: UInt64 = 0
    ) throws -> Descent {
        guard steps >= 0, noise >= 0, noise.isFinite, perturbation >= 0, perturbation.isFinite else {
            throw ApusError(
                .value, in: "surface \(name)", "\(steps) steps, noise \(noise), perturbation \(perturbation)",
                remedy: "use numbers of 0 or more")
        }
        let first = Tensor.constant(start, shape: [start.count], dtype: .float64)
        let moved = first + uniform([start.count], seed: seed) * perturbation
        let point = SurfacePoint(try moved.evaluated())
        let state = OptimizerState(optimizer)
        let noises: [Double] = try
            (Tensor.randomNormal([steps, start.count], seed: seed &+ 1, dtype: .float64) * noise)
            .array()
        var (path, values): ([[Double]], [Double]) = ([], [])
        for step in 0..<steps {
            if let schedule { state.optimizer.learningRate = schedule(at: step) }
            let push = Tensor(
                Array(noises[step * start.count..<(step + 1) * start.count]), shape: [start.count])
            let (_, gradients) = try valueAndGradient(point) {
                let x = $0.coordinates.value
                return noise > 0 ? self(x) + (push * x).sum() : self(x)
            }
            try state.apply(gradients)
            path.append(try point.coordinates.value.array())
            values.append(try self(point.coordinates.value).item())
        }
        return Descent(path: path, values: values, distance: distance(from: path.last ?? start))
    }

    private func uniform(_ shape: Shape, seed: UInt64) -> Tensor {
        Tensor.randomUniform(shape, low: -1, high: 1, seed: seed, dtype: .float64)
    }
}

/// A point as a model, which optimizers move.
private final class SurfacePoint: Module {
    let coordinates: Parameter

    init(_ start: Tensor) {
        coordinates = Parameter(.values(start))
        coordinates.value = start
    }

    func callAsFunction(_ x: Tensor) -> Tensor { coordinates.value }
}
