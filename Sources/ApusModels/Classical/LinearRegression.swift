import ApusCore

/// A line, plane or hyperplane: `prediction = x · weights + bias`.
///
///     let line = try LinearRegression.fit(x, y)
///     let shrunk = try LinearRegression.ridge(x, y, strength: 10)
public struct LinearRegression: ClassicalRegressor, Hashable, Codable {
    private let slope: Table
    /// The prediction at 0.
    public let bias: Double

    /// A weight for each feature, `[features]`.
    public var weights: Tensor { slope.vector }

    /// Least squares: the smallest `sum (y - x · w - b)²`, with the shortest `w` if there are several.
    ///
    /// - Parameters:
    ///   - x: `[n, features]`
    ///   - y: `[n]`
    ///   - bias: whether there is one; else it is 0
    public static func fit(_ x: Tensor, _ y: Tensor, bias: Bool = true) throws(ApusError) -> LinearRegression {
        try solved(x, y, bias: bias, in: "LinearRegression.fit") { x, y in x.leastSquares(y) }
    }

    /// The smallest `sum (y - x · w - b)² + strength |w|²` (Hoerl and Kennard, 1970).
    public static func ridge(
        _ x: Tensor, _ y: Tensor, strength: Double = 1, bias: Bool = true
    ) throws(ApusError) -> LinearRegression {
        let place = "LinearRegression.ridge"
        try requirePositive(strength, "the strength", in: place)
        return try solved(x, y, bias: bias, in: place) { x, y in
            let penalty = Tensor.identity(x.shape[1], dtype: .float64) * strength
            return (matmul(x.matrixTransposed(), x) + penalty).solve(matmul(x.matrixTransposed(), y))
        }
    }

    /// The smallest `sum (y - x · w - b)² / (2 n) + strength |w|₁`, which sets small weights to 0 (Tibshirani, 1996),
    /// by coordinate descent.
    ///
    /// - Throws: an `ApusError` if the weights still change after `sweeps` rounds over all of them
    public static func lasso(
        _ x: Tensor, _ y: Tensor, strength: Double = 1, bias: Bool = true, sweeps: Int = 10_000
    ) throws(ApusError) -> LinearRegression {
        let place = "LinearRegression.lasso"
        try requirePositive(strength, "the strength", in: place)
        return try solved(x, y, bias: bias, in: place) { (x: Tensor, y: Tensor) throws(ApusError) in
            try descend(x, y, strength, sweeps, in: place)
        }
    }

    /// The predictions for samples `[samples, features]`.
    public func predict(_ x: Tensor) -> Tensor {
        prediction(x, features: slope.columns, in: "LinearRegression") {
            matmul($0, slope.vector.expanded(at: 1)).squeezed(1) + bias
        }
    }

    /// Weights of centred samples and targets `[n, 1]`; the bias follows.
    private static func solved(
        _ x: Tensor, _ y: Tensor, bias: Bool, in place: String,
        _ solve: (Tensor, Tensor) throws(ApusError) -> Tensor
    ) throws(ApusError) -> LinearRegression {
        let samples = try Samples(x, in: place)
        let targets = Tensor(try samples.targets(y, in: place), shape: [samples.count, 1])
        guard bias else {
            return LinearRegression(slope: try Table(try solve(samples.rows, targets).squeezed(1)), bias: 0)
        }
        let (center, mean) = (samples.rows.mean(axes: [0]), targets.mean())
        let weights = try solve(samples.rows - center, targets - mean).squeezed(1)
        return LinearRegression(slope: try Table(weights), bias: try (mean - (weights * center).sum()).item())
    }

    private static func descend(
        _ x: Tensor, _ y: Tensor, _ strength: Double, _ sweeps: Int, in place: String
    ) throws(ApusError) -> Tensor {
        let (count, features) = (x.shape[0], x.shape[1])
        let columns: [Double] = try x.transposed().array()
        var rest: [Double] = try y.array()
        let scale = Double(count)
        let lengths = (0..<features).map { feature in
            columns[feature * count..<(feature + 1) * count].reduce(0) { $0 + $1 * $1 } / scale
        }
        var weights = [Double](repeating: 0, count: features)
        for _ in 0..<max(sweeps, 0) {
            var (change, largest) = (0.0, 0.0)
            for feature in 0..<features where lengths[feature] > 0 {
                let column = columns[feature * count..<(feature + 1) * count]
                let old = weights[feature]
                let pull = zip(column, rest).reduce(0) { $0 + $1.0 * $1.1 } / scale + lengths[feature] * old
                let shrunk = max(abs(pull) - strength, 0) / lengths[feature]
                let new = pull < 0 ? -shrunk : shrunk
                if new != old {
                    for (place, value) in zip(rest.indices, column) { rest[place] -= (new - old) * value }
                    weights[feature] = new
                }
                change = max(change, abs(new - old))
                largest = max(largest, abs(new))
            }
            if change <= 1e-9 * largest { return Tensor(weights, shape: [features, 1]) }
        }
        throw ApusError(
            .numeric, in: place, "the weights still change after \(sweeps) sweeps",
            remedy: "scale the features, or allow more sweeps")
    }
}
