extension Tensor {
    /// A tensor that carries a mistake to where it is read.
    package static func refused(
        _ kind: ApusError.Kind, in place: String, _ problem: String, remedy: String
    ) -> Tensor {
        Tensor(error: ApusError(kind, in: place, problem, remedy: remedy))
    }

    /// What the closure builds, or a tensor that carries what it throws, or the first error of the inputs.
    package static func composed(
        of inputs: [Tensor], _ build: () throws(ApusError) -> Tensor
    ) -> Tensor {
        if let failed = inputs.first(where: { $0.error != nil }) { return failed }
        do throws(ApusError) {
            return try build()
        } catch {
            return Tensor(error: error)
        }
    }

    /// What the closure builds for a valid, non-negative axis.
    package func onAxis(
        _ axis: Int, in place: String, _ build: (Int) throws(ApusError) -> Tensor
    ) -> Tensor {
        Tensor.composed(of: [self]) { () throws(ApusError) in try build(try shape.axis(axis, in: place)) }
    }

    /// One number in every element, in this tensor's shape and type.
    package func filled(_ value: Double) -> Tensor { Tensor(repeating: value, shape: shape, dtype: dtype) }
}
