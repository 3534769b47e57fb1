import ApusCore

/// What layers have in common that move a window over the spatial axes of channels-last images.
public class WindowedLayer {
    /// The window's extents, in cells.
    public let window: PerAxis
    /// The distance between windows.
    public let stride: PerAxis
    /// What is added around the images.
    public let padding: Padding
    /// The distance between the cells that a window reads.
    public let dilation: PerAxis

    init(
        window: any PerAxisConvertible, stride: any PerAxisConvertible, padding: Padding,
        dilation: any PerAxisConvertible
    ) {
        self.window = window.perAxis
        self.stride = stride.perAxis
        self.padding = padding
        self.dilation = dilation.perAxis
    }

    /// How many spatial axes the images have.
    class var axes: Int { 2 }
    var axes: Int { type(of: self).axes }

    /// The window as listings name it: `3x3`.
    var windowText: String {
        let all = window.values.count == 1 ? [Int](repeating: window.values[0], count: axes) : window.values
        return all.map(String.init).joined(separator: "x")
    }

    /// Strides and dilation where they are not 1.
    var stepTexts: [String] {
        (stride == 1 ? [] : ["stride \(stride)"]) + (dilation == 1 ? [] : ["dilation \(dilation)"])
    }
}

extension Module {
    /// Refuses inputs that are not channels-last images of so many spatial axes.
    func requireImages(_ x: Tensor, axes: Int) throws(ApusError) {
        let form = [
            1: "[batch, time, channels]", 2: "[batch, height, width, channels]",
            3: "[batch, depth, height, width, channels]",
        ]
        try require(x, rank: axes + 2, form[axes] ?? "images")
    }
}

extension WindowedLayer {
    /// The kernel's extents for images of the right form.
    func checkedWindow(_ x: Tensor, maps: Int, in layer: some Module) throws(ApusError) -> [Int] {
        let allowed = WindowGeometry.windowRange
        guard (1...1 << 24).contains(maps), window.values.allSatisfy(allowed.contains) else {
            throw layer.mistake(
                .value, "\(maps) maps, kernel \(windowText)",
                remedy: "use 1 to 16777216 maps and a kernel of 1 to 4096")
        }
        try layer.requireImages(x, axes: axes)
        return try window.resolved(rank: axes, allowed: allowed, "window extent", in: layer.place)
    }
}

extension Module {
    /// The sum and the function with which layers with kernels end.
    func finished(_ y: Tensor, bias: Parameter?, activation: ActivationFunction) -> Tensor {
        guard y.error == nil else { return y }
        guard let bias else { return activation(y) }
        return activation(y + bias.value(shape: [y.shape[-1]], dtype: y.dtype))
    }
}
