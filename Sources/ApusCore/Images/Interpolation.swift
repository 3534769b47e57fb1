#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// How values between pixels are found.
///
/// Pixel `i` covers `i ..< i + 1`: its centre is at `i + 0.5`.
public enum Interpolation: Sendable, Hashable {
    /// The pixel whose area holds the centre of the new one.
    case nearest
    /// The pixel in which the new one begins, as PyTorch's `nearest` has it.
    case nearestCorner
    /// The weighted mean of the two nearest pixels of each axis.
    case bilinear
    /// Keys' piecewise cubic of four pixels of each axis (IEEE Trans. ASSP, 1981).
    ///
    /// - Parameters:
    ///   - coefficient: -0.75 in PyTorch and OpenCV, -0.5 in Keras and PIL
    ///   - renormalized: leave out what lies outside the image and scale the other weights to a sum of 1, as Keras does,
    ///     instead of repeating the edge
    case bicubic(coefficient: Double = -0.75, renormalized: Bool = false)
    /// The windowed sinc function over three pixels to both sides.
    case lanczos3
    /// The windowed sinc function over five pixels to both sides.
    case lanczos5
    /// The mean of all pixels that the new one touches, as adaptive average pooling has it.
    case area

    /// How far the kernel reaches, in pixels.
    private var radius: Double {
        switch self {
        case .bilinear: 1
        case .bicubic: 2
        case .lanczos3: 3
        case .lanczos5: 5
        case .nearest, .nearestCorner, .area: 0.5
        }
    }

    /// The weight of a pixel whose centre is `distance` away.
    func weight(_ distance: Double) -> Double {
        let x = abs(distance)
        guard x < radius else { return 0 }
        switch self {
        case .bilinear: return 1 - x
        case .bicubic(let a, _):
            return x < 1 ? ((a + 2) * x - (a + 3)) * x * x + 1 : ((a * x - 5 * a) * x + 8 * a) * x - 4 * a
        case .lanczos3, .lanczos5:
            guard x > 1e-9 else { return 1 }
            return radius * sin(.pi * x) * sin(.pi * x / radius) / (.pi * .pi * x * x)
        case .nearest, .nearestCorner, .area: return 1
        }
    }

    /// The weights with which pixels along an axis make others. Both extents are 1 or more.
    func weights(from extent: Int, to count: Int, alignCorners: Bool, antialias: Bool) -> AxisWeights {
        let scale =
            alignCorners
            ? (count > 1 ? Double(extent - 1) / Double(count - 1) : 0) : Double(extent) / Double(count)
        let terms = (0..<count).map { index -> [(source: Int, weight: Double)] in
            switch self {
            case .nearest: return [((2 * index + 1) * extent / (2 * count), 1)]
            case .nearestCorner: return [(index * extent / count, 1)]
            case .area:
                let range = index * extent / count..<((index + 1) * extent + count - 1) / count
                return range.map { ($0, 1 / Double(range.count)) }
            case .bilinear, .bicubic, .lanczos3, .lanczos5: break
            }
            let position = alignCorners ? Double(index) * scale : (Double(index) + 0.5) * scale - 0.5
            return self.terms(at: position, stretch: antialias ? max(scale, 1) : 1, extent, renormalized: antialias)
        }
        return AxisWeights(extent: extent, terms: terms)
    }

    /// What a pixel at a position reads, with a kernel stretched by a factor of 1 or more.
    private func terms(
        at position: Double, stretch: Double, _ extent: Int, renormalized: Bool
    ) -> [(source: Int, weight: Double)] {
        let reach = radius * stretch
        let (first, last) = (Int((position - reach).rounded(.up)), Int((position + reach).rounded(.down)))
        var all = (first...max(first, last)).map { ($0, weight((Double($0) - position) / stretch)) }
        var dropsOutside = renormalized
        switch self {
        case .bicubic(_, let renormalizes): dropsOutside = dropsOutside || renormalizes
        case .lanczos3, .lanczos5: dropsOutside = true
        default: break
        }
        if dropsOutside {
            all = all.filter { (0..<extent).contains($0.0) }
            let sum = all.reduce(0) { $0 + $1.1 }
            guard abs(sum) > 1e-6 else { return [] }
            return all.map { ($0.0, $0.1 / sum) }
        }
        return all.map { (min(max($0.0, 0), extent - 1), $0.1) }
    }
}
