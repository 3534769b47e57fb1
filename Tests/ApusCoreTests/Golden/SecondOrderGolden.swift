import ApusCore
import TestSupport

func secondOrderTable() -> GoldenTable {
    var table: GoldenTable = [:]
    table["gradient_and_value"] = {
        let (value, gradient) = valueAndGradient(at: try $0("x"), try scalarFunction(try $0.text("function")))
        return [value, gradient]
    }
    table["hessian"] = { [hessian(at: try $0("x"), try scalarFunction(try $0.text("function")))] }
    table["hessian_vector_product"] = {
        [hessianVectorProduct(at: try $0("x"), vector: try $0("v"), try scalarFunction(try $0.text("function")))]
    }
    table["third_derivative_vvv"] = {
        let (v, function) = (try $0("v"), try scalarFunction(try $0.text("function")))
        let third = gradient(at: try $0("x")) { x in
            (hessianVectorProduct(at: x, vector: v, function) * v).sum()
        }
        return [(third * v).sum()]
    }
    table["jacobian"] = { [jacobian(at: try $0("x"), try vectorFunction(try $0.text("function")))] }
    table["vjp"] = {
        let function = try vectorFunction(try $0.text("function"))
        return [vjp(at: [try $0("x")], cotangent: try $0("v")) { function($0[0]) }.gradients[0]]
    }
    table["jvp"] = {
        let function = try vectorFunction(try $0.text("function"))
        let (value, tangent) = jvp(at: [try $0("x")], tangents: [try $0("v")]) { function($0[0]) }
        return [value, tangent]
    }
    table["conv_hessian_vector_product"] = {
        let x = try $0("input")
        return [
            hessianVectorProduct(at: try $0("kernel"), vector: try $0("v")) {
                convolution(x, $0).tanh().square().mean()
            }
        ]
    }
    table["gradient_penalty"] = {
        let (w1, w2) = (try $0("w1"), try $0("w2"))
        let slope = gradient(at: try $0("input")) { x in (matmul(x, w1).softplus() * w2).sum() }
        return [(slope.norm(axes: [-1]) - 1).square().mean()]
    }
    table["maml_step"] = {
        let (w, x, y) = (try $0("w"), try $0("x"), try $0("y"))
        let inner = gradient(at: w) { w in (matmul(x, w) - y).square().mean() }
        let adapted = w - inner * (try $0.number("inner_learning_rate"))
        return [(matmul(try $0("x2"), adapted) - (try $0("y2"))).square().mean()]
    }
    return table
}

private func scalarFunction(_ name: String) throws -> (Tensor) -> Tensor {
    switch name {
    case "trig": { x in (x.sin().exp() * x.rolled(1, axis: 0)).sum() }
    case "rosenbrock":
        { x in
            let (head, tail) = (x.slice(axis: 0, 0..<x.shape[0] - 1), x.slice(axis: 0, 1..<x.shape[0]))
            return ((tail - head.square()).square() * 100 + (1 - head).square()).sum()
        }
    case "logsumexp": { x in x.logSumExp(axes: nil) }
    case "softplus_quadratic": { x in x.softplus().sum().square() }
    case "norm": { x in x.norm() }
    case "product": { x in x.product() }
    case "tanh_chain": { x in (x.expanded(at: 1) * x.expanded(at: 0)).tanh().sum() }
    default: throw GoldenProblem("no function \(name)")
    }
}

private func vectorFunction(_ name: String) throws -> (Tensor) -> Tensor {
    switch name {
    case "mlp":
        { x in
            let half = x.shape[0] / 2
            let factors = Tensor.range(count: half, from: 1, dtype: x.dtype)
            return (x.reshaped(to: [2, half]) * factors).tanh().sum(axes: [-1])
        }
    case "softmax": { x in x.softmax() }
    case "outer_cumsum": { x in (x * x.reversed(axes: [0])).cumulativeSum(axis: 0) }
    case "polar":
        { x in
            let (radius, angle) = (x.slice(axis: 0, 0..<1), x.slice(axis: 0, 1..<2))
            return Tensor.concatenate([radius * angle.cos(), radius * angle.sin()])
        }
    default: throw GoldenProblem("no function \(name)")
    }
}
