// Colours of bytes. What depends on a pixel's own value alone is a table of 256 values.

import ApusCore

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Changes of colours, by the rules of the operations of the same names on tensors (``ApusCore/Tensor/adjustedGamma(_:gain:)``
/// and so on), which take floating-point and batches; these here work on the bytes of one picture, on the thread that
/// calls them. Opacity stays.
extension Image {
    /// Colours times a factor: 0 gives black, 1 changes nothing.
    public func adjustedBrightness(_ factor: Double) throws(ApusError) -> Image {
        try Self.check(factor, "brightness")
        return recoloured(Self.table { $0 * Float(factor) })
    }

    /// The distance of colours from the picture's mean grey times a factor: 0 gives that grey, 1 changes nothing.
    public func adjustedContrast(_ factor: Double) throws(ApusError) -> Image {
        try Self.check(factor, "contrast")
        let mean = meanGrey * (1 - Float(factor))
        return recoloured(Self.table { $0 * Float(factor) + mean })
    }

    /// The distance of colours from their grey times a factor: 0 gives grey, 1 changes nothing. Grey pictures stay.
    public func adjustedSaturation(_ factor: Double) throws(ApusError) -> Image {
        try Self.check(factor, "saturation")
        let (own, other) = (Float(factor), 1 - Float(factor))
        return recolouredByPixel { r, g, b in
            let grey = Self.grey(r, g, b) * other
            return (r * own + grey, g * own + grey, b * own + grey)
        }
    }

    /// Hues turned on the colour circle by `turns`, from -0.5 to 0.5. Grey pictures stay.
    public func adjustedHue(_ turns: Double) throws(ApusError) -> Image {
        guard abs(turns) <= 0.5 else {
            throw ApusError(
                .value, in: "image hue", "a turn of \(turns)", remedy: "use a number from -0.5 to 0.5")
        }
        let shift = Float(turns) * 6
        return recolouredByPixel { r, g, b in
            let (high, low) = (max(r, g, b), min(r, g, b))
            let range = high - low
            guard range > 0 else { return (r, g, b) }
            let sixths =
                r == high ? (g - b) / range : g == high ? (b - r) / range + 2 : (r - g) / range + 4
            let hue = sixths + shift
            func colour(_ offset: Float) -> Float {
                var place = (offset + hue).truncatingRemainder(dividingBy: 6)
                if place < 0 { place += 6 }
                let share = max(0, min(place, 4 - place, 1))
                // As the operation counts levels: each is the same part of the whole.
                return (high - range * share) * (255.999 / 255)
            }
            return (colour(5), colour(3), colour(1))
        }
    }

    /// `gain * x^exponent` of colours from 0 to 1: exponents above 1 darken.
    public func adjustedGamma(_ exponent: Double, gain: Double = 1) throws(ApusError) -> Image {
        try Self.check(exponent, "gamma")
        try Self.check(gain, "gain")
        return recoloured(Self.table { Float(pow(Double($0) / 255, exponent) * gain) * 255.999 })
    }

    /// Colours subtracted from white.
    public func inverted() -> Image { recoloured(Self.table { 255 - $0 }) }

    /// Colours from a threshold on subtracted from white.
    public func solarized(threshold: Double) -> Image {
        recoloured(Self.table { Double($0) >= threshold ? 255 - $0 : $0 })
    }

    /// Colours with so many bits; the others are 0.
    ///
    /// - Parameter bits: 0 (black) to 8 (nothing changes)
    public func posterized(bits: Int) throws(ApusError) -> Image {
        guard (0...8).contains(bits) else {
            throw ApusError(.value, in: "image posterized", "\(bits) bits", remedy: "use 0 to 8")
        }
        let mask = UInt8(truncatingIfNeeded: 0xff00 >> bits)
        return recoloured((0...255).map { UInt8($0) & mask })
    }

    /// Colours stretched so that in each channel the darkest is 0 and the brightest white; channels of one colour stay.
    public func autocontrasted() -> Image {
        recolouredByChannel { counts in
            guard let low = counts.firstIndex(where: { $0 > 0 }), let high = counts.lastIndex(where: { $0 > 0 }),
                low < high
            else { return nil }
            let scale = 255 / Float(high - low)
            return Self.table { ($0 - Float(low)) * scale }
        }
    }

    /// Colours redistributed so that in each channel all occur about equally often, with steps of whole numbers of
    /// pixels.
    public func equalized() -> Image {
        recolouredByChannel { counts in
            guard let last = counts.last(where: { $0 > 0 }) else { return nil }
            let step = (width * height - last) / 255
            guard step > 0 else { return nil }
            var below = step / 2
            return counts.map { count in
                defer { below += count }
                return UInt8(min(below / step, 255))
            }
        }
    }

    /// Colours redistributed by the histograms of the tiles around them, of limited contrast: see
    /// ``ApusCore/Tensor/adaptivelyEqualized(tiles:limit:)``.
    public func adaptivelyEqualized(tiles: Int = 8, limit: Double = 4) throws(ApusError) -> Image {
        let tensor = Tensor(pixels, shape: [height, width, channels])
        let result = try tensor.adaptivelyEqualized(tiles: [tiles, tiles], limit: limit).array(of: UInt8.self)
        return withPixels(result, channels: channels)
    }

    /// The picture in grey with as many channels as before.
    public func desaturated() -> Image {
        recolouredByPixel { r, g, b in
            let grey = Self.grey(r, g, b)
            return (grey, grey, grey)
        }
    }

    /// The colour channels in another order.
    ///
    /// - Parameter order: from which channel each is taken, such as `[2, 1, 0]`
    public func withChannelOrder(_ order: [Int]) throws(ApusError) -> Image {
        let colours = min(channels, 3)
        guard order.sorted() == Array(0..<colours) else {
            throw ApusError(
                .value, in: "image channel order", "\(order) for \(colours) channels of colour",
                remedy: "name each of 0..<\(colours) once")
        }
        var result = pixels
        for start in stride(from: 0, to: pixels.count, by: channels) {
            for (channel, source) in order.enumerated() { result[start + channel] = pixels[start + source] }
        }
        return withPixels(result, channels: channels)
    }

    /// The grey value of a colour, a whole number as the operations have it.
    private static func grey(_ r: Float, _ g: Float, _ b: Float) -> Float {
        (r * 0.2989 + g * 0.587 + b * 0.114).rounded(.down)
    }

    /// The mean of all pixels' greys.
    private var meanGrey: Float {
        var sum = 0
        if channels == 1 {
            for value in pixels { sum += Int(value) }
        } else {
            for start in stride(from: 0, to: pixels.count, by: channels) {
                sum += Int(Self.grey(Float(pixels[start]), Float(pixels[start + 1]), Float(pixels[start + 2])))
            }
        }
        return Float(Double(sum) / Double(width * height))
    }

    private static func check(_ factor: Double, _ name: String) throws(ApusError) {
        guard factor >= 0, factor <= 1e6 else {
            throw ApusError(
                .value, in: "image \(name)", "a factor of \(factor)", remedy: "use a number from 0 to 1000000")
        }
    }

    private static func byte(_ value: Float) -> UInt8 { value > 0 ? UInt8(min(value, 255)) : 0 }

    private static func table(_ value: (Float) -> Float) -> [UInt8] { (0...255).map { byte(value(Float($0))) } }

    /// Each colour replaced by the table's entry for it.
    func recoloured(_ table: [UInt8]) -> Image {
        var result = pixels
        result.withUnsafeMutableBufferPointer { values in
            table.withUnsafeBufferPointer { table in
                if channels < 4 {
                    for index in values.indices { values[index] = table[Int(values[index])] }
                } else {
                    for index in values.indices where index & 3 != 3 { values[index] = table[Int(values[index])] }
                }
            }
        }
        return withPixels(result, channels: channels)
    }

    /// Each channel by a table that depends on how often each of its values occurs; nil leaves it as it is.
    private func recolouredByChannel(_ table: ([Int]) -> [UInt8]?) -> Image {
        var result = pixels
        for channel in 0..<min(channels, 3) {
            var counts = [Int](repeating: 0, count: 256)
            for index in stride(from: channel, to: pixels.count, by: channels) { counts[Int(pixels[index])] += 1 }
            guard let table = table(counts) else { continue }
            for index in stride(from: channel, to: pixels.count, by: channels) {
                result[index] = table[Int(pixels[index])]
            }
        }
        return withPixels(result, channels: channels)
    }

    /// Each red, green and blue by a function of the three; grey pictures stay.
    private func recolouredByPixel(_ colour: (Float, Float, Float) -> (Float, Float, Float)) -> Image {
        guard channels >= 3 else { return self }
        var result = pixels
        result.withUnsafeMutableBufferPointer { values in
            for start in stride(from: 0, to: values.count, by: channels) {
                let new = colour(Float(values[start]), Float(values[start + 1]), Float(values[start + 2]))
                values[start] = Self.byte(new.0)
                values[start + 1] = Self.byte(new.1)
                values[start + 2] = Self.byte(new.2)
            }
        }
        return withPixels(result, channels: channels)
    }
}
