extension Tensor {
    /// Colours redistributed so that in each channel of each image all occur about equally often (as PIL and
    /// torchvision do it: with steps of whole numbers of pixels). Floating-point colours pass through 256 levels.
    public func equalized() -> Tensor {
        onImages("equalized") { () throws(ApusError) in
            guard dtype == .uint8 else {
                let bytes = (cast(to: .float32) * 255.999).clipped(0, 255).cast(to: .uint8)
                return bytes.equalized().cast(to: dtype) / 255
            }
            let (places, counts) = levelCounts
            let below = counts.cumulativeSum(axis: 1)
            let pixels = Double(Shape.product(shape[-3], shape[-2]))
            // The brightest level that occurs does not count.
            let isLast = (below .== pixels) & (counts .> 0.0)
            let last = (counts * isLast.cast(to: .int64)).sum(axes: [1], keepDimensions: true)
            let step = Tensor.floorDivide(pixels - last, last.like(repeating: 255))
            let half = Tensor.floorDivide(step, step.like(repeating: 2))
            let ranks = Tensor.floorDivide(below.slice(axis: 1, 0..<255) + half, Tensor.maximum(step, 1))
            let table = ranks.clipped(0, 255).padded([(0, 0), (1, 0)])
            let unchanged = Tensor.range(count: 256, dtype: .int64).expanded(at: 0)
            let chosen = Tensor.select(step .== 0.0, unchanged, table)
            return chosen.flattened().gather(indices: places).cast(to: .uint8).reshaped(to: shape)
        }
    }

    /// The threshold that best divides the colours of each channel of each image into dark and bright: it maximises
    /// the variance between both (Otsu, IEEE Trans. SMC 1979). Bright is what is larger than it.
    ///
    /// `[.., height, width, channels] -> [.., channels]`, `int64` for uint8; floating-point colours are sorted into 256
    /// bins from the smallest to the largest, and the middle of the last dark bin is returned.
    public func otsuThreshold() -> Tensor {
        onImages("otsuThreshold") { () throws(ApusError) in
            guard shape[-3] > 0, shape[-2] > 0 else {
                throw ApusError(
                    .shape, in: "operation otsuThreshold", "shape \(shape)", remedy: "feed images with pixels")
            }
            let result = Shape(Array(shape.extents.dropLast(3)) + [shape[-1]])
            guard dtype == .uint8 else {
                let low = self.min(axes: [-3, -2], keepDimensions: true)
                let range = self.max(axes: [-3, -2], keepDimensions: true) - low
                let span = Tensor.select(range .== 0.0, range.like(repeating: 1), range)
                let levels = ((self - low) / span * 256).clipped(0, 255).cast(to: .uint8)
                let bin = levels.otsuThreshold().cast(to: dtype)
                let (start, width) = (low.reshaped(to: result), range.reshaped(to: result) / 256)
                return start + (bin + 0.5) * width
            }
            let counts = levelCounts.counts.cast(to: .float64)
            let levels = Tensor.range(count: 256, dtype: .float64)
            let (dark, darkSum) = (counts.cumulativeSum(axis: 1), (counts * levels).cumulativeSum(axis: 1))
            let bright = dark.slice(axis: 1, 255..<256) - dark
            let brightSum = darkSum.slice(axis: 1, 255..<256) - darkSum
            let product = dark * bright
            let difference = darkSum * bright - brightSum * dark
            let between = Tensor.select(
                product .> 0.0, difference.square() / Tensor.maximum(product, 1), product.like(repeating: 0))
            // One colour alone is its own threshold.
            let only = counts.argmax(axis: 1)
            let best = Tensor.select(between.max(axes: [1]) .> 0.0, between.argmax(axis: 1), only)
            return best.reshaped(to: result)
        }
    }

    /// For uint8 images the place of each colour in the tables of all images and channels, `[images, pixels,
    /// channels]`, and how often each colour occurs, `[images x channels, 256]`.
    private var levelCounts: (places: Tensor, counts: Tensor) {
        let (pixels, channels) = (Shape.product(shape[-3], shape[-2]), shape[-1])
        let images = shape.extents.dropLast(3).reduce(1, *)
        let levels = cast(to: .int64).reshaped(to: [images, pixels, channels])
        let tables = Tensor.positions((0..<images * channels).map { $0 * 256 }).reshaped(to: [images, 1, channels])
        let places = levels + tables
        let flat = places.flattened()
        let counts = Tensor.ones(flat.shape, dtype: .int64).scatterAdd(indices: flat, extent: images * channels * 256)
        return (places, counts.reshaped(to: [images * channels, 256]))
    }
}
