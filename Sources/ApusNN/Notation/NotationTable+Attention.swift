import ApusCore

// What attends to itself; layers that need a second sequence do not stand in a line.
extension NotationTable {
    static var attentions: [NotationLayer] {
        let bias = presence("bias").at("query.bias").or(true)
        let isCausal = flag("isCausal").or(false)
        let dropout = number("dropout").or(0.0)
        return [
            NotationLayer(
                MultiHeadAttention.init(
                    heads:keySize:valueSize:outputSize:keyHeads:isCausal:positions:softCap:bias:dropout:initializer:),
                integer("heads"), optionalInteger("keySize"), optionalInteger("valueSize"),
                optionalInteger("outputSize"), optionalInteger("keyHeads").orLike("heads"), isCausal, positions,
                optionalNumber("softCap"), bias, dropout, initializer(of: "query.weight")),
            NotationLayer(
                GroupedQueryAttention.init(
                    heads:keyHeads:keySize:isCausal:positions:softCap:bias:dropout:initializer:),
                integer("heads"), integer("keyHeads"), optionalInteger("keySize"), isCausal, positions,
                optionalNumber("softCap"), bias, dropout, initializer(of: "query.weight")),
            NotationLayer(
                FeedForward.init, integer("hidden"), feedForwardActivation.or("relu"),
                presence("bias").at("inner.bias").or(true), dropout.at("dropout.rate"),
                initializer(of: "inner.weight")),
            NotationLayer(SinusoidalPositions.init, number("base").or(10_000.0), flag("scalesInput").or(false)),
            NotationLayer(
                LearnedPositions.init, integer("length"),
                initializer(of: "positions").or(.call("normal", [.number(0.02)]))),
            NotationLayer(
                RotaryPositions.init, number("base").or(10_000.0),
                choice("style", RotaryStyle.allCases.map { ($0.rawValue, $0) }).or("half")),
            NotationLayer(Projection.init, presence("bias").or(true), initializer(of: "weight")),
            transformerEncoder,
        ]
    }

    private static var positions: NotationParameter<AttentionPositions> {
        NotationParameter("positions", "none, alibi, rotary, or rotary with a base and a style") {
            (argument: NotationValue) -> AttentionPositions? in
            switch argument {
            case .word("none"): return AttentionPositions.none
            case .word("alibi"): return .alibi
            case .word("rotary"): return .rotary()
            case .call("rotary", let values):
                guard values.count == 2, let base = values[0].number,
                    let style = values[1].word.flatMap(RotaryStyle.init(rawValue:))
                else { return nil }
                return .rotary(base: base, style: style)
            default: return nil
            }
        } read: { (held: Any?) -> NotationValue? in
            guard let positions = held as? AttentionPositions else { return nil }
            switch positions {
            case .none: return .word("none")
            case .alibi: return .word("alibi")
            case .rotary(let base, let style):
                return positions == .rotary()
                    ? .word("rotary") : .call("rotary", [.number(base), .word(style.rawValue)])
            }
        }.or("none")
    }

    private static var feedForwardActivation: NotationParameter<FeedForwardActivation> {
        NotationParameter("activation", "an activation, gelu_tanh, glu, geglu, swiglu or reglu") { argument in
            guard let word = argument.word else { return nil }
            if let unit = GatedUnit(rawValue: word) { return .gated(unit) }
            return word == "gelu_tanh" ? .geluTanh : ActivationFunction(notation: word).map { .function($0) }
        } read: { held in
            switch held as? FeedForwardActivation {
            case .gated(let unit): return .word(unit.rawValue)
            case .function(let function):
                let isKnown = function.name == "gelu_tanh" || ActivationFunction(notation: function.name) != nil
                return isKnown ? .word(function.name) : nil
            case nil: return nil
            }
        }
    }

    private static var transformerEncoder: NotationLayer {
        let settings = "layers.0.settings."
        return NotationLayer(
            {
                (
                    layers: Int, heads: Int, feedForward: Int, activation: FeedForwardActivation, isPreNorm: Bool,
                    norm: TransformerSettings.Norm, epsilon: Double, keyHeads: Int?, positions: AttentionPositions,
                    dropout: Double, bias: Bool, initializer: Initializer, isCausal: Bool
                ) in
                TransformerEncoder(
                    layers: layers,
                    TransformerSettings(
                        heads: heads, feedForward: feedForward, activation: activation, isPreNorm: isPreNorm,
                        norm: norm, epsilon: epsilon, keyHeads: keyHeads, positions: positions, dropout: dropout,
                        bias: bias, initializer: initializer), isCausal: isCausal)
            },
            integer("layers").at("layers.count"), integer("heads").at(settings + "heads"),
            integer("feedForward").at(settings + "feedForward"),
            feedForwardActivation.at(settings + "activation").or("relu"),
            flag("isPreNorm").at(settings + "isPreNorm").or(false),
            choice("norm", TransformerSettings.Norm.allCases.map { ($0.rawValue, $0) }).at(settings + "norm")
                .or("layer"),
            number("epsilon").at(settings + "epsilon").or(1e-5),
            optionalInteger("keyHeads").at(settings + "keyHeads"),
            positions.at(settings + "positions"),
            number("dropout").at(settings + "dropout").or(0.0), flag("bias").at(settings + "bias").or(true),
            initializer(of: settings + "initializer"), flag("isCausal").at("layers.0.attention.isCausal").or(false))
    }
}
