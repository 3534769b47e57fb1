import CKernels

/// Cross-correlation of channels-last images with a kernel, in one to three spatial dimensions.
///
/// - `x`: `[batch, spatial.., channels]`
/// - `kernel`: `[window.., channels / groups, maps]`
/// - output: `[batch, positions.., maps]`; map `m` belongs to group `m / (maps / groups)`
package struct Convolution: Operation {
    package static let name = "convolution"
    let geometry: WindowGeometry
    let groups: Int

    package func shape(of inputs: [Shape]) throws(ApusError) -> Shape {
        let (x, kernel) = (inputs[0], inputs[1])
        try requireSpatial(geometry, x, "the input")
        try requireSpatial(geometry, kernel, "the kernel")
        try requireGroups(groups, channels: x[-1], kernel: kernel, "shapes \(x) and \(kernel)")
        return Shape(
            [x[0]] + (try geometry.positions(image: x.spatial, window: kernel.window, in: place)) + [kernel[-1]])
    }

    package func dtype(of inputs: [DType]) throws(ApusError) -> DType {
        try require(inputs, [.float32, .float64])
        return inputs[0]
    }

    package func gradient(_ dy: Tensor, inputs: [Tensor], output: Tensor) -> [Tensor?] {
        let (x, kernel) = (inputs[0], inputs[1])
        return [
            Tensor(ConvolutionInputGradient(geometry: geometry, groups: groups, image: x.shape.spatial), [dy, kernel]),
            Tensor(
                ConvolutionKernelGradient(geometry: geometry, groups: groups, window: kernel.shape.window), [x, dy]),
        ]
    }

    /// With one kernel for all, the images of all are one batch.
    package func batched(_ inputs: [Tensor], isBatched: [Bool]) -> Tensor? {
        guard isBatched == [true, false] else { return nil }
        let leading = Array(inputs[0].shape.extents.prefix(2))
        let images = inputs[0].reshaped(to: Shape([leading[0] * leading[1]] + inputs[0].shape.extents.dropFirst(2)))
        let y = Tensor(self, [images, inputs[1]])
        return y.error == nil ? y.reshaped(to: Shape(leading + y.shape.extents.dropFirst())) : y
    }

    package var role: OperationRole { .kernel(offersEpilogue: true) }

    package func emit(_ kernel: inout KernelEmitter) throws(ApusError) {
        let (x, w, y) = (kernel.inputs[0], kernel.inputs[1], kernel.output)
        emitConvolution(&kernel, geometry, groups, direction: APUS_FORWARD, x: x, w: w, y: y)
    }

    package func reference(_ inputs: [ReferenceTensor], shape: Shape) -> [Double] {
        let (x, w) = (inputs[0], inputs[1])
        var result = [Double](repeating: 0, count: shape.count)
        forEachProduct(geometry, groups, x: x.shape, w: w.shape, y: shape) { xAt, wAt, yAt in
            result[yAt] += x.values[xAt] * w.values[wAt]
        }
        return result
    }
}

/// The adjoint of a convolution in its images, which is also the transposed convolution: `y`, `kernel` -> `x`.
package struct ConvolutionInputGradient: Operation {
    package static let name = "convolutionInputGradient"
    let geometry: WindowGeometry
    let groups: Int
    /// The spatial extents of the output.
    let image: [Int]

    package func shape(of inputs: [Shape]) throws(ApusError) -> Shape {
        let (y, kernel) = (inputs[0], inputs[1])
        try requireSpatial(geometry, y, "the input")
        try requireSpatial(geometry, kernel, "the kernel")
        let positions = try geometry.positions(image: image, window: kernel.window, in: place)
        guard y.spatial == positions, y[-1] == kernel[-1] else {
            throw ApusError(
                .shape, in: place, "shapes \(y) and \(kernel) do not fit images \(image)",
                remedy: "the first must have spatial extents \(positions) and \(kernel[-1]) channels")
        }
        let channels = Shape.product(kernel[-2], groups)
        try requireGroups(groups, channels: channels, kernel: kernel, "shapes \(y) and \(kernel)")
        return Shape([y[0]] + image + [channels])
    }

    package func dtype(of inputs: [DType]) throws(ApusError) -> DType {
        try require(inputs, [.float32, .float64])
        return inputs[0]
    }

    package func gradient(_ dy: Tensor, inputs: [Tensor], output: Tensor) -> [Tensor?] {
        let (y, kernel) = (inputs[0], inputs[1])
        return [
            Tensor(Convolution(geometry: geometry, groups: groups), [dy, kernel]),
            Tensor(
                ConvolutionKernelGradient(geometry: geometry, groups: groups, window: kernel.shape.window), [dy, y]),
        ]
    }

    package var role: OperationRole { .kernel(offersEpilogue: true) }

    package func emit(_ kernel: inout KernelEmitter) throws(ApusError) {
        let (y, w, x) = (kernel.inputs[0], kernel.inputs[1], kernel.output)
        emitConvolution(&kernel, geometry, groups, direction: APUS_INPUT_GRADIENT, x: x, w: w, y: y)
    }

    package func reference(_ inputs: [ReferenceTensor], shape: Shape) -> [Double] {
        let (y, w) = (inputs[0], inputs[1])
        var result = [Double](repeating: 0, count: shape.count)
        forEachProduct(geometry, groups, x: shape, w: w.shape, y: y.shape) { xAt, wAt, yAt in
            result[xAt] += y.values[yAt] * w.values[wAt]
        }
        return result
    }
}

/// The adjoint of a convolution in its kernel: `x`, `y` -> `kernel`.
package struct ConvolutionKernelGradient: Operation {
    package static let name = "convolutionKernelGradient"
    let geometry: WindowGeometry
    let groups: Int
    /// The spatial extents of the output.
    let window: [Int]

    package func shape(of inputs: [Shape]) throws(ApusError) -> Shape {
        let (x, y) = (inputs[0], inputs[1])
        try requireSpatial(geometry, x, "the input")
        try requireSpatial(geometry, y, "the output's gradient")
        let positions = try geometry.positions(image: x.spatial, window: window, in: place)
        guard y.spatial == positions, y[0] == x[0] else {
            throw ApusError(
                .shape, in: place, "shapes \(x) and \(y) do not fit windows \(window)",
                remedy: "the second must have spatial extents \(positions) and \(x[0]) images")
        }
        let kernel = Shape(window + [x[-1] / max(groups, 1), y[-1]])
        try requireGroups(groups, channels: x[-1], kernel: kernel, "shapes \(x) and \(y)")
        return kernel
    }

    package func dtype(of inputs: [DType]) throws(ApusError) -> DType {
        try require(inputs, [.float32, .float64])
        return inputs[0]
    }

    package func gradient(_ dy: Tensor, inputs: [Tensor], output: Tensor) -> [Tensor?] {
        let (x, y) = (inputs[0], inputs[1])
        return [
            Tensor(ConvolutionInputGradient(geometry: geometry, groups: groups, image: x.shape.spatial), [y, dy]),
            Tensor(Convolution(geometry: geometry, groups: groups), [x, dy]),
        ]
    }

    /// A sum over many pairs is the gradient of all images together.
    package var additivity: Additivity {
        .multilinear { factors in
            Tensor(
                self,
                factors.map { all in
                    all.reshaped(to: Shape([all.shape[0] * all.shape[1]] + all.shape.extents.dropFirst(2)))
                })
        }
    }

    package var role: OperationRole { .kernel(offersEpilogue: true) }

    package func emit(_ kernel: inout KernelEmitter) throws(ApusError) {
        let (x, y, w) = (kernel.inputs[0], kernel.inputs[1], kernel.output)
        emitConvolution(&kernel, geometry, groups, direction: APUS_KERNEL_GRADIENT, x: x, w: w, y: y)
    }

    package func reference(_ inputs: [ReferenceTensor], shape: Shape) -> [Double] {
        let (x, y) = (inputs[0], inputs[1])
        var result = [Double](repeating: 0, count: shape.count)
        forEachProduct(geometry, groups, x: x.shape, w: shape, y: y.shape) { xAt, wAt, yAt in
            result[wAt] += x.values[xAt] * y.values[yAt]
        }
        return result
    }
}

extension Shape {
    /// The extents between the batch and the channels of images.
    package var spatial: [Int] { Array(extents.dropFirst().dropLast()) }
    /// The spatial extents of a kernel `[window.., channels, maps]`.
    package var window: [Int] { Array(extents.dropLast(2)) }
}

extension Operation {
    /// Checks that a tensor has the geometry's spatial axes and two more.
    func requireSpatial(_ geometry: WindowGeometry, _ shape: Shape, _ input: String) throws(ApusError) {
        guard (1...3).contains(geometry.rank), shape.rank == geometry.rank + 2 else {
            throw ApusError(
                .shape, in: place,
                "\(input) has shape \(shape) of rank \(shape.rank), expected rank \(geometry.rank + 2)",
                remedy: "images are [batch, spatial.., channels], kernels [window.., channels / groups, maps], "
                    + "with 1 to 3 spatial axes")
        }
    }

    fileprivate func requireGroups(
        _ groups: Int, channels: Int, kernel: Shape, _ shapes: String
    ) throws(ApusError) {
        let maps = kernel[-1]
        guard groups >= 1, channels >= 1, maps >= 1, channels % groups == 0, maps % groups == 0,
            kernel[-2] == channels / groups
        else {
            throw ApusError(
                .shape, in: place,
                "\(shapes) do not fit with groups \(groups): \(channels) channels, the kernel \(kernel) takes "
                    + "\(kernel[-2]) for each group and gives \(maps)",
                remedy: "the kernel's last but one extent must be channels / groups, and groups must divide both")
        }
    }
}

private func emitConvolution(
    _ kernel: inout KernelEmitter, _ geometry: WindowGeometry, _ groups: Int, direction: Int, x: View, w: View, y: View
) {
    var arguments = apus_convolution()
    arguments.shape = geometry.kernelShape(
        batch: x.shape[0], image: x.shape.spatial, output: y.shape.spatial, window: w.shape.window,
        channels: x.shape[-1], maps: y.shape[-1], groups: groups)
    arguments.direction = Int32(direction)
    arguments.dtype = Int32(x.dtype.rawValue)
    arguments.epilogue = kernel.epiloguePointer
    var plan = apus_plan()
    let precision = kernel.precision == .exact ? UInt32(APUS_NO_WINOGRAD) : 0
    apus_convolution_plan(&arguments, precision | EngineOptions.convolutionFlags, &plan)
    kernel.call(
        arguments, plan: plan, workspace: \.workspace,
        [PointerField(\.x, x), PointerField(\.w, w), PointerField(\.y, y)])
}

/// Calls a closure with the positions in `x`, `w` and `y` of every product that a convolution sums up.
private func forEachProduct(
    _ geometry: WindowGeometry, _ groups: Int, x: Shape, w: Shape, y: Shape, _ body: (Int, Int, Int) -> Void
) {
    let (inner, maps) = (w[-2], w[-1])
    let cells = x.spatial.reduce(1, *)
    let positions = y.spatial.reduce(1, *)
    for image in 0..<x[0] {
        geometry.forEachTap(image: x.spatial, output: y.spatial, window: w.window) { position, cell, tap in
            for map in 0..<maps {
                for channel in 0..<inner {
                    let first = map / (maps / groups) * inner
                    body(
                        (image * cells + cell) * x[-1] + first + channel, (tap * inner + channel) * maps + map,
                        (image * positions + position) * maps + map)
                }
            }
        }
    }
}
