import ApusCore

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// How a parameter is filled when it is built.
///
/// Deviations follow from the fan-in (inputs that reach one output) and fan-out (outputs that one input reaches).
public struct Initializer: Sendable {
    /// The name for listings.
    public let name: String
    package let fill: @Sendable (Request) -> Tensor

    package struct Request: Sendable {
        let shape: Shape
        let fanIn: Double
        let fanOut: Double
        let seed: UInt64
        let stream: UInt64
        let dtype: DType

        func uniform(_ limit: Double) -> Tensor {
            Tensor.random(
                .uniform, key: Tensor.randomKey(seed: seed), stream: stream, shape: shape, dtype: dtype) * (2 * limit)
                - limit
        }

        /// Normal numbers within `limit` deviations, by the inverse of the distribution function.
        func truncatedNormal(_ deviation: Double, _ limit: Double) -> Tensor {
            guard limit > 0 else {
                return Tensor(
                    error: ApusError(
                        .value, in: "initializer truncatedNormal", "a limit of \(limit) deviations",
                        remedy: "use one over 0"))
            }
            let reach = erf(limit / 2.0.squareRoot())
            let numbers = uniform(reach).inverseErf() * (2.0.squareRoot() * deviation)
            return numbers.clipped(-limit * deviation.magnitude, limit * deviation.magnitude)
        }

        func normal(_ deviation: Double) -> Tensor {
            Tensor.random(.normal, key: Tensor.randomKey(seed: seed), stream: stream, shape: shape, dtype: dtype)
                * deviation
        }
    }

    package init(_ name: String, _ make: @escaping @Sendable (Request) -> Tensor) {
        self.name = name
        fill = make
    }

    package func make(
        _ shape: Shape, fanIn: Int, fanOut: Int, seed: UInt64, stream: UInt64, dtype: DType
    ) -> Tensor {
        fill(
            Request(
                shape: shape, fanIn: Double(max(fanIn, 1)), fanOut: Double(max(fanOut, 1)), seed: seed, stream: stream,
                dtype: dtype))
    }

    /// All zeros.
    public static let zeros = Initializer("zeros") { Tensor.zeros($0.shape, dtype: $0.dtype) }
    /// All ones.
    public static let ones = Initializer("ones") { Tensor.ones($0.shape, dtype: $0.dtype) }
    /// One number.
    public static func constant(_ value: Double) -> Initializer {
        Initializer("constant(\(value))") { Tensor(repeating: value, shape: $0.shape, dtype: $0.dtype) }
    }
    /// Given values; their shape must be the parameter's.
    public static func values(_ values: Tensor) -> Initializer { Initializer("values") { _ in values } }
    /// Uniform in `-limit ..< limit`.
    public static func uniform(limit: Double) -> Initializer { Initializer("uniform(\(limit))") { $0.uniform(limit) } }
    /// Uniform in `low ..< high`.
    public static func uniform(low: Double, high: Double) -> Initializer {
        Initializer("uniform(\(low), \(high))") { $0.uniform((high - low) / 2) + (low + high) / 2 }
    }
    /// Normal.
    public static func normal(mean: Double = 0, deviation: Double) -> Initializer {
        Initializer(mean == 0 ? "normal(\(deviation))" : "normal(\(mean), \(deviation))") {
            $0.normal(deviation) + mean
        }
    }
    /// Normal, drawn anew where it is more than `limit` deviations off. (The deviation is that before the cut: the
    /// result's is 0.88 of it for a limit of 2.)
    public static func truncatedNormal(mean: Double = 0, deviation: Double, limit: Double = 2) -> Initializer {
        let isPlain = mean == 0 && limit == 2
        return Initializer(
            isPlain ? "truncatedNormal(\(deviation))" : "truncatedNormal(\(mean), \(deviation), \(limit))"
        ) { $0.truncatedNormal(deviation, limit) + mean }
    }
    /// Uniform with variance `2 / (fanIn + fanOut)` (Glorot and Bengio, AISTATS 2010).
    public static let glorotUniform = scaled("glorotUniform", 1, .average, .uniform)
    /// Normal with variance `2 / (fanIn + fanOut)` (Glorot and Bengio, AISTATS 2010).
    public static let glorotNormal = scaled("glorotNormal", 1, .average, .normal)
    /// Uniform with variance `2 / fanIn`, for rectified units (He et al., ICCV 2015).
    public static let heUniform = scaled("heUniform", 2, .fanIn, .uniform)
    /// Normal with variance `2 / fanIn`, for rectified units (He et al., ICCV 2015).
    public static let heNormal = scaled("heNormal", 2, .fanIn, .normal)
    /// Uniform with variance `1 / fanIn` (LeCun et al., 1998).
    public static let lecunUniform = scaled("lecunUniform", 1, .fanIn, .uniform)
    /// Normal with variance `1 / fanIn` (LeCun et al., 1998).
    public static let lecunNormal = scaled("lecunNormal", 1, .fanIn, .normal)
}
