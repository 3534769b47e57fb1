import ApusCore

/// A layer of several inputs.
///
///     let y = Add()(a, b, c)
///     let z = Concatenate()([a, b])
public protocol MergingLayer: Module {
    /// The output for inputs that carry no error.
    func merge(_ inputs: [Tensor]) throws(ApusError) -> Tensor
}

extension MergingLayer {
    /// The merged tensor.
    public func callAsFunction(_ inputs: [Tensor]) -> Tensor {
        if let failed = inputs.first(where: { $0.error != nil }) { return failed }
        return observed { () throws(ApusError) in
            guard !inputs.isEmpty else {
                throw mistake(.value, "there are no inputs", remedy: "feed at least one tensor")
            }
            return try merge(inputs)
        }
    }

    /// The merged tensor.
    public func callAsFunction(_ inputs: Tensor...) -> Tensor { self(inputs) }

    /// A single input, such as in a `Sequential`.
    public func callAsFunction(_ x: Tensor) -> Tensor { self([x]) }

    /// This layer as the next step of a functional model.
    public func callAsFunction(_ inputs: [SymbolicTensor]) -> SymbolicTensor {
        SymbolicTensor.apply(self, inputs) { $0($1) }
    }

    /// The merged tensor of a functional model.
    public func callAsFunction(_ inputs: SymbolicTensor...) -> SymbolicTensor { self(inputs) }

    /// Refuses any other number of inputs.
    func require(_ inputs: [Tensor], count: Int, _ form: String) throws(ApusError) {
        guard inputs.count == count else {
            throw mistake(.value, "\(inputs.count) inputs", remedy: "feed \(form)")
        }
    }
}
