import ApusCore
import TestSupport

let controlFlowDerivatives: [DerivativeCase] = [
    DerivativeCase("scan") { random in
        let (steps, width) = (random.integer(1...4), random.integer(1...3))
        let reverse = random.integer(0...1) == 1
        let inputs = [random.tensor([steps, 2, width]), random.tensor([2, width]), random.tensor([width, width])]
        return (
            inputs,
            { points in
                let (end, all) = scan(over: [points[0]], carry: [points[1]], reverse: reverse) { carry, step in
                    let h = (matmul(carry[0], points[2]) + step[0]).tanh()
                    return ([h], [h * step[0]])
                }
                return Tensor.concatenate([end[0].flattened(), all[0].flattened()])
            }
        )
    }
]
