import ApusCore

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

extension Initializer {
    /// Rows or columns, whichever are fewer, at right angles and of length `gain`: evenly drawn among such matrices (Saxe
    /// et al., ICLR 2014). All axes but the last are taken together as rows.
    ///
    /// - Complexity: `rows * columns * min(rows, columns)`
    public static func orthogonal(gain: Double = 1) -> Initializer {
        Initializer("orthogonal(\(gain))") { request in
            let shape = request.shape
            guard shape.rank >= 2 else { return refusal("orthogonal", shape, "two axes or more") }
            let columns = shape[-1]
            let rows = shape.extents.dropLast().reduce(1, *)
            do throws(ApusError) {
                var values = try request.normal(1).cast(to: .float64).array(of: Double.self)
                let isWide = rows <= columns
                if !isWide { values = transposed(values, rows, columns) }
                orthonormalize(&values, count: min(rows, columns), length: max(rows, columns))
                if !isWide { values = transposed(values, columns, rows) }
                return Tensor.constant(values.map { $0 * gain }, shape: shape, dtype: request.dtype)
            } catch {
                return Tensor(error: error)
            }
        }
    }

    /// `gain` on the diagonal of a matrix, zeros elsewhere.
    public static func identity(gain: Double = 1) -> Initializer {
        Initializer(gain == 1 ? "identity" : "identity(\(gain))") { request in
            guard request.shape.rank == 2 else { return refusal("identity", request.shape, "two axes") }
            return diagonal(request, positions: [0], groups: 1, gain)
        }
    }

    /// Convolution kernels `[spatial.., channels / groups, maps]` that pass each channel through to the map with its number
    /// in its group; maps beyond the channels give zeros.
    public static func dirac(groups: Int = 1) -> Initializer {
        Initializer(groups == 1 ? "dirac" : "dirac(\(groups))") { request in
            guard (3...5).contains(request.shape.rank) else {
                return refusal("dirac", request.shape, "one to three spatial axes, channels and maps")
            }
            guard groups >= 1, request.shape[-1] % groups == 0 else {
                return refusal("dirac of \(groups) groups", request.shape, "a number of maps that the groups divide")
            }
            return diagonal(request, positions: request.shape.extents.dropLast(2).map { $0 / 2 }, groups: groups, 1)
        }
    }

    /// Matrices with the part `sparsity` of each column zero and normal numbers elsewhere (Martens, ICML 2010).
    public static func sparse(_ sparsity: Double, deviation: Double = 0.01) -> Initializer {
        Initializer("sparse(\(sparsity), \(deviation))") { request in
            guard request.shape.rank == 2 else { return refusal("sparse", request.shape, "two axes") }
            guard (0...1).contains(sparsity) else {
                return Tensor(
                    error: ApusError(
                        .value, in: "initializer sparse", "a part of \(sparsity)", remedy: "use a part from 0 to 1"))
            }
            let order = Tensor.random(
                .uniform, key: Tensor.randomKey(seed: request.seed), stream: request.stream ^ 1 << 63,
                shape: request.shape, dtype: .float32)
            let ranks = order.argsort(axis: 0).argsort(axis: 0)
            let zeros = ceil(sparsity * Double(request.shape[0]))
            return request.normal(deviation) * (ranks .>= zeros).cast(to: request.dtype)
        }
    }

    /// Which half of a Fourier transform.
    public enum FourierPart: String, Sendable {
        case real, imaginary
    }

    /// One-dimensional convolution kernels `[frame, channels, bins]` that compute the real or imaginary part of the
    /// short-time Fourier transform of frames under a Hann window; bin `k` stands for the frequency `k / (2 (bins - 1))` of
    /// the sampling rate. The kernels are divided by the root of the window's energy.
    ///
    /// - Parameter isPeriodic: whether the window is that of a period (`frame` points of `frame + 1`)
    public static func fourier(_ part: FourierPart, isPeriodic: Bool = false) -> Initializer {
        Initializer("fourier(\(part.rawValue))") { request in
            let shape = request.shape
            guard shape.rank == 3, shape[2] >= 2 else {
                return refusal("fourier", shape, "[frame, channels, bins] with two bins or more")
            }
            let (frame, bins) = (shape[0], shape[2])
            let period = Double(isPeriodic ? frame : max(frame - 1, 1))
            let window = (0..<frame).map { frame == 1 ? 1 : 0.5 - 0.5 * cos(2 * Double.pi * Double($0) / period) }
            let scale = 1 / sqrt(max(window.reduce(0) { $0 + $1 * $1 }, Double.leastNormalMagnitude))
            var values: [Double] = []
            values.reserveCapacity(shape.count)
            for time in 0..<frame {
                for _ in 0..<shape[1] {
                    for bin in 0..<bins {
                        let angle = -Double.pi * Double(time) * Double(bin) / Double(bins - 1)
                        values.append((part == .real ? cos(angle) : sin(angle)) * window[time] * scale)
                    }
                }
            }
            return Tensor.constant(values, shape: shape, dtype: request.dtype)
        }
    }

    /// `gain` where the number of the channel is that of the map in its group, at one position of the leading axes.
    private static func diagonal(_ request: Request, positions: [Int], groups: Int, _ gain: Double) -> Tensor {
        let shape = request.shape
        var values = [Double](repeating: 0, count: shape.count)
        let (channels, maps) = (shape[-2], shape[-1])
        let leading =
            shape.rank == 2
            ? []
            : zip(positions, shape.extents)
                .map { (position: $0, extent: $1) }
        let offset = leading.reduce(0) { $0 * $1.extent + $1.position } * channels * maps
        let perGroup = maps / groups
        for group in 0..<groups {
            for number in 0..<min(channels, perGroup) {
                values[offset + number * maps + group * perGroup + number] = gain
            }
        }
        return Tensor.constant(values, shape: shape, dtype: request.dtype)
    }

    private static func refusal(_ name: String, _ shape: Shape, _ wanted: String) -> Tensor {
        Tensor(
            error: ApusError(
                .shape, in: "initializer \(name)", "a parameter of shape \(shape)",
                remedy: "use it for parameters with \(wanted)"))
    }
}

private func transposed(_ values: [Double], _ rows: Int, _ columns: Int) -> [Double] {
    var result = values
    for row in 0..<rows {
        for column in 0..<columns { result[column * rows + row] = values[row * columns + column] }
    }
    return result
}

/// Makes `count` vectors, one after the other in memory, orthonormal (Gram and Schmidt, twice: that is enough for full
/// precision).
private func orthonormalize(_ values: inout [Double], count: Int, length: Int) {
    values.withUnsafeMutableBufferPointer { buffer in
        for row in 0..<count {
            for _ in 0..<2 {
                for other in 0..<row {
                    var product = 0.0
                    for i in 0..<length { product += buffer[row * length + i] * buffer[other * length + i] }
                    for i in 0..<length { buffer[row * length + i] -= product * buffer[other * length + i] }
                }
            }
            var square = 0.0
            for i in 0..<length { square += buffer[row * length + i] * buffer[row * length + i] }
            let scale = square > 0 ? 1 / square.squareRoot() : 0
            for i in 0..<length { buffer[row * length + i] *= scale }
        }
    }
}
