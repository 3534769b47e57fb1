// Tensors from and to the arrays of files.

extension DType {
    /// The engine's type for a file's element type, if there is one.
    package init?(_ type: ElementType) {
        guard let match = DType.allCases.first(where: { $0.elementType == type }) else { return nil }
        self = match
    }

    /// The element type in files.
    package var elementType: ElementType {
        switch self {
        case .float32: .float32
        case .float64: .float64
        case .bfloat16: .bfloat16
        case .float16: .float16
        case .int32: .int32
        case .int64: .int64
        case .uint8: .uint8
        case .bool: .bool
        }
    }
}

extension Tensor {
    /// The elements of a file's array; types that the engine lacks are widened without loss.
    public init(_ array: RawArray) throws(ApusError) {
        let wide = try array.widened()
        guard let dtype = DType(wide.elementType) else {
            throw ApusError(
                .type, in: "Tensor", "elements of type \(array.elementType.rawValue) are not supported",
                remedy: "convert the array to float32 or int64")
        }
        self.init(
            storage: wide.bytes.withUnsafeBufferPointer { Storage(copying: $0) }, shape: Shape(wide.shape), dtype: dtype
        )
    }

    /// The computed elements as an array for files.
    public func rawArray() throws(ApusError) -> RawArray {
        let storage = try storage()
        return try RawArray(
            dtype.elementType, shape: shape.extents,
            bytes: [UInt8](storage.bytes.prefix(shape.count * dtype.size)))
    }
}
