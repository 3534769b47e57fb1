import ApusCore
import TestSupport

/// Functions of corresponding elements.
let fuzzElements: [FuzzCase] = [
    .binary("+") { $0 + $1 }, .binary("-") { $0 - $1 }, .binary("*") { $0 * $1 },
    .binary("/", compared: .float64) { $0 / $1 }, .unary("prefix -") { -$0 },
    .binary("Tensor.power", compared: .float64) { Tensor.power($0, $1) },
    .binary("Tensor.maximum") { Tensor.maximum($0, $1) }, .binary("Tensor.minimum") { Tensor.minimum($0, $1) },
    .binary("Tensor.maximumNumber") { Tensor.maximumNumber($0, $1) },
    .binary("Tensor.minimumNumber") { Tensor.minimumNumber($0, $1) },
    .binary("Tensor.remainder", compared: .float64) { Tensor.remainder($0, $1) },
    .binary("Tensor.floorDivide", compared: .float64) { Tensor.floorDivide($0, $1) },
    FuzzCase("Tensor.quotientAndRemainder", compared: .float64) {
        let x = $0.wild()
        let both = Tensor.quotientAndRemainder(x, $0.partner(x))
        return $0.flag() ? both.quotient : both.remainder
    },
    .binary("Tensor.truncatedRemainder", compared: .float64) { Tensor.truncatedRemainder($0, $1) },
    .binary("Tensor.truncatedQuotient", compared: .float64) { Tensor.truncatedQuotient($0, $1) },
    .binary("Tensor.divideOrZero", compared: .float64) { Tensor.divideOrZero($0, $1) },
    .binary("Tensor.atan2") { Tensor.atan2($0, $1) }, .binary("Tensor.hypotenuse") { Tensor.hypotenuse($0, $1) },
    .binary("Tensor.copySign") { Tensor.copySign($0, $1) }, .binary("Tensor.logAddExp") { Tensor.logAddExp($0, $1) },
    .binary("Tensor.logAddExp2") { Tensor.logAddExp2($0, $1) }, .binary("Tensor.xLogY") { Tensor.xLogY($0, $1) },
    FuzzCase("Tensor.interpolate") {
        let x = $0.wild()
        return Tensor.interpolate(x, $0.partner(x), weight: $0.partner(x))
    },
    FuzzCase("Tensor.select") {
        let x = $0.wild()
        let condition = $0.integer(0...9) == 0 ? $0.wild() : $0.wild(x.shape, .bool)
        if $0.flag() { return Tensor.select(condition, x, $0.partner(x)) }
        return Tensor.select([(condition: condition, choice: x)], otherwise: $0.partner(x))
    },
    .binary("Tensor.greatestCommonDivisor") { Tensor.greatestCommonDivisor($0, $1) },
    .binary("Tensor.leastCommonMultiple") { Tensor.leastCommonMultiple($0, $1) },
    FuzzCase("scaled(byPowerOfTwo:)") {
        let x = $0.wild(0...3)
        let exponent = $0.integer(0...3) == 0 ? $0.partner(x) : $0.wild(x.shape, .int32)
        return x.scaled(byPowerOfTwo: exponent)
    },
    .binary(".==") { $0 .== $1 }, .binary(".!=") { $0 .!= $1 }, .binary(".<") { $0 .< $1 },
    .binary(".<=") { $0 .<= $1 }, .binary(".>") { $0 .> $1 }, .binary(".>=") { $0 .>= $1 },
    FuzzCase("Tensor.isClose", compared: .float64) {
        let x = $0.wild()
        return Tensor.isClose(
            x, $0.partner(x), relative: $0.wildNumber(), absolute: $0.wildNumber(), equalNaN: $0.flag())
    },
    .binary("Tensor.allClose") { Tensor.allClose($0, $1) },
    logical("&") { $0 & $1 }, logical("|") { $0 | $1 }, logical("^") { $0 ^ $1 },
    FuzzCase("!") { !$0.wild(0...5, $0.integer(0...3) > 0 ? .bool : $0.wildType()) },
    FuzzCase("~") { ~$0.wild(0...5, $0.pick(.bool, .int32, .int64, .uint8, .float32)) },
    logical("<<") { $0 << $1 }, logical(">>") { $0 >> $1 },
    .unary("absolute") { $0.absolute() }, .unary("sign") { $0.sign() }, .unary("signBit") { $0.signBit() },
    .unary("floor") { $0.floor() }, .unary("ceil") { $0.ceil() }, .unary("rounded") { $0.rounded() },
    .unary("truncated") { $0.truncated() }, .unary("fraction") { $0.fraction() }, .unary("exp") { $0.exp() },
    .unary("exp2") { $0.exp2() }, .unary("expm1") { $0.expm1() }, .unary("log") { $0.log() },
    .unary("log2") { $0.log2() }, .unary("log10") { $0.log10() }, .unary("log1p") { $0.log1p() },
    .unary("logit") { $0.logit() }, .unary("squareRoot") { $0.squareRoot() },
    .unary("reciprocalSquareRoot") { $0.reciprocalSquareRoot() }, .unary("cubeRoot") { $0.cubeRoot() },
    .unary("reciprocal") { $0.reciprocal() }, .unary("square") { $0.square() }, .unary("sin") { $0.sin() },
    .unary("cos") { $0.cos() }, .unary("tan") { $0.tan() }, .unary("asin") { $0.asin() },
    .unary("acos") { $0.acos() }, .unary("atan") { $0.atan() }, .unary("sinh") { $0.sinh() },
    .unary("cosh") { $0.cosh() }, .unary("tanh") { $0.tanh() }, .unary("asinh") { $0.asinh() },
    .unary("acosh") { $0.acosh() }, .unary("atanh") { $0.atanh() }, .unary("sinc") { $0.sinc() },
    .unary("sigmoid") { $0.sigmoid() }, .unary("logSigmoid") { $0.logSigmoid() },
    .unary("softplus") { $0.softplus() }, .unary("relu") { $0.relu() }, .unary("erf") { $0.erf() },
    .unary("erfc") { $0.erfc() }, .unary("inverseErf") { $0.inverseErf() }, .unary("logGamma") { $0.logGamma() },
    .unary("digamma") { $0.digamma() }, .unary("trigamma") { $0.trigamma() }, .unary("besselI0") { $0.besselI0() },
    .unary("besselI1") { $0.besselI1() },
    .binary("Tensor.incompleteGamma") { Tensor.incompleteGamma($0, $1) },
    FuzzCase("heaviside") {
        let x = $0.wild()
        return x.heaviside(atZero: $0.wildNumber())
    },
    .unary("radians") { $0.radians() }, .unary("degrees") { $0.degrees() },
    FuzzCase("clipped") {
        let x = $0.wild()
        if $0.flag() { return x.clipped($0.partner(x), $0.partner(x)) }
        return x.clipped($0.flag() ? nil : $0.wildNumber(), $0.flag() ? nil : $0.wildNumber())
    },
    FuzzCase("replacingNonfinite") {
        let x = $0.wild()
        return x.replacingNonfinite(nan: $0.wildNumber(), positive: $0.wildNumber(), negative: $0.wildNumber())
    },
    .unary("isNaN") { $0.isNaN() }, .unary("isFinite") { $0.isFinite() }, .unary("isInfinite") { $0.isInfinite() },
    .unary("isPositiveInfinity") { $0.isPositiveInfinity() },
    .unary("isNegativeInfinity") { $0.isNegativeInfinity() },
    FuzzCase("cast") {
        let x = $0.wild()
        return x.cast(to: $0.any(of: DType.allCases))
    },
    FuzzCase("saturatingCast") {
        let x = $0.wild()
        return x.saturatingCast(to: $0.any(of: DType.allCases))
    },
    .unary("stopGradient") { $0.stopGradient() },
]

/// A function of two truth values or integers.
private func logical(_ name: String, _ function: @escaping @Sendable (Tensor, Tensor) -> Tensor) -> FuzzCase {
    FuzzCase(name) {
        let x = $0.wild(0...5, $0.pick(.bool, .int32, .int64, .uint8, .bool, .float32))
        return function(x, $0.partner(x))
    }
}
