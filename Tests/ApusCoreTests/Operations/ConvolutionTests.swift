import ApusCore
import TestSupport
import Testing

struct ConvolutionCase: Sendable, CustomTestStringConvertible {
    let x: Shape
    let kernel: Shape
    var strides: PerAxis = 1
    var padding = Padding.valid
    var dilation: PerAxis = 1
    var groups = 1

    var testDescription: String { "\(x) \(kernel) s\(strides) p\(padding) d\(dilation) g\(groups)" }

    func callAsFunction(_ x: Tensor, _ kernel: Tensor) -> Tensor {
        convolution(x, kernel, strides: strides, padding: padding, dilation: dilation, groups: groups)
    }
}

@Suite struct ConvolutionTests {
    static let cases: [ConvolutionCase] = [
        ConvolutionCase(x: [2, 7, 5, 3], kernel: [3, 3, 3, 4]),
        ConvolutionCase(x: [2, 7, 5, 3], kernel: [3, 3, 3, 4], strides: 2, padding: .same),
        ConvolutionCase(x: [1, 8, 9, 16], kernel: [3, 3, 16, 17], padding: .same),
        ConvolutionCase(x: [2, 12, 13, 32], kernel: [3, 3, 32, 16], padding: .explicit([(1, 0), (0, 2)])),
        ConvolutionCase(x: [3, 6, 6, 5], kernel: [1, 1, 5, 7]),
        ConvolutionCase(x: [2, 9, 9, 6], kernel: [3, 3, 1, 12], padding: .same, groups: 6),
        ConvolutionCase(x: [2, 9, 9, 6], kernel: [3, 2, 3, 4], strides: [2, 1], padding: .same, groups: 2),
        ConvolutionCase(x: [1, 11, 12, 2], kernel: [3, 4, 2, 3], padding: .explicit(2), dilation: [2, 3]),
        ConvolutionCase(x: [2, 10, 3], kernel: [4, 3, 5], strides: 3),
        ConvolutionCase(x: [2, 10, 4], kernel: [3, 4, 4], padding: .causal, dilation: 2),
        ConvolutionCase(x: [1, 5, 4, 6, 2], kernel: [2, 3, 2, 2, 3], strides: [1, 2, 1], padding: .same),
        ConvolutionCase(x: [1, 1, 1, 1], kernel: [1, 1, 1, 1]),
        ConvolutionCase(x: [1, 4, 1, 8], kernel: [3, 1, 8, 1], padding: .same),
        ConvolutionCase(x: [2, 20, 20, 1], kernel: [5, 5, 1, 9], strides: 4, padding: .explicit(1)),
        ConvolutionCase(x: [1, 6, 7, 64], kernel: [3, 3, 64, 33], strides: 2),
    ]

    @Test(arguments: cases)
    func agreesWithItsDefinition(_ example: ConvolutionCase) throws {
        var random = TestRandom(1)
        let (x, kernel) = (random.tensor(example.x), random.tensor(example.kernel))
        for precision in [Precision.fast, .exact] {
            try withPrecision(precision) {
                let bound = precision == .fast ? 5e-5 : 5e-6
                try checkDefinition(at: [x, kernel], float32: bound) { example($0[0], $0[1]) }
                for input in 0..<2 {
                    try checkDefinition(at: [x, kernel], float32: bound, float64: 1e-12) { inputs in
                        gradient(at: inputs) { (example($0[0], $0[1]) * 1.5).square().sum() }[input]
                    }
                }
            }
        }
    }

    @Test(arguments: cases)
    func derivativesMatchCentralDifferences(_ example: ConvolutionCase) throws {
        var random = TestRandom(2)
        try checkBothDerivatives(at: [random.tensor(example.x), random.tensor(example.kernel)], sampleLimit: 10) {
            example($0[0], $0[1])
        }
    }

    @Test(arguments: cases)
    func whatFollowsRidesAlong(_ example: ConvolutionCase) throws {
        var random = TestRandom(3)
        let inputs = [random.tensor(example.x), random.tensor(example.kernel), random.tensor([example.kernel[-1]])]
        try checkDefinition(at: inputs, float32: 5e-5) { (example($0[0], $0[1]) + $0[2]).relu() * 0.5 }
    }

    @Test(arguments: [
        (3, 2, Padding.explicit(1), 1, 1), (3, 2, .valid, 0, 1), (4, 3, .same, 0, 1), (2, 3, .valid, 2, 1),
        (3, 1, .explicit([(1, 0)]), 0, 2),
    ])
    func transposedIsTheAdjoint(window: Int, stride: Int, padding: Padding, added: Int, dilation: Int) throws {
        var random = TestRandom(4)
        let y = random.tensor([2, 5, 6, 4])
        let kernel = random.tensor([window, window, 3, 4])
        let x = transposedConvolution(
            y, kernel, strides: PerAxis(stride), padding: padding, dilation: PerAxis(dilation),
            outputPadding: PerAxis(added))
        if padding == .same { #expect(x.shape == [2, 5 * stride, 6 * stride, 3]) }
        if padding == .valid {
            #expect(x.shape[1] == 4 * stride + dilation * (window - 1) + 1 + added)
        }
        let probe = random.tensor(x.shape)
        let forward = convolution(
            probe, kernel, strides: PerAxis(stride), padding: padding, dilation: PerAxis(dilation))
        let left = try (x * probe).sum().item()
        let right = try (y * forward.slice(axis: 1, 0..<5).slice(axis: 2, 0..<6)).sum().item()
        #expect(Swift.abs(left - right) < 1e-10)
        try checkBothDerivatives(at: [y, kernel], sampleLimit: 10) {
            transposedConvolution(
                $0[0], $0[1], strides: PerAxis(stride), padding: padding, dilation: PerAxis(dilation),
                outputPadding: PerAxis(added))
        }
    }

    @Test func emptyBatches() throws {
        let y = convolution(Tensor.zeros([0, 5, 5, 2]), Tensor.ones([3, 3, 2, 4]))
        #expect(y.shape == [0, 3, 3, 4])
        #expect(try y.array(of: Float.self).isEmpty)
        let dk = gradient(at: Tensor.ones([3, 3, 2, 4])) { convolution(Tensor.zeros([0, 5, 5, 2]), $0).sum() }
        #expect(try dk.array(of: Float.self).allSatisfy { $0 == 0 })
    }

    @Test func mistakesNameBothShapes() {
        #expect(
            convolution(Tensor.zeros([1, 8, 8, 3]), Tensor.zeros([3, 3, 1, 4])).error?.description
                == "operation convolution: shapes [1, 8, 8, 3] and [3, 3, 1, 4] do not fit with groups 1: 3 channels, "
                + "the kernel [3, 3, 1, 4] takes 1 for each group and gives 4; "
                + "the kernel's last but one extent must be channels / groups, and groups must divide both")
        #expect(
            convolution(Tensor.zeros([1, 4, 8, 3]), Tensor.zeros([5, 5, 3, 4])).error?.description
                == "operation convolution: the window [5, 5] with dilation [1, 1] reaches over 5 cells of spatial axis 0"
                + ", images [4, 8] with padding (0, 0) have 4; use a smaller kernel, larger images or padding")
        #expect(
            convolution(Tensor.zeros([1, 8, 8, 3]), Tensor.zeros([3, 3, 3, 4]), strides: 0).error?.description
                == "operation convolution: stride 0 is out of range; use numbers in 1...4096")
        #expect(convolution(Tensor.zeros([1, 8, 8, 3]), Tensor.zeros([3, 3, 4])).error != nil)
        #expect(convolution(Tensor.zeros([1, 8, 8, 3]), Tensor.zeros([3, 3, 3, 4]), padding: .causal).error != nil)
        #expect(convolution(Tensor.zeros([1, 8, 8, 3]), Tensor.zeros([3, 3, 3, 4]), groups: 0).error != nil)
        #expect(convolution(Tensor.zeros([1, 8, 8, 3]), Tensor.zeros([3, 3, 3, 4]), strides: [1, 2, 3]).error != nil)
        #expect(
            convolution(Tensor.zeros([1, 8, 8, 3], dtype: .int32), Tensor.zeros([3, 3, 3, 4], dtype: .int32))
                .error?.kind == .type)
        #expect(
            transposedConvolution(Tensor.zeros([1, 1, 1, 4]), Tensor.zeros([1, 1, 3, 4]), padding: .explicit(3))
                .error?.kind == .shape)
    }
}
