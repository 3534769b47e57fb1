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
    },
    .ranked("forLoop", 0...3) { x in forLoop(0..<3, carry: [x]) { _, carry in [(carry[0] * 1.3).sin()] }[0] },
    .ranked("whileLoop", 0...3) { x in
        whileLoop([x], maximumIterations: 4) {
            ($0[0].sum() .< 50)
        } body: {
            [$0[0] * 1.7 + $0[0].cos()]
        }[0]
    },
    .ranked("conditional", 0...3) { x in
        conditional(Tensor([true]), then: { x.sin() * x }, else: { x })
    },
    .ranked("vectorizedMap", 1...4) { x in vectorizedMap(over: x) { $0.exp() * $0.sum().cos() } },
    .ranked("sequentialMap", 1...4) { x in sequentialMap(over: [x]) { [$0[0].sin() * $0[0].sum()] }[0] },
    .ranked("associativeScan", 1...3) { x in associativeScan(over: [x]) { [$0[0] * $1[0].cos() + $1[0]] }[0] },
]
