import ApusCore

/// A dense layer that gives as many features as it gets, `x · weight + bias`: `[..., width] -> [..., width]`. Inside
/// another layer that one may ask for another number.
///
/// Parameters: `weight [width, units]`, `bias [units]`.
public final class Projection: Layer {
    /// The trainable matrix `[width, units]`.
    public let weight: Parameter
    /// What is added: `[units]`; `nil` without bias.
    public let bias: Parameter?

    /// - Parameter bias: whether a trainable vector is added
    public init(bias: Bool = true, initializer: Initializer = .glorotUniform) {
        weight = Parameter(initializer)
        self.bias = bias ? Parameter(.zeros) : nil
    }

    public func forward(_ x: Tensor) throws(ApusError) -> Tensor {
        try projected(x, units: weight.isBuilt ? weight.shape[-1] : x.shape[-1])
    }

    func callAsFunction(_ x: Tensor, units: Int) -> Tensor {
        guard x.error == nil else { return x }
        return observed { () throws(ApusError) in try projected(x, units: units) }
    }

    private func projected(_ x: Tensor, units: Int) throws(ApusError) -> Tensor {
        try require(x, rank: 1...16, "[.., width]")
        let inputs = x.shape[-1]
        let weight = weight.value(shape: [inputs, units], fanIn: inputs, fanOut: units, dtype: x.dtype)
        let y = matmul(x, weight)
        return bias.map { y + $0.value(shape: [units], dtype: x.dtype) } ?? y
    }
}
