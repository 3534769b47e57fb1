import CKernels

/// What all operations on pooling windows share: images are `[batch, spatial.., channels]`.
package struct PoolingWindow: Hashable, Sendable {
    let geometry: WindowGeometry
    let extents: [Int]

    fileprivate func output(_ x: Shape, of operation: some Operation) throws(ApusError) -> Shape {
        try operation.requireSpatial(geometry, x, "the input")
        return Shape(
            [x[0]] + (try geometry.positions(image: x.spatial, window: extents, in: operation.place)) + [x[-1]])
    }

    fileprivate func requireOutput(_ y: Shape, of x: Shape, by operation: some Operation) throws(ApusError) {
        let expected = try output(x, of: operation)
        guard y == expected else {
            throw ApusError(
                .shape, in: operation.place, "shapes \(x) and \(y) do not fit windows \(extents)",
                remedy: "the second must have shape \(expected)")
        }
    }

    /// Emits a kernel between images `x` and outputs of shape `y`.
    fileprivate func emit(
        _ kernel: inout KernelEmitter, _ kind: Int, x: Shape, y: Shape, scale: Double = 1,
        _ pointers: [PointerField<apus_pool>]
    ) {
        var arguments = apus_pool()
        arguments.shape = geometry.kernelShape(
            batch: x[0], image: x.spatial, output: y.spatial, window: extents, channels: x[-1], maps: x[-1])
        arguments.kind = Int32(kind)
        arguments.dtype = Int32(kernel.output.dtype.rawValue)
        arguments.scale = scale
        arguments.epilogue = kernel.epiloguePointer
        var plan = apus_plan()
        apus_pool_plan(&arguments, &plan)
        kernel.call(arguments, plan: plan, workspace: \.workspace, pointers + [PointerField(\.y, kernel.output)])
    }

    /// Calls a closure with the positions in `y` and `x` of every window's elements, window by window.
    fileprivate func forEachElement(x: Shape, y: Shape, _ body: (_ y: Int, _ x: Int) -> Void) {
        let (cells, positions, channels) = (x.spatial.reduce(1, *), y.spatial.reduce(1, *), x[-1])
        for image in 0..<x[0] {
            geometry.forEachTap(image: x.spatial, output: y.spatial, window: extents) { position, cell, _ in
                for channel in 0..<channels {
                    body(
                        (image * positions + position) * channels + channel, (image * cells + cell) * channels + channel
                    )
                }
            }
        }
    }

    /// For every element of `y` the position in `x` of its window's maximum: the first, if several; NaN wins.
    fileprivate func winners(_ x: ReferenceTensor, y: Shape) -> [Int?] {
        var result = [Int?](repeating: nil, count: y.count)
        forEachElement(x: x.shape, y: y) { yAt, xAt in
            guard let best = result[yAt] else {
                result[yAt] = xAt
                return
            }
            let (value, held) = (x.values[xAt], x.values[best])
            if !held.isNaN && (value.isNaN || value > held) { result[yAt] = xAt }
        }
        return result
    }
}

/// The largest element of each window; NaN wins, padding never does.
package struct MaxPool: Operation {
    package static let name = "maxPool"
    let window: PoolingWindow

    package func shape(of inputs: [Shape]) throws(ApusError) -> Shape { try window.output(inputs[0], of: self) }

    package func dtype(of inputs: [DType]) throws(ApusError) -> DType {
        try require(inputs, [.float32, .float64])
        return inputs[0]
    }

    package func gradient(_ dy: Tensor, inputs: [Tensor], output: Tensor) -> [Tensor?] {
        [Tensor(MaxPoolGradient(window: window), [inputs[0], dy])]
    }

    package var role: OperationRole { .kernel(offersEpilogue: true) }

    package func emit(_ kernel: inout KernelEmitter) throws(ApusError) {
        let x = kernel.inputs[0]
        window.emit(&kernel, APUS_POOL_MAX, x: x.shape, y: kernel.output.shape, [PointerField(\.x, x)])
    }

    package func reference(_ inputs: [ReferenceTensor], shape: Shape) -> [Double] {
        window.winners(inputs[0], y: shape).map { $0.map { inputs[0].values[$0] } ?? -.infinity }
    }
}

/// Adds each window's gradient to the place of its maximum: `x`, `dy` -> `dx`.
package struct MaxPoolGradient: Operation {
    package static let name = "maxPoolGradient"
    let window: PoolingWindow

    package func shape(of inputs: [Shape]) throws(ApusError) -> Shape {
        try window.requireOutput(inputs[1], of: inputs[0], by: self)
        return inputs[0]
    }

    package func dtype(of inputs: [DType]) throws(ApusError) -> DType {
        try require(inputs, [.float32, .float64])
        return inputs[0]
    }

    package func gradient(_ dy: Tensor, inputs: [Tensor], output: Tensor) -> [Tensor?] {
        [nil, Tensor(MaxPoolSelect(window: window), [inputs[0], dy])]
    }

    package var role: OperationRole { .kernel(offersEpilogue: true) }

    package func emit(_ kernel: inout KernelEmitter) throws(ApusError) {
        let (x, dy) = (kernel.inputs[0], kernel.inputs[1])
        window.emit(
            &kernel, APUS_POOL_MAX_GRADIENT, x: x.shape, y: dy.shape, [PointerField(\.x, x), PointerField(\.z, dy)])
    }

    package func reference(_ inputs: [ReferenceTensor], shape: Shape) -> [Double] {
        var result = [Double](repeating: 0, count: shape.count)
        for (position, winner) in window.winners(inputs[0], y: inputs[1].shape).enumerated() {
            if let winner { result[winner] += inputs[1].values[position] }
        }
        return result
    }
}

/// The adjoint of `MaxPoolGradient` in `dy`: the element of `z` that stands where each window of `x` has its maximum.
package struct MaxPoolSelect: Operation {
    package static let name = "maxPoolSelect"
    let window: PoolingWindow

    package func shape(of inputs: [Shape]) throws(ApusError) -> Shape {
        guard inputs[0] == inputs[1] else {
            throw ApusError(
                .shape, in: place, "shapes \(inputs[0]) and \(inputs[1]) differ", remedy: "give both the same shape")
        }
        return try window.output(inputs[0], of: self)
    }

    package func dtype(of inputs: [DType]) throws(ApusError) -> DType {
        try require(inputs, [.float32, .float64])
        return inputs[0]
    }

    package func gradient(_ dy: Tensor, inputs: [Tensor], output: Tensor) -> [Tensor?] {
        [nil, Tensor(MaxPoolGradient(window: window), [inputs[0], dy])]
    }

    package var role: OperationRole { .kernel(offersEpilogue: true) }

    package func emit(_ kernel: inout KernelEmitter) throws(ApusError) {
        let (x, z) = (kernel.inputs[0], kernel.inputs[1])
        window.emit(
            &kernel, APUS_POOL_MAX_SELECT, x: x.shape, y: kernel.output.shape,
            [PointerField(\.x, x), PointerField(\.z, z)])
    }

    package func reference(_ inputs: [ReferenceTensor], shape: Shape) -> [Double] {
        window.winners(inputs[0], y: shape).map { $0.map { inputs[1].values[$0] } ?? 0 }
    }
}

/// The sum of each window times a factor; padding adds nothing.
package struct SumPool: Operation {
    package static let name = "sumPool"
    let window: PoolingWindow
    let scale: Double

    package func shape(of inputs: [Shape]) throws(ApusError) -> Shape { try window.output(inputs[0], of: self) }

    package func dtype(of inputs: [DType]) throws(ApusError) -> DType {
        try require(inputs, [.float32, .float64])
        return inputs[0]
    }

    package func gradient(_ dy: Tensor, inputs: [Tensor], output: Tensor) -> [Tensor?] {
        [Tensor(SumPoolGradient(window: window, scale: scale, image: inputs[0].shape.spatial), [dy])]
    }

    package var role: OperationRole { .kernel(offersEpilogue: true) }

    package func emit(_ kernel: inout KernelEmitter) throws(ApusError) {
        let x = kernel.inputs[0]
        window.emit(&kernel, APUS_POOL_SUM, x: x.shape, y: kernel.output.shape, scale: scale, [PointerField(\.x, x)])
    }

    package func reference(_ inputs: [ReferenceTensor], shape: Shape) -> [Double] {
        var result = [Double](repeating: 0, count: shape.count)
        window.forEachElement(x: inputs[0].shape, y: shape) { result[$0] += scale * inputs[0].values[$1] }
        return result
    }
}

/// The adjoint of `SumPool`: adds each window's gradient to all of its elements.
package struct SumPoolGradient: Operation {
    package static let name = "sumPoolGradient"
    let window: PoolingWindow
    let scale: Double
    /// The spatial extents of the output.
    let image: [Int]

    package func shape(of inputs: [Shape]) throws(ApusError) -> Shape {
        let result = Shape([inputs[0][0]] + image + [inputs[0][-1]])
        try window.requireOutput(inputs[0], of: result, by: self)
        return result
    }

    package func dtype(of inputs: [DType]) throws(ApusError) -> DType {
        try require(inputs, [.float32, .float64])
        return inputs[0]
    }

    package func gradient(_ dy: Tensor, inputs: [Tensor], output: Tensor) -> [Tensor?] {
        [Tensor(SumPool(window: window, scale: scale), [dy])]
    }

    package var role: OperationRole { .kernel(offersEpilogue: true) }

    package func emit(_ kernel: inout KernelEmitter) throws(ApusError) {
        let dy = kernel.inputs[0]
        window.emit(
            &kernel, APUS_POOL_SUM_GRADIENT, x: kernel.output.shape, y: dy.shape, scale: scale, [PointerField(\.z, dy)])
    }

    package func reference(_ inputs: [ReferenceTensor], shape: Shape) -> [Double] {
        var result = [Double](repeating: 0, count: shape.count)
        window.forEachElement(x: shape, y: inputs[0].shape) { result[$1] += scale * inputs[0].values[$0] }
        return result
    }
}
