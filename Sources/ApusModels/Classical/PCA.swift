import ApusCore

/// Principal components: the orthogonal directions along which samples vary most (Pearson, 1901).
///
///     let pca = try PCA.fit(x, components: 2)
///     let plane = pca.transform(x)                // [n, 2]
public struct PCA: FeatureTransform, Hashable, Codable {
    private let directions: Table
    private let center: Table
    private let variances: Table
    private let total: Double
    /// Whether ``transform(_:)`` scales components to variance 1.
    public let whitens: Bool

    /// The directions, `[components, features]`, by falling variance. Their entry of largest magnitude is positive.
    public var components: Tensor { directions.tensor }
    /// The mean of the samples, `[features]`.
    public var mean: Tensor { center.vector }
    /// The (unbiased) variance along each direction, `[components]`.
    public var variance: Tensor { variances.vector }
    /// The share of each direction in the variance of all features, `[components]`.
    public var varianceRatio: Tensor { variances.vector / (total > 0 ? total : 1) }

    /// - Parameters:
    ///   - x: `[n, features]` with at least 2 samples
    ///   - components: how many; by default as many as there are, the smaller of `n` and `features`
    public static func fit(_ x: Tensor, components: Int? = nil, whitens: Bool = false) throws(ApusError) -> PCA {
        let place = "PCA"
        let samples = try Samples(x, in: place)
        guard samples.count > 1 else {
            throw ApusError(.data, in: place, "1 sample", remedy: "give at least 2 samples")
        }
        let most = min(samples.count, samples.features)
        let kept = components ?? most
        try require(kept, in: 1...most, "the number of components", in: place)
        let mean = samples.rows.mean(axes: [0])
        let (_, values, v) = (samples.rows - mean).svd()
        let all = values.square() / Double(samples.count - 1)
        let rows = v.matrixTransposed().slice(axis: 0, 0..<kept)
        let places = rows.absolute().argmax(axis: 1, keepDimensions: true)
        let signs = rows.takeAlong(indices: places, axis: 1).sign()
        return PCA(
            directions: try Table(rows * signs), center: try Table(mean),
            variances: try Table(all.slice(axis: 0, 0..<kept)), total: try all.sum().item(), whitens: whitens)
    }

    /// The components of samples: `[n, features]` -> `[n, components]`.
    public func transform(_ x: Tensor) -> Tensor {
        prediction(x, features: center.columns, in: "PCA") {
            let parts = matmul($0 - mean, components.matrixTransposed())
            return whitens ? parts / deviations : parts
        }
    }

    /// The samples that have these components and lie in the plane of the directions: `[n, components]` ->
    /// `[n, features]`.
    public func inverse(_ x: Tensor) -> Tensor {
        prediction(x, features: directions.rows, in: "PCA") {
            matmul(whitens ? $0 * deviations : $0, components) + mean
        }
    }

    /// 1 for directions without variance.
    private var deviations: Tensor {
        let root = variance.squareRoot()
        return root + (root .== 0.0).cast(to: .float64)
    }
}
