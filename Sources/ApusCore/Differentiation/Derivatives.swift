/// The value of a function and its derivative with respect to each argument; the result must be a scalar.
///
///     let (y, dx) = valueAndGradient(at: x) { ($0 * $0).sum() }
public func valueAndGradient(at x: Tensor, _ function: (Tensor) throws -> Tensor) rethrows -> (
    value: Tensor, gradient: Tensor
) {
    let (value, gradients) = try valueAndGradient(at: [x]) { try function($0[0]) }
    return (value, gradients[0])
}

/// The value of a function of several tensors and its derivative with respect to each of them.
public func valueAndGradient(at inputs: [Tensor], _ function: ([Tensor]) throws -> Tensor) rethrows -> (
    value: Tensor, gradients: [Tensor]
) {
    let variables = inputs.map { $0.variable() }
    let value = try function(variables)
    return (value, scalarGradients(of: value, withRespectTo: variables))
}

/// The derivative of a scalar function.
public func gradient(at x: Tensor, _ function: (Tensor) throws -> Tensor) rethrows -> Tensor {
    try valueAndGradient(at: x, function).gradient
}

/// The derivatives of a scalar function of several tensors.
public func gradient(at inputs: [Tensor], _ function: ([Tensor]) throws -> Tensor) rethrows -> [Tensor] {
    try valueAndGradient(at: inputs, function).gradients
}

/// The value of a function and the products of a cotangent (of the value's shape) with its Jacobian.
public func vjp(
    at inputs: [Tensor], cotangent: Tensor, _ function: ([Tensor]) throws -> Tensor
) rethrows -> (value: Tensor, gradients: [Tensor]) {
    let variables = inputs.map { $0.variable() }
    let value = try function(variables)
    guard value.error != nil || cotangent.error != nil || value.shape == cotangent.shape else {
        let error = ApusError(
            .shape, in: "vjp", "the cotangent has shape \(cotangent.shape), the value \(value.shape)",
            remedy: "give a cotangent of the value's shape")
        return (value, inputs.map { _ in Tensor(error: error) })
    }
    return (
        value, Reverse.gradients(of: [value], cotangents: [cotangent], withRespectTo: variables)
    )
}

/// The value of a function and the product of its Jacobian with tangents (of the inputs' shapes).
///
/// Computed as the derivative, with respect to the cotangent, of the reverse-mode product, which is linear in it;
/// what that does not need falls away when the program is compiled.
public func jvp(
    at inputs: [Tensor], tangents: [Tensor], _ function: ([Tensor]) throws -> Tensor
) rethrows -> (value: Tensor, tangent: Tensor) {
    let variables = inputs.map { $0.variable() }
    let value = try function(variables)
    guard inputs.count == tangents.count else {
        let error = ApusError(
            .value, in: "jvp", "\(tangents.count) tangents for \(inputs.count) inputs",
            remedy: "give a tangent for each input")
        return (value, Tensor(error: error))
    }
    for (input, tangent) in zip(inputs, tangents) where input.shape != tangent.shape && tangent.error == nil {
        let error = ApusError(
            .shape, in: "jvp", "a tangent has shape \(tangent.shape), its input \(input.shape)",
            remedy: "give tangents of the inputs' shapes")
        return (value, Tensor(error: error))
    }
    guard value.error == nil else { return (value, value) }
    let cotangent = Tensor(repeating: 0, shape: value.shape, dtype: value.dtype).variable()
    let products = Reverse.gradients(of: [value], cotangents: [cotangent], withRespectTo: variables)
    let tangent = Reverse.gradients(of: products, cotangents: tangents, withRespectTo: [cotangent])
    return (value, tangent[0])
}

/// The product of the second derivatives of a scalar function with a vector of the inputs' shapes.
public func hessianVectorProduct(
    at x: Tensor, vector: Tensor, _ function: (Tensor) throws -> Tensor
) rethrows -> Tensor {
    let variable = x.variable()
    let value = try function(variable)
    let first = scalarGradients(of: value, withRespectTo: [variable])
    guard vector.error != nil || first[0].error != nil || vector.shape == x.shape else {
        let error = ApusError(
            .shape, in: "hessianVectorProduct", "the vector has shape \(vector.shape), the input \(x.shape)",
            remedy: "give a vector of the input's shape")
        return Tensor(error: error)
    }
    return Reverse.gradients(of: first, cotangents: [vector], withRespectTo: [variable])[0]
}

/// All second derivatives of a scalar function: `[n, n]` for `n` elements.
public func hessian(at x: Tensor, _ function: (Tensor) throws -> Tensor) rethrows -> Tensor {
    let variable = x.variable()
    let value = try function(variable)
    let first = scalarGradients(of: value, withRespectTo: [variable])[0]
    guard first.error == nil else { return first }
    return rows(of: first, variable)
}

/// All first derivatives of a function of one tensor: `[elements of the value, elements of x]`.
public func jacobian(at x: Tensor, _ function: (Tensor) throws -> Tensor) rethrows -> Tensor {
    let variable = x.variable()
    let value = try function(variable)
    guard value.error == nil else { return value }
    return rows(of: value, variable)
}

private func rows(of value: Tensor, _ variable: Tensor) -> Tensor {
    let count = value.shape.count
    let rows = (0..<count).map { index in
        let unit = (Tensor.range(count: count, dtype: value.dtype) .== Double(index)).cast(to: value.dtype)
        return Reverse.gradients(
            of: [value], cotangents: [unit.reshaped(to: value.shape)], withRespectTo: [variable])[0]
            .reshaped(to: [variable.shape.count])
    }
    guard !rows.isEmpty else { return Tensor.zeros([0, variable.shape.count], dtype: value.dtype) }
    return Tensor.stack(rows)
}

/// The derivatives of a scalar with respect to tensors that it was computed from, such as outputs of inner layers;
/// zeros where there is no way from one to the other.
public func gradients(of value: Tensor, withRespectTo tensors: [Tensor]) -> [Tensor] {
    scalarGradients(of: value, withRespectTo: tensors)
}

/// The derivatives of a scalar with respect to tensors it was computed from.
package func scalarGradients(of value: Tensor, withRespectTo variables: [Tensor]) -> [Tensor] {
    if value.error != nil { return variables.map { _ in value } }
    guard value.shape.count == 1 else {
        let error = ApusError(
            .shape, in: "gradient", "the function's result has shape \(value.shape), expected a scalar",
            remedy: "reduce it, for example with mean(), or use vjp with a cotangent")
        return variables.map { _ in Tensor(error: error) }
    }
    let one = Tensor(repeating: 1, shape: value.shape, dtype: value.dtype)
    return Reverse.gradients(of: [value], cotangents: [one], withRespectTo: variables)
}

extension Tensor {
    /// The same value as a node of its own, so that derivatives with respect to it can be told from those with
    /// respect to what it was computed from.
    package func variable() -> Tensor { Tensor(Variable(), [self]) }

    /// The value with a gradient of the caller's making. `rule` gets the derivative with respect to the value and
    /// returns those with respect to `inputs` (`nil`: none), built from tensors.
    public func withGradient(
        with inputs: [Tensor], _ rule: @escaping @Sendable (_ dy: Tensor) -> [Tensor?]
    ) -> Tensor {
        Tensor(CustomGradient(id: node.id) { dy, _, _ in rule(dy) }, [self] + inputs)
    }
}

/// A value as an independent variable of a differentiation.
struct Variable: Operation {
    static let name = "variable"
    func shape(of inputs: [Shape]) -> Shape { inputs[0] }
    func gradient(_ dy: Tensor, inputs: [Tensor], output: Tensor) -> [Tensor?] { [dy] }
    var role: OperationRole { .identity }
    func batched(_ inputs: [Tensor], isBatched: [Bool]) -> Tensor? { Tensor(self, inputs) }
    var additivity: Additivity { .linear }
    func reference(_ inputs: [ReferenceTensor], shape: Shape) -> [Double] { inputs[0].values }
}
