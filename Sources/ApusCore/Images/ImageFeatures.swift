#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// How a block of a descriptor is scaled; epsilon is 1e-5.
public enum BlockNormalization: Sendable, Hashable {
    /// `v / (sum |v| + epsilon)`.
    case l1
    /// The square root of ``l1``.
    case l1Root
    /// `v / sqrt(sum v^2 + epsilon^2)`.
    case l2
    /// ``l2``, then nothing above 0.2, then ``l2`` again.
    case l2Clipped

    fileprivate func callAsFunction(_ blocks: Tensor) -> Tensor {
        let axes = [-3, -2, -1]
        switch self {
        case .l1: return blocks / (blocks.absolute().sum(axes: axes, keepDimensions: true) + 1e-5)
        case .l1Root: return Self.l1(blocks).rootWithFlatZero()
        case .l2: return blocks / (blocks.square().sum(axes: axes, keepDimensions: true) + 1e-10).squareRoot()
        case .l2Clipped: return Self.l2(Tensor.minimum(Self.l2(blocks), 0.2))
        }
    }
}

extension Tensor {
    /// Histograms of oriented gradients (Dalal and Triggs, CVPR 2005): how strong the slopes of each direction are in
    /// each cell of images, scaled block by block. As scikit-image has it: centred differences (0 at the border), the
    /// channel with the strongest slope, directions without sign in bins without interpolation.
    ///
    /// `[batch, height, width, channels] -> [batch, block rows, block columns, cell rows, cell columns, orientations]`
    ///
    /// - Parameters:
    ///   - orientations: bins of 180 degrees
    ///   - cell: the extents of a cell in pixels; pixels beyond the last whole cell are left out
    ///   - block: the extents of a block in cells; blocks overlap
    public func orientedGradientHistograms(
        orientations: Int = 9, cell: PerAxis = 8, block: PerAxis = 3, _ normalization: BlockNormalization = .l2Clipped
    ) -> Tensor {
        let place = "operation orientedGradientHistograms"
        return onImages("orientedGradientHistograms", rank: 4...4) { () throws(ApusError) in
            let cells = try cell.resolved(rank: 2, allowed: 1...4096, "cell extent", in: place)
            let blocks = try block.resolved(rank: 2, allowed: 1...4096, "block extent", in: place)
            let (rows, columns) = (shape[1] / cells[0], shape[2] / cells[1])
            guard (1...360).contains(orientations), rows >= blocks[0], columns >= blocks[1], shape[3] > 0 else {
                throw ApusError(
                    .shape, in: place,
                    "\(orientations) orientations, cells \(cells) and blocks \(blocks) of images of shape \(shape)",
                    remedy: "use 1 to 360 orientations and images that hold a block")
            }
            var (down, right) = (centredDifference(axis: 1), centredDifference(axis: 2))
            var strength = (down.square() + right.square()).rootWithFlatZero()
            if shape[3] > 1 {
                let strongest = strength.argmax(axis: -1, keepDimensions: true)
                (down, right) = (
                    down.takeAlong(indices: strongest, axis: -1), right.takeAlong(indices: strongest, axis: -1)
                )
                strength = strength.takeAlong(indices: strongest, axis: -1)
            }
            // In float64: at the edges of bins rounding would decide.
            let angle = Tensor.atan2(down.stopGradient().cast(to: .float64), right.stopGradient().cast(to: .float64))
            let degrees = angle * (180 / Double.pi)
            let unsigned = degrees - (degrees / 180).floor() * 180
            let bin = (unsigned / (180 / Double(orientations))).floor()
            let bins = Tensor.range(count: orientations, dtype: .float64)
            let votes = (bin .== bins).cast(to: dtype) * strength
            let histograms = votes.slice(axis: 1, 0..<rows * cells[0]).slice(axis: 2, 0..<columns * cells[1])
                .reshaped(to: [shape[0], rows, cells[0], columns, cells[1], orientations])
                .mean(axes: [2, 4])
            return normalization(
                histograms.windows(axis: 1, size: blocks[0]).windows(axis: 2, size: blocks[1])
                    .permuted([0, 1, 2, 4, 5, 3]))
        }
    }

    /// `x[i + 1] - x[i - 1]` along an axis, 0 at both ends.
    private func centredDifference(axis: Int) -> Tensor {
        let (extent, x) = (shape[axis], colorNumbers)
        guard extent > 2 else { return x.like(repeating: 0) }
        var widths = [(before: Int, after: Int)](repeating: (0, 0), count: rank)
        widths[axis] = (1, 1)
        return (x.slice(axis: axis, 2..<extent) - x.slice(axis: axis, 0..<extent - 2)).padded(widths)
    }

    /// Local binary patterns (Ojala et al., IEEE TPAMI 2002): for each pixel a number whose bit `i` says whether the
    /// image, at the angle `2 pi i / points` on a circle around the pixel, is at least as bright as there. Values
    /// between pixels are interpolated linearly, beyond the border there is 0. `[batch, height, width, channels]`.
    ///
    /// - Parameters:
    ///   - points: how many bits, 1 to 24
    ///   - radius: of the circle, in pixels
    public func localBinaryPattern(points: Int = 8, radius: Double = 1) -> Tensor {
        onImages("localBinaryPattern", rank: 4...4) { () throws(ApusError) in
            guard (1...24).contains(points), radius > 0, radius <= 1024 else {
                throw ApusError(
                    .value, in: "operation localBinaryPattern", "\(points) points at radius \(radius)",
                    remedy: "use 1 to 24 points and a radius above 0 of up to 1024 pixels")
            }
            let reach = Int(radius.rounded(.up)) + 1
            // In float64: equal brightness counts, and rounding would decide.
            let x = cast(to: .float64)
            let wide = x.padded([(0, 0), (reach, reach), (reach, reach), (0, 0)])
            func pixel(_ row: Int, _ column: Int) -> Tensor {
                wide.slice(axis: 1, reach + row..<reach + row + shape[1])
                    .slice(axis: 2, reach + column..<reach + column + shape[2])
            }
            var pattern = x.like(repeating: 0)
            for point in 0..<points {
                let (row, column) = circlePoint(point, of: points, radius)
                func between(_ row: Int) -> Tensor {
                    let first = pixel(row, column.base)
                    guard column.fraction > 0 else { return first }
                    return first + (pixel(row, column.base + 1) - first) * column.fraction
                }
                let top = between(row.base)
                let sample = row.fraction > 0 ? top + (between(row.base + 1) - top) * row.fraction : top
                pattern = pattern + (sample .>= x).cast(to: .float64) * Double(1 << point)
            }
            return pattern.cast(to: dtype == .float64 ? .float64 : .float32)
        }
    }
}

/// A point on a circle as rows down and columns to the right, each a whole number and a fraction, of five digits.
private func circlePoint(
    _ number: Int, of count: Int, _ radius: Double
) -> (row: (base: Int, fraction: Double), column: (base: Int, fraction: Double)) {
    func parts(_ number: Double) -> (Int, Double) {
        let rounded = (number * 1e5).rounded(.toNearestOrEven) / 1e5
        return (Int(rounded.rounded(.down)), rounded - rounded.rounded(.down))
    }
    let angle = 2 * Double.pi * Double(number) / Double(count)
    return (parts(-radius * sin(angle)), parts(radius * cos(angle)))
}
