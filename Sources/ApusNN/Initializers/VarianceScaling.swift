import ApusCore

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

extension Initializer {
    /// Which fan a variance is divided by.
    public enum Fan: String, Sendable, CaseIterable {
        /// The number of inputs that reach one output.
        case fanIn
        /// The number of outputs that one input reaches.
        case fanOut
        /// The mean of both.
        case average
    }

    /// How numbers of a given variance are drawn.
    public enum Distribution: String, Sendable, CaseIterable {
        case uniform, normal
        /// Normal within two deviations; the variance is that after the cut.
        case truncatedNormal
    }

    /// Numbers of mean 0 and variance `scale / fan`.
    ///
    /// Glorot's are `scale: 1, .average`, He's `scale: 2, .fanIn`, LeCun's `scale: 1, .fanIn`. Where PyTorch asks for a
    /// gain, the scale is its square; see ``ActivationFunction/gain``.
    ///
    ///     Dense(64, initializer: .varianceScaling(scale: 2, .fanOut, .truncatedNormal))
    public static func varianceScaling(
        scale: Double = 1, _ fan: Fan = .fanIn, _ distribution: Distribution = .truncatedNormal
    ) -> Initializer {
        scaled("varianceScaling(\(scale), \(fan.rawValue), \(distribution.rawValue))", scale, fan, distribution)
    }

    package static func scaled(
        _ name: String, _ scale: Double, _ fan: Fan, _ distribution: Distribution
    ) -> Initializer {
        Initializer(name) { request in
            guard scale >= 0, scale.isFinite else {
                return Tensor(
                    error: ApusError(
                        .value, in: "initializer \(name)", "a scale of \(scale)", remedy: "use a number of 0 or more"))
            }
            let count =
                switch fan {
                case .fanIn: request.fanIn
                case .fanOut: request.fanOut
                case .average: (request.fanIn + request.fanOut) / 2
                }
            let deviation = sqrt(scale / count)
            switch distribution {
            case .uniform: return request.uniform(sqrt(3) * deviation)
            case .normal: return request.normal(deviation)
            case .truncatedNormal: return request.truncatedNormal(deviation / 0.8796256610342398, 2)
            }
        }
    }
}
