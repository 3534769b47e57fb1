extension Tensor {
    /// Grey images of coloured ones: `0.2989 r + 0.587 g + 0.114 b` (ITU-R BT.601), `[.., 3] -> [.., channels]`.
    ///
    /// - Parameter channels: 1, or 3 for as many equal ones
    public func grayscale(channels: Int = 1) -> Tensor {
        onImages("grayscale", channels: 3, rank: 1...8) { () throws(ApusError) in
            guard channels == 1 || channels == 3 else {
                throw ApusError(
                    .value, in: "operation grayscale", "\(channels) channels were asked for", remedy: "use 1 or 3")
            }
            let gray = colorNumbers.luminance.cast(to: dtype)
            return channels == 1 ? gray : gray.broadcast(to: shape)
        }
    }

    /// The grey value of three channels, `[.., 1]`.
    var luminance: Tensor { channel(0) * 0.2989 + channel(1) * 0.587 + channel(2) * 0.114 }

    /// Colours `[.., 3]` of red, green and blue (0 to 1) as hue (in turns, 0 to 1; 0 for greys), saturation and value.
    public func rgbToHSV() -> Tensor {
        onImages("rgbToHSV", channels: 3, rank: 1...8) { () throws(ApusError) in
            let (r, g, b) = (channel(0), channel(1), channel(2))
            let largest = Tensor.maximum(Tensor.maximum(r, g), b)
            let range = largest - Tensor.minimum(Tensor.minimum(r, g), b)
            let one = range.like(repeating: 1)
            let divisor = Tensor.select(range .== 0.0, one, range)
            let saturation = range / Tensor.select(largest .== 0.0, one, largest)
            let fromBlue = (r - g) / divisor + 4
            let fromGreen = Tensor.select(g .== largest, (b - r) / divisor + 2, fromBlue)
            let sixths = Tensor.select(r .== largest, (g - b) / divisor, fromGreen)
            let hue = Tensor.select(sixths .< 0.0, sixths + 6, sixths) / 6
            return Tensor.concatenate([hue, saturation, largest], axis: -1)
        }
    }

    /// Hue (in turns), saturation and value as red, green and blue: the inverse of ``rgbToHSV()``.
    public func hsvToRGB() -> Tensor {
        onImages("hsvToRGB", channels: 3, rank: 1...8) { () throws(ApusError) in
            let (hue, saturation, value) = (channel(0) * 6, channel(1), channel(2))
            let colors = [5.0, 3, 1].map { shift -> Tensor in
                let turned = hue + shift
                // The place on a circle of six sixths, and from it a ramp up and down.
                let sixth = turned - (turned / 6).floor() * 6
                let ramp = Tensor.minimum(sixth, 4 - sixth).clipped(0, 1)
                return value - value * saturation * ramp
            }
            return Tensor.concatenate(colors, axis: -1)
        }
    }
}
