import ApusCore

/// The marginals of a fully connected conditional random field after some steps of mean field, which pull alike pixels
/// to one label (Krähenbühl and Koltun, NeurIPS 2011).
///
/// Each step adds up what all other pixels say, weighed by how alike they are, and normalises:
/// `Q = softmax(-energies - affinities · Q · compatibility)`. As an unrolled recurrence it can be trained with the
/// network that makes the energies (Zheng et al., ICCV 2015): differentiable in all arguments.
///
///     let alike = pixelAffinities([(positions, 3, 1), (colours, 0.2, 2)])
///     let refined = meanField(-logProbabilities, affinities: alike, steps: 5)
///
/// - Parameters:
///   - energies: the cost of each label for each pixel, `[.., pixels, labels]`
///   - affinities: `[.., pixels, pixels]`, with zeros on the diagonal
///   - compatibility: the cost of label `j` beside label `i`, `[labels, labels]`; by default -1 for equal labels and 0
///     for others, which up to a constant is Potts' model
/// - Returns: `[.., pixels, labels]`, rows of sum 1
public func meanField(
    _ energies: Tensor, affinities: Tensor, compatibility: Tensor? = nil, steps: Int = 5
) -> Tensor {
    let place = "operation meanField"
    return Tensor.composed(of: [energies, affinities] + (compatibility.map { [$0] } ?? [])) { () throws(ApusError) in
        guard energies.rank >= 2, affinities.rank >= 2, affinities.shape[-1] == energies.shape[-2],
            affinities.shape[-2] == energies.shape[-2],
            compatibility == nil || compatibility?.shape == [energies.shape[-1], energies.shape[-1]]
        else {
            throw ApusError(
                .shape, in: place,
                "energies \(energies.shape), affinities \(affinities.shape)"
                    + (compatibility.map { ", compatibility \($0.shape)" } ?? ""),
                remedy: "give [.., pixels, labels], [.., pixels, pixels] and [labels, labels]")
        }
        guard (0...1000).contains(steps) else {
            throw ApusError(.value, in: place, "\(steps) steps", remedy: "use a number in 0...1000")
        }
        var marginals = (-energies).softmax()
        for _ in 0..<steps {
            let said = matmul(affinities, marginals)
            let cost = compatibility.map { matmul(said, $0) } ?? -said
            marginals = (-energies - cost).softmax()
        }
        return marginals
    }
}

/// How alike pixels are: the sum of Gaussian functions `weight · e^(-|a - b|² / (2 deviation²))` of their differences,
/// 0 for a pixel and itself.
///
/// - Parameter features: for each Gaussian what it compares, `[.., pixels, numbers]`, the deviation and the weight
/// - Returns: `[.., pixels, pixels]`
public func pixelAffinities(_ features: [(values: Tensor, deviation: Double, weight: Double)]) -> Tensor {
    let place = "operation pixelAffinities"
    return Tensor.composed(of: features.map(\.values)) { () throws(ApusError) in
        guard let first = features.first?.values,
            features.allSatisfy({ $0.values.rank >= 2 && $0.values.shape[-2] == first.shape[-2] }),
            features.allSatisfy({ $0.deviation > 0 && $0.deviation.isFinite })
        else {
            throw ApusError(
                .shape, in: place,
                "features of shapes \(features.map(\.values.shape)), deviations \(features.map(\.deviation))",
                remedy: "give [.., pixels, numbers] of as many pixels each, and deviations above 0")
        }
        let others = 1 - Tensor.identity(first.shape[-2], dtype: first.dtype)
        var sum: Tensor?
        for (values, deviation, weight) in features {
            let gaps = (values.expanded(at: -2) - values.expanded(at: values.rank - 2)).square().sum(axes: [-1])
            let part = (gaps * (-0.5 / (deviation * deviation))).exp() * others * weight
            sum = sum.map { $0 + part } ?? part
        }
        return sum ?? first
    }
}
