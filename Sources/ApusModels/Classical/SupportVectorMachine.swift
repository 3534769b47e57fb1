import ApusCore

/// How alike two samples are in a support vector machine.
public enum SimilarityKernel: Sendable, Hashable, Codable {
    /// `x · z`
    case linear
    /// `e^(-gamma |x - z|²)`
    case radial(gamma: Double)
    /// `(gamma x · z + offset)^degree`
    case polynomial(degree: Int, gamma: Double = 1, offset: Double = 0)

    /// The similarities of all pairs: `[n, d]`, `[m, d]` -> `[n, m]`.
    func values(_ x: Tensor, _ z: Tensor) -> Tensor {
        let product = matmul(x, z.matrixTransposed())
        switch self {
        case .linear: return product
        case .radial(let gamma):
            let lengths = x.square().sum(axes: [1]).expanded(at: 1) + z.square().sum(axes: [1])
            return (Tensor.maximum(lengths - product * 2, 0) * -gamma).exp()
        case .polynomial(let degree, let gamma, let offset):
            return Tensor.power(product * gamma + offset, Double(degree))
        }
    }
}

/// Classes divided by the planes of largest margin, in the space of a kernel (Cortes and Vapnik, 1995).
///
/// Of more than two classes each is told from all others, and the largest decision value counts.
///
///     let model = try SupportVectorMachine.fit(x, labels, kernel: .radial(gamma: 0.1))
///     model.decision(query)
public struct SupportVectorMachine: ClassicalClassifier, Hashable, Codable {
    /// The labels that occurred, ascending.
    public let classes: [Int]
    /// How alike two samples are.
    public let kernel: SimilarityKernel
    /// The samples that count in any of the planes.
    private let vectors: Table
    /// What each counts, `[planes, vectors]`.
    private let factors: Table
    private let offsets: Table

    /// The samples that hold the margins, `[vectors, features]`.
    public var supportVectors: Tensor { vectors.tensor }
    /// `[planes]`: one for two classes, else one for each class.
    public var bias: Tensor { offsets.vector }
    /// The weights of the features with the linear kernel, `[planes, features]`; with others there are none.
    public var weights: Tensor? { kernel == .linear ? matmul(factors.tensor, vectors.tensor) : nil }

    /// The smallest `|w|² / 2 + c · sum max(0, 1 - y (w · x + b))` with `y` 1 for a class and -1 for others; the bias is
    /// not penalised.
    ///
    /// - Parameters:
    ///   - x: `[n, features]`; best scaled to similar ranges
    ///   - labels: `[n]` integers of two or more classes
    ///   - c: how much samples within the margin weigh
    ///   - tolerance: by how much the conditions of the minimum may be missed
    /// - Throws: an `ApusError` if the minimum is not found
    /// - Complexity: memory for `n²` similarities; time between `n²` and `n³`
    public static func fit(
        _ x: Tensor, _ labels: Tensor, kernel: SimilarityKernel = .linear, c: Double = 1, tolerance: Double = 1e-5
    ) throws(ApusError) -> SupportVectorMachine {
        let place = "SupportVectorMachine"
        try requirePositive(c, "c", in: place)
        try requirePositive(tolerance, "the tolerance", in: place)
        switch kernel {
        case .linear: break
        case .radial(let gamma): try requirePositive(gamma, "gamma", in: place)
        case .polynomial(let degree, let gamma, let offset):
            try require(degree, in: 1...100, "the degree", in: place)
            try requirePositive(gamma, "gamma", in: place)
            try requirePositive(offset, "the offset", in: place, orZero: true)
        }
        let samples = try Samples(x, in: place)
        let known = try samples.labels(labels, in: place, least: 2)
        try require(samples.count, in: 2...1 << 15, "the number of samples", in: place)
        let similarities: [Double] = try kernel.values(samples.rows, samples.rows).array()
        guard similarities.allSatisfy(\.isFinite) else {
            throw ApusError(
                .numeric, in: place, "similarities that are not finite", remedy: "scale the features to a small range")
        }
        let chosen = known.classes.count == 2 ? [1] : Array(known.classes.indices)
        var planes: [(factors: [Double], bias: Double)] = []
        for number in chosen {
            let signs = known.numbers.map { $0 == number ? 1.0 : -1.0 }
            guard let plane = MarginSolver(similarities, signs, c: c, tolerance: tolerance).solve() else {
                throw ApusError(
                    .numeric, in: place, "the margin still grows after very many steps",
                    remedy: "scale the features, or use a smaller c or a larger tolerance")
            }
            planes.append(plane)
        }
        let support = (0..<samples.count).filter { index in planes.contains { $0.factors[index] != 0 } }
        let factors = planes.flatMap { plane in support.map { plane.factors[$0] } }
        return SupportVectorMachine(
            classes: known.classes, kernel: kernel,
            vectors: try Table(samples.rows.gather(indices: Tensor.positions(support))),
            factors: try Table(Tensor(factors, shape: [planes.count, support.count])),
            offsets: try Table(Tensor(planes.map(\.bias), shape: [planes.count])))
    }

    /// How far on a class's side of the plane each sample is, in units of the margin: `[n, features]` -> `[n]` for two
    /// classes (positive for the second), else `[n, classes]`.
    public func decision(_ x: Tensor) -> Tensor {
        prediction(x, features: vectors.columns, in: "SupportVectorMachine") {
            let values = matmul(kernel.values($0, supportVectors), factors.tensor.matrixTransposed()) + bias
            return factors.rows == 1 ? values.squeezed(1) : values
        }
    }

    /// The label of each sample.
    public func predict(_ x: Tensor) -> Tensor {
        let values = decision(x)
        guard values.error == nil, values.rank == 1 else { return labels(ofLargest: values) }
        return labels(ofLargest: Tensor.stack([-values, values], axis: 1))
    }
}
