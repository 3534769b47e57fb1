extension Tensor {
    /// A leaf with the given numbers.
    package static func constant(_ values: [Double], shape: Shape, dtype: DType) -> Tensor {
        let storage = Storage(byteCount: values.count * dtype.size)
        for (index, value) in values.enumerated() { storage.store(value, at: index, dtype) }
        return Tensor(storage: storage, shape: shape, dtype: dtype)
    }

    /// A leaf with the numbers from 0 up to below `count`.
    package static func positions(_ count: Int, dtype: DType = .int64) -> Tensor {
        constant((0..<count).map(Double.init), shape: [count], dtype: dtype)
    }
}
