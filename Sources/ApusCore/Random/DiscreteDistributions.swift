/// Random integers, truth values and orders. The same seed gives the same numbers, on any number of threads.
extension Tensor {
    /// Integers of a range, all equally likely.
    public static func randomIntegers(
        _ shape: Shape, in range: Range<Int>, seed: UInt64, dtype: DType = .int64
    ) -> Tensor {
        let limit = 1 << 53
        guard !range.isEmpty, range.lowerBound >= -limit, range.upperBound <= limit,
            Double(range.upperBound) - Double(range.lowerBound) <= 0x1p53
        else {
            return refused(
                .value, in: "randomIntegers", "the range \(range)", remedy: "use a range within 2^53 of 0, not empty")
        }
        let span = Double(range.count)
        let steps = (RandomStream(seed: seed).uniform(shape, .float64) * span).floor()
        return (minimum(steps, span - 1) + Double(range.lowerBound)).cast(to: dtype)
    }

    /// True with the given probabilities, one truth value for each; as 1 in other types.
    public static func randomBernoulli(probabilities: Tensor, seed: UInt64, dtype: DType = .bool) -> Tensor {
        parameters([probabilities], "randomBernoulli") { shape, type in
            (RandomStream(seed: seed).uniform(shape, type) .< probabilities).cast(to: dtype)
        }
    }

    /// Numbers of classes, `int64`, drawn with probabilities proportional to the exponentials of the logits on the last
    /// axis: `[.., classes] -> [.., count]`. Without replacement no class is drawn twice from one row.
    public static func randomCategorical(
        logits: Tensor, count: Int = 1, withReplacement: Bool = true, seed: UInt64
    ) -> Tensor {
        parameters([logits], "randomCategorical") { shape, dtype in
            let classes = shape[-1]
            guard logits.rank > 0, classes > 0, count >= 0, withReplacement || count <= classes else {
                return refused(
                    .value, in: "randomCategorical", "\(count) draws from logits \(logits.shape)",
                    remedy: "put the classes on the last axis, and draw at most as many without replacement")
            }
            let stream = RandomStream(seed: seed)
            if !withReplacement {
                let keys = logits + stream.gumbel(shape, dtype)
                return keys.argsort(descending: true).slice(axis: -1, 0..<count)
            }
            let drawn = Shape(shape.extents.dropLast() + [count, classes])
            return (logits.expanded(at: -2) + stream.gumbel(drawn, dtype)).argmax()
        }
    }

    /// How often each class is met in `count` draws: `[.., classes]`, with logits as for
    /// ``randomCategorical(logits:count:withReplacement:seed:)``.
    public static func randomMultinomial(logits: Tensor, count: Int, seed: UInt64) -> Tensor {
        let draws = randomCategorical(logits: logits, count: count, seed: seed)
        guard draws.error == nil else { return draws }
        return oneHot(draws, depth: logits.shape[-1], dtype: logits.dtype).sum(axes: [-2])
    }

    /// The numbers `0..<count` in random order, `int64`.
    public static func randomPermutation(_ count: Int, seed: UInt64) -> Tensor {
        RandomStream(seed: seed).bits([count]).argsort()
    }

    /// The slices along an axis in random order; differentiable.
    public func shuffled(axis: Int = 0, seed: UInt64) -> Tensor {
        onAxis(axis, in: "operation shuffled") { index throws(ApusError) in
            shape[index] == 0
                ? self : gather(indices: Tensor.randomPermutation(shape[index], seed: seed), axis: index)
        }
    }

    /// Numbers of events that come independently `rates` times on average, in the rates' type. By the distribution
    /// function up to a rate of 10, above by transformed rejection (Hörmann, 1993) with twenty attempts.
    public static func randomPoisson(rates: Tensor, seed: UInt64) -> Tensor {
        parameters([rates], "randomPoisson") { shape, dtype in
            let rate = rates.stopGradient().cast(to: .float64)
            let isSmall = rate .< 10.0
            let small = select(isSmall, rate, rate.like(repeating: 1))
            let stream = RandomStream(seed: seed)
            let numbers = range(count: 64, dtype: .float64)
            let factors = select(numbers .== 0.0, (-small).exp().expanded(at: -1), small.expanded(at: -1) / numbers)
            let few = inverted(factors, stream.uniform(shape, .float64, part: 63))

            let large = select(isSmall, rate.like(repeating: 10), rate)
            let logarithm = large.log()
            let many = transformedRejection(
                stream, large + 0.43, large.squareRoot(), skew: (-0.059, 0.02483, 0.931), corner: (0.9277, -3.6624, -2),
                hasCorners: true
            ) { k, width in
                let inverseAlpha = 1.1328 / (width - 3.4) + 1.1239
                return k * logarithm - large - (k + 1).logGamma() - inverseAlpha.log()
            } isPossible: {
                $0 .>= 0.0
            }
            let isValid = (rate .>= 0.0) & rate.isFinite()
            return select(isValid, select(isSmall, few, many), rate.like(repeating: .nan)).cast(to: dtype)
        }
    }

    /// Numbers of successes among `counts` trials (whole numbers in a floating-point type), each of which succeeds with
    /// the given probability; shapes broadcast. By the distribution function up to 10 expected successes or failures,
    /// above by transformed rejection (Hörmann, 1993) with twenty attempts.
    public static func randomBinomial(counts: Tensor, probabilities: Tensor, seed: UInt64) -> Tensor {
        parameters([counts, probabilities], "randomBinomial") { shape, dtype in
            let n = counts.stopGradient().cast(to: .float64).broadcast(to: shape)
            let given = probabilities.stopGradient().cast(to: .float64).broadcast(to: shape)
            let isValid = (n .>= 0.0) & n.isFinite() & (given .>= 0.0) & (given .<= 1.0)
            // The rarer outcome is counted.
            let isTurned = given .> 0.5
            let p = select(isTurned, 1 - given, given)
            let isSmall = !(n * p .>= 10.0)
            let stream = RandomStream(seed: seed)

            let few: Tensor
            do {
                let q = select(isSmall & isValid, p, p.like(repeating: 0.1)).expanded(at: -1)
                let size = select(isSmall & isValid, n, n.like(repeating: 1)).expanded(at: -1)
                let k = range(count: 96, dtype: .float64)
                let steps = maximum(size - k + 1, 0) / maximum(k, 1) * (q / (1 - q))
                let factors = select(k .== 0.0, (size * (-q).log1p()).exp(), steps)
                few = inverted(factors, stream.uniform(shape, .float64, part: 63))
            }

            let size = select(isSmall, n.like(repeating: 100), n)
            let q = select(isSmall, p.like(repeating: 0.3), p)
            let deviation = (size * q * (1 - q)).squareRoot()
            let odds = q / (1 - q)
            let mode = ((size + 1) * q).floor()
            let peak = (mode + 1).logGamma() + (size - mode + 1).logGamma() - mode * odds.log()
            let many = transformedRejection(
                stream, size * q + 0.5, deviation, skew: (-0.0873, 0.0248, 1.15), corner: (0.92, -4.2, 0),
                slope: q * 0.01
            ) { k, width in
                let alpha = (5.1 / width + 2.83) * deviation
                return peak - (k + 1).logGamma() - (size - k + 1).logGamma() + k * odds.log() - alpha.log()
            } isPossible: {
                ($0 .>= 0.0) & ($0 .<= size)
            }
            let rare = minimum(select(isSmall, few, many), n)
            let result = select(isTurned, n - rare, rare)
            return select(isValid, result, n.like(repeating: .nan)).cast(to: dtype)
        }
    }

    /// The number of steps of a distribution function that lie below a uniform number. The last axis has the first
    /// probability, then the ratios of each to the one before.
    private static func inverted(_ factors: Tensor, _ uniform: Tensor) -> Tensor {
        let steps = factors.cumulativeProduct(axis: -1).cumulativeSum(axis: -1)
        return (steps .<= uniform.expanded(at: -1)).cast(to: .float64).sum(axes: [-1])
    }

    /// Hörmann's transformed rejection with a table mountain hat. `density` is the logarithm of the probability of `k`
    /// up to a constant, less that of the hat's factor.
    private static func transformedRejection(
        _ stream: RandomStream, _ centre: Tensor, _ deviation: Tensor, skew: (Double, Double, Double),
        corner: (Double, Double, Double), slope: Tensor? = nil, hasCorners: Bool = false,
        _ density: (_ k: Tensor, _ width: Tensor) -> Tensor,
        isPossible: (Tensor) -> Tensor
    ) -> Tensor {
        let width = deviation * 2.53 + skew.2
        var skewness = width * skew.1 + skew.0
        if let slope { skewness = skewness + slope }
        let edge = corner.1 / (width + corner.2) + corner.0
        var result = centre.floor()
        var isAccepted = Tensor(repeating: 0, shape: centre.shape, dtype: .bool)
        for attempt in 0..<UInt64(20) {
            let u = stream.uniform(centre.shape, .float64, part: 2 * attempt + 1) - 0.5
            let v = stream.positiveUniform(centre.shape, .float64, part: 2 * attempt + 2)
            let rest = 0.5 - u.absolute()
            let safe = maximum(rest, 1e-12)
            let k = ((skewness * 2 / safe + width) * u + centre).floor()
            let possible = isPossible(k)
            let safeK = select(possible, k, centre.floor())
            let hat = (skewness / (safe * safe) + width).log()
            let isBelow = v.log() - hat .<= density(safeK, width)
            var isChosen = possible & isBelow
            if hasCorners { isChosen = isChosen & !((rest .< 0.013) & (v .> rest)) }
            let isGood = ((rest .>= 0.07) & (v .<= edge)) | isChosen
            result = select(!isAccepted & isGood & possible, k, result)
            isAccepted = isAccepted | (isGood & possible)
            if result.error != nil { return result }
        }
        return result
    }
}
