// A picture in another size, mirrored or not, as the numbers that a network takes: all in one go.

import ApusCore

extension Image {
    /// The picture in another size as float32 `[height, width, channels]`, each value less the mean of its channel and
    /// divided by its deviation.
    ///
    /// It is what `resized(width:height:)` gives, without being rounded to bytes in between:
    ///
    ///     let input = try image.normalized(
    ///         width: 224, height: 224, means: [0.485, 0.456, 0.406], deviations: [0.229, 0.224, 0.225])
    ///
    /// - Parameters:
    ///   - means: of values from 0 to 1, one a channel
    ///   - deviations: standard deviations of these values, one a channel
    ///   - isMirrored: exchanges left and right
    public func normalized(
        width newWidth: Int, height newHeight: Int, means: [Double], deviations: [Double], isMirrored: Bool = false
    ) throws(ApusError) -> Tensor {
        guard newWidth > 0, newHeight > 0, newWidth <= Image.maximumPixels / newHeight else {
            throw ApusError(
                .value, in: "image normalized", "the size \(newWidth) x \(newHeight) is not possible",
                remedy: "give positive sizes with at most \(Image.maximumPixels) pixels")
        }
        guard means.count == channels, deviations.count == channels,
            means.allSatisfy(\.isFinite), deviations.allSatisfy({ $0.isFinite && $0 > 0 })
        else {
            throw ApusError(
                .value, in: "image normalized",
                "means \(means) and deviations \(deviations) for \(channels) channels",
                remedy: "give a finite mean and a deviation above 0 for each channel")
        }
        let storage = Storage(byteCount: 4 * newWidth * newHeight * channels)
        let rows = WeightedWindows(from: height, to: newHeight)
        let columns = WeightedWindows(from: width, to: newWidth)
        let factors = deviations.map { Float(1 / (255 * $0)) }
        let shifts = (0..<channels).map { Float(-means[$0] / deviations[$0]) }
        var line = [Float](repeating: 0, count: width * channels)
        var target = storage.pointer.assumingMemoryBound(to: Float.self)
        let step = isMirrored ? -channels : channels
        pixels.withUnsafeBufferPointer { source in
            line.withUnsafeMutableBufferPointer { line in
                guard let source = source.baseAddress, let line = line.baseAddress else { return }
                for y in 0..<newHeight {
                    rows.blend(y, source, stride: width * channels, into: line)
                    let first = target + (isMirrored ? (newWidth - 1) * channels : 0)
                    if channels == 3 {
                        columns.blendColors(line, factors, shifts, into: first, step: step)
                    } else {
                        columns.blend(line, channels, factors, shifts, into: first, step: step)
                    }
                    target += newWidth * channels
                }
            }
        }
        return Tensor(storage: storage, shape: [newHeight, newWidth, channels], dtype: .float32)
    }
}

/// For each new position, the old ones that count and how much, as many for each.
private struct WeightedWindows {
    let count: Int
    private let taps: Int
    private let starts: [Int]
    private let weights: [Float]

    init(from old: Int, to new: Int) {
        let windows = Image.weights(from: old, to: new)
        let taps = windows.map(\.weights.count).max() ?? 1
        var starts: [Int] = []
        var weights: [Float] = []
        for window in windows {
            // Windows at the end are filled up at their front, so that all are inside.
            let start = max(0, min(window.start, old - taps))
            let padding = window.start - start
            starts.append(start)
            weights += [Float](repeating: 0, count: padding) + window.weights
            weights += [Float](repeating: 0, count: taps - padding - window.weights.count)
        }
        (count, self.taps, self.starts, self.weights) = (new, taps, starts, weights)
    }

    /// The weighted sum of the rows of a position.
    func blend(_ position: Int, _ source: UnsafePointer<UInt8>, stride: Int, into line: UnsafeMutablePointer<Float>) {
        let first = source + starts[position] * stride
        let weight = weights[position * taps]
        for index in 0..<stride { line[index] = weight * Float(first[index]) }
        for tap in 1..<max(taps, 1) {
            let weight = weights[position * taps + tap]
            if weight == 0 { continue }
            let row = first + tap * stride
            for index in 0..<stride { line[index] += weight * Float(row[index]) }
        }
    }

    /// The weighted sums along a row of pixels, scaled and shifted; `step` is from one new pixel to the next.
    func blend(
        _ line: UnsafePointer<Float>, _ channels: Int, _ factors: [Float], _ shifts: [Float],
        into target: UnsafeMutablePointer<Float>, step: Int
    ) {
        for position in 0..<count {
            for channel in 0..<channels {
                let first = line + starts[position] * channels + channel
                var sum: Float = 0
                for tap in 0..<taps { sum += weights[position * taps + tap] * first[tap * channels] }
                target[position * step + channel] = sum * factors[channel] + shifts[channel]
            }
        }
    }

    /// The same of red, green and blue.
    func blendColors(
        _ line: UnsafePointer<Float>, _ factors: [Float], _ shifts: [Float], into target: UnsafeMutablePointer<Float>,
        step: Int
    ) {
        let factor = SIMD4(factors[0], factors[1], factors[2], 0)
        let shift = SIMD4(shifts[0], shifts[1], shifts[2], 0)
        starts.withUnsafeBufferPointer { starts in
            weights.withUnsafeBufferPointer { weights in
                for position in 0..<count {
                    let first = line + starts[position] * 3
                    var sum = SIMD4<Float>.zero
                    for tap in 0..<taps {
                        let pixel = first + tap * 3
                        sum += weights[position * taps + tap] * SIMD4(pixel[0], pixel[1], pixel[2], 0)
                    }
                    let color = sum * factor + shift
                    let place = target + position * step
                    (place[0], place[1], place[2]) = (color[0], color[1], color[2])
                }
            }
        }
    }
}
