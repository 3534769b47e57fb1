import ApusCore

/// SpecAugment (Park et al., Interspeech 2019): a spectrogram warped in time, with bands of frequencies and stretches of
/// time left out at random.
///
///     let augment = SpecAugment(timeWarp: 8, frequencyMasks: 2, frequencyWidth: 15, timeMasks: 2, timeWidth: 25)
///     pipeline.map("augment", seed: 3) { sample, random in try augment(sample.input, using: &random) }
public struct SpecAugment: Sendable, Hashable {
    /// By how many frames a frame is moved at most, those around it with it.
    public let timeWarp: Int
    /// How many bands are left out, and how many frequencies they have at most.
    public let frequencyMasks: Int, frequencyWidth: Int
    /// How many stretches are left out, and how many frames they have at most.
    public let timeMasks: Int, timeWidth: Int
    /// The largest share of the frames that one stretch leaves out.
    public let timeShare: Double
    /// What stands in the place of what is left out; nil for the mean of the spectrogram.
    public let value: Double?

    /// - Parameter timeShare: the largest share of the frames that one stretch leaves out
    public init(
        timeWarp: Int = 0, frequencyMasks: Int = 2, frequencyWidth: Int = 27, timeMasks: Int = 2, timeWidth: Int = 100,
        timeShare: Double = 1, value: Double? = 0
    ) {
        self.timeWarp = timeWarp
        (self.frequencyMasks, self.frequencyWidth) = (frequencyMasks, frequencyWidth)
        (self.timeMasks, self.timeWidth, self.timeShare, self.value) = (timeMasks, timeWidth, timeShare, value)
    }

    /// Changes a spectrogram `[.., frames, frequencies]`; all of a batch in the same way.
    ///
    /// - Throws: an `ApusError` for fewer than two axes, numbers that are no floating-point ones, or wrong attributes
    public func callAsFunction(_ x: Tensor, using random: inout RandomSource) throws(ApusError) -> Tensor {
        if let error = x.error { throw error }
        guard x.rank >= 2, x.dtype.isFloatingPoint else {
            throw ApusError(
                .shape, in: "SpecAugment", "a spectrogram of shape \(x.shape) (\(x.dtype))",
                remedy: "feed floating-point numbers [.., frames, frequencies]")
        }
        let counts = [timeWarp, frequencyMasks, frequencyWidth, timeMasks, timeWidth]
        guard counts.allSatisfy({ (0...1 << 20).contains($0) }), timeShare >= 0, timeShare <= 1,
            value?.isFinite ?? true
        else {
            throw ApusError(
                .value, in: "SpecAugment", "its numbers are \(counts), the share \(timeShare)",
                remedy: "use numbers of 0 to 1048576, a share of 0 to 1 and a finite value")
        }
        let (frames, frequencies) = (x.shape[-2], x.shape[-1])
        var result = timeWarp > 0 && frames > 2 * timeWarp ? warped(x, using: &random) : x
        var keepsFrame = [Float](repeating: 1, count: frames)
        var keepsFrequency = [Float](repeating: 1, count: frequencies)
        for _ in 0..<frequencyMasks { Self.mask(&keepsFrequency, upTo: frequencyWidth, using: &random) }
        let longest = min(timeWidth, Int(timeShare * Double(frames)))
        for _ in 0..<timeMasks { Self.mask(&keepsFrame, upTo: longest, using: &random) }
        let kept = Tensor(keepsFrame, shape: [frames, 1]) * Tensor(keepsFrequency, shape: [frequencies])
        let filler = value.map { Tensor($0) } ?? result.mean()
        result = Tensor.select(kept .== 1, result, filler.cast(to: x.dtype))
        return result
    }

    /// Sets a stretch to 0 whose length and place are drawn.
    private static func mask(_ kept: inout [Float], upTo longest: Int, using random: inout RandomSource) {
        let length = random.integer(below: min(longest, kept.count) + 1)
        let start = random.integer(below: kept.count - length + 1)
        for index in start..<start + length { kept[index] = 0 }
    }

    /// One frame moved by up to `timeWarp`, those before and behind it drawn apart or pressed together.
    private func warped(_ x: Tensor, using random: inout RandomSource) -> Tensor {
        let frames = x.shape[-2]
        let center = timeWarp + random.integer(below: frames - 2 * timeWarp)
        let moved = center + random.integer(below: 2 * timeWarp + 1) - timeWarp
        var (lower, weights): ([Int32], [Float]) = ([], [])
        for frame in 0..<frames {
            let place =
                frame <= moved
                ? Double(frame) * Double(center) / Double(max(moved, 1))
                : Double(center) + Double(frame - moved) * Double(frames - 1 - center)
                    / Double(max(frames - 1 - moved, 1))
            let floor = min(max(Int(place), 0), max(frames - 2, 0))
            lower.append(Int32(floor))
            weights.append(Float(place - Double(floor)))
        }
        let low = Tensor(lower, shape: [frames])
        let share = Tensor(weights, shape: [frames, 1]).cast(to: x.dtype)
        let (one, other) = (x.gather(indices: low, axis: -2), x.gather(indices: low + 1, axis: -2))
        return one * (1 - share) + other * share
    }
}
