import ApusCore
import TestSupport

/// What a closure of control flow computes: mostly of its inputs' shape and type, sometimes something that does not fit.
private func anyBody(_ random: inout TestRandom) -> @Sendable (Tensor, Tensor) -> Tensor {
    switch random.integer(0...9) {
    case 0: { x, _ in x.sum() }
    case 1: { x, _ in x.expanded(at: 0) }
    case 2: { x, _ in x.cast(to: .int32) }
    case 3: { x, _ in x.reshaped(to: [-7]) }
    case 4: { x, y in Tensor.maximum(x, y) }
    case 5: { x, y in (x + y) * 0.5 }
    case 6: { x, y in Tensor.select(x .> y, x, y) }
    case 7: { x, _ in x.tanh() }
    case 8: { x, _ in x }
    default: { x, y in x * 0.5 - y }
    }
}

/// Closures that combine associatively, and some that do not fit.
private func anyCombination(_ random: inout TestRandom) -> @Sendable (Tensor, Tensor) -> Tensor {
    switch random.integer(0...5) {
    case 0: { x, _ in x.sum() }
    case 1: { x, y in Tensor.maximum(x, y) }
    case 2: { x, y in Tensor.minimum(x, y) }
    case 3: { _, y in y }
    default: { x, y in x + y }
    }
}

/// Operations whose closures the caller gives.
let fuzzControlFlow: [FuzzCase] = [
    FuzzCase("withGradient") { random in
        let x = random.wild()
        let (factor, isNone) = (random.wildNumber(), random.integer(0...4) == 0)
        return (x * 2).withGradient(with: [x]) { [isNone ? nil : $0 * factor] }
    },
    FuzzCase("associativeScan") { random in
        let x = random.wild()
        let combine = anyCombination(&random)
        let inputs = random.integer(0...9) == 0 ? [x, random.wild()] : [x]
        let results = associativeScan(over: inputs, axis: random.axis(x), reverse: random.flag()) { first, second in
            zip(first, second).map { combine($0, $1) }
        }
        return results.first ?? x
    },
    FuzzCase("forLoop") { random in
        let x = random.wild()
        let (body, y) = (anyBody(&random), random.partner(x))
        let start = random.integer(-2...3)
        let range =
            random.integer(0...9) == 0 ? random.pick(Int.min..<Int.max, 0..<1 << 40, 5..<5) : start..<start + 4
        return forLoop(range, carry: [x]) { index, carry in
            [body(carry[0], y) + index.cast(to: x.dtype)]
        }.first ?? x
    },
    FuzzCase("whileLoop") { random in
        let x = random.wild()
        let (body, y) = (anyBody(&random), random.partner(x))
        let limit = random.integer(0...9) == 0 ? random.pick(-1, 0, Int.min) : random.integer(0...6)
        let steps = Double(random.integer(-1...5))
        let isScalar = random.integer(0...7) > 0
        let values = whileLoop(
            [x, Tensor.zeros([])], maximumIterations: limit,
            condition: { isScalar ? $0[1] .< steps : $0[0] .< steps },
            body: { [body($0[0], y), $0[1] + 1] })
        return values.first ?? x
    },
    FuzzCase("conditional") { random in
        let x = random.wild()
        let (first, second, y) = (anyBody(&random), anyBody(&random), random.partner(x))
        if random.flag() {
            let condition = random.integer(0...7) == 0 ? random.wild() : random.wild([], .bool)
            return conditional(condition) {
                first(x, y)
            } else: {
                second(x, y)
            }
        }
        let index = random.integer(0...7) == 0 ? random.wild() : Tensor([Int32(random.integer(-1...3))], shape: [])
        return conditional(at: index, [{ [first(x, y)] }, { [second(x, y)] }, { [x] }]).first ?? x
    },
    FuzzCase("vectorizedMap") { random in
        let x = random.wild()
        let (body, y) = (anyBody(&random), random.partner(x))
        return vectorizedMap(over: [x, y]) { [body($0[0], $0[1])] }[0]
    },
    FuzzCase("sequentialMap") { random in
        let x = random.wild()
        let (body, y) = (anyBody(&random), random.partner(x))
        return sequentialMap(over: [x, y]) { [body($0[0], $0[1])] }[0]
    },
]
