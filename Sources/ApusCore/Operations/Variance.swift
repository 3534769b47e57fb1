/// A variance with its mean: the inputs are its value, what it was computed from, and the mean, kept as extents of 1.
///
/// The derivative is `2 (x - mean) / divisor`. The way through the mean adds nothing, as the distances from it sum to
/// zero; walking it would cost two passes over `x` in each backward step.
struct Variance: Operation {
    static let name = "variance"
    let divisor: Double

    func shape(of inputs: [Shape]) -> Shape { inputs[0] }

    func gradient(_ dy: Tensor, inputs: [Tensor], output: Tensor) -> [Tensor?] {
        [nil, (inputs[1] - inputs[2]) * (dy * (2 / divisor)), nil]
    }

    var role: OperationRole { .identity }

    func batched(_ inputs: [Tensor], isBatched: [Bool]) -> Tensor? {
        isBatched.allSatisfy { $0 } ? Tensor(self, inputs) : nil
    }

    func reference(_ inputs: [ReferenceTensor], shape: Shape) -> [Double] { inputs[0].values }
}
