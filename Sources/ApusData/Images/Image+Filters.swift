// Blurring and sharpening.

import ApusCore

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

extension Image {
    /// The picture blurred by a normal distribution of a standard deviation in pixels; the border is mirrored.
    ///
    /// - Parameters:
    ///   - sigma: up to 256; 0 changes nothing
    ///   - size: the odd number of weights; by default three deviations to each side
    public func blurred(sigma: Double, size: Int? = nil) throws(ApusError) -> Image {
        guard sigma >= 0, sigma <= 256, size.map({ $0 % 2 == 1 && (1...4095).contains($0) }) ?? true else {
            throw ApusError(
                .value, in: "image blurred", "a deviation of \(sigma) and \(size.map(String.init) ?? "no") weights",
                remedy: "use a deviation from 0 to 256 and an odd number of weights up to 4095")
        }
        guard sigma > 0 else { return self }
        let reach = (size.map { $0 / 2 }) ?? max(1, Int((3 * sigma).rounded(.up)))
        let raw = (-reach...reach).map { exp(-0.5 * (Double($0) / sigma) * (Double($0) / sigma)) }
        let sum = raw.reduce(0, +)
        let weights = raw.map { Float($0 / sum) }
        let rows = Self.filtered(pixels.map(Float.init), lines: height, line: width, step: channels, weights)
        let whole = Self.filtered(rows, lines: 1, line: height, step: width * channels, weights)
        return withPixels(whole.map { UInt8(min(max($0 + 0.5, 0), 255)) }, channels: channels)
    }

    /// The sums of weighted neighbours along an axis whose elements are `step` values apart.
    private static func filtered(
        _ values: [Float], lines: Int, line: Int, step: Int, _ weights: [Float]
    ) -> [Float] {
        let reach = weights.count / 2
        let period = max(1, 2 * (line - 1))
        var result = [Float](repeating: 0, count: values.count)
        values.withUnsafeBufferPointer { source in
            result.withUnsafeMutableBufferPointer { target in
                for place in 0..<line {
                    for (tap, weight) in weights.enumerated() {
                        var from = (place + tap - reach) % period
                        if from < 0 { from += period }
                        from = min(from, period - from, line - 1)
                        for begin in stride(from: 0, to: lines * line * step, by: line * step) {
                            let (to, start) = (begin + place * step, begin + from * step)
                            for offset in 0..<step { target[to + offset] += weight * source[start + offset] }
                        }
                    }
                }
            }
        }
        return result
    }

    /// The difference of the picture from a blurred one times a factor: 0 blurs, 1 changes nothing, 2 sharpens. The
    /// blur weighs the 3x3 neighbourhood by `[[1, 1, 1], [1, 5, 1], [1, 1, 1]] / 13`; border pixels stay.
    public func adjustedSharpness(_ factor: Double) throws(ApusError) -> Image {
        guard factor >= 0, factor <= 1e6 else {
            throw ApusError(
                .value, in: "image sharpness", "a factor of \(factor)", remedy: "use a number from 0 to 1000000")
        }
        guard width > 2, height > 2 else { return self }
        let (line, extra) = (width * channels, Float(factor) - 1)
        var result = pixels
        for y in 1..<height - 1 {
            for x in channels..<line - channels where channels < 4 || x & 3 != 3 {
                let index = y * line + x
                var sum = 4 * Int(pixels[index])
                for row in [index - line, index, index + line] {
                    sum += Int(pixels[row - channels]) + Int(pixels[row]) + Int(pixels[row + channels])
                }
                let own = Float(pixels[index])
                let value = own + (own - (Float(sum) / 13).rounded()) * extra
                result[index] = value > 0 ? UInt8(min(value, 255)) : 0
            }
        }
        return withPixels(result, channels: channels)
    }
}
