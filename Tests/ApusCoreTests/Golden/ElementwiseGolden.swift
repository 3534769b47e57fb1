import ApusCore
import TestSupport

func elementwiseTable() -> GoldenTable {
    var table: GoldenTable = [:]
    table["abs"] = unary { $0.absolute() }
    table["acos"] = unary { $0.acos() }
    table["acosh"] = unary { $0.acosh() }
    table["asin"] = unary { $0.asin() }
    table["asinh"] = unary { $0.asinh() }
    table["atan"] = unary { $0.atan() }
    table["atanh"] = unary { $0.atanh() }
    table["cast"] = {
        let types: [String: DType] = ["bool": .bool, "int32": .int32, "int64": .int64, "float32": .float32]
        guard let target = types[try $0.text("to")] else { throw GoldenProblem("to \(try $0.text("to"))") }
        return [try $0("input").cast(to: target)]
    }
    table["ceil"] = unary { $0.ceil() }
    table["cos"] = unary { $0.cos() }
    table["cosh"] = unary { $0.cosh() }
    table["cube"] = unary { Tensor.power($0, 3) }
    table["degrees_to_radians"] = unary { $0 * (Double.pi / 180) }
    table["digamma"] = unary { $0.digamma() }
    table["erf"] = unary { $0.erf() }
    table["erfc"] = unary { $0.erfc() }
    table["erfinv"] = unary { $0.inverseErf() }
    table["exp"] = unary { $0.exp() }
    table["exp2"] = unary { $0.exp2() }
    table["expm1"] = unary { $0.expm1() }
    table["floor"] = unary { $0.floor() }
    table["frac"] = unary { $0.fraction() }
    table["is_finite"] = unary { $0.isFinite() }
    table["is_infinite"] = unary { $0.isInfinite() }
    table["is_nan"] = unary { $0.isNaN() }
    table["lgamma"] = unary { $0.logGamma() }
    table["log"] = unary { $0.log() }
    table["log10"] = unary { $0.log10() }
    table["log1p"] = unary { $0.log1p() }
    table["log2"] = unary { $0.log2() }
    table["log_sigmoid"] = unary { $0.logSigmoid() }
    table["logit"] = unary { $0.logit() }
    table["nan_to_num"] = {
        [
            try $0("input").replacingNonfinite(
                nan: try $0.number("nan"), positive: try $0.number("posinf"), negative: try $0.number("neginf"))
        ]
    }
    table["negative"] = unary { -$0 }
    table["power_scalar"] = { [Tensor.power(try $0("input"), try $0.number("exponent"))] }
    table["radians_to_degrees"] = unary { $0 * (180 / Double.pi) }
    table["reciprocal"] = unary { $0.reciprocal() }
    table["relu"] = unary { $0.relu() }
    table["round"] = unary { $0.rounded() }
    table["rsqrt"] = unary { $0.reciprocalSquareRoot() }
    table["sigmoid"] = unary { $0.sigmoid() }
    table["sign"] = unary { $0.sign() }
    table["sin"] = unary { $0.sin() }
    table["sinc"] = unary { $0.sinc() }
    table["sinh"] = unary { $0.sinh() }
    table["softplus"] = { [scaledSoftplus(try $0("input"), try $0.number("beta"))] }
    table["sqrt"] = unary { $0.squareRoot() }
    table["square"] = unary { $0.square() }
    table["tan"] = unary { $0.tan() }
    table["tanh"] = unary { $0.tanh() }
    table["trunc"] = unary { $0.truncated() }
    return table
}

/// Beyond the cases' threshold the function is its argument within rounding.
func scaledSoftplus(_ x: Tensor, _ beta: Double) -> Tensor { (x * beta).softplus() / beta }

func binaryTable() -> GoldenTable {
    var table: GoldenTable = [:]
    table["add"] = binary { $0 + $1 }
    table["addcdiv"] = { [try $0("input") + (try $0("a")) / (try $0("b")) * (try $0.number("value"))] }
    table["addcmul"] = { [try $0("input") + (try $0("a")) * (try $0("b")) * (try $0.number("value"))] }
    table["atan2"] = binary { Tensor.atan2($0, $1) }
    table["bitwise_and"] = binary { $0 & $1 }
    table["bitwise_or"] = binary { $0 | $1 }
    table["bitwise_xor"] = binary { $0 ^ $1 }
    table["clip"] = {
        if let minimum = $0.optional("minimum") { return [try $0("input").clipped(minimum, try $0("maximum"))] }
        return [
            try $0("input").clipped(
                $0.has("minimum") ? try $0.number("minimum") : nil, $0.has("maximum") ? try $0.number("maximum") : nil)
        ]
    }
    table["copysign"] = binary { Tensor.copySign($0, $1) }
    table["divide"] = binary { $0 / $1 }
    table["equal"] = binary { $0 .== $1 }
    table["floor_divide"] = binary { Tensor.floorDivide($0, $1) }
    table["fmod"] = binary { Tensor.truncatedRemainder($0, $1) }
    table["greater"] = binary { $0 .> $1 }
    table["greater_equal"] = binary { $0 .>= $1 }
    table["hypot"] = binary { Tensor.hypotenuse($0, $1) }
    table["left_shift"] = binary { $0 << $1 }
    table["lerp"] = { [Tensor.interpolate(try $0("a"), try $0("b"), weight: try $0("weight"))] }
    table["less"] = binary { $0 .< $1 }
    table["less_equal"] = binary { $0 .<= $1 }
    table["logaddexp"] = binary { Tensor.logAddExp($0, $1) }
    table["logical_and"] = binary { $0 & $1 }
    table["logical_not"] = unary { !$0 }
    table["logical_or"] = binary { $0 | $1 }
    table["logical_xor"] = binary { $0 ^ $1 }
    table["maximum"] = binary { Tensor.maximum($0, $1) }
    table["minimum"] = binary { Tensor.minimum($0, $1) }
    table["multiply"] = binary { $0 * $1 }
    table["not_equal"] = binary { $0 .!= $1 }
    table["power"] = binary { Tensor.power($0, $1) }
    table["remainder"] = binary { Tensor.remainder($0, $1) }
    table["right_shift"] = binary { $0 >> $1 }
    table["squared_difference"] = binary { ($0 - $1).square() }
    table["subtract"] = binary { $0 - $1 }
    table["truncate_divide"] = binary { Tensor.truncatedQuotient($0, $1) }
    table["where"] = { [Tensor.select(try $0("condition"), try $0("a"), try $0("b"))] }
    table["xlogy"] = binary { Tensor.xLogY($0, $1) }
    return table
}
