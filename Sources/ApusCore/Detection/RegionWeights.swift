/// How the cells of a region's grid read a map of features: separately along both axes, as weighted sums of pixels.
package struct RegionRule: Hashable, Sendable {
    package enum Kind: Hashable, Sendable {
        /// The mean of bilinear samples at regular places; as many along each axis as pixels in a cell if `nil`.
        case samples(Int?)
        /// The mean of whole pixels.
        case pixels
    }

    package let kind: Kind
    /// The cells of the grid.
    package let rows: Int
    package let columns: Int
    /// Pixels of the map for a pixel of the image.
    package let scale: Double
    /// Whether whole coordinates are the edges of pixels, not their centres.
    package let isAligned: Bool
    /// Whether each cell reads channels of its own.
    package let isPositionSensitive: Bool

    /// More samples along an axis of a cell than this are refused.
    package static let mostSamples = 1 << 16

    /// The cells' weights along one axis of `extent` pixels; `nil` if the region can't be read.
    ///
    /// - Parameters:
    ///   - low: where the region begins, in pixels of the image
    ///   - high: where it ends
    ///   - weights: for each cell one number for each pixel
    ///   - ranges: the pixels of each cell whose weights are not 0
    func fill(
        from low: Double, to high: Double, cells: Int, extent: Int, _ weights: UnsafeMutablePointer<Double>,
        _ ranges: UnsafeMutablePointer<Range<Int>>
    ) -> Bool {
        guard low.isFinite, high.isFinite, Swift.abs(low * scale) < 0x1p40, Swift.abs(high * scale) < 0x1p40 else {
            return false
        }
        weights.update(repeating: 0, count: cells * extent)
        for cell in 0..<cells { ranges[cell] = 0..<0 }
        return kind == .pixels
            ? fillPixels(low, high, cells, extent, weights, ranges)
            : fillSamples(low, high, cells, extent, weights, ranges)
    }

    private func fillSamples(
        _ low: Double, _ high: Double, _ cells: Int, _ extent: Int, _ weights: UnsafeMutablePointer<Double>,
        _ ranges: UnsafeMutablePointer<Range<Int>>
    ) -> Bool {
        let shift = isAligned ? 0.5 : 0
        let start = low * scale - shift
        let length = isAligned ? high * scale - shift - start : Swift.max(high * scale - start, 1)
        let cell = length / Double(cells)
        let count: Int
        if case .samples(let given?) = kind { count = given } else { count = Swift.max(0, Int(cell.rounded(.up))) }
        guard count <= Self.mostSamples else { return false }
        for number in 0..<cells {
            let row = weights + number * extent
            var (first, end) = (extent, 0)
            for sample in 0..<count {
                let place = start + Double(number) * cell + (Double(sample) + 0.5) * cell / Double(count)
                // Beyond one pixel outside there is nothing; nearer the edge counts.
                guard place >= -1, place <= Double(extent) else { continue }
                let inside = Swift.max(place, 0)
                let pixel = Swift.min(Int(inside), extent - 1)
                let next = Swift.min(pixel + 1, extent - 1)
                let part = pixel == extent - 1 ? 0 : inside - Double(pixel)
                row[pixel] += (1 - part) / Double(count)
                row[next] += part / Double(count)
                (first, end) = (Swift.min(first, pixel), Swift.max(end, next + 1))
            }
            if first < end { ranges[number] = first..<end }
        }
        return true
    }

    private func fillPixels(
        _ low: Double, _ high: Double, _ cells: Int, _ extent: Int, _ weights: UnsafeMutablePointer<Double>,
        _ ranges: UnsafeMutablePointer<Range<Int>>
    ) -> Bool {
        let start = (low * scale).rounded()
        let cell = Swift.max((high * scale).rounded() - start, 1) / Double(cells)
        for number in 0..<cells {
            let range = Self.pixels(
                from: (Double(number) * cell).rounded(.down) + start,
                to: (Double(number + 1) * cell).rounded(.up) + start, extent)
            for pixel in range { weights[number * extent + pixel] = 1 / Double(range.count) }
            ranges[number] = range
        }
        return true
    }

    /// The pixels between two places, as far as they exist.
    static func pixels(from low: Double, to high: Double, _ extent: Int) -> Range<Int> {
        let first = Int(Swift.min(Swift.max(low, 0), Double(extent)))
        let end = Int(Swift.min(Swift.max(high, 0), Double(extent)))
        return first < end ? first..<end : 0..<0
    }
}
