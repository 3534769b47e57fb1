import ApusCore
import TestSupport

func convolutionTable() -> GoldenTable {
    var table: GoldenTable = [:]
    func biased(_ y: Tensor, _ arguments: GoldenArguments) -> [Tensor] {
        [arguments.optional("bias").map { y + $0 } ?? y]
    }
    for name in ["conv1d", "conv2d", "conv3d"] {
        table[name] = {
            let y = convolution(
                try $0("input"), try $0("kernel"), strides: PerAxis(try $0.integers("strides")),
                padding: .explicit(try $0.pairs("padding")), dilation: PerAxis(try $0.integers("dilation")),
                groups: try $0.integer("groups"))
            return biased(y, $0)
        }
        table[name + "_transpose"] = {
            let y = transposedConvolution(
                try $0("input"), try $0("kernel"), strides: PerAxis(try $0.integers("strides")),
                padding: .explicit(try $0.pairs("padding")), dilation: PerAxis(try $0.integers("dilation")),
                groups: try $0.integer("groups"), outputPadding: PerAxis(try $0.integers("output_padding")))
            return biased(y, $0)
        }
    }
    table["conv2d_padded"] = {
        guard let mode = PaddingMode(rawValue: try $0.text("padding_mode")) else { throw GoldenProblem("padding_mode") }
        let x = try $0("input").padded([(0, 0)] + $0.pairs("padding") + [(0, 0)], mode: mode)
        let y = convolution(
            x, try $0("kernel"), strides: PerAxis(try $0.integers("strides")),
            dilation: PerAxis(try $0.integers("dilation")), groups: try $0.integer("groups"))
        return biased(y, $0)
    }
    func depthwise(_ arguments: GoldenArguments, _ kernel: Tensor) throws -> Tensor {
        let (window, channels, multiplier) = (kernel.shape.window, kernel.shape[-2], kernel.shape[-1])
        return convolution(
            try arguments("input"), kernel.reshaped(to: Shape(window + [1, channels * multiplier])),
            strides: PerAxis(try arguments.integers("strides")), padding: .explicit(try arguments.pairs("padding")),
            dilation: PerAxis(try arguments.integers("dilation")), groups: channels)
    }
    table["depthwise_conv2d"] = { biased(try depthwise($0, try $0("kernel")), $0) }
    table["separable_conv2d"] = {
        biased(convolution(try depthwise($0, try $0("depthwise_kernel")), try $0("pointwise_kernel")), $0)
    }
    return table
}

func poolingTable() -> GoldenTable {
    var table: GoldenTable = [:]
    for axes in 1...3 {
        table["max_pool\(axes)d"] = {
            let (values, positions) = maxPoolWithPositions(
                try $0("input"), window: PerAxis(try $0.integers("kernel_size")),
                strides: PerAxis(try $0.integers("strides")), padding: .explicit(try $0.pairs("padding")),
                dilation: $0.has("dilation") ? PerAxis(try $0.integers("dilation")) : 1,
                roundsUp: try $0.flag("ceil_mode"))
            return [values, positions]
        }
        table["avg_pool\(axes)d"] = {
            [
                averagePool(
                    try $0("input"), window: PerAxis(try $0.integers("kernel_size")),
                    strides: PerAxis(try $0.integers("strides")), padding: .explicit(try $0.pairs("padding")),
                    countsPadding: try $0.flag("count_include_pad"), roundsUp: try $0.flag("ceil_mode"))
            ]
        }
        table["lp_pool\(axes)d"] = {
            let p = try $0.number("p")
            let sums = sumPool(
                Tensor.power(try $0("input"), p), window: PerAxis(try $0.integers("kernel_size")),
                strides: PerAxis(try $0.integers("strides")))
            return [Tensor.power(sums, 1 / p)]
        }
        table["adaptive_avg_pool\(axes)d"] = {
            [adaptiveAveragePool(try $0("input"), to: try $0.integers("output_size"))]
        }
        table["adaptive_max_pool\(axes)d"] = { [adaptiveMaxPool(try $0("input"), to: try $0.integers("output_size"))] }
    }
    table["global_avg_pool"] = {
        let x = try $0("input")
        return [x.mean(axes: Array(1..<x.rank - 1), keepDimensions: try $0.flag("keepdims"))]
    }
    table["global_max_pool"] = {
        let x = try $0("input")
        return [x.max(axes: Array(1..<x.rank - 1), keepDimensions: try $0.flag("keepdims"))]
    }
    table["max_unpool2d"] = {
        [maxUnpool(try $0("input"), positions: try $0("indices"), extents: try $0.integers("output_size"))]
    }
    return table
}
