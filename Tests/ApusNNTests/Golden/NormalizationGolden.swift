import ApusCore
import ApusNN
import TestSupport

func normalizationTable() -> GoldenTable {
    var table: GoldenTable = [:]
    table["batch_norm"] = { arguments in
        let training = try arguments.flag("training")
        let layer = BatchNorm(
            momentum: arguments.has("momentum") ? try arguments.number("momentum") : 0.1,
            epsilon: try arguments.number("epsilon"),
            unbiased: arguments.has("running_variance_unbiased")
                ? try arguments.flag("running_variance_unbiased") : true)
        if let scale = arguments.optional("gamma") { layer.scale.value = scale }
        if let shift = arguments.optional("beta") { layer.shift.value = shift }
        if let mean = arguments.optional("running_mean") { layer.mean.value = mean }
        if let variance = arguments.optional("running_variance") { layer.variance.value = variance }
        let batches = arguments.roles.filter { $0.hasPrefix("input") }
        var outputs: [Tensor] = []
        for batch in batches {
            let x = try arguments(batch)
            outputs.append(withMode(training ? .training : .inference) { layer(x) })
        }
        return outputs + [layer.mean.value, layer.variance.value]
    }
    table["feature_standardization"] = {
        let deviation = Tensor.maximum(try $0("variance").squareRoot(), try $0.number("epsilon"))
        return [(try $0("input") - $0("mean")) / deviation]
    }
    table["group_norm"] = {
        [
            groupNorm(
                try $0("input"), groups: try $0.integer("groups"), scale: $0.optional("gamma"),
                shift: $0.optional("beta"), epsilon: try $0.number("epsilon"))
        ]
    }
    table["instance_norm"] = {
        [
            instanceNorm(
                try $0("input"), scale: $0.optional("gamma"), shift: $0.optional("beta"),
                epsilon: try $0.number("epsilon"))
        ]
    }
    table["l2_normalize"] = {
        [
            normalized(
                try $0("input"), order: try $0.number("p"), axis: try $0.integer("axis"),
                epsilon: try $0.number("epsilon"))
        ]
    }
    table["layer_norm"] = {
        [
            layerNorm(
                try $0("input"), axes: try $0.integers("axes").count, scale: $0.optional("gamma"),
                shift: $0.optional("beta"), epsilon: try $0.number("epsilon"))
        ]
    }
    table["local_response_norm"] = {
        [
            localResponseNorm(
                try $0("input"), size: try $0.integer("size"), alpha: try $0.number("alpha"),
                beta: try $0.number("beta"), k: try $0.number("k"))
        ]
    }
    table["rms_norm"] = {
        [rmsNorm(try $0("input"), scale: $0.optional("gamma"), epsilon: try $0.number("epsilon"))]
    }
    table["spectral_norm"] = {
        let (kernel, u, v) = spectralNorm(
            try $0("kernel"), u: try $0("u"), v: try $0("v"), iterations: try $0.integer("n_power_iterations"),
            epsilon: try $0.number("epsilon"))
        return [kernel, u, v]
    }
    table["weight_norm"] = { [weightNorm(try $0("v"), length: try $0("g"))] }
    table["weight_standardization"] = {
        [weightStandardized(try $0("kernel"), epsilon: try $0.number("epsilon"))]
    }
    return table
}
