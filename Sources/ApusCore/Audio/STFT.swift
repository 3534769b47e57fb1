extension Tensor {
    /// The short-time Fourier transform: the spectra of windowed pieces of signals,
    /// `[.., time] -> [.., frames, length / 2 + 1]`.
    ///
    /// The conventions are those of `torch.stft` but for the order of the last two axes and the default window: with
    /// `isCentered` the signal is mirrored by `length / 2` at both ends, so that frame `i` has sample `i * hop` in its
    /// middle; a window shorter than `length` is filled up with zeros at both sides.
    ///
    ///     let spectrum = signal.stft(length: 512, hop: 128)
    ///     let back = spectrum.istft(hop: 128, count: signal.shape[-1])
    ///
    /// - Parameters:
    ///   - length: of a transform, in samples
    ///   - hop: the distance between frames; by default a quarter of `length`
    ///   - window: a vector of up to `length` weights, by default the periodic Hann window of that length
    public func stft(
        length: Int, hop: Int? = nil, window: Tensor? = nil, isCentered: Bool = true, scale: FourierScale = .backward
    ) -> ComplexTensor {
        let place = "operation stft"
        let frames = Tensor.composed(of: [self, window ?? self]) { () throws(ApusError) in
            let hop = try checkedHop(hop, length: length, in: place)
            guard rank >= 1, dtype.isFloatingPoint else {
                throw ApusError(
                    .shape, in: place, "a signal of shape \(shape) of \(dtype)",
                    remedy: "feed floating-point numbers [.., time]")
            }
            let weights = try fullWindow(window, length: length, dtype: dtype, in: place)
            var signal = self
            if isCentered {
                guard shape[-1] > length / 2 else {
                    throw ApusError(
                        .shape, in: place, "\(shape[-1]) samples for transforms of \(length)",
                        remedy: "feed more than \(length / 2) samples, or transform without isCentered")
                }
                var widths = [(before: Int, after: Int)](repeating: (0, 0), count: rank)
                widths[rank - 1] = (length / 2, length / 2)
                signal = padded(widths, mode: .reflect)
            }
            guard signal.shape[-1] >= length else {
                throw ApusError(
                    .shape, in: place, "\(shape[-1]) samples for transforms of \(length)",
                    remedy: "feed at least \(length) samples")
            }
            return signal.windows(axis: -1, size: length, step: hop) * weights
        }
        return frames.rfft(scale: scale)
    }
}

extension ComplexTensor {
    /// The inverse of ``Tensor/stft(length:hop:window:isCentered:scale:)``: `[.., frames, length / 2 + 1] -> [.., time]`.
    /// Overlapping pieces are added up with the window as weights and divided by the sum of its squares; where no window
    /// reaches there is 0.
    ///
    /// - Parameters:
    ///   - hop: the distance between frames; by default a quarter of the length, which is `2 (bins - 1)`
    ///   - window: that of the forward transform
    ///   - count: the number of samples, by default as many as frames reach
    public func istft(
        length: Int? = nil, hop: Int? = nil, window: Tensor? = nil, isCentered: Bool = true, count: Int? = nil,
        scale: FourierScale = .backward
    ) -> Tensor {
        let place = "operation istft"
        return Tensor.composed(of: [real, imaginary, window ?? real]) { () throws(ApusError) in
            let length = length ?? Swift.max(1, 2 * (shape[-1] - 1))
            let hop = try checkedHop(hop, length: length, in: place)
            guard shape.rank >= 2, shape[-1] == length / 2 + 1, shape[-2] >= 1, real.dtype.isFloatingPoint else {
                throw ApusError(
                    .shape, in: place, "spectra of shape \(shape) of transforms of \(length)",
                    remedy: "feed [.., frames, length / 2 + 1] with a frame")
            }
            let weights = try fullWindow(window, length: length, dtype: real.dtype, in: place)
            let frames = shape[-2]
            let total = (frames - 1) * hop + length
            _ = try Shape(shape.extents.dropLast(2) + [total]).checkedCount(in: place)
            let places = Tensor.positions((0..<frames).flatMap { frame in (0..<length).map { frame * hop + $0 } })
                .reshaped(to: [frames, length])
            let pieces = irfft(count: length, scale: scale) * weights
            let sum = pieces.scatterAdd(indices: places, axis: -2 + shape.rank, extent: total)
            let squares = weights.square().broadcast(to: [frames, length])
                .scatterAdd(indices: places, axis: 0, extent: total)
            let isReached = squares .> 1e-11
            let signal = Tensor.select(
                isReached, sum / Tensor.select(isReached, squares, squares.like(repeating: 1)), sum * 0)
            let start = isCentered ? length / 2 : 0
            let end = isCentered ? total - length / 2 : total
            let wanted = count ?? Swift.max(end - start, 0)
            guard (0...FourierTransform.longest * 64).contains(wanted) else {
                throw ApusError(.value, in: place, "\(wanted) samples", remedy: "ask for 0 or more")
            }
            let kept = signal.slice(axis: -1, Swift.min(start, total)..<Swift.min(start + wanted, total))
            var widths = [(before: Int, after: Int)](repeating: (0, 0), count: kept.rank)
            guard kept.error == nil, kept.shape[-1] < wanted else { return kept }
            widths[kept.rank - 1].after = wanted - kept.shape[-1]
            return kept.padded(widths)
        }
    }
}

private func checkedHop(_ hop: Int?, length: Int, in place: String) throws(ApusError) -> Int {
    let hop = hop ?? Swift.max(1, length / 4)
    guard (1...FourierTransform.longest).contains(length), (1...FourierTransform.longest).contains(hop) else {
        throw ApusError(
            .value, in: place, "transforms of \(length) samples at a distance of \(hop)",
            remedy: "use numbers in 1...\(FourierTransform.longest)")
    }
    return hop
}

/// A window in the middle of `length` weights.
private func fullWindow(
    _ window: Tensor?, length: Int, dtype: DType, in place: String
) throws(ApusError) -> Tensor {
    guard let window else { return Tensor.hannWindow(length, dtype: dtype) }
    guard window.rank == 1, window.shape[0] >= 1, window.shape[0] <= length, window.dtype.isFloatingPoint else {
        throw ApusError(
            .shape, in: place, "a window of shape \(window.shape) for transforms of \(length)",
            remedy: "give a vector of 1 to \(length) floating-point weights")
    }
    let before = (length - window.shape[0]) / 2
    return window.cast(to: dtype).padded([(before, length - window.shape[0] - before)])
}
