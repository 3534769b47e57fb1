import ApusCore

/// A product of two inputs: `y[u] = left · weight[u] · right + bias[u]`, `[.., left], [.., right] -> [.., units]`.
///
/// Parameters: `weight [units, left, right]`, `bias [units]`.
public final class Bilinear: MergingLayer {
    /// The number of outputs.
    public let units: Int
    /// The function of the outputs.
    public let activation: ActivationFunction
    /// A matrix for each output.
    public let weight: Parameter
    /// What is added: `[units]`; `nil` without bias.
    public let bias: Parameter?

    /// - Parameter units: the number of outputs, 1 or more
    public init(
        _ units: Int, activation: ActivationFunction = .linear, bias: Bool = true,
        initializer: Initializer = .glorotUniform
    ) {
        self.units = units
        self.activation = activation
        weight = Parameter(initializer)
        self.bias = bias ? Parameter(.zeros) : nil
    }

    public var details: String { "\(units) units" }

    public func merge(_ inputs: [Tensor]) throws(ApusError) -> Tensor {
        try require(units, in: 1...1 << 24, "the number of units")
        guard inputs.count == 2, inputs[0].rank >= 1, inputs[0].rank == inputs[1].rank,
            inputs[0].shape.extents.dropLast() == inputs[1].shape.extents.dropLast()
        else {
            throw mistake(
                .shape, "inputs of shapes \(inputs.map(\.shape))", remedy: "feed two, [.., left] and [.., right]")
        }
        let (left, right) = (inputs[0].shape[-1], inputs[1].shape[-1])
        let leading = Array(inputs[0].shape.extents.dropLast())
        let weights = weight.value(
            shape: [units, left, right], fanIn: Shape.product(left, right), fanOut: units, dtype: inputs[0].dtype)
        // [rows, left] x [left, units * right], weighted by the right input and summed over it.
        let table = weights.permuted([1, 0, 2]).reshaped(to: [left, Shape.product(units, right)])
        let products = matmul(inputs[0].reshaped(to: [leading.reduce(1, *), left]), table)
        let y = (products.reshaped(to: Shape(leading + [units, right])) * inputs[1].expanded(at: -2)).sum(axes: [-1])
        return finished(y, bias: bias, activation: activation)
    }
}

/// A dense layer in Einstein's notation: `activation(einsum(equation, x, weight) + bias)`.
///
///     EinsumDense("btd,dhk->bthk", weight: [64, 8, 16])         // projections for attention heads
///
/// Parameters: `weight` as given, `bias` of the extents that stand in `biasAxes`.
public final class EinsumDense: Layer {
    /// The product, such as `abc,cd->abd`.
    public let equation: String
    /// The extents of the weights.
    public let weightShape: Shape
    /// The letters of the output's axes that the bias has.
    public let biasAxes: String
    /// The function of the output.
    public let activation: ActivationFunction
    /// The second operand of the product.
    public let weight: Parameter
    /// What is added; `nil` where `biasAxes` is empty.
    public let bias: Parameter?

    /// - Parameters:
    ///   - equation: the input's axes, the weight's and the output's, such as `ab,bc->ac`
    ///   - weight: the weight's extents
    ///   - biasAxes: the output's letters that the bias has; without any there is no bias
    public init(
        _ equation: String, weight: Shape, biasAxes: String = "", activation: ActivationFunction = .linear,
        initializer: Initializer = .glorotUniform
    ) {
        self.equation = equation
        weightShape = weight
        self.biasAxes = biasAxes
        self.activation = activation
        self.weight = Parameter(initializer)
        bias = biasAxes.isEmpty ? nil : Parameter(.zeros)
    }

    public var details: String { equation }

    public func forward(_ x: Tensor) throws(ApusError) -> Tensor {
        let parts = equation.filter { $0 != " " }.split(separator: ">").map(String.init)
        guard parts.count == 2, let letters = parts.last, parts[0].hasSuffix("-"),
            let inputs = Optional(parts[0].dropLast().split(separator: ",")), inputs.count == 2,
            inputs[1].count == weightShape.rank, biasAxes.allSatisfy(letters.contains)
        else {
            throw mistake(
                .value, "equation \"\(equation)\" for a weight of shape \(weightShape), bias axes \"\(biasAxes)\"",
                remedy: "write the input's, the weight's and the output's axes, such as ab,bc->ac")
        }
        // What the weight shares with the input is summed over, or counts positions.
        let shared = zip(inputs[1], weightShape.extents).filter { inputs[0].contains($0.0) && !letters.contains($0.0) }
        let fanIn = shared.map(\.1).reduce(1, Shape.product)
        let made = zip(inputs[1], weightShape.extents).filter { letters.contains($0.0) && !inputs[0].contains($0.0) }
        let weights = weight.value(
            shape: weightShape, fanIn: fanIn, fanOut: made.map(\.1).reduce(1, Shape.product), dtype: x.dtype)
        var y = einsum(equation, x, weights)
        if let bias, y.error == nil {
            let extents = zip(letters, y.shape.extents).map { biasAxes.contains($0) ? $1 : 1 }
            y = y + bias.value(shape: Shape(extents), dtype: x.dtype)
        }
        return y.error == nil ? activation(y) : y
    }
}
