import ApusCore

/// Powers of signals: tensors `[..., time]` of one shape give `[...]`, in dB.
private func signalPair(
    _ output: Tensor, _ target: Tensor, isCentred: Bool, in place: String, _ function: (Tensor, Tensor) -> Tensor
) -> Tensor {
    equallyShaped(output, target, in: place) { p, t in
        guard p.rank > 0, p.shape[-1] > 0 else {
            return Tensor(
                error: ApusError(
                    .shape, in: place, "signals of shape \(p.shape)", remedy: "give signals [..., time]"))
        }
        guard isCentred else { return function(p, t) }
        return function(
            p - p.mean(axes: [-1], keepDimensions: true), t - t.mean(axes: [-1], keepDimensions: true))
    }
}

/// `10 log10(sum target^2 / sum noise^2)` over the last axis.
private func decibels(_ signal: Tensor, _ noise: Tensor) -> Tensor {
    let tiny = 1.1920929e-07
    return (((signal.square().sum(axes: [-1]) + tiny) / (noise.square().sum(axes: [-1]) + tiny)).log())
        * 4.342944819032518
}

/// The power of the target over that of the difference, in dB.
///
/// - Parameters:
///   - output, target: `[..., time]`
///   - isCentred: whether means are taken off first
/// - Returns: `[...]`
public func signalNoiseRatio(_ output: Tensor, _ target: Tensor, isCentred: Bool = false) -> Tensor {
    signalPair(output, target, isCentred: isCentred, in: "signalNoiseRatio") { p, t in decibels(t, t - p) }
}

/// The power of the target, scaled to fit the output best, over that of what is left, in dB (Le Roux et al., 2019).
/// Centred signals make it the scale-invariant signal-to-noise ratio.
///
/// - Returns: `[...]`
public func scaleInvariantRatio(_ output: Tensor, _ target: Tensor, isCentred: Bool = false) -> Tensor {
    signalPair(output, target, isCentred: isCentred, in: "scaleInvariantRatio") { p, t in
        let tiny = 1.1920929e-07
        let above = (p * t).sum(axes: [-1], keepDimensions: true) + tiny
        let scaled = t * (above / (t.square().sum(axes: [-1], keepDimensions: true) + tiny))
        return decibels(scaled, scaled - p)
    }
}

/// The signal-to-distortion ratio (Vincent et al., 2006): the power of the target, filtered by the `length` taps that fit
/// the output best, over that of what is left, in dB.
///
/// The filter solves a Toeplitz system by Levinson's recursion, in float64 on the host: there is no gradient.
///
/// - Returns: `[...]`, `float64`
/// - Complexity: `time * length + length^2` for each signal
public func signalDistortionRatio(
    _ output: Tensor, _ target: Tensor, filter length: Int = 512, isCentred: Bool = false
) -> Tensor {
    let place = "signalDistortionRatio"
    guard length > 0, length <= 1 << 16 else {
        return Tensor(
            error: ApusError(.value, in: place, "a filter of \(length) taps", remedy: "use 1 to \(1 << 16) taps"))
    }
    return signalPair(output.cast(to: .float64), target, isCentred: isCentred, in: place) { p, t in
        do throws(ApusError) {
            let (outputs, targets) = (try p.numbers(), try t.numbers())
            let time = p.shape[-1]
            let ratios = (0..<p.shape.count / time).map { row in
                distortionRatio(
                    Array(outputs[row * time..<(row + 1) * time]), Array(targets[row * time..<(row + 1) * time]),
                    length)
            }
            return Tensor(ratios, shape: Shape(Array(p.shape.extents.dropLast())))
        } catch {
            return Tensor(error: error)
        }
    }
}

private func distortionRatio(_ output: [Double], _ target: [Double], _ length: Int) -> Double {
    func normalised(_ signal: [Double]) -> [Double] {
        let norm = signal.reduce(0) { $0 + $1 * $1 }.squareRoot()
        return signal.map { $0 / max(norm, 1e-6) }
    }
    func correlation(_ a: [Double], _ b: [Double], lag: Int) -> Double {
        guard lag < a.count else { return 0 }
        return (lag..<a.count).reduce(0) { $0 + b[$1] * a[$1 - lag] }
    }
    let (p, t) = (normalised(output), normalised(target))
    let matrix = (0..<length).map { correlation(t, t, lag: $0) }
    let right = (0..<length).map { correlation(t, p, lag: $0) }
    let taps = solveToeplitz(matrix, right)
    // The share of the output that the filtered target explains.
    let coherence = zip(right, taps).reduce(0) { $0 + $1.0 * $1.1 }
    return Real.log10(coherence / (1 - coherence)) * 10
}

/// Solves a symmetric Toeplitz system by Levinson's recursion; what is singular is filled with 0.
func solveToeplitz(_ column: [Double], _ right: [Double]) -> [Double] {
    guard let first = column.first, first != 0 else { return [Double](repeating: 0, count: right.count) }
    var predictor = [1.0]
    var solution = [right[0] / first]
    var error = first
    for size in 1..<max(right.count, 1) {
        let reflection = -(0..<size).reduce(0.0) { $0 + predictor[$1] * column[size - $1] } / error
        let padded = predictor + [0]
        predictor = (0...size).map { padded[$0] + reflection * padded[size - $0] }
        error *= 1 - reflection * reflection
        guard abs(error) > 1e-300 else { return solution + [Double](repeating: 0, count: right.count - size) }
        let rest = right[size] - (0..<size).reduce(0.0) { $0 + solution[$1] * column[size - $1] }
        let step = rest / error
        solution = (0...size).map { ($0 < size ? solution[$0] : 0) + step * predictor[size - $0] }
    }
    return solution
}

/// The best figure over all assignments of separated signals to targets (Yu et al., 2017).
///
/// - Parameters:
///   - output, target: `[batch, speakers, time]`, up to eight speakers
///   - higherIsBetter: whether the best is the largest
///   - figure: of signals `[batch, time]` each, such as `scaleInvariantRatio`: `[batch]`
/// - Returns: the mean of the figure over the speakers `[batch]`, and the target of each output `[batch, speakers]`
public func permutationInvariant(
    _ output: Tensor, _ target: Tensor, higherIsBetter: Bool = true,
    _ figure: (_ output: Tensor, _ target: Tensor) -> Tensor
) throws(ApusError) -> (values: Tensor, assignment: Tensor) {
    if let failed = output.error ?? target.error { throw failed }
    let speakers = output.shape[1]
    guard output.rank == 3, output.shape == target.shape, (1...8).contains(speakers) else {
        throw ApusError(
            .shape, in: "permutationInvariant", "an output of shape \(output.shape), a target of shape \(target.shape)",
            remedy: "give [batch, speakers, time] of one shape with one to eight speakers")
    }
    let batch = output.shape[0]
    var pairs: [[Double]] = []
    for first in 0..<speakers {
        for second in 0..<speakers {
            let value = figure(
                output.slice(axis: 1, first..<first + 1).squeezed(1),
                target.slice(axis: 1, second..<second + 1).squeezed(1))
            let numbers = try value.numbers()
            guard numbers.count == batch else {
                throw ApusError(
                    .shape, in: "permutationInvariant", "the figure has shape \(value.shape) for \(batch) samples",
                    remedy: "compute a value for each sample: [batch]")
            }
            pairs.append(numbers)
        }
    }
    let orders = permutations(Array(0..<speakers))
    var values: [Double] = []
    var chosen: [Int64] = []
    for sample in 0..<batch {
        var best: (value: Double, order: [Int])?
        for order in orders {
            let sum = order.enumerated().reduce(0.0) { $0 + pairs[$1.offset * speakers + $1.element][sample] }
            let isBetter = best.map { higherIsBetter ? sum > $0.value : sum < $0.value } ?? true
            if isBetter { best = (sum, order) }
        }
        values.append((best?.value ?? .nan) / Double(speakers))
        chosen += (best?.order ?? []).map(Int64.init)
    }
    return (Tensor(values, shape: [batch]), Tensor(chosen, shape: [batch, speakers]))
}

private func permutations(_ items: [Int]) -> [[Int]] {
    guard items.count > 1 else { return [items] }
    return items.indices.flatMap { index in
        var rest = items
        let first = rest.remove(at: index)
        return permutations(rest).map { [first] + $0 }
    }
}

/// Figures of signals `[..., time]`: means over the signals, in dB.
extension Metric {
    /// The power of the target over that of the difference.
    public static func signalNoiseRatio(isCentred: Bool = false) -> Metric {
        Metric("SNR") { ApusNN.signalNoiseRatio($0, $1, isCentred: isCentred) }
    }
    /// The scale-invariant signal-to-distortion ratio.
    public static let scaleInvariantDistortionRatio = Metric("SI-SDR") { ApusNN.scaleInvariantRatio($0, $1) }
    /// The scale-invariant signal-to-noise ratio: signals are centred.
    public static let scaleInvariantNoiseRatio = Metric("SI-SNR") {
        ApusNN.scaleInvariantRatio($0, $1, isCentred: true)
    }
    /// The signal-to-distortion ratio after the best filter of the target.
    public static func signalDistortionRatio(filter: Int = 512, isCentred: Bool = false) -> Metric {
        Metric(
            "SDR",
            HostMean { output, target throws(ApusError) in
                try ApusNN.signalDistortionRatio(output, target, filter: filter, isCentred: isCentred).numbers()
            }
        ) { $0.mean }
    }
    /// The best figure over all assignments of outputs to targets: `[batch, speakers, time]`.
    public static func permutationInvariant(
        _ name: String, higherIsBetter: Bool = true,
        _ figure: @escaping @Sendable (_ output: Tensor, _ target: Tensor) -> Tensor
    ) -> Metric {
        Metric(
            name,
            HostMean { output, target throws(ApusError) in
                try ApusNN.permutationInvariant(output, target, higherIsBetter: higherIsBetter, figure).values.numbers()
            }, higherIsBetter: higherIsBetter
        ) { $0.mean }
    }
}
