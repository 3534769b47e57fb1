extension Catalog {
    /// Functions of two or three corresponding elements, logic and comparison.
    static let arithmetic: [CatalogEntry] = [
        CatalogEntry("+", "The sum, elementwise, shapes broadcast", keras: ["ops.add"], torch: ["add"], mlx: ["add"]),
        CatalogEntry(
            "-", "The difference, elementwise", keras: ["ops.subtract"], torch: ["sub", "subtract"], mlx: ["subtract"]),
        CatalogEntry(
            "*", "The product, elementwise", keras: ["ops.multiply"], torch: ["mul", "multiply"], mlx: ["multiply"]),
        CatalogEntry(
            "/", "The quotient, elementwise", keras: ["ops.divide", "ops.true_divide"],
            torch: ["div", "divide", "true_divide"], mlx: ["divide"]),
        CatalogEntry(
            "prefix -", "The negative", keras: ["ops.negative"], torch: ["neg", "negative"], mlx: ["negative"]),
        CatalogEntry(
            "Tensor.power", "The power of a base to an exponent", keras: ["ops.power"], torch: ["pow", "float_power"],
            mlx: ["pow"]),
        CatalogEntry(
            "Tensor.maximum", "The larger of two elements; NaN wins", keras: ["ops.maximum"], torch: ["maximum"],
            mlx: ["maximum"]),
        CatalogEntry(
            "Tensor.minimum", "The smaller of two elements; NaN wins", keras: ["ops.minimum"], torch: ["minimum"],
            mlx: ["minimum"]),
        CatalogEntry(
            "Tensor.maximumNumber", "The larger of two elements; NaN loses", keras: ["ops.fmax"], torch: ["fmax"]),
        CatalogEntry(
            "Tensor.minimumNumber", "The smaller of two elements; NaN loses", keras: ["ops.fmin"], torch: ["fmin"]),
        CatalogEntry(
            "Tensor.remainder", "The remainder with the sign of the divisor", keras: ["ops.mod"], torch: ["remainder"],
            mlx: ["remainder"]),
        CatalogEntry(
            "Tensor.floorDivide", "The quotient rounded down", keras: ["ops.floor_divide"], torch: ["floor_divide"],
            mlx: ["floorDivide"]),
        CatalogEntry(
            "Tensor.quotientAndRemainder", "The quotient rounded down, and the remainder", keras: ["ops.divmod"],
            mlx: ["divmod"]),
        CatalogEntry(
            "Tensor.truncatedRemainder", "The remainder with the sign of the dividend", keras: ["ops.fmod"],
            torch: ["fmod"]),
        CatalogEntry("Tensor.truncatedQuotient", "The quotient rounded towards zero", torch: ["trunc_divide"]),
        CatalogEntry("Tensor.divideOrZero", "The quotient, 0 where the divisor is 0", keras: ["ops.divide_no_nan"]),
        CatalogEntry(
            "Tensor.atan2", "The angle of a point", keras: ["ops.arctan2"], torch: ["atan2", "arctan2"], mlx: ["atan2"]),
        CatalogEntry(
            "Tensor.hypotenuse", "The length of a hypotenuse, without overflow", keras: ["ops.hypot"], torch: ["hypot"]),
        CatalogEntry("Tensor.copySign", "The magnitude of one number with the sign of another", torch: ["copysign"]),
        CatalogEntry(
            "Tensor.logAddExp", "log(exp(a) + exp(b))", keras: ["ops.logaddexp"], torch: ["logaddexp"],
            mlx: ["logAddExp"]),
        CatalogEntry("Tensor.logAddExp2", "log2(2^a + 2^b)", keras: ["ops.logaddexp2"], torch: ["logaddexp2"]),
        CatalogEntry("Tensor.xLogY", "a log(b), 0 where a is 0", torch: ["xlogy"]),
        CatalogEntry("Tensor.interpolate", "a + weight (b - a)", torch: ["lerp"]),
        CatalogEntry(
            "Tensor.select", "One of two tensors by a condition, or the first case that holds",
            keras: ["ops.where", "ops.select"], torch: ["where"], mlx: ["which"]),
        CatalogEntry(
            "Tensor.greatestCommonDivisor", "The greatest common divisor of integers", keras: ["ops.gcd"],
            torch: ["gcd"]),
        CatalogEntry(
            "Tensor.leastCommonMultiple", "The least common multiple of integers", keras: ["ops.lcm"], torch: ["lcm"]),
        CatalogEntry("scaled(byPowerOfTwo:)", "x 2^n", keras: ["ops.ldexp"], torch: ["ldexp"]),
        CatalogEntry(".==", "Whether elements are equal", keras: ["ops.equal"], torch: ["eq"], mlx: ["equal"]),
        CatalogEntry(
            ".!=", "Whether elements differ", keras: ["ops.not_equal"], torch: ["ne", "not_equal"], mlx: ["notEqual"]),
        CatalogEntry(".<", "Whether elements are smaller", keras: ["ops.less"], torch: ["lt", "less"], mlx: ["less"]),
        CatalogEntry(
            ".<=", "Whether elements are not larger", keras: ["ops.less_equal"], torch: ["le", "less_equal"],
            mlx: ["lessEqual"]),
        CatalogEntry(
            ".>", "Whether elements are larger", keras: ["ops.greater"], torch: ["gt", "greater"], mlx: ["greater"]),
        CatalogEntry(
            ".>=", "Whether elements are not smaller", keras: ["ops.greater_equal"], torch: ["ge", "greater_equal"],
            mlx: ["greaterEqual"]),
        CatalogEntry(
            "Tensor.isClose", "Whether elements are equal within tolerances", keras: ["ops.isclose"],
            torch: ["isclose"], mlx: ["isClose"]),
        CatalogEntry(
            "Tensor.allClose", "Whether all elements are equal within tolerances", keras: ["ops.allclose"],
            torch: ["allclose"], mlx: ["allClose"]),
        CatalogEntry(
            "&", "Logical or bitwise and", keras: ["ops.logical_and", "ops.bitwise_and"],
            torch: ["logical_and", "bitwise_and"], mlx: ["logicalAnd", "bitwiseAnd"]),
        CatalogEntry(
            "|", "Logical or bitwise or", keras: ["ops.logical_or", "ops.bitwise_or"],
            torch: ["logical_or", "bitwise_or"], mlx: ["logicalOr", "bitwiseOr"]),
        CatalogEntry(
            "^", "Logical or bitwise exclusive or", keras: ["ops.logical_xor", "ops.bitwise_xor"],
            torch: ["logical_xor", "bitwise_xor"], mlx: ["bitwiseXOr"]),
        CatalogEntry("!", "Logical not", keras: ["ops.logical_not"], torch: ["logical_not"], mlx: ["logicalNot"]),
        CatalogEntry(
            "~", "Every bit inverted", keras: ["ops.bitwise_not", "ops.bitwise_invert"], torch: ["bitwise_not"],
            mlx: ["bitwiseInvert"]),
        CatalogEntry(
            "<<", "Bits moved to the left", keras: ["ops.left_shift", "ops.bitwise_left_shift"],
            torch: ["bitwise_left_shift"], mlx: ["leftShift"]),
        CatalogEntry(
            ">>", "Bits moved to the right", keras: ["ops.right_shift", "ops.bitwise_right_shift"],
            torch: ["bitwise_right_shift"], mlx: ["rightShift"]),
    ]
}
