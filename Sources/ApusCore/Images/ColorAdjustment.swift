/// Colours of images `[.., height, width, channels]`, floating-point from 0 to 1 or uint8 from 0 to 255. Results stay
/// within that range. Where a factor is a tensor, it holds one number for all images or one for each, `[batch]`.
extension Tensor {
    /// Colours times a factor: 0 gives black, 1 changes nothing.
    public func adjustedBrightness(_ factor: Double) -> Tensor {
        checked(factor, "adjustedBrightness") { adjustedBrightness($0) }
    }
    /// - Parameter factor: one for all images, or one for each, `[batch]`
    public func adjustedBrightness(_ factor: Tensor) -> Tensor {
        onImages("adjustedBrightness") { () throws(ApusError) in
            (colorNumbers * (try factor.perImage(of: colorNumbers, "adjustedBrightness"))).colors(of: self)
        }
    }

    /// The distance of colours from the image's mean grey times a factor: 0 gives that grey, 1 changes nothing.
    public func adjustedContrast(_ factor: Double) -> Tensor {
        checked(factor, "adjustedContrast") { adjustedContrast($0) }
    }
    /// - Parameter factor: one for all images, or one for each, `[batch]`
    public func adjustedContrast(_ factor: Tensor) -> Tensor {
        onImages("adjustedContrast") { () throws(ApusError) in
            let mean = grayNumbers.mean(axes: [-3, -2, -1], keepDimensions: true)
            return blended(with: mean, by: try factor.perImage(of: colorNumbers, "adjustedContrast"))
        }
    }

    /// The distance of colours from their grey times a factor: 0 gives grey images, 1 changes nothing. Images with
    /// other than three channels stay.
    public func adjustedSaturation(_ factor: Double) -> Tensor {
        checked(factor, "adjustedSaturation") { adjustedSaturation($0) }
    }
    /// - Parameter factor: one for all images, or one for each, `[batch]`
    public func adjustedSaturation(_ factor: Tensor) -> Tensor {
        onImages("adjustedSaturation") { () throws(ApusError) in
            let factor = try factor.perImage(of: colorNumbers, "adjustedSaturation")
            return shape[-1] == 3 ? blended(with: grayNumbers, by: factor) : self
        }
    }

    /// The difference of images from blurred ones times a factor: 0 blurs, 1 changes nothing, 2 sharpens. The blur
    /// weighs the 3x3 neighbourhood by `[[1, 1, 1], [1, 5, 1], [1, 1, 1]] / 13`; border pixels stay.
    public func adjustedSharpness(_ factor: Double) -> Tensor {
        checked(factor, "adjustedSharpness") { adjustedSharpness($0) }
    }
    /// - Parameter factor: one for all images, or one for each, `[batch]`
    public func adjustedSharpness(_ factor: Tensor) -> Tensor {
        onImages("adjustedSharpness") { () throws(ApusError) in
            let factor = try factor.perImage(of: colorNumbers, "adjustedSharpness")
            let (height, width, x) = (shape[-3], shape[-2], colorNumbers)
            guard height > 2, width > 2 else { return self }
            func window(_ tensor: Tensor, _ row: Int, _ column: Int) -> Tensor {
                tensor.slice(axis: -3, row..<height - 2 + row).slice(axis: -2, column..<width - 2 + column)
            }
            let rows = x.slice(axis: -3, 0..<height - 2) + x.slice(axis: -3, 1..<height - 1)
            let columns = rows + x.slice(axis: -3, 2..<height)
            var sum = window(x, 1, 1) * 4
            for column in 0...2 { sum = sum + columns.slice(axis: -2, column..<width - 2 + column) }
            var blurred = sum / 13
            if dtype == .uint8 { blurred = blurred.rounded() }
            // Where the blur is undefined the difference is 0.
            let widths = [(before: Int, after: Int)](repeating: (0, 0), count: rank - 3) + [(1, 1), (1, 1), (0, 0)]
            let difference = (window(x, 1, 1) - blurred).padded(widths)
            return (x + difference * (factor - 1)).colors(of: self)
        }
    }

    /// Hues turned on the colour circle by `turns`, from -0.5 to 0.5. Images with other than three channels stay.
    public func adjustedHue(_ turns: Double) -> Tensor {
        guard turns.isFinite else {
            return .refused(
                .value, in: "operation adjustedHue", "the turn is \(turns)", remedy: "use a number from -0.5 to 0.5")
        }
        return adjustedHue(turns.factor(of: colorNumbers))
    }
    /// - Parameter turns: one for all images, or one for each, `[batch]`
    public func adjustedHue(_ turns: Tensor) -> Tensor {
        onImages("adjustedHue") { () throws(ApusError) in
            let x = dtype == .uint8 ? cast(to: .float32) / 255 : self
            let turns = try turns.perImage(of: x, "adjustedHue")
            guard shape[-1] == 3 else { return self }
            let hsv = x.rgbToHSV()
            let hue = hsv.channel(0) + turns
            let turned = Tensor.concatenate([hue - hue.floor(), hsv.slice(axis: -1, 1..<3)], axis: -1).hsvToRGB()
            return dtype == .uint8 ? (turned * 255.999).colors(of: self) : turned
        }
    }

    /// `gain * x^exponent` of colours from 0 to 1: exponents above 1 darken.
    public func adjustedGamma(_ exponent: Double, gain: Double = 1) -> Tensor {
        checked(exponent, "adjustedGamma") { exponent in
            guard gain >= 0, gain.isFinite else {
                return .refused(
                    .value, in: "operation adjustedGamma", "the gain is \(gain)", remedy: "use a number of 0 or more")
            }
            return onImages("adjustedGamma") { () throws(ApusError) in
                let x = dtype == .uint8 ? cast(to: .float32) / 255 : self
                let y = Tensor.power(x, exponent) * gain
                return dtype == .uint8 ? (y * 255.999).colors(of: self) : y.clipped(0, 1)
            }
        }
    }

    /// Colours subtracted from white.
    public func colorsInverted() -> Tensor {
        onImages("colorsInverted") { () throws(ApusError) in (white - colorNumbers).cast(to: dtype) }
    }

    /// Colours from `threshold` on subtracted from white.
    public func solarized(threshold: Double) -> Tensor {
        onImages("solarized") { () throws(ApusError) in
            guard !threshold.isNaN else {
                throw ApusError(
                    .value, in: "operation solarized", "the threshold is nan", remedy: "use a colour from 0 to \(white)"
                )
            }
            let x = colorNumbers
            return Tensor.select(x .>= threshold, white - x, x).cast(to: dtype)
        }
    }

    /// Colours with so many bits: the others of uint8 are set to 0; floating-point colours are rounded down to one of
    /// `2^bits` levels.
    public func posterized(bits: Int) -> Tensor {
        onImages("posterized") { () throws(ApusError) in
            guard (0...8).contains(bits) else {
                throw ApusError(.value, in: "operation posterized", "\(bits) bits", remedy: "use 0 to 8")
            }
            let levels = Double(1 << bits)
            if dtype == .uint8 {
                let step = 256 / levels
                return ((cast(to: .float32) / step).floor() * step).cast(to: .uint8)
            }
            return (self * levels).floor().clipped(0, levels - 1) / levels
        }
    }

    /// Colours stretched so that in each channel of each image the darkest is 0 and the brightest white. Channels of
    /// one colour stay.
    public func autocontrasted() -> Tensor {
        onImages("autocontrasted") { () throws(ApusError) in
            let x = colorNumbers
            let low = x.min(axes: [-3, -2], keepDimensions: true)
            let range = x.max(axes: [-3, -2], keepDimensions: true) - low
            let isFlat = range .== 0.0
            let shift = Tensor.select(isFlat, low.like(repeating: 0), low)
            let scale = Tensor.select(isFlat, low.like(repeating: 1), white / Tensor.select(isFlat, low + 1, range))
            return ((x - shift) * scale).colors(of: self)
        }
    }

    /// The image's grey as numbers; of other than three channels the colours themselves.
    private var grayNumbers: Tensor {
        guard shape[-1] == 3 else { return colorNumbers }
        let gray = colorNumbers.luminance
        return dtype == .uint8 ? gray.floor() : gray
    }

    private func blended(with other: Tensor, by factor: Tensor) -> Tensor {
        (colorNumbers * factor + other * (1 - factor)).colors(of: self)
    }

    private func checked(_ factor: Double, _ name: String, _ build: (Tensor) -> Tensor) -> Tensor {
        guard error == nil else { return self }
        guard factor >= 0, factor.isFinite else {
            return .refused(
                .value, in: "operation \(name)", "the factor is \(factor)", remedy: "use a finite number of 0 or more")
        }
        return build(factor.factor(of: colorNumbers))
    }
}
