import ApusCore

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Entropies of mass functions: numbers of 0 or more that sum to 1, in the last axis.
///
///     try MassFunctions.entropy(Tensor([0.5, 0.5]), base: 2)              // 1 bit
///
/// They are for data, not for training: values are read and checked. Losses of scores are ``Loss``.
public enum MassFunctions {
    /// `-sum p log p`, `[..., classes]` to `[...]`.
    ///
    /// - Parameter base: of the logarithm; e gives nats, 2 bits
    /// - Throws: an `ApusError` that shows the first vector that is no mass function
    public static func entropy(_ p: Tensor, base: Double = M_E) throws(ApusError) -> Tensor {
        let p = try checked(p, "p")
        return -Tensor.xLogY(p, p).sum(axes: [-1]) / (try logarithm(base))
    }

    /// `-sum p log q`: what messages from `p` cost in a code for `q`; infinite where `q` is 0 and `p` is not.
    public static func crossEntropy(_ p: Tensor, _ q: Tensor, base: Double = M_E) throws(ApusError) -> Tensor {
        let (p, q) = try (checked(p, "p"), checked(q, "q", like: p))
        return -Tensor.xLogY(p, q).sum(axes: [-1]) / (try logarithm(base))
    }

    /// `sum p log(p / q)`: what it costs more than a code for `p` itself; 0 if they are equal, else more.
    public static func divergence(of p: Tensor, from q: Tensor, base: Double = M_E) throws(ApusError) -> Tensor {
        let (p, q) = try (checked(p, "p"), checked(q, "q", like: p))
        return (Tensor.xLogY(p, p) - Tensor.xLogY(p, q)).sum(axes: [-1]) / (try logarithm(base))
    }

    private static func logarithm(_ base: Double) throws(ApusError) -> Double {
        guard base > 0, base != 1, base.isFinite else {
            throw ApusError(
                .value, in: "mass functions", "logarithms of base \(base)", remedy: "use e, 2 or 10, for example")
        }
        return log(base)
    }

    private static func checked(_ p: Tensor, _ name: String, like other: Tensor? = nil) throws(ApusError) -> Tensor {
        if let error = p.error { throw error }
        guard p.rank >= 1, p.dtype != .bool, other == nil || other?.shape == p.shape else {
            throw ApusError(
                .shape, in: "mass functions",
                "\(name) has shape \(p.shape)" + (other.map { ", p has \($0.shape)" } ?? ""),
                remedy: "give numbers [..., classes] of one shape")
        }
        let values: [Double] = try p.array()
        let classes = p.shape[-1]
        let tolerance = p.dtype == .float64 ? 1e-9 : 1e-5
        for row in 0..<(classes == 0 ? 0 : values.count / classes) {
            let masses = values[row * classes..<(row + 1) * classes]
            let sum = masses.reduce(0, +)
            guard masses.allSatisfy({ $0 >= 0 }), abs(sum - 1) <= tolerance else {
                let shown = masses.prefix(6).map { "\($0)" }.joined(separator: ", ") + (classes > 6 ? ", ..." : "")
                throw ApusError(
                    .value, in: "mass functions", "\(name) is (\(shown)) in row \(row), with the sum \(sum)",
                    remedy: "give numbers of 0 or more that sum to 1, such as softmax makes of scores")
            }
        }
        return p.dtype.isFloatingPoint ? p : p.cast(to: .float64)
    }
}
