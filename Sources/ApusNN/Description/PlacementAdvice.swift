import ApusCore

/// A remark on where a normalisation stands in a model.
public struct PlacementAdvice: Sendable, Hashable, CustomStringConvertible {
    /// The layer concerned, such as `norm2`.
    public let path: String
    /// What is unusual about it and what to do.
    public let text: String

    /// The path and the text.
    public var description: String { "\(path): \(text)" }
}

extension Module {
    /// Remarks on the batch normalisations in all ``Sequential`` lists of a model; empty if there is nothing to say.
    ///
    ///     let model = try Sequential(notation: "C16 R B L10")
    ///     model.normalizationAdvice.first?.text      // it follows an activation: ...
    ///
    /// Batch norm belongs behind a convolution or hidden dense layer and in front of its activation, where the drives are
    /// closest to a normal distribution (Ioffe and Szegedy, ICML 2015). A bias in front of it has no effect, because the mean
    /// is taken off. Where some hidden layers are normalised, all should be.
    public var normalizationAdvice: [PlacementAdvice] {
        var advice: [PlacementAdvice] = []
        let lists = ([("", self as any Module)] + namedModules.map { ($0.path, $0.module) })
            .compactMap { path, module in (module as? Sequential).map { (path, $0) } }
        for (path, list) in lists {
            let layers = list.layers
            let names = list.names.map { path.isEmpty ? $0 : "\(path).\($0)" }
            for (index, layer) in layers.enumerated() where layer is BatchNorm {
                guard index > 0 else { continue }
                let before = layers[index - 1]
                if isActivation(before) {
                    advice.append(
                        PlacementAdvice(
                            path: names[index],
                            text: "it follows an activation (\(names[index - 1])): put it in front of that, behind the "
                                + "convolution or dense layer"))
                } else if let weighted = Weighted(before) {
                    if weighted.activation != "linear" {
                        advice.append(
                            PlacementAdvice(
                                path: names[index],
                                text: "it follows the activation \(weighted.activation) of \(names[index - 1]): let an "
                                    + "activation layer follow it instead"))
                    } else if weighted.hasBias {
                        advice.append(
                            PlacementAdvice(
                                path: names[index - 1],
                                text: "its bias has no effect in front of \(names[index]): make it with bias: false"))
                    }
                }
            }
            advice += missing(layers, names)
        }
        return advice
    }

    /// Hidden layers without a normalisation among others that have one.
    private func missing(_ layers: [any Module], _ names: [String]) -> [PlacementAdvice] {
        let weighted = layers.indices.filter { Weighted(layers[$0]) != nil }
        let hidden = weighted.dropLast()
        func isNormalized(_ index: Int) -> Bool {
            layers[(index + 1)...].prefix { Weighted($0) == nil }.contains { $0 is BatchNorm }
        }
        guard hidden.contains(where: isNormalized) else { return [] }
        return hidden.filter { !isNormalized($0) }.map {
            PlacementAdvice(
                path: names[$0], text: "no normalisation follows it, though others have one: add BatchNorm()")
        }
    }
}

private func isActivation(_ module: any Module) -> Bool {
    module is Activation || module is ReLU || module is LeakyReLU || module is PReLU || module is RReLU || module is ELU
        || module is Softmax
}

/// A layer of weights with what matters in front of a normalisation.
private struct Weighted {
    let activation: String
    let hasBias: Bool

    init?(_ module: any Module) {
        switch module {
        case let layer as Dense: (activation, hasBias) = (layer.activation.name, layer.bias != nil)
        case let layer as ConvolutionLayer: (activation, hasBias) = (layer.activation.name, layer.bias != nil)
        default: return nil
        }
    }
}
