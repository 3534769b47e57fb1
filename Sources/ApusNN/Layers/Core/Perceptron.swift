import ApusCore

/// Rosenblatt's perceptron: units that give 1 where `x · weight + bias` is over 0, else 0; `[.., inputs] -> [.., units]`
/// (Psychological Review, 1958).
///
/// The step has no slope, so that gradients do not reach the weights; ``learn(_:_:rate:)`` is the classical rule.
/// Parameters: `weight [inputs, units]`, `bias [units]`, which start as zeros.
///
///     let gate = Perceptron(1)
///     while try gate.learn(inputs, targets) > 0 {}        // ends if the classes can be separated
public final class Perceptron: Layer {
    /// The number of outputs.
    public let units: Int
    /// The weights `[inputs, units]`.
    public let weight: Parameter
    /// What is added: minus the threshold, `[units]`.
    public let bias: Parameter

    /// - Parameter units: the number of outputs, 1 or more
    public init(_ units: Int = 1, initializer: Initializer = .zeros) {
        self.units = units
        weight = Parameter(initializer)
        bias = Parameter(.zeros)
    }

    public var details: String { "\(units) units" }

    public func forward(_ x: Tensor) throws(ApusError) -> Tensor { (try drive(x) .> 0.0).cast(to: x.dtype) }

    private func drive(_ x: Tensor) throws(ApusError) -> Tensor {
        try require(units, in: 1...1 << 24, "the number of units")
        try require(x, rank: 1...8, "[.., inputs]")
        let weight = weight.value(shape: [x.shape[-1], units], fanIn: x.shape[-1], fanOut: units, dtype: x.dtype)
        return matmul(x, weight) + bias.value(shape: [units], dtype: x.dtype)
    }

    /// One pass over samples in their order: after each mistake `weight += rate (target - output) x`, the bias likewise.
    ///
    /// - Parameters:
    ///   - inputs: `[samples, inputs]`
    ///   - targets: `[samples, units]` of zeros and ones
    /// - Returns: the number of wrong outputs met
    @discardableResult
    public func learn(_ inputs: Tensor, _ targets: Tensor, rate: Double = 1) throws(ApusError) -> Int {
        if let error = inputs.error ?? targets.error { throw error }
        guard inputs.rank == 2, targets.shape == [inputs.shape[0], units] else {
            throw mistake(
                .shape, "inputs \(inputs.shape) and targets \(targets.shape) of \(units) units",
                remedy: "give [samples, inputs] and [samples, units]")
        }
        let first = try drive(inputs)
        if let error = first.error { throw error }
        let (x, goals): ([Double], [Double]) = (try inputs.array(), try targets.cast(to: inputs.dtype).array())
        var (weights, biases): ([Double], [Double]) = (try weight.value.array(), try bias.value.array())
        let width = inputs.shape[1]
        var mistakes = 0
        for sample in 0..<inputs.shape[0] {
            for unit in 0..<units {
                var drive = biases[unit]
                for input in 0..<width { drive += x[sample * width + input] * weights[input * units + unit] }
                let change = goals[sample * units + unit] - (drive > 0 ? 1 : 0)
                guard change != 0 else { continue }
                mistakes += 1
                biases[unit] += rate * change
                for input in 0..<width {
                    weights[input * units + unit] += rate * change * x[sample * width + input]
                }
            }
        }
        weight.value = Tensor.constant(weights, shape: weight.shape, dtype: weight.dtype)
        bias.value = Tensor.constant(biases, shape: bias.shape, dtype: bias.dtype)
        return mistakes
    }
}
