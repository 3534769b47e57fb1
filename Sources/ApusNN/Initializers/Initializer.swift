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
    /// Normal with mean 0.
    public static func normal(deviation: Double) -> Initializer {
        Initializer("normal(\(deviation))") { $0.normal(deviation) }
    }
    /// Uniform with variance `2 / (fanIn + fanOut)` (Glorot and Bengio, AISTATS 2010).
    public static let glorotUniform = Initializer("glorotUniform") { $0.uniform(sqrt(6 / ($0.fanIn + $0.fanOut))) }
    /// Normal with variance `2 / (fanIn + fanOut)` (Glorot and Bengio, AISTATS 2010).
    public static let glorotNormal = Initializer("glorotNormal") { $0.normal(sqrt(2 / ($0.fanIn + $0.fanOut))) }
    /// Uniform with variance `2 / fanIn`, for rectified units (He et al., ICCV 2015).
    public static let heUniform = Initializer("heUniform") { $0.uniform(sqrt(6 / $0.fanIn)) }
    /// Normal with variance `2 / fanIn`, for rectified units (He et al., ICCV 2015).
    public static let heNormal = Initializer("heNormal") { $0.normal(sqrt(2 / $0.fanIn)) }
    /// Uniform with variance `1 / fanIn` (LeCun et al., 1998).
    public static let lecunUniform = Initializer("lecunUniform") { $0.uniform(sqrt(3 / $0.fanIn)) }
    /// Normal with variance `1 / fanIn` (LeCun et al., 1998).
    public static let lecunNormal = Initializer("lecunNormal") { $0.normal(sqrt(1 / $0.fanIn)) }
}
