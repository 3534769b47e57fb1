/// One result of an operation that gives several as one block of bytes.
package struct Part: Operation {
    package static let name = "part"
    let index: Int
    /// Where it begins in the block, and among the values of the plain definition.
    let byteOffset: Int
    let position: Int
    let target: Shape
    let element: DType

    package func shape(of inputs: [Shape]) throws(ApusError) -> Shape { target }
    package func dtype(of inputs: [DType]) throws(ApusError) -> DType { element }
    /// Cotangents of parts are collected for the operation that gives them.
    package func gradient(_ dy: Tensor, inputs: [Tensor], output: Tensor) -> [Tensor?] { [nil] }
    package var part: Int? { index }

    package var role: OperationRole {
        .view { [byteOffset, target, element] block in
            View(
                buffer: block.buffer, offset: byteOffset / element.size, shape: target, strides: target.denseStrides,
                dtype: element)
        }
    }

    package func batched(_ inputs: [Tensor], isBatched: [Bool]) -> Tensor? {
        (inputs[0].node.operation as? Scan)?.sample(index, of: inputs[0])
    }

    package func reference(_ inputs: [ReferenceTensor], shape: Shape) -> [Double] {
        Array(inputs[0].values[position..<position + target.count])
    }
}

/// The layout of several results in one block of bytes: one after the other, each aligned for every type.
package struct PartLayout: Sendable {
    package private(set) var parts: [(shape: Shape, dtype: DType, byteOffset: Int, position: Int)] = []
    package private(set) var byteCount = 0
    private var count = 0

    package init(_ results: [(shape: Shape, dtype: DType)], in place: String) throws(ApusError) {
        for (shape, dtype) in results {
            let size = try shape.checkedCount(in: place)
            parts.append((shape, dtype, byteCount, count))
            let (bytes, overflow) = size.multipliedReportingOverflow(by: dtype.size)
            let (end, beyond) = byteCount.addingReportingOverflow(bytes)
            guard !overflow, !beyond, end < .max - 64 else {
                throw ApusError(
                    .resource, in: place, "its results take more bytes than can be counted", remedy: "use smaller ones")
            }
            byteCount = (end + 63) / 64 * 64
            count += size
        }
    }

    /// The results of a node that has this layout.
    package func tensors(of block: Tensor) -> [Tensor] {
        guard block.error == nil else { return parts.map { _ in block } }
        return parts.indices.map { index in
            let part = parts[index]
            return Tensor(
                Part(
                    index: index, byteOffset: part.byteOffset, position: part.position, target: part.shape,
                    element: part.dtype), [block])
        }
    }
}
