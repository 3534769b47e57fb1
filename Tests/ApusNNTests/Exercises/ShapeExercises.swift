import Apus
import TestSupport
import Testing

/// Worked exercises on shapes and numbers of parameters, through the public interface.
@Suite struct ShapeExercises {
    private func parameters(_ input: Shape, _ layer: any Module) throws -> Int {
        try layer.build(inputShape: input)
        return layer.trainableCount
    }

    @Test func bottlenecksSaveWeights() throws {
        func convolution(_ maps: Int, _ kernel: Int) -> Conv2D {
            Conv2D(maps, kernel: kernel, padding: .same, bias: false)
        }
        func cost(_ channels: Int, _ layers: Conv2D...) throws -> Int {
            try parameters([1, 8, 8, channels], Sequential(layers))
        }
        #expect(try cost(256, convolution(256, 3), convolution(256, 3)) == 1_179_648)
        #expect(try cost(256, convolution(64, 1), convolution(64, 3), convolution(256, 1)) == 69_632)
        #expect(try cost(64, convolution(64, 5)) == 102_400)
        #expect(try cost(64, convolution(64, 3), convolution(64, 3)) == 73_728)
        // Two 3x3 kernels see as far as one 5x5: 5 cells leave one.
        #expect(
            try Sequential {
                Conv2D(1, kernel: 3); Conv2D(1, kernel: 3)
            }.build(inputShape: [1, 5, 5, 1]) == [1, 1, 1, 1])
        #expect(try Conv2D(1, kernel: 5).build(inputShape: [1, 5, 5, 1]) == [1, 1, 1, 1])
    }

    @Test func slicesAndVolumes() throws {
        #expect(try parameters([1, 64, 64, 1], Conv2D(16, kernel: 3, bias: false)) == 144)
        #expect(try parameters([1, 64, 64, 3], Conv2D(16, kernel: 3, bias: false)) == 432)
        let volume = Conv3D(16, kernel: 3, padding: .same, bias: false)
        #expect(try volume.build(inputShape: [1, 64, 64, 64, 1]) == [1, 64, 64, 64, 16])
        #expect(volume.trainableCount == 432)
    }

    @Test func globalPoolingTakesAnyResolution() throws {
        let model = Sequential {
            Conv2D(32, kernel: 3)
            GlobalAveragePool2D()
        }
        let summary = try Summary(model, inputShape: [32, 1920, 1080, 3])
        #expect(summary.rows.map(\.output) == [[32, 1918, 1078, 32], [32, 32]])
        #expect(summary.trainable == 896)
    }

    @Test func aNetworkWithLargeFirstKernels() throws {
        let first = Conv2D(96, kernel: 11, stride: 4, padding: .explicit(5))
        #expect(try first.build(inputShape: [1, 256, 256, 3]) == [1, 64, 64, 96])
        #expect(first.trainableCount == 34_944)
        #expect(try Conv2D(96, kernel: 11, stride: 4).build(inputShape: [1, 256, 256, 3]) == [1, 62, 62, 96])
        let rest = Sequential {
            MaxPool2D(3, stride: 2, padding: .explicit(1))
            Conv2D(8, kernel: 5, padding: .explicit(2))
        }
        let summary = try Summary(rest, inputShape: [1, 64, 64, 96])
        #expect(summary.rows.map(\.output) == [[1, 32, 32, 96], [1, 32, 32, 8]])
    }

    @Test func dilationWidensWithoutEnlarging() throws {
        for (dilation, valid) in [(1, 30), (2, 28), (4, 24)] {
            let plain = Conv2D(1, kernel: 3, dilation: dilation)
            #expect(try plain.build(inputShape: [1, 32, 32, 1]) == [1, valid, valid, 1])
            #expect(plain.trainableCount == 10)
            let padded = Conv2D(1, kernel: 3, padding: .explicit(dilation), dilation: dilation)
            #expect(try padded.build(inputShape: [1, 32, 32, 1]) == [1, 32, 32, 1])
        }
        // One cell of the output sees 15 cells of the input with dilations 1, 2, 4, and 7 without.
        func stack(_ dilations: [Int]) -> Sequential {
            Sequential { for dilation in dilations { Conv2D(1, kernel: 3, dilation: dilation) } }
        }
        #expect(try stack([1, 2, 4]).build(inputShape: [1, 15, 15, 1]) == [1, 1, 1, 1])
        #expect(try stack([1, 1, 1]).build(inputShape: [1, 7, 7, 1]) == [1, 1, 1, 1])
    }

    @Test func aDenseLayerIsAConvolutionOfTheWholeMap() throws {
        let dense = Sequential {
            Flatten()
            Dense(10)
        }
        let convolution = Conv2D(10, kernel: 8)
        let x = try numbers([2, 8, 8, 16])
        _ = try dense(x).evaluated()
        _ = try convolution(x).evaluated()
        #expect(dense.trainableCount == 10_250 && convolution.trainableCount == 10_250)
        let weight = try #require(dense.parameter(at: "dense1.weight")).value
        convolution.kernel.value = try weight.reshaped(to: [8, 8, 16, 10]).evaluated()
        try expectEqual(convolution(x).reshaped(to: [2, 10]), [2, 10], dense(x).array(), tolerance: 1e-9)
        #expect(convolution(try numbers([1, 12, 12, 16])).shape == [1, 5, 5, 10])
        #expect(
            dense(try numbers([1, 12, 12, 16])).error?.problem
                == "it was built with shape [1024, 10], this input needs [2304, 10]")
    }

    @Test func skipConnectionsAddOrGrow() throws {
        let stacked = Sequential {
            for _ in 0..<12 { Concatenating { Conv2D(12, kernel: 3, padding: .same) } }
        }
        #expect(try stacked.build(inputShape: [1, 8, 8, 12]) == [1, 8, 8, 156])
        let added = Sequential {
            for _ in 0..<12 { Residual { Conv2D(12, kernel: 3, padding: .same) } }
        }
        #expect(try added.build(inputShape: [1, 8, 8, 12]) == [1, 8, 8, 12])
    }

    @Test func everyStepHasTheSameDenseLayer() throws {
        for (biases, recurrent, total) in [(RecurrentBiases.one, 1260, 1475), (.two, 1320, 1535)] {
            let model = Sequential {
                Dense(5, activation: .sigmoid)
                LSTM(15, biases: biases)
                Dense(10, activation: .softmax)
            }
            let summary = try Summary(model, inputShape: [1, 15, 10])
            #expect(summary.rows.map(\.trainable) == [55, recurrent, 160])
            #expect(summary.trainable == total)
        }
    }

    @Test func aNetworkInTheCompactNotation() throws {
        let model = try Sequential(notation: "C64BRC64BRPC128BRC128BRGL10")
        #expect(try model.notation() == "C64 B R C64 B R P C128 B R C128 B R GAP L10")
        let summary = try Summary(model, inputShape: [1, 64, 64, 3])
        #expect(summary.trainable == 262_218)
        let trainable = summary.rows.map(\.trainable).filter { $0 > 0 }
        #expect(trainable == [1792, 128, 36_928, 128, 73_856, 256, 147_584, 256, 1290])
        let extents = summary.rows.filter { $0.kind.hasPrefix("Conv2D") || $0.kind.hasPrefix("MaxPool2D") }
            .map { $0.output[1] }
        #expect(extents == [64, 64, 32, 32, 32])
        #expect(
            try Summary(Sequential(notation: "C64BRC64BRPC128BRC128BRGL10B"), inputShape: [1, 64, 64, 3]).trainable
                == 262_238)
    }

    @Test func manyInputsMakeManyWeights() throws {
        #expect(try parameters([1, 3072], Dense(500, bias: false)) == 1_536_000)
        #expect(try parameters([1, 3072], Dense(500)) == 1_536_500)
        #expect(try parameters([1, 3072], Dense(10)) == 30_730)
    }
}
