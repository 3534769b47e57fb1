extension Catalog {
    /// Functions of single elements.
    static let functions: [CatalogEntry] = [
        CatalogEntry(
            "absolute", "The absolute value", keras: ["ops.abs", "ops.absolute", "ops.fabs"],
            torch: ["abs", "absolute"], mlx: ["abs"]),
        CatalogEntry("sign", "The sign: -1, 0 or 1", keras: ["ops.sign"], torch: ["sign", "sgn"], mlx: ["sign"]),
        CatalogEntry("signBit", "Whether the sign bit is set", keras: ["ops.signbit"], torch: ["signbit"]),
        CatalogEntry("floor", "Rounded down", keras: ["ops.floor"], torch: ["floor"], mlx: ["floor"]),
        CatalogEntry("ceil", "Rounded up", keras: ["ops.ceil"], torch: ["ceil"], mlx: ["ceil"]),
        CatalogEntry(
            "rounded", "To the nearest whole number, halves to the even one", keras: ["ops.round"], torch: ["round"],
            mlx: ["round"]),
        CatalogEntry("truncated", "Rounded towards zero", keras: ["ops.trunc"], torch: ["trunc", "fix"]),
        CatalogEntry("fraction", "What stands behind the point", torch: ["frac"]),
        CatalogEntry("exp", "The exponential function", keras: ["ops.exp"], torch: ["exp"], mlx: ["exp"]),
        CatalogEntry("exp2", "2 to the power of the elements", keras: ["ops.exp2"], torch: ["exp2"]),
        CatalogEntry("expm1", "exp(x) - 1, exact near 0", keras: ["ops.expm1"], torch: ["expm1"], mlx: ["expm1"]),
        CatalogEntry("log", "The natural logarithm", keras: ["ops.log"], torch: ["log"], mlx: ["log"]),
        CatalogEntry("log2", "The logarithm to base 2", keras: ["ops.log2"], torch: ["log2"], mlx: ["log2"]),
        CatalogEntry("log10", "The logarithm to base 10", keras: ["ops.log10"], torch: ["log10"], mlx: ["log10"]),
        CatalogEntry("log1p", "log(1 + x), exact near 0", keras: ["ops.log1p"], torch: ["log1p"], mlx: ["log1p"]),
        CatalogEntry("logit", "log(x / (1 - x))", keras: ["ops.logit"], torch: ["logit"]),
        CatalogEntry("squareRoot", "The square root", keras: ["ops.sqrt"], torch: ["sqrt"], mlx: ["sqrt"]),
        CatalogEntry("reciprocalSquareRoot", "1 / sqrt(x)", keras: ["ops.rsqrt"], torch: ["rsqrt"], mlx: ["rsqrt"]),
        CatalogEntry("cubeRoot", "The real cube root", keras: ["ops.cbrt"]),
        CatalogEntry("reciprocal", "1 / x", keras: ["ops.reciprocal"], torch: ["reciprocal"], mlx: ["reciprocal"]),
        CatalogEntry("square", "x^2", keras: ["ops.square"], torch: ["square"], mlx: ["square"]),
        CatalogEntry("sin", "The sine", keras: ["ops.sin"], torch: ["sin"], mlx: ["sin"]),
        CatalogEntry("cos", "The cosine", keras: ["ops.cos"], torch: ["cos"], mlx: ["cos"]),
        CatalogEntry("tan", "The tangent", keras: ["ops.tan"], torch: ["tan"], mlx: ["tan"]),
        CatalogEntry("asin", "The arc sine", keras: ["ops.arcsin"], torch: ["asin", "arcsin"], mlx: ["asin"]),
        CatalogEntry("acos", "The arc cosine", keras: ["ops.arccos"], torch: ["acos", "arccos"], mlx: ["acos"]),
        CatalogEntry("atan", "The arc tangent", keras: ["ops.arctan"], torch: ["atan", "arctan"], mlx: ["atan"]),
        CatalogEntry("sinh", "The hyperbolic sine", keras: ["ops.sinh"], torch: ["sinh"], mlx: ["sinh"]),
        CatalogEntry("cosh", "The hyperbolic cosine", keras: ["ops.cosh"], torch: ["cosh"], mlx: ["cosh"]),
        CatalogEntry("tanh", "The hyperbolic tangent", keras: ["ops.tanh"], torch: ["tanh"], mlx: ["tanh"]),
        CatalogEntry(
            "asinh", "The inverse hyperbolic sine", keras: ["ops.arcsinh"], torch: ["asinh", "arcsinh"], mlx: ["asinh"]),
        CatalogEntry(
            "acosh", "The inverse hyperbolic cosine", keras: ["ops.arccosh"], torch: ["acosh", "arccosh"],
            mlx: ["acosh"]),
        CatalogEntry(
            "atanh", "The inverse hyperbolic tangent", keras: ["ops.arctanh"], torch: ["atanh", "arctanh"],
            mlx: ["atanh"]),
        CatalogEntry("sinc", "sin(pi x) / (pi x)", keras: ["ops.sinc"], torch: ["sinc"]),
        CatalogEntry("sigmoid", "1 / (1 + exp(-x))", keras: ["ops.sigmoid"], torch: ["sigmoid"], mlx: ["sigmoid"]),
        CatalogEntry(
            "logSigmoid", "The logarithm of the sigmoid function", keras: ["ops.log_sigmoid"],
            torch: ["nn.functional.logsigmoid"], mlx: ["logSigmoid"]),
        CatalogEntry(
            "softplus", "log(1 + exp(x))", keras: ["ops.softplus"], torch: ["nn.functional.softplus"], mlx: ["softplus"]
        ),
        CatalogEntry("relu", "max(x, 0)", keras: ["ops.relu"], torch: ["relu"], mlx: ["relu"]),
        CatalogEntry("erf", "The error function", keras: ["ops.erf"], torch: ["erf"], mlx: ["erf"]),
        CatalogEntry("erfc", "The complement of the error function", keras: ["ops.erfc"], torch: ["erfc"]),
        CatalogEntry(
            "inverseErf", "The inverse of the error function", keras: ["ops.erfinv"], torch: ["erfinv"],
            mlx: ["erfInverse"]),
        CatalogEntry(
            "logGamma", "The logarithm of the gamma function's magnitude", torch: ["lgamma", "special.gammaln"]),
        CatalogEntry("digamma", "The derivative of logGamma", torch: ["digamma", "special.psi"]),
        CatalogEntry("trigamma", "The derivative of digamma", torch: ["polygamma"]),
        CatalogEntry(
            "besselI0", "The modified Bessel function of order 0", keras: ["ops.i0"], torch: ["i0", "special.i0"]),
        CatalogEntry("besselI1", "The modified Bessel function of order 1", torch: ["special.i1"]),
        CatalogEntry(
            "Tensor.incompleteGamma", "The regularised lower incomplete gamma function", keras: ["ops.gammainc"],
            torch: ["special.gammainc"]),
        CatalogEntry("heaviside", "The step function", keras: ["ops.heaviside"], torch: ["heaviside"]),
        CatalogEntry("radians", "Degrees as radians", keras: ["ops.deg2rad"], torch: ["deg2rad"], mlx: ["radians"]),
        CatalogEntry("degrees", "Radians as degrees", keras: ["ops.rad2deg"], torch: ["rad2deg"], mlx: ["degrees"]),
        CatalogEntry("clipped", "Limited to a range", keras: ["ops.clip"], torch: ["clamp", "clip"], mlx: ["clip"]),
        CatalogEntry(
            "replacingNonfinite", "NaN and infinities replaced by numbers", keras: ["ops.nan_to_num"],
            torch: ["nan_to_num"], mlx: ["nanToNum"]),
        CatalogEntry("isNaN", "Whether elements are NaN", keras: ["ops.isnan"], torch: ["isnan"], mlx: ["isNaN"]),
        CatalogEntry(
            "isFinite", "Whether elements are finite", keras: ["ops.isfinite"], torch: ["isfinite"], mlx: ["isFinite"]),
        CatalogEntry(
            "isInfinite", "Whether elements are infinite", keras: ["ops.isinf"], torch: ["isinf"], mlx: ["isInf"]),
        CatalogEntry(
            "isPositiveInfinity", "Whether elements are positive infinity", keras: ["ops.isposinf"],
            torch: ["isposinf"], mlx: ["isPosInf"]),
        CatalogEntry(
            "isNegativeInfinity", "Whether elements are negative infinity", keras: ["ops.isneginf"],
            torch: ["isneginf"], mlx: ["isNegInf"]),
        CatalogEntry(
            "cast", "Converted to another type", keras: ["ops.cast"], torch: ["Tensor.to", "Tensor.type"],
            mlx: ["asType"]),
        CatalogEntry(
            "saturatingCast", "Converted to another type, limited to what it holds", keras: ["ops.saturate_cast"]),
        CatalogEntry(
            "stopGradient", "The value without its gradient", keras: ["ops.stop_gradient"], torch: ["Tensor.detach"],
            mlx: ["stopGradient"]),
        CatalogEntry(
            "withGradient", "A value with a gradient of the caller's making", keras: ["ops.custom_gradient"],
            torch: ["autograd.Function"], mlx: ["CustomFunction"]),
    ]
}
