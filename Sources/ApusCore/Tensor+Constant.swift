extension Tensor {
    /// A leaf with the given numbers.
    package static func constant(_ values: [Double], shape: Shape, dtype: DType) -> Tensor {
        let storage = Storage(byteCount: values.count * dtype.size)
        for (index, value) in values.enumerated() { storage.store(value, at: index, dtype) }
        return Tensor(storage: storage, shape: shape, dtype: dtype)
    }

    /// A vector of positions, int64.
    package static func positions(_ values: some Collection<Int>) -> Tensor {
        constant(values.map(Double.init), shape: [values.count], dtype: .int64)
    }
}
