import ApusCore
import TestSupport

/// Reparameterised draws: the same seed gives the same underlying numbers. Those of gamma type have implicit first
/// derivatives alone, which are compared with differences of quantiles in their own suite.
let randomDerivatives: [DerivativeCase] = [
    .binary("Tensor.randomNormal", -2...2, 0.3...2) { Tensor.randomNormal(mean: $0, deviation: $1, seed: 3).square() },
    DerivativeCase("Tensor.randomMultivariateNormal") { random in
        let k = random.integer(1...3)
        return (
            [random.tensor([2, k]), random.matrix([k, k])],
            { inputs in
                let covariance = matmul(inputs[1], inputs[1].matrixTransposed())
                return Tensor.randomMultivariateNormal(count: 3, mean: inputs[0], covariance: covariance, seed: 3)
            }
        )
    },
    .ranked("shuffled", 1...4) { $0.square().shuffled(seed: 5) },
    DerivativeCase("Tensor.gumbelSoftmax") { random in
        ([random.tensor([random.integer(1...4), random.integer(1...5)])], { Tensor.gumbelSoftmax($0[0], seed: 7) })
    },
]
