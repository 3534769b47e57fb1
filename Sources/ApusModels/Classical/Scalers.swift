import ApusCore

/// Features moved and scaled one by one: `(x - offset) / scale`. A feature that never varies is only moved.
///
///     let scaler = try FeatureScaler.standard(train)
///     let (a, b) = (scaler.transform(train), scaler.transform(test))
public struct FeatureScaler: FeatureTransform, Hashable, Codable {
    private let offset: Table
    private let factor: Table

    private init(_ x: Tensor, in place: String, _ figures: (Tensor) -> (Tensor, Tensor)) throws(ApusError) {
        let samples = try Samples(x, in: place)
        let (offset, scale) = figures(samples.rows)
        self.offset = try Table(offset)
        factor = try Table(scale + (scale .== 0.0).cast(to: .float64))
    }

    /// To mean 0 and variance 1 over the samples `[n, features]`.
    public static func standard(_ x: Tensor) throws(ApusError) -> FeatureScaler {
        try FeatureScaler(x, in: "FeatureScaler.standard") {
            ($0.mean(axes: [0]), $0.standardDeviation(axes: [0]))
        }
    }

    /// To the range from 0 to 1 over the samples `[n, features]`.
    public static func minMax(_ x: Tensor) throws(ApusError) -> FeatureScaler {
        try FeatureScaler(x, in: "FeatureScaler.minMax") {
            ($0.min(axes: [0]), $0.max(axes: [0]) - $0.min(axes: [0]))
        }
    }

    /// To median 0 and a distance of 1 between the quartiles, which outliers do not move.
    public static func robust(_ x: Tensor) throws(ApusError) -> FeatureScaler {
        try FeatureScaler(x, in: "FeatureScaler.robust") {
            ($0.median(axis: 0), $0.quantile(0.75, axis: 0) - $0.quantile(0.25, axis: 0))
        }
    }

    /// The scaled features: `[samples, features]`.
    public func transform(_ x: Tensor) -> Tensor {
        prediction(x, features: offset.columns, in: "FeatureScaler") { ($0 - offset.vector) / factor.vector }
    }

    /// The samples of which ``transform(_:)`` makes these.
    public func inverse(_ x: Tensor) -> Tensor {
        prediction(x, features: offset.columns, in: "FeatureScaler") { $0 * factor.vector + offset.vector }
    }
}
