import ApusCore

/// How values and gradients spread through a model: mean and variance of each layer's output, and the variance of the
/// loss' derivative with respect to it.
///
///     let report = try SignalReport(model, inputs: images)
///     print(report)                                 // a line a layer
///     report.warnings                               // where the variance grows or shrinks over the layers
///
/// The outputs of layers with weights and without an activation are the drives of units. Two reports of the same model, from
/// before and after some training, tell how far the distributions have moved: ``drift(since:)``.
public struct SignalReport: Sendable, CustomStringConvertible {
    /// One layer.
    public struct Row: Sendable {
        /// The layer's path, such as `conv2d1`.
        public let path: String
        /// Its type.
        public let kind: String
        /// Whether it has trainable parameters of two axes or more.
        public let hasWeights: Bool
        /// Of all elements of its output.
        public let mean: Double
        /// The variance of all elements of its output.
        public let variance: Double
        /// Of the derivatives of the loss with respect to its output.
        public let gradientVariance: Double
        /// The means and variances of its channels (the last axis).
        public let channelMeans: [Double]
        /// The variances of its channels.
        public let channelVariances: [Double]

        /// How far the output is from being centred around 0: the mean's magnitude in standard deviations.
        public var shift: Double { mean.magnitude / Swift.max(variance.squareRoot(), 1e-300) }
    }

    /// The layers in the order of their calls; those that only call others are left out.
    public let rows: [Row]

    /// Runs a model in training mode, so that batch norm uses the statistics of the batch, and keeps no running statistics.
    ///
    /// - Parameters:
    ///   - inputs: `[batch, ...]`
    ///   - seed: of dropout, initial values, and the loss
    ///   - loss: from the output to a scalar; by default the output times fixed random numbers, as if each output had a
    ///     derivative of variance 1
    /// - Throws: an `ApusError` if the inputs do not fit the model, or the loss is no scalar
    public init(
        _ model: any Module, inputs: Tensor, seed: UInt64 = 0, loss: ((_ output: Tensor) -> Tensor)? = nil
    ) throws(ApusError) {
        var records: [(call: LayerCall, output: Tensor)] = []
        let observer = Observer { call, output in
            records.append((call, output))
            return output
        }
        let pass = ForwardPass(mode: .training, seed: seed)
        let output = observer.run { pass.run(model: model, inputs) }
        if let error = output.error { throw error }
        let weights = Tensor.randomNormal(output.shape, seed: seed &+ 1)
        let value = loss?(output) ?? (output * weights.cast(to: output.dtype)).sum()
        if let error = value.error { throw error }
        guard value.shape.count == 1 else {
            throw ApusError(
                .shape, in: "SignalReport", "the loss has shape \(value.shape), expected a scalar",
                remedy: "reduce it, for example with mean()")
        }
        let parents = Set(records.compactMap { $0.call.parent.map(ObjectIdentifier.init) })
        let leaves = records.filter {
            !parents.contains(ObjectIdentifier($0.call)) && $0.output.dtype.isFloatingPoint && $0.output.shape.count > 0
        }
        let slopes = gradients(of: value.reshaped(to: []), withRespectTo: leaves.map(\.output))
        var figures: [Tensor] = []
        for (leaf, slope) in zip(leaves, slopes) {
            let y = leaf.output.cast(to: .float64)
            let axes = Array(0..<Swift.max(y.rank - 1, 0))
            figures += [
                y.mean(), y.variance(), slope.cast(to: .float64).variance(), y.mean(axes: axes), y.variance(axes: axes),
            ]
        }
        try Tensor.evaluate(figures)
        var rows: [Row] = []
        for (index, leaf) in leaves.enumerated() {
            let own = figures[index * 5..<index * 5 + 5].map { $0 }
            rows.append(
                Row(
                    path: leaf.call.path ?? LayerNames.typeName(leaf.call.module),
                    kind: "\(type(of: leaf.call.module))",
                    hasWeights: leaf.call.module.parameters.contains { $0.isTrainable && $0.shape.rank >= 2 },
                    mean: try own[0].item(), variance: try own[1].item(), gradientVariance: try own[2].item(),
                    channelMeans: try own[3].flattened().array(), channelVariances: try own[4].flattened().array()))
        }
        self.rows = rows
    }

    /// What is wrong with how values and gradients spread; empty if nothing is.
    ///
    /// Compared are hidden layers with weights: a variance that changes by more than a factor of 10 from the first to the last, and
    /// outputs further than one standard deviation from 0.
    public var warnings: [String] {
        let all = rows.filter(\.hasWeights)
        // The head has another width and no activation behind it.
        let weighted = all.count > 2 ? all.dropLast() : all
        var warnings: [String] = []
        if let first = weighted.first, let last = weighted.last, weighted.count > 1 {
            let remedy =
                "scale initial weights by the fan-in (He for ReLU, Glorot for tanh), or normalise between layers"
            if let change = Self.change(first.variance, last.variance) {
                warnings.append(
                    "the variance of outputs \(change) from \(Self.text(first.variance)) in \(first.path) to "
                        + "\(Self.text(last.variance)) in \(last.path): \(remedy)")
            }
            if let change = Self.change(last.gradientVariance, first.gradientVariance) {
                warnings.append(
                    "the variance of gradients \(change) on the way back from \(Self.text(last.gradientVariance)) in "
                        + "\(last.path) to \(Self.text(first.gradientVariance)) in \(first.path): \(remedy)")
            }
        }
        for row in weighted where row.shift > 1 {
            warnings.append(
                "the outputs of \(row.path) are \(Self.text(row.shift)) standard deviations from 0 in the mean: centre the "
                    + "inputs, or normalise before it")
        }
        return warnings
    }

    /// How far the distributions of the layers' outputs have moved: for each layer that is in both reports the mean over its
    /// channels of the change of the mean and of the standard deviation, in standard deviations of before.
    ///
    /// - Parameter earlier: a report of the same model on the same inputs
    public func drift(since earlier: SignalReport) -> [(path: String, drift: Double)] {
        rows.compactMap { row in
            guard let before = earlier.rows.first(where: { $0.path == row.path }),
                before.channelMeans.count == row.channelMeans.count, !row.channelMeans.isEmpty
            else { return nil }
            var sum = 0.0
            for channel in row.channelMeans.indices {
                let deviation = Swift.max(before.channelVariances[channel].squareRoot(), 1e-6)
                sum += (row.channelMeans[channel] - before.channelMeans[channel]).magnitude / deviation
                sum += (row.channelVariances[channel].squareRoot() / deviation - 1).magnitude
            }
            return (row.path, sum / Double(row.channelMeans.count))
        }
    }

    /// A line for each layer: path, type, mean, variance, variance of the gradient.
    public var description: String {
        let header = ["layer", "type", "mean", "variance", "gradient variance"]
        let lines =
            [header]
            + rows.map {
                [$0.path, $0.kind, Self.text($0.mean), Self.text($0.variance), Self.text($0.gradientVariance)]
            }
        let widths = header.indices.map { column in lines.map { $0[column].count }.max() ?? 0 }
        return lines.map { line in
            zip(line, widths).map { $0 + String(repeating: " ", count: $1 - $0.count) }.joined(separator: "  ")
                .trimmingSuffix { $0 == " " }
        }.joined(separator: "\n")
    }

    private static func change(_ before: Double, _ after: Double) -> String? {
        if after > before * 10 { return "grows" }
        return after < before / 10 ? "shrinks" : nil
    }

    /// Three significant digits.
    private static func text(_ value: Double) -> String {
        guard value.isFinite, value != 0 else { return "\(value)" }
        var (mantissa, exponent) = (value.magnitude, 0)
        while mantissa >= 10 { (mantissa, exponent) = (mantissa / 10, exponent + 1) }
        while mantissa < 1 { (mantissa, exponent) = (mantissa * 10, exponent - 1) }
        let digits = (mantissa * 100).rounded() / 100
        let sign = value < 0 ? "-" : ""
        if (-3...5).contains(exponent) {
            var scale = 1.0
            for _ in 0..<abs(exponent) { scale *= 10 }
            let number = exponent >= 0 ? digits * scale : digits / scale
            return sign + "\((number * 1e6).rounded() / 1e6)"
        }
        return "\(sign)\(digits)e\(exponent)"
    }
}

extension String {
    fileprivate func trimmingSuffix(while condition: (Character) -> Bool) -> String {
        var result = self
        while let last = result.last, condition(last) { result.removeLast() }
        return result
    }
}
