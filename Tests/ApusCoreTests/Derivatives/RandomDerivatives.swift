import ApusCore
import TestSupport

/// Reparameterised draws: the same seed gives the same underlying numbers. Those of gamma type have implicit first
/// derivatives alone, which are compared with differences of quantiles in their own suite.
let randomDerivatives: [DerivativeCase] = [
    .binary("Tensor.randomNormal", -2...2, 0.3...2) { Tensor.randomNormal(mean: $0, deviation: $1, seed: 3).square() },
    .ranked("shuffled", 1...4) { $0.square().shuffled(seed: 5) },
    DerivativeCase("Tensor.gumbelSoftmax") { random in
        ([random.tensor([random.integer(1...4), random.integer(1...5)])], { Tensor.gumbelSoftmax($0[0], seed: 7) })
    },
]
