import ApusCore

/// Policies: changes that are drawn for each picture from many. Turns, slants and moves take boxes, masks and key points
/// with them.
extension ImageTransform {
    /// Some operations of one strength, each drawn from all (Cubuk et al., NeurIPS 2020).
    ///
    /// - Parameters:
    ///   - steps: how many operations follow each other
    ///   - strength: from 0 to 1, the paper's magnitude over 30: at 1 turns are of 30 degrees, slants of 0.3, moves of
    ///     0.45 of a side, factors of colours 0.1 or 1.9, four bits are lost, and all is solarized
    ///   - operations: those drawn from; fewer where labels don't allow all
    public static func randAugment(
        steps: Int = 2, strength: Double = 0.3, operations: [PolicyOperation] = PolicyOperation.standard,
        fill: UInt8 = 0
    ) -> ImageTransform {
        policy(text("RandAugment \(steps) x", strength), operations, .standard) { image, random in
            try check(steps, in: 0...64, "steps", "RandAugment")
            try check(strength, operations, "RandAugment")
            var result = image
            for _ in 0..<steps {
                let operation = operations[random.integer(below: operations.count)]
                result = try operation.apply(
                    to: result, strength: strength, direction: random.chance(0.5) ? 1 : -1, .standard, fill: fill)
            }
            return result
        }
    }

    /// One operation of a random strength up to wide limits (Müller and Hutter, ICCV 2021): turns up to 135 degrees,
    /// slants of 0.99, moves of 32 pixels, factors of colours 0.01 to 1.99.
    public static func trivialAugment(
        operations: [PolicyOperation] = PolicyOperation.standard, fill: UInt8 = 0
    ) -> ImageTransform {
        policy("TrivialAugment", operations, .wide) { image, random in
            try check(0, operations, "TrivialAugment")
            let operation = operations[random.integer(below: operations.count)]
            return try operation.apply(
                to: image, strength: Double(random.integer(below: 31)) / 30, direction: random.chance(0.5) ? 1 : -1,
                .wide, fill: fill)
        }
    }

    /// One of the pairs of operations of a published policy, or of one's own (Cubuk et al., CVPR 2019).
    public static func autoAugment(_ policy: AutoAugmentPolicy = .imageNet, fill: UInt8 = 0) -> ImageTransform {
        let operations = policy.parts.flatMap { $0.map(\.operation) }
        return self.policy("AutoAugment \(policy.name)", operations, .standard) { image, random in
            guard !policy.parts.isEmpty else {
                throw ApusError(
                    .value, in: "AutoAugment", "the policy \(policy.name) has no parts", remedy: "give one or more")
            }
            var result = image
            for step in policy.parts[random.integer(below: policy.parts.count)] {
                let isApplied = random.chance(step.probability), direction = random.chance(0.5) ? 1.0 : -1
                guard isApplied else { continue }
                let strength = Double(step.magnitude ?? 0) / 9
                try check(strength, [step.operation], "AutoAugment")
                result = try step.operation.apply(
                    to: result, strength: strength, direction: direction, .standard, fill: fill)
            }
            return result
        }
    }

    /// A picture mixed with the results of some chains of random operations (Hendrycks et al., ICLR 2020):
    /// `m x + (1 - m) sum_i w_i chain_i(x)`, the weights `w` from a Dirichlet distribution of `alpha`, `m` from the beta
    /// distribution of `alpha` and `alpha`.
    ///
    /// Pictures with boxes, masks or key points take ``PolicyOperation/colors`` only: parts of a mixture can't move.
    ///
    /// - Parameters:
    ///   - depth: the largest number of operations in a chain; each has 1 to so many
    ///   - strength: the largest, from 0 to 1; each is drawn from a third of it to all of it
    public static func augMix(
        chains: Int = 3, depth: Int = 3, strength: Double = 0.3, alpha: Double = 1,
        operations: [PolicyOperation] = PolicyOperation.augMix, fill: UInt8 = 0
    ) -> ImageTransform {
        policy(text("AugMix \(chains) x \(depth) x", strength), operations, .standard) { image, random in
            try check(chains, in: 1...16, "chains", "AugMix")
            try check(depth, in: 1...16, "operations", "AugMix")
            try check(strength, operations, "AugMix")
            guard alpha > 0, alpha <= 1e6 else {
                throw ApusError(
                    .value, in: "AugMix", "an alpha of \(alpha)", remedy: "use a number above 0 of up to 1000000")
            }
            let isMoved = operations.contains { PolicyOperation.geometric.contains($0) }
            guard !isMoved || (image.objects.isEmpty && image.mask == nil && image.keyPoints.isEmpty) else {
                throw ApusError(
                    .data, in: "AugMix", "a picture with boxes, a mask or key points is mixed with moved ones",
                    remedy: "use operations: PolicyOperation.colors")
            }
            let shares = (0..<chains).map { _ in random.gamma(alpha) }
            let sum = max(shares.reduce(0, +), .leastNormalMagnitude)
            let own = random.beta(alpha, alpha)
            var mixed = image.image.pixels.map { Float($0) * Float(own) }
            for share in shares {
                var chain = image
                for _ in 0..<1 + random.integer(below: depth) {
                    let operation = operations[random.integer(below: operations.count)]
                    chain = try operation.apply(
                        to: chain, strength: random.uniform(strength / 3...strength),
                        direction: random.chance(0.5) ? 1 : -1, .standard, fill: fill)
                }
                let weight = Float((1 - own) * share / sum)
                for (index, value) in chain.image.pixels.enumerated() { mixed[index] += weight * Float(value) }
            }
            var result = image
            result.image = image.image.withPixels(
                mixed.map { UInt8(min(max($0 + 0.5, 0), 255)) }, channels: image.image.channels)
            return result
        }
    }

    private static func policy(
        _ name: String, _ operations: [PolicyOperation], _ reach: PolicyOperation.Reach,
        _ apply: @escaping @Sendable (AnnotatedImage, inout RandomSource) throws -> AnnotatedImage
    ) -> ImageTransform {
        var changes: [ImageChange] = []
        for change in operations.flatMap({ $0.changes(reach) }) where !changes.contains(change) {
            changes.append(change)
        }
        return ImageTransform(changes, name, apply)
    }

    private static func check(
        _ count: Int, in allowed: ClosedRange<Int>, _ name: String, _ place: String
    ) throws(ApusError) {
        guard allowed.contains(count) else {
            throw ApusError(.value, in: place, "\(count) \(name)", remedy: "use \(allowed)")
        }
    }

    private static func check(
        _ strength: Double, _ operations: [PolicyOperation], _ place: String
    ) throws(ApusError) {
        guard strength >= 0, strength <= 1, !operations.isEmpty else {
            throw ApusError(
                .value, in: place, "a strength of \(strength) and \(operations.count) operations",
                remedy: "use a strength from 0 to 1 and one operation or more")
        }
    }
}
