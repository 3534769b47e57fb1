import CKernels

/// The elements at given positions of an axis, the same for all other axes: data, indices -> the data's shape with
/// the axis replaced by the indices' shape.
package struct Gather: Operation {
    package static let name = "gather"
    let axis: Int

    package func shape(of inputs: [Shape]) throws(ApusError) -> Shape {
        let (data, index) = (inputs[0], inputs[1])
        try requireElements(data, axis: axis, indices: index)
        return Shape(data.extents[..<axis] + index.extents + data.extents[(axis + 1)...])
    }

    package func dtype(of inputs: [DType]) throws(ApusError) -> DType {
        try requireIndices(inputs[1])
        return inputs[0]
    }

    package func gradient(_ dy: Tensor, inputs: [Tensor], output: Tensor) -> [Tensor?] {
        [Tensor(ScatterAdd(axis: axis, extent: inputs[0].shape[axis]), [dy, inputs[1]]), nil]
    }

    package func elementsRead(_ input: Int, of inputs: [Shape], output: Shape) -> Int {
        input == 0 ? Swift.min(inputs[0].count, output.count) : inputs[1].count
    }

    package var role: OperationRole { .kernel(offersEpilogue: false) }

    package func emit(_ kernel: inout KernelEmitter) throws(ApusError) {
        emitIndexing(
            &kernel, apus_gather_plan, APUS_INDEX_SHARED, axis: axis, data: kernel.inputs[0], elements: kernel.output,
            place: place)
    }

    package func reference(_ inputs: [ReferenceTensor], shape: Shape) -> [Double] {
        var result = [Double](repeating: .nan, count: shape.count)
        forEachShared(inputs[1], axis: axis, data: inputs[0].shape) { at, from in result[at] = inputs[0].values[from] }
        return result
    }
}

/// The adjoint of `Gather`: zeros with the elements added at the given positions of an axis: elements, indices -> data.
package struct ScatterAdd: Operation {
    package static let name = "scatterAdd"
    let axis: Int
    let extent: Int

    package func shape(of inputs: [Shape]) throws(ApusError) -> Shape {
        let (elements, index) = (inputs[0], inputs[1])
        guard axis + index.rank <= elements.rank,
            Array(elements.extents[axis..<axis + index.rank]) == index.extents
        else {
            throw ApusError(
                .shape, in: place,
                "elements \(elements) do not have the indices' extents \(index) from axis \(axis) on",
                remedy: "give indices of the extents of the elements' axes that they number")
        }
        let data = Shape(elements.extents[..<axis] + [extent] + elements.extents[(axis + index.rank)...])
        try requireElements(data, axis: axis, indices: index)
        return data
    }

    package func dtype(of inputs: [DType]) throws(ApusError) -> DType {
        try requireIndices(inputs[1])
        try require([inputs[0]], DType.addable)
        return inputs[0]
    }

    package func gradient(_ dy: Tensor, inputs: [Tensor], output: Tensor) -> [Tensor?] {
        [Tensor(Gather(axis: axis), [dy, inputs[1]]), nil]
    }

    package var role: OperationRole { .kernel(offersEpilogue: false) }

    package func emit(_ kernel: inout KernelEmitter) throws(ApusError) {
        emitIndexing(
            &kernel, apus_scatter_add_plan, APUS_INDEX_SHARED, axis: axis, data: kernel.output,
            elements: kernel.inputs[0], place: place)
    }

    package func reference(_ inputs: [ReferenceTensor], shape: Shape) -> [Double] {
        var result = [Double](repeating: 0, count: shape.count)
        forEachShared(inputs[1], axis: axis, data: shape) { at, to in result[to] += inputs[0].values[at] }
        return result
    }
}

/// The sum of a tensor and a `ScatterAdd`, as it stands in the step of an embedding: base, elements, indices -> the base's
/// shape. Where the base is not needed any more only the places that indices name are touched.
package struct ScatterAddOnto: Operation {
    package static let name = "scatterAddOnto"
    let axis: Int

    package func shape(of inputs: [Shape]) throws(ApusError) -> Shape {
        let sum = try ScatterAdd(axis: axis, extent: inputs[0][axis]).shape(of: Array(inputs.dropFirst()))
        guard sum == inputs[0] else {
            throw ApusError(
                .shape, in: place, "a base of shape \(inputs[0]), elements for \(sum)",
                remedy: "give elements that fit the base")
        }
        return sum
    }

    package func dtype(of inputs: [DType]) throws(ApusError) -> DType {
        try requireIndices(inputs[2])
        try require([inputs[0], inputs[1]], DType.addable)
        return inputs[0]
    }

    package func gradient(_ dy: Tensor, inputs: [Tensor], output: Tensor) -> [Tensor?] {
        [dy, Tensor(Gather(axis: axis), [dy, inputs[2]]), nil]
    }

    package var role: OperationRole { .kernel(offersEpilogue: false) }

    package var replaceableInput: Int? { 0 }

    package func elementsRead(_ input: Int, of inputs: [Shape], output: Shape) -> Int {
        input == 0 ? Swift.min(inputs[0].count, inputs[1].count) : inputs[input].count
    }

    package func emit(_ kernel: inout KernelEmitter) throws(ApusError) {
        let (base, elements, indices) = (kernel.inputs[0], kernel.inputs[1], kernel.inputs[2])
        let isInPlace = base.buffer == kernel.output.buffer && base.offset == kernel.output.offset
        emitIndexing(
            &kernel, apus_scatter_add_plan, APUS_INDEX_SHARED, axis: axis, data: kernel.output, elements: elements,
            indices: indices, base: isInPlace ? nil : base,
            start: isInPlace ? APUS_SCATTER_IN_PLACE : APUS_SCATTER_ONTO_BASE, place: place)
    }

    package func reference(_ inputs: [ReferenceTensor], shape: Shape) -> [Double] {
        var result = inputs[0].values
        forEachShared(inputs[2], axis: axis, data: shape) { at, to in result[to] += inputs[1].values[at] }
        return result
    }
}

/// The elements at given positions of an axis, other ones for each index of the other axes:
/// `y[.., j, ..] = data[.., indices[.., j, ..], ..]`.
package struct TakeAlong: Operation {
    package static let name = "takeAlong"
    let axis: Int
    /// What the message about a wrong index names, if not this operation.
    var user: String?

    package var place: String { user ?? "operation \(Self.name)" }

    package func shape(of inputs: [Shape]) throws(ApusError) -> Shape {
        try requireAlong(inputs[0], axis: axis, indices: inputs[1])
        try requireElements(inputs[0], axis: axis, indices: inputs[1])
        return inputs[1]
    }

    package func dtype(of inputs: [DType]) throws(ApusError) -> DType {
        try requireIndices(inputs[1])
        return inputs[0]
    }

    package func gradient(_ dy: Tensor, inputs: [Tensor], output: Tensor) -> [Tensor?] {
        [Tensor(ScatterAddAlong(axis: axis, extent: inputs[0].shape[axis]), [dy, inputs[1]]), nil]
    }

    package func elementsRead(_ input: Int, of inputs: [Shape], output: Shape) -> Int {
        input == 0 ? Swift.min(inputs[0].count, output.count) : inputs[1].count
    }

    package var role: OperationRole { .kernel(offersEpilogue: false) }

    package func emit(_ kernel: inout KernelEmitter) throws(ApusError) {
        emitIndexing(
            &kernel, apus_gather_plan, APUS_INDEX_ALONG, axis: axis, data: kernel.inputs[0], elements: kernel.output,
            place: place)
    }

    package func reference(_ inputs: [ReferenceTensor], shape: Shape) -> [Double] {
        var result = [Double](repeating: .nan, count: shape.count)
        forEachAlong(inputs[1], axis: axis, data: inputs[0].shape) { at, from in result[at] = inputs[0].values[from] }
        return result
    }
}

/// The adjoint of `TakeAlong`: zeros with the elements added at their positions of an axis: elements, indices -> data.
package struct ScatterAddAlong: Operation {
    package static let name = "scatterAddAlong"
    let axis: Int
    let extent: Int

    package func shape(of inputs: [Shape]) throws(ApusError) -> Shape {
        guard inputs[0] == inputs[1] else {
            throw ApusError(
                .shape, in: place, "elements \(inputs[0]) and indices \(inputs[1]) differ in shape",
                remedy: "give one index for each element")
        }
        let data = inputs[0].replacing(axis, with: extent)
        try requireElements(data, axis: axis, indices: inputs[1])
        return data
    }

    package func dtype(of inputs: [DType]) throws(ApusError) -> DType {
        try requireIndices(inputs[1])
        try require([inputs[0]], DType.addable)
        return inputs[0]
    }

    package func gradient(_ dy: Tensor, inputs: [Tensor], output: Tensor) -> [Tensor?] {
        [Tensor(TakeAlong(axis: axis), [dy, inputs[1]]), nil]
    }

    package var role: OperationRole { .kernel(offersEpilogue: false) }

    package func emit(_ kernel: inout KernelEmitter) throws(ApusError) {
        emitIndexing(
            &kernel, apus_scatter_add_plan, APUS_INDEX_ALONG, axis: axis, data: kernel.output,
            elements: kernel.inputs[0], place: place)
    }

    package func reference(_ inputs: [ReferenceTensor], shape: Shape) -> [Double] {
        var result = [Double](repeating: 0, count: shape.count)
        forEachAlong(inputs[1], axis: axis, data: shape) { at, to in result[to] += inputs[0].values[at] }
        return result
    }
}

extension DType {
    fileprivate static let addable: [DType] = [.float32, .float64, .int32, .int64]
}

extension Operation {
    fileprivate func requireIndices(_ dtype: DType) throws(ApusError) {
        guard dtype.isInteger else {
            throw ApusError(
                .type, in: place, "the indices have type \(dtype), expected an integer type",
                remedy: "cast them to int64")
        }
    }

    fileprivate func requireElements(_ data: Shape, axis: Int, indices: Shape) throws(ApusError) {
        guard data[axis] > 0 || indices.count == 0 else {
            throw ApusError(
                .index, in: place, "axis \(axis) of shape \(data) has no elements for the indices \(indices)",
                remedy: "index an axis with at least one element")
        }
    }

    fileprivate func requireAlong(_ data: Shape, axis: Int, indices: Shape) throws(ApusError) {
        guard data.rank == indices.rank,
            (0..<data.rank).allSatisfy({ $0 == axis || data[$0] == indices[$0] })
        else {
            throw ApusError(
                .shape, in: place, "shapes \(data) and \(indices) differ beside axis \(axis)",
                remedy: "make all other extents equal")
        }
    }
}

/// Emits a kernel that reads or writes `data` at the positions of the indices (input 1 if not given).
private func emitIndexing(
    _ kernel: inout KernelEmitter, _ makePlan: (UnsafePointer<apus_index>?, UnsafeMutablePointer<apus_plan>?) -> Void,
    _ mode: Int, axis: Int, data: View, elements: View, indices: View? = nil, base: View? = nil,
    start: Int = APUS_SCATTER_ONTO_ZEROS, place: String
) {
    let index = indices ?? kernel.inputs[1]
    var arguments = apus_index()
    arguments.outer = data.shape.extents[..<axis].reduce(1, *)
    arguments.extent = data.shape[axis]
    arguments.count = mode == APUS_INDEX_SHARED ? index.shape.count : index.shape[axis]
    arguments.inner = data.shape.extents[(axis + 1)...].reduce(1, *)
    arguments.mode = Int32(mode)
    arguments.start = Int32(start)
    arguments.dtype = Int32(data.dtype.rawValue)
    arguments.index_dtype = Int32(index.dtype.rawValue)
    var plan = apus_plan()
    makePlan(&arguments, &plan)
    let mistakes = kernel.temporary(byteCount: MemoryLayout<apus_index_error>.size)
    kernel.checkIndices(buffer: mistakes, extent: data.shape[axis], place: place)
    var pointers: [PointerField<apus_index>] = [
        PointerField(\.data, data), PointerField(\.out, elements), PointerField(\.index, index),
        PointerField(\.error, buffer: mistakes),
    ]
    if let base { pointers.append(PointerField(\.base, base)) }
    kernel.call(arguments, plan: plan, workspace: \.workspace, pointers)
}

/// Calls a closure with the position of every element and that of the datum it belongs to; indices out of range are
/// left out.
private func forEachShared(
    _ index: ReferenceTensor, axis: Int, data: Shape, _ body: (_ element: Int, _ datum: Int) -> Void
) {
    let inner = data.extents[(axis + 1)...].reduce(1, *)
    for outer in 0..<data.extents[..<axis].reduce(1, *) {
        for (number, position) in index.values.enumerated() where position >= 0 && position < Double(data[axis]) {
            for offset in 0..<inner {
                body(
                    (outer * index.values.count + number) * inner + offset,
                    (outer * data[axis] + Int(position)) * inner + offset)
            }
        }
    }
}

private func forEachAlong(
    _ index: ReferenceTensor, axis: Int, data: Shape, _ body: (_ element: Int, _ datum: Int) -> Void
) {
    let strides = data.denseStrides
    var element = 0
    forEachIndex(index.shape) { at in
        let position = index.values[element]
        if position >= 0 && position < Double(data[axis]) {
            var datum = Int(position) * strides[axis]
            for other in 0..<at.count where other != axis { datum += at[other] * strides[other] }
            body(element, datum)
        }
        element += 1
    }
}
