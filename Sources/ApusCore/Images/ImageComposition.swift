extension Tensor {
    /// Images mirrored left to right: `[.., height, width, channels]`.
    public func flippedHorizontally() -> Tensor { onImages("flippedHorizontally") { reversed(axes: [-2]) } }

    /// Images upside down: `[.., height, width, channels]`.
    public func flippedVertically() -> Tensor { onImages("flippedVertically") { reversed(axes: [-3]) } }

    /// Images with a rectangle of one colour: `size` pixels from `offset` on, both rows and columns.
    public func erased(offset: [Int], size: [Int], value: Double = 0) -> Tensor {
        onImages("erased", rank: 4...4) { () throws(ApusError) in
            let window = cropped(offset: offset, size: size)
            if let error = window.error { throw error }
            guard size[0] > 0, size[1] > 0 else { return self }
            func inside(_ axis: Int) -> Tensor {
                let position = Tensor.range(count: shape[axis + 1])
                return (position .>= Double(offset[axis])) & (position .< Double(offset[axis] + size[axis]))
            }
            let isInside = inside(0).reshaped(to: [shape[1], 1, 1]) & inside(1).reshaped(to: [shape[2], 1])
            return Tensor.select(isInside, like(repeating: value), self)
        }
    }

    /// Images in the middle of larger ones, filled with one colour; where it can't be exact the additional row stands
    /// below and the additional column on the right. `[batch, height, width, channels]`.
    public func centerPadded(to size: [Int], value: Double = 0) -> Tensor {
        onImages("centerPadded", rank: 4...4) { () throws(ApusError) in
            guard size.count == 2, size[0] >= shape[1], size[1] >= shape[2], size.allSatisfy({ $0 <= 1 << 24 }) else {
                throw ApusError(
                    .value, in: "operation centerPadded", "size \(size) for images of shape \(shape)",
                    remedy: "give a height and a width that are not smaller")
            }
            let widths = (0..<2).map { axis in
                let rest = size[axis] - shape[axis + 1]
                return (before: rest / 2, after: rest - rest / 2)
            }
            return padded([(0, 0)] + widths + [(0, 0)], value: value)
        }
    }

    /// `(x - mean) / deviation` of each channel: `[.., channels]`.
    ///
    /// - Parameters:
    ///   - mean: a number for each channel, or one for all
    ///   - deviation: the same, above 0
    public func standardized(mean: [Double], deviation: [Double]) -> Tensor {
        onImages("standardized", rank: 1...8) { () throws(ApusError) in
            func isGood(_ numbers: [Double]) -> Bool {
                (numbers.count == shape[-1] || numbers.count == 1) && numbers.allSatisfy(\.isFinite)
            }
            guard isGood(mean), isGood(deviation), deviation.allSatisfy({ $0 > 0 }) else {
                throw ApusError(
                    .value, in: "operation standardized",
                    "means \(mean) and deviations \(deviation) for shape \(shape)",
                    remedy: "give a finite number for each channel or one for all, deviations above 0")
            }
            let x = colorNumbers
            let shift = Tensor.constant(mean, shape: [mean.count], dtype: x.dtype)
            return (x - shift) / Tensor.constant(deviation, shape: [deviation.count], dtype: x.dtype)
        }
    }

    /// Each image with mean 0 and deviation 1 over all its pixels and channels:
    /// `(x - mean) / max(deviation, 1 / sqrt(elements))`.
    public func standardizedPerImage() -> Tensor {
        onImages("standardizedPerImage") { () throws(ApusError) in
            let (x, axes) = (colorNumbers, [-3, -2, -1])
            let elements = Double(shape.extents.suffix(3).reduce(1, *))
            let centred = x - x.mean(axes: axes, keepDimensions: true)
            let deviation = centred.square().mean(axes: axes, keepDimensions: true).rootWithFlatZero()
            return centred / Tensor.maximum(deviation, 1 / elements.squareRoot())
        }
    }

    /// Samples mixed with others of the batch (mixup; Zhang et al., ICLR 2018):
    /// `weight * x[i] + (1 - weight) * x[permutation[i]]`. Labels as probabilities are mixed in the same way.
    ///
    /// - Parameters:
    ///   - permutation: for each sample the number of its partner, `[batch]`
    ///   - weight: of the sample itself, from 0 to 1, one for all
    public func mixedUp(permutation: Tensor, weight: Double) -> Tensor {
        guard (0...1).contains(weight) else {
            return .refused(
                .value, in: "operation mixedUp", "the weight is \(weight)", remedy: "use a number from 0 to 1")
        }
        return mixedUp(permutation: permutation, weight: Tensor(repeating: weight, shape: [], dtype: dtype))
    }

    /// - Parameter weight: of the sample itself, one for all or one for each, `[batch]`
    public func mixedUp(permutation: Tensor, weight: Tensor) -> Tensor {
        Tensor.composed(of: [self, permutation, weight]) { () throws(ApusError) in
            guard rank >= 1, permutation.shape == [shape[0]], permutation.dtype.isInteger, dtype.isFloatingPoint,
                weight.rank == 0 || weight.shape == [shape[0]]
            else {
                throw ApusError(
                    .shape, in: "operation mixedUp",
                    "samples \(shape) (\(dtype)), permutation \(permutation.shape) (\(permutation.dtype)), weight "
                        + "\(weight.shape)",
                    remedy: "give floating-point samples [batch, ..], integers [batch], and one weight or [batch]")
            }
            var factor = weight.cast(to: dtype)
            if weight.rank == 1 {
                factor = factor.reshaped(to: Shape([shape[0]] + [Int](repeating: 1, count: rank - 1)))
            }
            return self * factor + gather(indices: permutation) * (1 - factor)
        }
    }
}
