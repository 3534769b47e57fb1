// Resizing, cropping, turning, and changing the number of channels.

import ApusCore

extension Image {
    /// The picture in another size, without keeping its proportions.
    ///
    /// Each new pixel is the mean of the old ones below it, weighted by a triangle that is as wide as the scale asks
    /// for: smooth when the picture grows, free of aliasing when it shrinks (Pillow's bilinear filter).
    public func resized(width newWidth: Int, height newHeight: Int) throws(ApusError) -> Image {
        guard newWidth > 0, newHeight > 0, newWidth <= Image.maximumPixels / newHeight else {
            throw ApusError(
                .value, in: "image resized", "the size \(newWidth) x \(newHeight) is not possible",
                remedy: "give positive sizes with at most \(Image.maximumPixels) pixels")
        }
        if newWidth == width, newHeight == height { return self }
        let columns = Self.weights(from: width, to: newWidth)
        let rows = Self.weights(from: height, to: newHeight)
        // Columns first, into floats, so that rounding happens once.
        var narrow = [Float](repeating: 0, count: height * newWidth * channels)
        pixels.withUnsafeBufferPointer { source in
            narrow.withUnsafeMutableBufferPointer { target in
                for y in 0..<height {
                    for (x, window) in columns.enumerated() {
                        for channel in 0..<channels {
                            var sum: Float = 0
                            var index = (y * width + window.start) * channels + channel
                            for weight in window.weights {
                                sum += weight * Float(source[index])
                                index += channels
                            }
                            target[(y * newWidth + x) * channels + channel] = sum
                        }
                    }
                }
            }
        }
        let line = newWidth * channels
        var result = [UInt8](repeating: 0, count: newHeight * line)
        narrow.withUnsafeBufferPointer { source in
            for (y, window) in rows.enumerated() {
                for x in 0..<line {
                    var sum: Float = 0.5
                    for (offset, weight) in window.weights.enumerated() {
                        sum += weight * source[(window.start + offset) * line + x]
                    }
                    result[y * line + x] = UInt8(min(max(sum, 0), 255))
                }
            }
        }
        return Image(trusted: result, width: newWidth, height: newHeight, channels: channels)
    }

    /// For each new position, the first old one that counts, and the weights from there on.
    static func weights(from old: Int, to new: Int) -> [(start: Int, weights: [Float])] {
        let scale = Float(old) / Float(new)
        let radius = max(scale, 1)
        return (0..<new).map { position in
            let center = (Float(position) + 0.5) * scale
            let start = max(0, Int(center - radius + 0.5))
            let end = max(min(old, Int(center + radius + 0.5)), min(start + 1, old))
            let first = min(start, end - 1)
            var weights = (first..<end).map { max(0, 1 - abs(Float($0) + 0.5 - center) / radius) }
            let total = weights.reduce(0, +)
            weights = total > 0 ? weights.map { $0 / total } : weights.map { _ in 1 / Float(weights.count) }
            return (first, weights)
        }
    }

    /// The part of the picture whose upper left corner is (`x`, `y`).
    public func cropped(x: Int, y: Int, width newWidth: Int, height newHeight: Int) throws(ApusError) -> Image {
        guard x >= 0, y >= 0, newWidth > 0, newHeight > 0, newWidth <= width, newHeight <= height,
            x <= width - newWidth, y <= height - newHeight
        else {
            throw ApusError(
                .value, in: "image cropped",
                "\(newWidth) x \(newHeight) pixels at (\(x), \(y)) are not all in the picture of \(width) x \(height)",
                remedy: "crop inside the picture")
        }
        var result: [UInt8] = []
        result.reserveCapacity(newWidth * newHeight * channels)
        for row in y..<y + newHeight {
            let start = (row * width + x) * channels
            result += pixels[start..<start + newWidth * channels]
        }
        return Image(trusted: result, width: newWidth, height: newHeight, channels: channels)
    }

    /// The largest square in the middle.
    public func croppedToSquare() -> Image {
        let side = min(width, height)
        // A square inside the picture can't be refused.
        return (try? cropped(x: (width - side) / 2, y: (height - side) / 2, width: side, height: side)) ?? self
    }

    /// The picture in shades of grey (the luma of ITU-R BT.601, as in Pillow); opacity is dropped.
    public func grayscale() -> Image {
        if channels == 1 { return self }
        var result = [UInt8](repeating: 0, count: width * height)
        for index in result.indices {
            let start = index * channels
            let (red, green, blue) = (Int(pixels[start]), Int(pixels[start + 1]), Int(pixels[start + 2]))
            result[index] = UInt8((red * 19_595 + green * 38_470 + blue * 7_471 + 0x8000) >> 16)
        }
        return Image(trusted: result, width: width, height: height, channels: 1)
    }

    /// The picture with red, green and blue; opacity is dropped.
    public func rgb() -> Image {
        if channels == 3 { return self }
        var result: [UInt8] = []
        result.reserveCapacity(width * height * 3)
        for index in 0..<width * height {
            let start = index * channels
            for channel in 0..<3 { result.append(pixels[channels == 1 ? start : start + channel]) }
        }
        return Image(trusted: result, width: width, height: height, channels: 3)
    }

    /// The picture with the number of channels asked for: 1 (`grayscale()`), 3 (`rgb()`) or 4 (fully opaque unless it
    /// has its own opacity).
    public func withChannels(_ count: Int) throws(ApusError) -> Image {
        switch count {
        case channels: return self
        case 1: return grayscale()
        case 3: return rgb()
        case 4:
            let colours = rgb().pixels
            var result: [UInt8] = []
            result.reserveCapacity(width * height * 4)
            for start in stride(from: 0, to: colours.count, by: 3) { result += colours[start..<start + 3] + [255] }
            return Image(trusted: result, width: width, height: height, channels: 4)
        default:
            throw ApusError(
                .value, in: "image", "\(count) channels are asked for", remedy: "ask for 1, 3 or 4")
        }
    }

    /// The picture turned upright, given the orientation (1 to 8) that the camera noted; other numbers change nothing.
    package func turned(by orientation: Int) -> Image {
        guard (2...8).contains(orientation) else { return self }
        let swapped = orientation >= 5
        let (newWidth, newHeight) = swapped ? (height, width) : (width, height)
        var result: [UInt8] = []
        result.reserveCapacity(pixels.count)
        for y in 0..<newHeight {
            for x in 0..<newWidth {
                let (column, row) =
                    switch orientation {
                    case 2: (width - 1 - x, y)
                    case 3: (width - 1 - x, height - 1 - y)
                    case 4: (x, height - 1 - y)
                    case 5: (y, x)
                    case 6: (y, height - 1 - x)
                    case 7: (width - 1 - y, height - 1 - x)
                    default: (width - 1 - y, x)
                    }
                let start = (row * width + column) * channels
                result += pixels[start..<start + channels]
            }
        }
        return Image(trusted: result, width: newWidth, height: newHeight, channels: channels)
    }
}
