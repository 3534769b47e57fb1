import ApusCore

/// Means, variances and the covariance of outputs and targets, column by column, merged without loss of precision
/// (Chan, Golub and LeVeque, 1983).
public struct PairMoments: MetricState {
    /// The moments of one column.
    public struct Column: Sendable {
        /// The sum of the weights.
        public var weight = 0.0
        /// The mean of the targets.
        public var meanTarget = 0.0
        /// The mean of the outputs.
        public var meanOutput = 0.0
        /// Sums of squared distances from the mean, and of their products.
        public var targetSquares = 0.0
        /// The sum of the squares of `output - meanOutput`.
        public var outputSquares = 0.0
        /// The sum of the products of both deviations.
        public var products = 0.0
        /// Of the difference between target and output.
        public var meanResidual = 0.0
        /// The sum of the squares of `output - target`.
        public var residualSquares = 0.0
        /// The smallest target.
        public var smallestTarget = Double.infinity
        /// The largest target.
        public var largestTarget = -Double.infinity

        init() {}

        init(target: Double, output: Double, weight: Double) {
            self.weight = weight
            (meanTarget, meanOutput, meanResidual) = (target, output, target - output)
            (smallestTarget, largestTarget) = (target, target)
        }

        mutating func add(_ other: Column) {
            let total = weight + other.weight
            guard total > 0 else { return }
            let factor = weight * other.weight / total
            let (t, p, r) = (
                other.meanTarget - meanTarget, other.meanOutput - meanOutput, other.meanResidual - meanResidual
            )
            targetSquares += other.targetSquares + t * t * factor
            outputSquares += other.outputSquares + p * p * factor
            products += other.products + t * p * factor
            residualSquares += other.residualSquares + r * r * factor
            meanTarget += t * other.weight / total
            meanOutput += p * other.weight / total
            meanResidual += r * other.weight / total
            smallestTarget = min(smallestTarget, other.smallestTarget)
            largestTarget = max(largestTarget, other.largestTarget)
            weight = total
        }

        /// The sum of squared differences.
        public var squaredErrors: Double { residualSquares + weight * meanResidual * meanResidual }
        /// `1 - residual / total` sum of squares.
        public var r2: Double { Self.share(squaredErrors, targetSquares) }
        /// `1 - var(t - p) / var(t)`.
        public var explainedVariance: Double { Self.share(residualSquares, targetSquares) }
        /// The linear correlation.
        public var pearson: Double { products / (targetSquares * outputSquares).squareRoot() }
        /// Lin's concordance (1989): correlation with the diagonal.
        public var concordance: Double {
            let distance = meanTarget - meanOutput
            return 2 * products / (targetSquares + outputSquares + weight * distance * distance)
        }

        /// 1 without targets' variance if nothing is left to explain, else 0.
        private static func share(_ rest: Double, _ whole: Double) -> Double {
            whole == 0 ? (rest == 0 ? 1 : 0) : 1 - rest / whole
        }
    }

    /// One for each element of a sample.
    public private(set) var columns: [Column] = []

    /// No pairs yet.
    public init() {}

    /// Adds a batch of outputs and targets of one shape `[batch, ...]`.
    public mutating func update(_ output: Tensor, _ target: Tensor, weights: Tensor?) throws(ApusError) {
        guard output.shape == target.shape else {
            throw ApusError(
                .shape, in: "regression metric",
                "an output of shape \(output.shape), a target of shape \(target.shape)", remedy: "make the shapes equal"
            )
        }
        let samples = output.rank == 0 ? 1 : output.shape[0]
        guard samples > 0 else { return }
        let width = output.shape.count / samples
        let (p, t) = (try output.numbers(), try target.numbers())
        let factors = try weights.map { weights throws(ApusError) in
            try weights.spreadWeights(over: samples, samples: samples, in: "regression metric")
        }
        try match(width)
        for row in 0..<samples {
            for column in 0..<width {
                let index = row * width + column
                columns[column].add(Column(target: t[index], output: p[index], weight: factors?[row] ?? 1))
            }
        }
    }

    public mutating func merge(_ other: PairMoments) throws(ApusError) {
        guard !other.columns.isEmpty else { return }
        try match(other.columns.count)
        for (index, column) in other.columns.enumerated() { columns[index].add(column) }
    }

    private mutating func match(_ width: Int) throws(ApusError) {
        if columns.isEmpty { columns = [Column](repeating: Column(), count: width) }
        guard columns.count == width else {
            throw ApusError(
                .shape, in: "regression metric", "\(width) numbers a sample after batches with \(columns.count)",
                remedy: "give all batches samples of the same shape")
        }
    }

    /// The mean of a figure over the columns.
    func mean(_ figure: (Column) -> Double) -> Double {
        columns.reduce(0) { $0 + figure($1) } / Double(columns.count)
    }
}

/// How figures of several output columns become one.
public enum ColumnAverage: Sendable {
    /// Their mean.
    case uniform
    /// Their mean, weighted by the variance of the targets.
    case byVariance
}

/// Figures of correlation between outputs and targets of one shape `[batch, ...]`, averaged over the columns.
extension Metric {
    /// The coefficient of determination: 1 minus the residual over the total sum of squares.
    ///
    /// - Parameter regressors: if not 0, the value is adjusted for so many independent variables
    public static func r2(_ average: ColumnAverage = .uniform, regressors: Int = 0) -> Metric {
        Metric("R2", PairMoments()) { moments in
            let value = averaged(moments, average) { $0.r2 }
            let samples = moments.columns.first?.weight ?? 0
            guard regressors > 0, samples - Double(regressors) - 1 > 0 else { return value }
            return 1 - (1 - value) * (samples - 1) / (samples - Double(regressors) - 1)
        }
    }

    /// 1 minus the variance of the residuals over that of the targets.
    public static func explainedVariance(_ average: ColumnAverage = .uniform) -> Metric {
        Metric("explained variance", PairMoments()) { averaged($0, average) { $0.explainedVariance } }
    }

    /// The residual over the total sum of squares, or its root.
    public static func relativeSquaredError(root: Bool = false) -> Metric {
        Metric("relative squared error", PairMoments(), higherIsBetter: false) {
            $0.mean { root ? ($0.squaredErrors / $0.targetSquares).squareRoot() : $0.squaredErrors / $0.targetSquares }
        }
    }

    /// What a root mean squared error is divided by.
    public enum Normalization: Sendable {
        case mean, range, standardDeviation, norm
    }

    /// The root mean squared error, divided by a figure of the targets.
    public static func normalizedRootMeanSquaredError(by normalization: Normalization = .mean) -> Metric {
        Metric("normalised root mean squared error", PairMoments(), higherIsBetter: false) {
            $0.mean { column in
                let root = (column.squaredErrors / column.weight).squareRoot()
                switch normalization {
                case .mean: return root / column.meanTarget
                case .range: return root / (column.largestTarget - column.smallestTarget)
                case .standardDeviation: return root / (column.targetSquares / column.weight).squareRoot()
                case .norm:
                    let squares = column.targetSquares + column.weight * column.meanTarget * column.meanTarget
                    return root / squares.squareRoot()
                }
            }
        }
    }

    /// The linear correlation.
    public static let pearsonCorrelation = Metric("Pearson correlation", PairMoments()) { $0.mean { $0.pearson } }

    /// Lin's concordance: correlation with the diagonal.
    public static let concordanceCorrelation = Metric("concordance correlation", PairMoments()) {
        $0.mean { $0.concordance }
    }

    private static func averaged(
        _ moments: PairMoments, _ average: ColumnAverage, _ figure: (PairMoments.Column) -> Double
    ) -> Double {
        switch average {
        case .uniform: return moments.mean(figure)
        case .byVariance:
            let total = moments.columns.reduce(0) { $0 + $1.targetSquares }
            return moments.columns.reduce(0) { $0 + figure($1) * $1.targetSquares } / total
        }
    }
}
