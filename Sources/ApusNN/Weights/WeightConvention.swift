import ApusCore

/// Whose names and layouts a file of weights has.
///
/// | | PyTorch | Keras 3 | here |
/// | --- | --- | --- | --- |
/// | dense | `weight [out, in]` | `kernel [in, out]` | `weight [in, out]` |
/// | convolution | `weight [out, in, window..]` | `kernel [window.., in, out]` | `kernel [window.., in, out]` |
/// | transposed | `weight [in, out, window..]` | `kernel [window.., out, in]` | `kernel [window.., out, in]` |
/// | depthwise | `weight [in x multiplier, 1, window..]` | `kernel [window.., in, multiplier]` | the same |
/// | normalisation | `weight`, `bias`, `running_mean`, `running_var` | `gamma`, `beta`, `moving_mean`, `moving_variance` | `scale`, `shift`, `mean`, `variance` |
/// | embedding | `weight` | `embeddings` | `table` |
/// | LSTM, simple recurrence | `weight_ih_l0`, `weight_hh_l0`, `bias_ih_l0`, `bias_hh_l0`, `.._reverse` | - | `cells.0.kernel`, `.recurrentKernel`, `.bias`, `.recurrentBias`, `backwardCells.0...` |
/// | GRU | the same, gates in the order reset, update, candidate | - | the same, gates in the order update, reset, candidate; with `resetAfter` |
/// | attention | `in_proj_weight [3 width, width]`, `in_proj_bias`, `out_proj.weight`, `out_proj.bias` | - | `query.weight`, `key.weight`, `value.weight`, .., `output.weight` |
public enum WeightConvention: String, Sendable, Hashable, CaseIterable {
    case apus, torch, keras

    /// Names that carry no parameter here.
    func ignores(_ name: String) -> Bool { self == .torch && name.hasSuffix(".num_batches_tracked") }
}

/// A parameter of a model, by its name in files of a convention, and how its numbers have to be turned round.
struct ForeignParameter {
    let path: String
    let name: String
    let parameter: Parameter
    /// The values in this library's layout.
    var arrange: (Tensor) -> Tensor = { $0 }
}

extension WeightConvention {
    /// All parameters of a model.
    func parameters(of model: any Module) -> [ForeignParameter] {
        var owners: [ObjectIdentifier: (path: String, module: any Module, name: String)] = [:]
        for (path, module) in [("", model)] + model.namedModules {
            for (name, child) in module.children {
                guard case .parameter(let parameter) = child, owners[ObjectIdentifier(parameter)] == nil else {
                    continue
                }
                owners[ObjectIdentifier(parameter)] = (path, module, name)
            }
        }
        return model.namedParameters.map { path, parameter in
            guard self != .apus, let owner = owners[ObjectIdentifier(parameter)],
                let form = self == .torch
                    ? Self.torch(owner.module, owner.name, owner.path) : Self.keras(owner.module, owner.name)
            else { return ForeignParameter(path: path, name: path, parameter: parameter) }
            let prefix = form.prefix ?? owner.path
            return ForeignParameter(
                path: path, name: prefix.isEmpty ? form.name : "\(prefix).\(form.name)", parameter: parameter,
                arrange: form.arrange)
        }
    }

    /// Names of a file that stand for several parameters, whose values are one behind the other along the first axis, or
    /// for one under another name: by each of them the names of those.
    func joined(in model: any Module) -> [String: [String]] {
        guard self == .torch else { return [:] }
        var names: [String: [String]] = [:]
        for (path, module) in [("", model)] + model.namedModules where module is MultiHeadAttention {
            let prefix = path.isEmpty ? "" : "\(path)."
            for kind in ["weight", "bias"] {
                names["\(prefix)in_proj_\(kind)"] = ["query", "key", "value"].map { "\(prefix)\($0).\(kind)" }
                names["\(prefix)out_proj.\(kind)"] = ["\(prefix)output.\(kind)"]
            }
            // Where the widths of queries, keys and values differ.
            for (short, name) in [("q", "query"), ("k", "key"), ("v", "value")] {
                names["\(prefix)\(short)_proj_weight"] = ["\(prefix)\(name).weight"]
            }
        }
        return names
    }

    private struct Form {
        let name: String
        /// The path in front, where it is not that of the module that holds the parameter.
        var prefix: String?
        var arrange: (Tensor) -> Tensor = { $0 }
    }

    /// `[out, in, window..]` to `[window.., in, out]`, `[out, in]` to `[in, out]`.
    private static func outputsLast(_ x: Tensor) -> Tensor {
        x.rank < 2 ? x : x.permuted(Array(2..<x.rank) + [1, 0])
    }

    /// The gates of a GRU, `[3 units, ..]` in the order reset, update, candidate, as update, reset, candidate.
    private static func updateFirst(_ x: Tensor) -> Tensor {
        guard x.rank >= 1, x.shape[0] % 3 == 0 else { return x }
        let parts = x.split(sizes: [Int](repeating: x.shape[0] / 3, count: 3))
        return Tensor.concatenate([parts[1], parts[0], parts[2]], axis: 0)
    }

    private static func torch(_ module: any Module, _ name: String, _ path: String) -> Form? {
        switch (module, name) {
        case (is Dense, "weight"), (is Projection, "weight"): return Form(name: "weight", arrange: outputsLast)
        case (is ConvolutionLayer, "kernel"), (is TransposedConvolutionLayer, "kernel"):
            return Form(name: "weight", arrange: outputsLast)
        case (let layer as DepthwiseConvolutionLayer, "kernel"):
            return Form(name: "weight") { x in
                guard x.rank >= 3, layer.multiplier > 0, x.shape[0] % layer.multiplier == 0, x.shape[1] == 1 else {
                    return x
                }
                let window = Array(x.shape.extents.dropFirst(2))
                return x.permuted(Array(2..<x.rank) + [0, 1])
                    .reshaped(to: Shape(window + [x.shape[0] / layer.multiplier, layer.multiplier]))
            }
        case (is Embedding, "table"), (is PReLU, "slope"), (is RMSNorm, "scale"): return Form(name: "weight")
        case (is BatchNorm, _), (is FrozenBatchNorm, _), (is LayerNorm, _), (is GroupNorm, _), (is InstanceNorm, _):
            return ["scale": "weight", "shift": "bias", "mean": "running_mean", "variance": "running_var"][name]
                .map { Form(name: $0) }
        case (is LSTMCell, _), (is SimpleRNNCell, _), (is GRUCell, _):
            // encoder.cells.0 is the layer l0 of encoder.
            guard let match = path.wholeMatch(of: /(.*?)\.?(cells|backwardCells)\.(\d+)/) else { return nil }
            let suffix = "_l\(match.3)" + (match.2 == "cells" ? "" : "_reverse")
            let names = [
                "kernel": "weight_ih", "recurrentKernel": "weight_hh", "bias": "bias_ih", "recurrentBias": "bias_hh",
                "projection": "weight_hr",
            ]
            let isGRU = module is GRUCell
            return names[name].map {
                Form(name: $0 + suffix, prefix: String(match.1)) { outputsLast(isGRU ? updateFirst($0) : $0) }
            }
        default: return nil
        }
    }

    private static func keras(_ module: any Module, _ name: String) -> Form? {
        switch (module, name) {
        case (is Dense, "weight"), (is Projection, "weight"): Form(name: "kernel")
        case (is Embedding, "table"): Form(name: "embeddings")
        case (is PReLU, "slope"): Form(name: "alpha")
        case (is RMSNorm, "scale"): Form(name: "scale")
        case (is BatchNorm, _), (is FrozenBatchNorm, _), (is LayerNorm, _), (is GroupNorm, _), (is InstanceNorm, _):
            ["scale": "gamma", "shift": "beta", "mean": "moving_mean", "variance": "moving_variance"][name]
                .map { Form(name: $0) }
        default: nil
        }
    }
}
