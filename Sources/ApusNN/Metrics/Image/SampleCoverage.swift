import ApusCore

/// How well generated samples resemble real ones, and how many kinds of the real ones they show: a generator that makes
/// good copies of a few samples has a high density and a low coverage.
///
///     let figures = try SampleCoverage(real: features(real), generated: features(generated))
///     figures.coverage                              // 0 ... 1
///
/// All figures compare distances between features with the distance of each sample from its `neighbors`-th nearest
/// neighbour of its own kind. Precision and recall are those of Kynkäänniemi et al. (NeurIPS 2019), density and coverage those
/// of Naeem et al. (ICML 2020), which single outliers sway less.
public struct SampleCoverage: Sendable, Hashable {
    /// The share of generated samples that are within reach of a real one.
    public let precision: Double
    /// The share of real samples that are within reach of a generated one.
    public let recall: Double
    /// By how many real samples' reach a generated one is covered, over `neighbors`; above 1 where they are crowded.
    public let density: Double
    /// The share of real samples that have a generated one within their reach.
    public let coverage: Double
    /// The mean distance between generated samples over that between real ones: 0 where all are the same.
    public let diversity: Double

    /// - Parameters:
    ///   - real: `[samples, features]`, more than `neighbors` of them
    ///   - generated: `[samples, features]`, more than `neighbors` of them
    ///   - neighbors: 1 or more
    /// - Throws: an `ApusError` if shapes do not fit or there are too few samples
    public init(real: Tensor, generated: Tensor, neighbors: Int = 5) throws(ApusError) {
        if let error = real.error ?? generated.error { throw error }
        guard real.rank == 2, generated.rank == 2, real.shape[1] == generated.shape[1], neighbors >= 1,
            neighbors < real.shape[0], neighbors < generated.shape[0]
        else {
            throw ApusError(
                .shape, in: "SampleCoverage",
                "real samples of shape \(real.shape), generated ones \(generated.shape), \(neighbors) neighbours",
                remedy: "give [samples, features] both, and more samples than neighbours")
        }
        let (x, y) = (real.cast(to: .float64), generated.cast(to: .float64))
        let (m, n) = (x.shape[0], y.shape[0])
        let within = (try Self.distances(x, x), try Self.distances(y, y))
        let between = try Self.distances(x, y)
        func reach(_ distances: [Double], _ count: Int) -> [Double] {
            // The nearest is the sample itself.
            (0..<count).map { distances[$0 * count..<($0 + 1) * count].sorted()[neighbors] }
        }
        let (realReach, generatedReach) = (reach(within.0, m), reach(within.1, n))
        var (covering, isReached) = ([Int](repeating: 0, count: n), [Bool](repeating: false, count: m))
        var isCovered = [Bool](repeating: false, count: m)
        for row in 0..<m {
            for column in 0..<n {
                let distance = between[row * n + column]
                if distance <= realReach[row] {
                    covering[column] += 1
                    isCovered[row] = true
                }
                if distance <= generatedReach[column] { isReached[row] = true }
            }
        }
        precision = Double(covering.filter { $0 > 0 }.count) / Double(n)
        recall = Double(isReached.filter { $0 }.count) / Double(m)
        density = covering.reduce(0) { $0 + Double($1) } / (Double(neighbors) * Double(n))
        coverage = Double(isCovered.filter { $0 }.count) / Double(m)
        let spread = within.0.reduce(0, +) / (Double(m) * Double(m - 1))
        let own = within.1.reduce(0, +) / (Double(n) * Double(n - 1))
        diversity = spread > 0 ? own / spread : own > 0 ? .infinity : 1
    }

    private static func distances(_ a: Tensor, _ b: Tensor) throws(ApusError) -> [Double] {
        try a.pairwiseDistances(to: b).array()
    }
}

/// The Fréchet distance of two sets of features, each taken for normally distributed:
/// `|m1 - m2|² + trace(C1 + C2 - 2 (C1 C2)^(1/2))` of their means and covariances. With the features of an Inception network
/// it is the FID (Heusel et al., NeurIPS 2017).
///
/// - Parameters:
///   - real: `[samples, features]`, two samples at least; up to some hundred features
///   - generated: `[samples, features]`
/// - Throws: an `ApusError` if shapes do not fit
public func frechetDistance(_ real: Tensor, _ generated: Tensor) throws(ApusError) -> Double {
    if let error = real.error ?? generated.error { throw error }
    guard real.rank == 2, generated.rank == 2, real.shape[1] == generated.shape[1], real.shape[0] >= 2,
        generated.shape[0] >= 2, real.shape[1] >= 1
    else {
        throw ApusError(
            .shape, in: "frechetDistance", "samples of shapes \(real.shape) and \(generated.shape)",
            remedy: "give two samples or more of the same features: [samples, features]")
    }
    func moments(_ samples: Tensor) -> (mean: Tensor, covariance: Tensor) {
        let x = samples.cast(to: .float64)
        let mean = x.mean(axes: [0], keepDimensions: true)
        let centred = x - mean
        return (mean, matmul(centred.transposed(), centred) / Double(x.shape[0] - 1))
    }
    let (a, b) = (moments(real), moments(generated))
    let (values, vectors) = a.covariance.symmetricEigen()
    let roots = Tensor.maximum(values, 0).squareRoot()
    let root = matmul(vectors * roots, vectors.transposed())
    let product = matmul(root, matmul(b.covariance, root))
    let shared = Tensor.maximum(((product + product.transposed()) * 0.5).symmetricEigenvalues(), 0).squareRoot().sum()
    let distance = (a.mean - b.mean).square().sum() + a.covariance.trace() + b.covariance.trace() - shared * 2
    return Swift.max(0, try distance.item())
}
