import ApusCore

/// The fourteen changes of images that ``RandAugment`` and ``AugMix`` choose from.
package enum ImageChange: Int, CaseIterable {
    case none, autoContrast, equalize, rotate, solarize, posterize, shearX, shearY, translateX, translateY
    case saturation, contrast, brightness, sharpness

    /// Those that change no colour by a factor, as AugMix has them at first, so that its test corruptions stay unseen.
    static let withoutFactors = allCases.filter { $0 != .none && $0.rawValue < ImageChange.saturation.rawValue }
}

extension ImageDraws {
    /// One of some changes for each image, the place in the list, `[batch]`.
    func choice(of changes: [ImageChange]) -> Tensor {
        let places = Tensor.positions(changes.map(\.rawValue))
        let drawn = (uniform().cast(to: .float64) * Double(changes.count)).floor()
            .clipped(0, Double(changes.count - 1)).cast(to: .int64)
        return places.gather(indices: drawn)
    }

    /// Each image changed as chosen, with a strength from 0 to 1 and an equally likely sign.
    ///
    /// At strength 1 images turn by 30 degrees, slant by 0.3, move by 0.45 of their extent, factors of colours are 0.1
    /// or 1.9, colours have four bits, and all are solarized. All is computed for all images, and chosen from.
    package func changed(_ x: Tensor, choice: Tensor, strength: Tensor) -> Tensor {
        let sign = Tensor.select(chance(0.5), strength.like(repeating: -1), strength.like(repeating: 1))
        let amount = strength * sign
        func isChosen(_ change: ImageChange) -> Tensor { choice .== Double(change.rawValue) }
        func part(_ change: ImageChange, _ value: Tensor) -> Tensor {
            Tensor.select(isChosen(change), value, value.like(repeating: 0))
        }
        let isMoved =
            (choice .>= Double(ImageChange.shearX.rawValue)) & (choice .<= Double(ImageChange.translateY.rawValue))
        let angle = part(.rotate, amount * (Double.pi / 6))
        let maps = centredMaps(
            a: angle.cos(), b: part(.shearX, amount * 0.3) - angle.sin(),
            c: part(.translateX, amount * (-0.45 * Double(x.shape[2]))),
            d: part(.shearY, amount * 0.3) + angle.sin(), e: angle.cos(),
            f: part(.translateY, amount * (-0.45 * Double(x.shape[1]))))
        var y = Tensor.select((isMoved | isChosen(.rotate)).perImage, x.warped(by: maps), x)
        func factor(_ change: ImageChange) -> Tensor { part(change, amount * 0.9) + 1 }
        y = y.adjustedSaturation(factor(.saturation)).adjustedContrast(factor(.contrast))
            .adjustedBrightness(factor(.brightness)).adjustedSharpness(factor(.sharpness))
        let levels = (8 - (strength * 4).rounded()).exp2().perImage
        let coarse = Tensor.minimum((y * levels).floor(), levels - 1) / levels
        y = Tensor.select(isChosen(.posterize).perImage, coarse, y)
        let solarized = Tensor.select(y .>= (1 - strength).perImage, 1 - y, y)
        y = Tensor.select(isChosen(.solarize).perImage, solarized, y)
        y = Tensor.select(isChosen(.autoContrast).perImage, y.autocontrasted(), y)
        return Tensor.select(isChosen(.equalize).perImage, y.equalized(), y)
    }
}

extension RandomImageLayer {
    fileprivate func require(strength: Double) throws(ApusError) {
        guard strength >= 0, strength <= 1 else {
            throw mistake(.value, "the strength is \(strength)", remedy: "use a number in 0...1")
        }
    }
}

/// Some random changes of each image of one strength, while training (Cubuk et al., NeurIPS 2020): turns, slants, moves,
/// changes of colour, contrast, brightness and sharpness, fewer bits, solarization, stretched and equalised colours, or
/// none, all equally likely.
///
///     RandAugment(changes: 2, strength: 0.3)         // [batch, height, width, channels], colours from 0 to 1
///
/// Not differentiable.
public final class RandAugment: RandomImageLayer {
    /// How many changes each image gets, one after the other.
    public let changes: Int
    /// From 0 (next to none) to 1: the paper's magnitude over 30.
    public let strength: Double

    /// - Parameter changes: how many are made, one after the other
    public init(changes: Int = 2, strength: Double = 0.3, rate: Double = 1) {
        self.changes = changes
        self.strength = strength
        super.init(rate: rate)
    }

    public override var details: String { "\(changes) changes, strength \(strength)" }

    override func check() throws(ApusError) {
        try require(changes, in: 0...64, "the number of changes")
        try require(strength: strength)
    }

    override func changed(_ x: Tensor, _ draws: ImageDraws) -> Tensor {
        guard x.shape.count > 0 else { return x }
        return (0..<changes).reduce(x) { y, _ in
            let strengths = Tensor(repeating: strength, shape: [x.shape[0]], dtype: x.dtype)
            return draws.changed(y, choice: draws.choice(of: ImageChange.allCases), strength: strengths)
        }
    }
}

/// Images mixed with the results of some chains of random changes, while training (Hendrycks et al., ICLR 2020):
/// `m x + (1 - m) sum_i w_i chain_i(x)`, the weights `w` of the chains from a Dirichlet distribution of `alpha`, `m` from
/// the beta distribution of `alpha` and `alpha`.
///
///     AugMix(chains: 3, depth: 3)                    // [batch, height, width, channels], colours from 0 to 1
///
/// Not differentiable.
public final class AugMix: RandomImageLayer {
    /// How many chains of changes are mixed.
    public let chains: Int
    /// The largest number of changes in a chain: each has 1 to so many, equally likely.
    public let depth: Int
    /// The largest strength of a change, from 0 to 1; each is drawn from a third of it to all of it.
    public let strength: Double
    /// Of the distributions of the shares.
    public let alpha: Double
    /// Whether colours, contrast, brightness and sharpness change too.
    public let changesFactors: Bool

    /// - Parameter chains: how many chains of changes are mixed
    public init(
        chains: Int = 3, depth: Int = 3, strength: Double = 0.3, alpha: Double = 1, changesFactors: Bool = true,
        rate: Double = 1
    ) {
        self.chains = chains
        self.depth = depth
        self.strength = strength
        self.alpha = alpha
        self.changesFactors = changesFactors
        super.init(rate: rate)
    }

    public override var details: String { "\(chains) chains, depth \(depth), strength \(strength)" }

    override func check() throws(ApusError) {
        try require(chains, in: 1...16, "the number of chains")
        try require(depth, in: 1...16, "the depth")
        try require(strength: strength)
        guard alpha > 0, alpha <= 1e6 else {
            throw mistake(.value, "alpha is \(alpha)", remedy: "use a number above 0 of up to 1000000")
        }
    }

    override func changed(_ x: Tensor, _ draws: ImageDraws) -> Tensor {
        guard x.shape.count > 0 else { return x }
        let all = ImageChange.allCases.filter { $0 != .none }
        let changes = changesFactors ? all : ImageChange.withoutFactors
        let count: Shape = [x.shape[0]]
        func gamma() -> Tensor {
            let parameters = Tensor(repeating: alpha, shape: count, dtype: .float64)
            return RandomStream(key: draws.pass.randomKey, stream: draws.pass.nextRandomStream()).gamma(parameters)
        }
        // Gamma numbers over their sum are of the Dirichlet distribution.
        let shares = (0..<chains).map { _ in gamma() }
        let sum = shares.dropFirst().reduce(shares[0]) { $0 + $1 }
        var mixed: Tensor?
        for share in shares {
            let length = (draws.uniform() * Double(depth)).floor()
            var y = x
            for step in 0..<depth {
                let changed = draws.changed(
                    y, choice: draws.choice(of: changes), strength: draws.uniform(strength / 3...strength))
                y = step == 0 ? changed : Tensor.select((length .>= Double(step)).perImage, changed, y)
            }
            let term = y * (share / sum).cast(to: x.dtype).perImage
            mixed = mixed.map { $0 + term } ?? term
        }
        let (first, second) = (gamma(), gamma())
        let weight = (first / (first + second)).cast(to: x.dtype).perImage
        return mixed.map { x * weight + $0 * (1 - weight) } ?? x
    }
}
