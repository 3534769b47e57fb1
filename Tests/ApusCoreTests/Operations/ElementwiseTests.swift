import ApusCore
import TestSupport
import Testing

@Suite struct ElementwiseTests {
    /// Where a function is defined and smooth.
    static func domain(_ function: ElementwiseFunction) -> ClosedRange<Double> {
        switch function {
        case .log, .squareRoot, .reciprocalSquareRoot, .reciprocal, .logGamma, .digamma, .divide, .power, .remainder,
            .floorDivide:
            0.3...3
        case .log1p: -0.8...3
        case .asin, .acos, .atanh: -0.9...0.9
        case .acosh: 1.2...4
        default: -2.5...2.5
        }
    }

    static let floating = ElementwiseFunction.allCases.filter {
        ![.not, .and, .or, .xor, .select].contains($0) && $0.rule.domain != .integral
    }
    static let smooth = floating.filter {
        !$0.rule.isPredicate
            && ![
                .sign, .floor, .ceil, .round, .truncate, .floorDivide, .remainder, .relu, .absolute, .maximum, .minimum,
            ]
            .contains($0)
    }

    @Test(arguments: floating, [[1], [3, 1, 7], [1031], [2, 513]] as [Shape])
    func agreesWithItsDefinition(_ function: ElementwiseFunction, _ shape: Shape) throws {
        var random = TestRandom(1)
        let inputs = (0..<function.rule.arity).map { _ in random.tensor(shape, Self.domain(function)) }
        try checkDefinition(at: inputs, float32: 4e-7, float64: 2e-15) { Tensor.apply(function, $0) }
    }

    @Test(arguments: smooth)
    func derivativesMatchCentralDifferences(_ function: ElementwiseFunction) throws {
        var random = TestRandom(2)
        let inputs = (0..<function.rule.arity).map { _ in random.tensor([17], Self.domain(function)) }
        try checkBothDerivatives(at: inputs, tolerance: 2e-6) { Tensor.apply(function, $0) }
    }

    @Test(arguments: [ElementwiseFunction.relu, .absolute, .maximum, .minimum, .remainder, .sign, .floor])
    func gradientsMatchAwayFromKinks(_ function: ElementwiseFunction) throws {
        var random = TestRandom(3)
        let inputs = (0..<function.rule.arity).map { _ in random.tensor([31], 0.3...3) }
        try checkGradients(at: inputs) { Tensor.apply(function, $0) }
    }

    @Test(arguments: [DType.int32, .int64, .uint8])
    func integersAreExact(_ dtype: DType) throws {
        let functions: [ElementwiseFunction] = [
            .add, .subtract, .multiply, .maximum, .minimum, .remainder, .floorDivide, .equal, .less, .bitAnd, .bitOr,
            .bitXor, .shiftLeft, .shiftRight,
        ]
        let a = Tensor([17, 9, 200, 31, 5, 77, 64], shape: [7]).cast(to: dtype)
        let b = Tensor([3, 2, 1, 4, 5, 1, 2], shape: [7]).cast(to: dtype)
        for function in functions where !(dtype == .uint8 && [.multiply, .shiftLeft].contains(function)) {
            try checkAgainstReference(Tensor.apply(function, [a, b]), tolerance: 0)
        }
    }

    @Test func selectTakesOneOrTheOther() throws {
        var random = TestRandom(4)
        let (a, b) = (random.tensor([5, 9]), random.tensor([9]))
        try checkDefinition(at: [a, b]) { Tensor.select($0[0] .> 0, $0[0] * 2, $0[1]) }
        try checkGradients(at: [a, b]) { Tensor.select($0[0] .> 0, $0[0] * 2, $0[1].square()) }
    }

    @Test func unequalTypesNameBoth() {
        let y = Tensor.zeros([2]) + Tensor.zeros([2], dtype: .float64)
        #expect(
            y.error?.description
                == "operation add: element types float32 and float64 differ; cast one of them to the other's type")
    }

    @Test func unequalShapesNameBoth() {
        let y = Tensor.zeros([2, 3]) * Tensor.zeros([4, 3])
        #expect(
            y.error?.description
                == "operation multiply: shapes [2, 3] and [4, 3] do not broadcast: extents 2 and 4 at axis -2; "
                + "make these extents equal, or one of them 1")
    }
}

@Suite struct ComposedFunctionTests {
    static let functions: [(String, ClosedRange<Double>, @Sendable (Tensor) -> Tensor)] = [
        ("exp2", -3...3, { $0.exp2() }), ("log2", 0.2...4, { $0.log2() }), ("log10", 0.2...4, { $0.log10() }),
        ("logit", 0.1...0.9, { $0.logit() }), ("logSigmoid", -5...5, { $0.logSigmoid() }),
        ("sinc", 0.1...3, { $0.sinc() }), ("inverseErf", -0.95...0.95, { $0.inverseErf() }),
        ("hypotenuse", 0.5...2, { Tensor.hypotenuse($0, 1.5 - $0) }),
        ("logAddExp", -3...3, { Tensor.logAddExp($0, $0.square()) }), ("norm", 0.1...2, { $0.norm(3) }),
        ("logSumExp", -3...3, { $0.logSumExp(axes: nil) }), ("deviation", -3...3, { $0.standardDeviation() }),
        ("cumulativeLogSumExp", -3...3, { $0.cumulativeLogSumExp() }),
    ]

    @Test(arguments: functions.indices)
    func derivativesMatchCentralDifferences(_ number: Int) throws {
        let (_, range, function) = Self.functions[number]
        var random = TestRandom(5)
        try checkBothDerivatives(at: [random.tensor([11], range)], tolerance: 5e-6) { function($0[0]) }
    }

    @Test func inverseErfInverts() throws {
        let x = Tensor([-0.999, -0.5, 0, 1e-9, 0.3, 0.9999, 1 - 1e-12], shape: [7])
        let back: [Double] = try x.inverseErf().erf().array()
        for (value, expected) in zip(back, try x.array(of: Double.self)) {
            #expect(Swift.abs(value - expected) < 1e-14)
        }
    }
}
