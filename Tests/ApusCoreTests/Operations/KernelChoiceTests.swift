import ApusCore
import CKernels
import TestSupport
import Testing

/// Every algorithm among which kernels choose, forced or at shapes that choose it: against the plain definitions in
/// float32 and float64, and its derivatives against central differences in float64. Extents are odd, 1, or beside
/// multiples of the vector width.
@Suite struct KernelChoiceTests {
    /// How to have an algorithm, at which shapes.
    struct Choice: Sendable, CustomTestStringConvertible {
        let name: String
        var flags = 0
        /// The calls that must be among those of the three directions, in float32 and in float64.
        let single: Set<String>
        let wide: Set<String>
        let shape: @Sendable (inout TestRandom) -> ConvolutionCase

        var testDescription: String { name }
    }

    static let choices: [Choice] = [
        Choice(name: "general", flags: APUS_FORCE_GENERAL, single: ["general"], wide: ["general"]) { $0.anyCase() },
        Choice(name: "direct", flags: APUS_FORCE_DIRECT, single: ["direct"], wide: ["direct"]) { $0.anyCase() },
        Choice(name: "winograd 4x4", flags: APUS_FORCE_WINOGRAD4, single: ["winograd4x4"], wide: []) {
            $0.squareCase()
        },
        Choice(name: "winograd 2x2", flags: APUS_FORCE_WINOGRAD2, single: ["winograd2x2"], wide: []) {
            $0.squareCase()
        },
        Choice(name: "depthwise", single: ["depthwise"], wide: ["depthwise"]) { random in
            let channels = random.any(of: [2, 3, 7, 16, 17, 33])
            return ConvolutionCase(
                x: [random.integer(1...2), random.integer(3...8), random.integer(3...8), channels],
                kernel: [random.integer(1...3), random.integer(1...3), 1, channels * random.integer(1...2)],
                strides: PerAxis(random.integer(1...2)), padding: .same, groups: channels)
        },
        Choice(name: "planar", single: ["planar"], wide: ["planar"]) { random in
            ConvolutionCase(
                x: [
                    random.integer(1...2), random.integer(5...7), random.any(of: [16, 32, 47, 31]),
                    random.integer(1...3),
                ],
                kernel: [random.integer(3...5), random.integer(3...5), 0, random.integer(3...4)], padding: .same)
        },
        Choice(name: "scatter", single: ["scatter"], wide: ["scatter"]) { random in
            ConvolutionCase(
                x: [random.integer(1...2), random.integer(5...9), random.integer(9...15), random.integer(1...3)],
                kernel: [random.integer(3...5), 5, 0, random.any(of: [17, 24, 33])])
        },
        Choice(name: "dot", single: ["dot"], wide: ["dot"]) { random in
            ConvolutionCase(
                x: [
                    random.integer(1...2), random.integer(3...6), random.integer(3...6), random.any(of: [31, 64, 65]),
                ],
                kernel: [random.integer(1...3), random.integer(1...3), 0, random.integer(1...3)], padding: .same)
        },
    ]

    @Test(arguments: choices)
    func convolutionsAgreeWithTheirDefinition(_ choice: Choice) throws {
        var random = TestRandom(11)
        var seen: [DType: Set<String>] = [:]
        for round in 0..<20 {
            let example = choice.shape(&random).completed()
            for dtype in [DType.float32, .float64] {
                let x = try random.tensor(example.x).cast(to: dtype).evaluated()
                let kernel = try random.tensor(example.kernel).cast(to: dtype).evaluated()
                try EngineOptions.$convolutionFlags.withValue(UInt32(choice.flags)) {
                    let y = example(x, kernel)
                    let gradients = gradient(at: [x, kernel]) { (example($0[0], $0[1]) * 1.5).square().sum() }
                    for tensor in [y] + gradients {
                        seen[dtype, default: []].formUnion(try kernels(of: tensor))
                        do {
                            let isFast = dtype == .float32 && choice.name.hasPrefix("winograd")
                            let tolerance = dtype == .float64 ? 1e-12 : isFast ? 1e-4 : 1e-5
                            try checkAgainstReference(tensor, tolerance: tolerance)
                        } catch {
                            Issue.record("\(choice.name), round \(round), \(example.testDescription): \(error)")
                        }
                    }
                }
            }
        }
        // Which algorithm a shape chooses depends on the instruction set.
        guard choice.flags != 0 || Device.instructionSet == "avx512" else { return }
        #expect(seen[.float32]?.isSuperset(of: choice.single) == true, "\(seen)")
        #expect(seen[.float64]?.isSuperset(of: choice.wide) == true, "\(seen)")
    }

    @Test(arguments: choices)
    func derivativesMatchCentralDifferences(_ choice: Choice) throws {
        var random = TestRandom(12)
        for _ in 0..<4 {
            let example = choice.shape(&random).completed()
            let inputs = [random.tensor(example.x), random.tensor(example.kernel)]
            try EngineOptions.$convolutionFlags.withValue(UInt32(choice.flags)) {
                try checkDirection(at: inputs, &random, tolerance: 1e-6) { example($0[0], $0[1]).tanh() }
            }
        }
    }

    /// Products of matrices and of matrices with vectors, plain and transposed, at the edges of blocks.
    @Test func productsAgreeWithTheirDefinition() throws {
        var random = TestRandom(13)
        var seen = Set<String>()
        for _ in 0..<60 {
            let extents = (0..<3).map { _ in random.any(of: [1, 1, 2, 13, 14, 15, 31, 32, 33, 65, 130, 257]) }
            let (m, k, n) = (extents[0], extents[1], extents[2])
            let batch = random.integer(0...3) == 0 ? [random.integer(1...3)] : []
            let isLeftTurned = random.integer(0...1) == 1, isRightTurned = random.integer(0...1) == 1
            let a = random.tensor(Shape(batch + (isLeftTurned ? [k, m] : [m, k])))
            let b = random.tensor(Shape(batch + (isRightTurned ? [n, k] : [k, n])))
            func product(_ inputs: [Tensor]) -> Tensor {
                matmul(
                    isLeftTurned ? inputs[0].matrixTransposed() : inputs[0],
                    isRightTurned ? inputs[1].matrixTransposed() : inputs[1])
            }
            seen.formUnion(try kernels(of: product([a, b])))
            try checkDefinition(at: [a, b], float32: 1e-5) { product($0) }
            if m * k * n < 100_000 {
                try checkDirection(at: [a, b], &random, tolerance: 1e-6) { product($0).tanh() }
            }
        }
        #expect(seen.isSuperset(of: ["gemm", "gemv"]), "\(seen)")
    }

    /// Windows side by side, overlapping, with gaps, dilated: gradients are scattered or gathered.
    @Test func poolsAgreeWithTheirDefinition() throws {
        var random = TestRandom(14)
        for _ in 0..<40 {
            let spatial = (0..<random.integer(1...3)).map { _ in random.integer(3...7) }
            let channels = random.any(of: [1, 3, 8, 16, 17, 33])
            let x = random.distinct(Shape([random.integer(1...2)] + spatial + [channels]))
            let (window, stride) = (random.integer(1...3), random.integer(1...4))
            let dilation = window < 3 ? random.integer(1...2) : 1
            let padding: Padding = random.integer(0...1) == 1 ? .same : .valid
            func pooled(_ x: Tensor) -> Tensor {
                maxPool(
                    x, window: PerAxis(window), strides: PerAxis(stride), padding: padding, dilation: PerAxis(dilation)
                )
                .square().sum(axes: [1])
            }
            func averaged(_ x: Tensor) -> Tensor {
                averagePool(x, window: PerAxis(window), strides: PerAxis(stride), padding: padding).square()
            }
            for function in [pooled, averaged] {
                try checkDefinition(at: [x], float32: 1e-5) { function($0[0]) }
                try checkDefinition(at: [x], float32: 1e-5) { gradient(at: $0[0]) { function($0).sum() } }
                try checkDirection(at: [x], &random, tolerance: 1e-6) { function($0[0]) }
            }
        }
    }

    /// Rows that one task sorts, and rows that many tasks sort and merge.
    @Test func sortsAgreeWithTheirDefinition() throws {
        var random = TestRandom(15)
        var seen = Set<String>()
        for extents in [[7, 33], [1, 40_001], [2, 20_000], [300, 1], [1, 1]] {
            let x = random.tensor(Shape(extents))
            seen.formUnion(try kernels(of: x.argsort()))
            for descending in [false, true] {
                try checkDefinition(at: [x], float32: 0, float64: 0) {
                    $0[0].argsort(descending: descending).cast(to: .float64)
                }
            }
        }
        #expect(seen.isSuperset(of: ["sort", "sort long rows"]), "\(seen)")
    }

    /// The names of the kernels that compute a tensor, without what rides on them.
    private func kernels(of tensor: Tensor) throws -> Set<String> {
        if let error = tensor.error { throw error }
        let trace = try Trace([tensor.node])
        let program = try Compiler.compile(trace, resultCount: 1, updateLeaves: [], precision: .fast)
        return Set(program.listing.map { $0.hasSuffix(" + fused") ? String($0.dropLast(8)) : $0 })
    }
}

extension ConvolutionCase {
    /// Kernels that leave their channels open (0) take those of the images.
    fileprivate func completed() -> ConvolutionCase {
        guard kernel[-2] == 0 else { return self }
        return ConvolutionCase(
            x: x, kernel: kernel.replacing(kernel.rank - 2, with: x[-1] / groups), strides: strides, padding: padding,
            dilation: dilation, groups: groups)
    }
}

extension TestRandom {
    /// One to three axes, strides, dilation, groups.
    fileprivate mutating func anyCase() -> ConvolutionCase {
        let rank = integer(1...3)
        let groups = any(of: [1, 1, 2, 3])
        let channels = groups * any(of: [1, 2, 5, 17])
        let spatial = (0..<rank).map { _ in integer(1...(rank == 3 ? 5 : 9)) }
        let window = spatial.map { integer(1...Swift.min($0, 3)) }
        return ConvolutionCase(
            x: Shape([integer(1...2)] + spatial + [channels]),
            kernel: Shape(window + [channels / groups, groups * any(of: [1, 3, 8, 17])]),
            strides: PerAxis(integer(1...3)), padding: integer(0...1) == 1 ? .same : .valid,
            dilation: PerAxis(spatial.allSatisfy { $0 > 4 } ? integer(1...2) : 1), groups: groups)
    }

    /// Windows of 3 x 3 at stride 1.
    fileprivate mutating func squareCase() -> ConvolutionCase {
        let (channels, maps) = (any(of: [1, 3, 16, 17, 33]), any(of: [1, 5, 16, 31]))
        return ConvolutionCase(
            x: [integer(1...2), integer(3...11), integer(3...11), channels], kernel: [3, 3, channels, maps],
            padding: integer(0...1) == 1 ? .same : .valid)
    }
}
