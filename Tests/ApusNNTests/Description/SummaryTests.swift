import Apus
import TestSupport
import Testing

@Suite struct SummaryTests {
    @Test(
        arguments: [
            ("linear", [1, 28, 28, 1], 7_850), ("mlp", [1, 28, 28, 1], 669_706), ("cnn", [1, 28, 28, 1], 1_199_882),
            ("lenet5", [1, 28, 28, 1], 61_706), ("resnet18", [1, 32, 32, 3], 11_173_962),
        ] as [(String, Shape, Int)])
    func knownNetworksHaveTheirNumberOfParameters(name: String, input: Shape, count: Int) throws {
        let model = try ModelCatalog.model(name, classes: 10)
        let summary = try Summary(model, inputShape: input)
        #expect(summary.trainable == count)
        #expect(summary.rows.reduce(0) { $0 + $1.trainable } == count)
        #expect(summary.rows.last?.output == [1, 10])
        #expect(model.trainableCount == count)
    }

    @Test func tableShowsEveryLayer() throws {
        let model = Sequential {
            Conv2D(4, kernel: 3, activation: .relu)
            BatchNorm()
            Flatten()
            Dense(1000)
        }
        let summary = try Summary(model, inputShape: [1, 5, 5, 1])
        #expect(
            summary.description == """
                layer       kind                      output        parameters
                ──────────────────────────────────────────────────────────────
                conv2d1     Conv2D 4 maps, 3x3, relu  [1, 3, 3, 4]          40
                batchnorm1  BatchNorm                 [1, 3, 3, 4]          16
                flatten1    Flatten                   [1, 36]                0
                dense1      Dense 1000 units          [1, 1000]         37,000
                ──────────────────────────────────────────────────────────────
                input [1, 5, 5, 1]: 37,048 trainable parameters, 8 others
                """)
        #expect(summary.trainable == 37_048 && summary.fixed == 8)
    }

    @Test func sharedLayersCountOnce() throws {
        let shared = Dense(6)
        let summary = try Summary(Sequential([shared, shared]), inputShape: [2, 6])
        #expect(summary.rows.map(\.kind) == ["Dense 6 units", "Dense 6 units, the same as dense1"])
        #expect(summary.rows.map(\.trainable) == [42, 0])
        #expect(summary.trainable == 42)
    }

    @Test func layersInsideABlockAreShown() throws {
        let summary = try Summary(ModelCatalog.model("resnet18", classes: 10), inputShape: [1, 32, 32, 3])
        #expect(summary.rows.count == 13)
        #expect(summary.rows[3].kind == "ResidualBlock")
        #expect(summary.rows[5].output == [1, 16, 16, 128])
    }

    @Test func mistakesOfTheModelAreItsErrors() {
        let error = refusal { _ = try Summary(Sequential.leNet5(), inputShape: [1, 4, 4, 1]) }
        #expect(
            error?.description == "operation convolution (layer conv2d2): the window [5, 5] with dilation [1, 1] "
                + "reaches over 5 cells of spatial axis 0, images [2, 2] with padding (0, 0) have 2; "
                + "use a smaller kernel, larger images or padding")
    }

    @Test(arguments: [(0, "0"), (999, "999"), (1_000, "1,000"), (-1_234_567, "-1,234,567"), (100_000, "100,000")])
    func numbersAreGrouped(number: Int, text: String) {
        #expect(Summary.grouped(number) == text)
    }
}
