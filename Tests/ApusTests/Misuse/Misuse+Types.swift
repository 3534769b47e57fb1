import Apus

/// Element types that an operation refuses, and mistakes in derivatives.
extension Misuse {
    private static let integers = Tensor([Int32(1), 2, 3])
    private static let floats = Tensor([Float(1), 2, 3])

    static let typeRows: [Row] = [
        .reading(
            "sum of different types",
            "operation add: element types int32 and float32 differ; cast one of them to the other's type"
        ) { integers + floats },
        .reading(
            "logarithm of integers",
            "operation log: elements of type int32 are not supported; cast to float32 or float64 first"
        ) { integers.log() },
        .reading(
            "matrix product of integers",
            "operation matmul: elements of type int32 are not supported; cast to float32 or float64 first"
        ) { matmul(integers.expanded(at: 0), integers.expanded(at: 1)) },
        .reading(
            "convolution of bytes",
            "operation convolution: elements of type uint8 are not supported; cast to float32 or float64 "
                + "first"
        ) {
            let bytes = Tensor([UInt8](repeating: 1, count: 9), shape: [1, 3, 3, 1])
            return convolution(bytes, bytes.reshaped(to: [3, 3, 1, 1]))
        },
        .reading(
            "arithmetic on truth values",
            "operation add: elements of type bool are not supported; cast to a numeric type first"
        ) { (floats .> 1.0) + (floats .> 2.0) },
        .reading(
            "sum of truth values",
            "operation sum: elements of type bool are not supported; cast to int32 or float32 first"
        ) { (floats .> 1.0).sum() },
        .reading(
            "negation of a number as truth",
            "operation not: elements of type float32 are not supported; cast to bool first"
        ) { !floats },
        .reading(
            "a condition that is no truth value",
            "operation select: the condition has type float32, expected bool; compare it, for example "
                + "with 0"
        ) { Tensor.select(floats, floats, floats) },
        .reading(
            "shifting fractions",
            "operation shiftLeft: elements of type float32 are not supported; cast to int32 or int64 "
                + "first"
        ) { floats << floats },
        .reading(
            "indices that are fractions",
            "operation gather: the indices have type float32, expected an integer type; cast them to "
                + "int64"
        ) { floats.gather(indices: floats) },
        .reading(
            "depth of classes below 0",
            "operation oneHot: indices of type int32, depth -1; give int32 or int64 indices and a depth "
                + "of 0 or more"
        ) { oneHot(integers, depth: -1) },
        Row(
            "fractions read as integers",
            "array(of: Int): elements of type float32 do not fit; read them as Double or Float, or cast "
                + "the tensor"
        ) { _ = try floats.array(of: Int.self) },
        .reading(
            "the first mistake is the one that is told",
            "operation matmul: shapes [2, 3] and [2, 3] do not fit: inner extents 3 and 2; the last "
                + "extent of the first must equal the last but one of the second"
        ) {
            let first = matmul(Tensor.ones([2, 3]), Tensor.ones([2, 3]))
            return (first + integers).reshaped(to: [-5]).sum(axes: [9])
        },
    ]

    static let differentiationRows: [Row] = [
        .reading(
            "gradient of something that is no scalar",
            "gradient: the function's result has shape [3], expected a scalar; reduce it, for example "
                + "with mean(), or use vjp with a cotangent"
        ) { gradient(at: floats) { $0 * $0 } },
        .reading(
            "gradient of an integer",
            "gradient: the function's result has type int32; differentiate a floating-point result"
        ) { gradient(at: integers) { $0.sum() } },
        .reading(
            "a cotangent of another shape",
            "vjp: the cotangent has shape [2], the value [3]; give a cotangent of the value's shape"
        ) {
            vjp(at: [floats], cotangent: Tensor.ones([2])) { $0[0] * 2 }.gradients[0]
        },
        .reading(
            "a tangent of another shape",
            "jvp: a tangent has shape [2], its input [3]; give tangents of the inputs' shapes"
        ) {
            jvp(at: [floats], tangents: [Tensor.ones([2])]) { $0[0] * 2 }.tangent
        },
        .reading(
            "too few tangents",
            "jvp: 1 tangents for 2 inputs; give a tangent for each input"
        ) {
            jvp(at: [floats, floats], tangents: [floats]) { $0[0] * $0[1] }.tangent
        },
        .reading(
            "a vector that does not fit second derivatives",
            "hessianVectorProduct: the vector has shape [1], the input [3]; give a vector of the input's "
                + "shape"
        ) {
            hessianVectorProduct(at: floats, vector: Tensor.ones([1])) { ($0 * $0).sum() }
        },
        Row(
            "a compiled function with too few inputs",
            "compiled function: 0 inputs, traced with 1; give as many inputs as it was traced with"
        ) {
            _ = try CompiledFunction(inputs: [([3], .float32)]) { [$0[0] * 2] }([])
        },
        Row(
            "a compiled function with another shape",
            "compiled function: input 0 has shape [4] and type float32, traced with [3] and float32; "
                + "compile it for these shapes too"
        ) {
            _ = try CompiledFunction(inputs: [([3], .float32)]) { [$0[0] * 2] }([Tensor.ones([4])])
        },
    ]
}
