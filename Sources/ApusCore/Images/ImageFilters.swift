#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

extension AxisWeights {
    /// What a filter reads beyond the end of an axis.
    enum Border {
        /// The outermost element again and again.
        case edge
        /// The elements mirrored at the outermost one, which is not repeated.
        case mirror
    }

    /// A filter of an odd number of taps that slides over an axis of one element or more.
    static func filter(_ taps: [Double], extent: Int, border: Border) -> AxisWeights {
        let reach = taps.count / 2
        return AxisWeights(
            extent: extent,
            terms: (0..<extent).map { position in
                taps.indices.map { tap in
                    let source = position + tap - reach
                    switch border {
                    case .edge: return (min(max(source, 0), extent - 1), taps[tap])
                    case .mirror: return (mirrored(source, extent), taps[tap])
                    }
                }
            })
    }

    /// A position mirrored at the first and the last of `extent` elements as often as it takes.
    static func mirrored(_ position: Int, _ extent: Int) -> Int {
        let period = max(1, 2 * (extent - 1))
        let place = ((position % period) + period) % period
        return min(place, period - place)
    }
}

extension Tensor {
    /// Images blurred by a normal distribution: separable weights `exp(-(i / sigma)^2 / 2)`, scaled to a sum of 1; the
    /// border is mirrored. `[batch, height, width, channels]` of a floating-point type.
    ///
    /// - Parameters:
    ///   - size: the odd number of weights of both axes, or of rows and columns
    ///   - sigma: the standard deviation of both axes, or of rows and columns, in pixels; by default PIL's and
    ///     OpenCV's `0.15 size + 0.35`
    public func gaussianBlurred(size: PerAxis, sigma: [Double]? = nil) -> Tensor {
        onImages("gaussianBlurred", rank: 4...4) { () throws(ApusError) in
            let sizes = try size.resolved(rank: 2, allowed: 1...4095, "size", in: "operation gaussianBlurred")
            let sigmas = sigma ?? sizes.map { 0.15 * Double($0) + 0.35 }
            guard sizes.allSatisfy({ $0 % 2 == 1 }), sigmas.count == 1 || sigmas.count == 2,
                sigmas.allSatisfy({ $0 > 0 && $0.isFinite })
            else {
                throw ApusError(
                    .value, in: "operation gaussianBlurred", "sizes \(sizes), standard deviations \(sigmas)",
                    remedy: "use odd sizes and one or two deviations above 0")
            }
            var result = self
            for axis in 0..<2 where shape[axis + 1] > 0 {
                let sigma = sigmas.count == 2 ? sigmas[axis] : sigmas[0]
                result = result.weighted(
                    axis: axis + 1,
                    .filter(bell(reach: sizes[axis] / 2, sigma: sigma), extent: shape[axis + 1], border: .mirror))
            }
            return result
        }
    }

    /// Images blurred by normal distributions of their own: as ``gaussianBlurred(size:sigma:)``, with a standard
    /// deviation for all images or for each, `[batch]`.
    public func gaussianBlurred(size: Int, sigma: Tensor) -> Tensor {
        onImages("gaussianBlurred", rank: 4...4) { () throws(ApusError) in
            guard size % 2 == 1, (1...255).contains(size) else {
                throw ApusError(
                    .value, in: "operation gaussianBlurred", "size \(size)", remedy: "use an odd number in 1...255")
            }
            let scale = -0.5 / (try sigma.perImage(of: self, "gaussianBlurred")).square()
            let reach = size / 2
            let weights = (0...reach).map { (scale * Double($0 * $0)).exp() }
            let sum = weights.dropFirst().reduce(weights[0]) { $0 + $1 * 2 }
            var result = self
            for axis in 1...2 where shape[axis] > 0 {
                let extent = shape[axis]
                let cells = (-reach..<extent + reach).map { AxisWeights.mirrored($0, extent) }
                let wide = result.gather(indices: Tensor.positions(cells), axis: axis)
                func shifted(_ distance: Int) -> Tensor {
                    wide.slice(axis: axis, reach + distance..<reach + distance + extent)
                }
                var total = shifted(0) * weights[0]
                for distance in 0..<reach {
                    total = total + (shifted(distance + 1) + shifted(-distance - 1)) * weights[distance + 1]
                }
                result = total / sum
            }
            return result
        }
    }

    /// Slopes of images by Sobel's filters: differences `x[i + 1] - x[i - 1]` along one axis, smoothed by
    /// `[1, 2, 1] / 4` along the other; border pixels are repeated. `[batch, height, width, channels]` of a floating-point type.
    ///
    /// - Returns: the slopes from row to row and from column to column, and their root mean square
    public func sobel() -> (magnitude: Tensor, rows: Tensor, columns: Tensor) {
        let rows = slope(axis: 1, .edge)
        let columns = slope(axis: 2, .edge)
        return (((rows.square() + columns.square()) / 2).rootWithFlatZero(), rows, columns)
    }

    /// Sobel's slopes as Keras and TensorFlow have them: weights `[-1, 0, 1]` and `[1, 2, 1]` with mirrored borders,
    /// `[batch, height, width, channels] -> [batch, height, width, channels, 2]`: from row to row, from column to
    /// column.
    public func sobelEdges() -> Tensor {
        Tensor.stack([slope(axis: 1, .mirror) * 4, slope(axis: 2, .mirror) * 4], axis: -1)
    }

    private func slope(axis: Int, _ border: AxisWeights.Border) -> Tensor {
        onImages("sobel", rank: 4...4) { () throws(ApusError) in
            guard shape[1] > 0, shape[2] > 0 else { return self }
            return weighted(axis: axis, .filter([-1, 0, 1], extent: shape[axis], border: border))
                .weighted(axis: 3 - axis, .filter([0.25, 0.5, 0.25], extent: shape[3 - axis], border: border))
        }
    }

    /// Gabor's filter: a wave of complex numbers under a bell, for ``convolution(_:_:strides:padding:dilation:groups:)``.
    ///
    /// With `x' = x cos + y sin` and `y' = -x sin + y cos` of the angle:
    /// `exp(-((x' / sx)^2 + (y' / sy)^2) / 2) / (2 pi sx sy) * exp(i (2 pi frequency x' + offset))`, as
    /// scikit-image has it.
    ///
    /// - Parameters:
    ///   - frequency: waves a pixel
    ///   - angle: the direction of the wave in radians
    ///   - sigma: the bell's standard deviations along and across the wave
    ///   - offset: the wave's phase in radians
    ///   - reach: the kernel's half size in standard deviations
    /// - Returns: `[height, width]`, both odd
    public static func gaborKernel(
        frequency: Double, angle: Double = 0, sigma: (along: Double, across: Double), offset: Double = 0,
        reach: Double = 3, dtype: DType = .float32
    ) -> ComplexTensor {
        let wave = GaborWave(
            frequency: frequency, angle: angle, along: sigma.along, across: sigma.across, offset: offset)
        let (height, width) = wave.halfSize(reach: reach)
        guard sigma.along > 0, sigma.across > 0, width <= 2048, height <= 2048, frequency.isFinite, offset.isFinite,
            dtype.isFloatingPoint
        else {
            return ComplexTensor(
                .refused(
                    .value, in: "operation gaborKernel",
                    "frequency \(frequency), angle \(angle), deviations \(sigma), offset \(offset), reach \(reach), "
                        + "type \(dtype)",
                    remedy: "use finite numbers, deviations above 0 with a reach of up to 2048 pixels, and a "
                        + "floating-point type"))
        }
        var (real, imaginary) = ([Double](), [Double]())
        for y in -Int(height)...Int(height) {
            for x in -Int(width)...Int(width) {
                let value = wave(Double(x), Double(y))
                real.append(value.real)
                imaginary.append(value.imaginary)
            }
        }
        let shape: Shape = [2 * Int(height) + 1, 2 * Int(width) + 1]
        return ComplexTensor(
            .constant(real, shape: shape, dtype: dtype), .constant(imaginary, shape: shape, dtype: dtype))
    }
}

private struct GaborWave {
    let frequency, angle, along, across, offset: Double

    func halfSize(reach: Double) -> (height: Double, width: Double) {
        let (cosine, sine) = (abs(cos(angle)), abs(sin(angle)))
        let (long, wide) = (abs(reach * along), abs(reach * across))
        return (
            max(wide * cosine, long * sine, 1).rounded(.up), max(long * cosine, wide * sine, 1).rounded(.up)
        )
    }

    func callAsFunction(_ x: Double, _ y: Double) -> (real: Double, imaginary: Double) {
        let first = x * cos(angle) + y * sin(angle)
        let second = y * cos(angle) - x * sin(angle)
        let (a, b) = (first / along, second / across)
        let bell = exp(-0.5 * (a * a + b * b)) / (2 * .pi * along * across)
        let phase = 2 * .pi * frequency * first + offset
        return (bell * cos(phase), bell * sin(phase))
    }
}

/// The weights of a normal distribution, with the sum 1.
private func bell(reach: Int, sigma: Double) -> [Double] {
    let raw = (-reach...reach).map { distance -> Double in
        let x = Double(distance) / sigma
        return exp(-0.5 * x * x)
    }
    let sum = raw.reduce(0, +)
    return raw.map { $0 / sum }
}
