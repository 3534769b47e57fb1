import Apus
import TestSupport
import Testing

@Suite struct Conv2DTests {
    struct Form: Sendable {
        var kernel = 3
        var stride = 1
        var dilation = 1
        var groups = 1
        var padding = Padding.valid
        /// Rows and columns of zeros above and to the left.
        var before = 0
        var size: (height: Int, width: Int)
    }

    static let forms: [Form] = [
        Form(size: (7, 5)),
        Form(kernel: 1, size: (1, 3)),
        Form(padding: .same, before: 1, size: (5, 4)),
        Form(kernel: 5, stride: 2, padding: .explicit(2), before: 2, size: (9, 7)),
        Form(dilation: 2, size: (8, 6)),
        Form(groups: 2, size: (5, 5)),
        Form(kernel: 2, stride: 3, groups: 4, size: (8, 5)),
    ]

    @Test(arguments: forms.indices)
    func outputIsTheSlidingSum(_ index: Int) throws {
        let form = Self.forms[index]
        let layer = Conv2D(
            8, kernel: form.kernel, stride: form.stride, padding: form.padding, dilation: form.dilation,
            groups: form.groups)
        let x = try numbers([2, form.size.height, form.size.width, 4])
        _ = layer(x)
        layer.bias?.value = try numbers([8], seed: 3)
        let y = layer(x)
        let (image, kernel) = (try Plain(x), try Plain(layer.kernel.value))
        let bias: [Double] = try #require(layer.bias).value.array()
        let channels = 4 / form.groups
        #expect(layer.kernel.shape == [form.kernel, form.kernel, channels, 8])
        var expected: [Double] = []
        for n in 0..<2 {
            for row in 0..<y.shape[1] {
                for column in 0..<y.shape[2] {
                    for map in 0..<8 {
                        var sum = bias[map]
                        let first = map / (8 / form.groups) * channels
                        for i in 0..<form.kernel {
                            for j in 0..<form.kernel {
                                for c in 0..<channels {
                                    let value = image.pixel(
                                        n, row * form.stride + i * form.dilation - form.before,
                                        column * form.stride + j * form.dilation - form.before, first + c)
                                    let weight =
                                        kernel.values[((i * form.kernel + j) * channels + c) * 8 + map]
                                    sum += (value ?? 0) * weight
                                }
                            }
                        }
                        expected.append(sum)
                    }
                }
            }
        }
        let reach = form.dilation * (form.kernel - 1) + 1
        let rows =
            form.padding == .same
            ? form.size.height : (form.size.height + 2 * form.before - reach) / form.stride + 1
        #expect(y.shape[1] == rows)
        try expectEqual(y, y.shape, expected)
    }

    @Test func gradientsAreThoseOfCentralDifferences() throws {
        let layer = Conv2D(3, kernel: 3, stride: 2, padding: .same, activation: .sigmoid)
        let x = try numbers([2, 5, 6, 2])
        _ = layer(x)
        let (kernel, bias) = (layer.kernel.value, try #require(layer.bias).value)
        try checkGradients(at: [x, kernel, bias], names: ["x", "kernel", "bias"]) { inputs in
            layer.kernel.value = inputs[1]
            layer.bias?.value = inputs[2]
            return layer(inputs[0])
        }
    }

    @Test func detailsNameWhatIsNotUsual() {
        #expect(Conv2D(8, kernel: 3).details == "8 maps, 3x3")
        #expect(
            Conv2D(8, kernel: 5, stride: 2, dilation: 3, groups: 4, activation: .relu).details
                == "8 maps, 5x5, stride 2, dilation 3, 4 groups, relu")
    }
}
