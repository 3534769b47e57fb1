import ApusCore
import ApusNN
import TestSupport

func activationTable() -> GoldenTable {
    var table: GoldenTable = [:]
    table["celu"] = { [celu(try $0("input"), alpha: try $0.number("alpha"))] }
    table["elu"] = { [elu(try $0("input"), alpha: try $0.number("alpha"))] }
    table["exp"] = unary { $0.exp() }
    table["gelu"] = { [gelu(try $0("input"), approximate: try $0.text("approximate") == "tanh")] }
    for unit in GatedUnit.allCases {
        table[unit.rawValue] = { [unit(try $0("input"), axis: try $0.integer("axis"))] }
    }
    table["hard_sigmoid"] = {
        [hardSigmoid(try $0("input"), slope: try $0.number("slope"), offset: try $0.number("offset"))]
    }
    table["hard_swish"] = unary(hardSilu)
    table["hard_tanh"] = {
        [hardTanh(try $0("input"), minimum: try $0.number("minimum"), maximum: try $0.number("maximum"))]
    }
    table["hardshrink"] = { [hardShrink(try $0("input"), lambda: try $0.number("lambda"))] }
    table["keras_relu"] = {
        [
            relu(
                try $0("input"), negativeSlope: try $0.number("negative_slope"),
                maximum: $0.has("maximum") ? try $0.number("maximum") : .infinity, threshold: try $0.number("threshold")
            )
        ]
    }
    table["leaky_relu"] = { [leakyRelu(try $0("input"), slope: try $0.number("negative_slope"))] }
    table["log_sigmoid"] = unary { $0.logSigmoid() }
    table["log_softmax"] = { [logSoftmax(try $0("input"), axis: try $0.integer("axis"))] }
    table["maxout"] = { [maxout(try $0("input"), pieces: try $0.integer("pieces"))] }
    table["mish"] = unary(mish)
    table["prelu"] = { [parametricRelu(try $0("input"), slope: try $0("slope"))] }
    table["relu"] = unary { $0.relu() }
    table["relu6"] = unary(relu6)
    table["selu"] = unary(selu)
    table["sigmoid"] = unary { $0.sigmoid() }
    table["silu"] = unary(silu)
    table["softmax"] = { [try $0("input").softmax(axis: try $0.integer("axis"))] }
    table["softmin"] = { [softmin(try $0("input"), axis: try $0.integer("axis"))] }
    table["softplus"] = { [softplus(try $0("input"), beta: try $0.number("beta"))] }
    table["softshrink"] = { [softShrink(try $0("input"), lambda: try $0.number("lambda"))] }
    table["softsign"] = unary(softsign)
    table["sparse_plus"] = unary(sparsePlus)
    table["sparse_sigmoid"] = unary(sparseSigmoid)
    // The vectors are Keras'.
    table["sparsemax"] = { [sparsemax(try $0("input"), axis: try $0.integer("axis"), addsRunningSums: true)] }
    table["squareplus"] = { [squareplus(try $0("input"), b: try $0.number("b"))] }
    table["tanh"] = unary { $0.tanh() }
    table["tanhshrink"] = unary(tanhShrink)
    table["threshold"] = {
        [thresholded(try $0("input"), threshold: try $0.number("threshold"), value: try $0.number("value"))]
    }
    return table
}
