extension Tensor {
    /// A tensor of the given numbers, row-major.
    public init<Scalar: TensorScalar>(_ values: [Scalar], shape: Shape) {
        do throws(ApusError) {
            let count = try shape.checkedCount(in: "Tensor")
            guard count == values.count else {
                throw ApusError(
                    .shape, in: "Tensor", "\(values.count) values do not fill shape \(shape) of \(count) elements",
                    remedy: "give as many values as the shape has elements")
            }
        } catch {
            self.init(error: error)
            return
        }
        let storage: Storage
        if Scalar.self == Bool.self {
            storage = Storage(byteCount: values.count)
            for (index, value) in values.enumerated() { storage.store(value.tensorValue, at: index, .bool) }
        } else {
            storage = values.withUnsafeBufferPointer { Storage(copying: $0) }
        }
        self.init(storage: storage, shape: shape, dtype: Scalar.dtype)
    }

    /// A vector of numbers, as `float32`.
    public init(_ values: [Double]) { self.init(values.map { Float($0) }, shape: [values.count]) }

    /// A vector.
    @_disfavoredOverload
    public init<Scalar: TensorScalar>(_ values: [Scalar]) { self.init(values, shape: [values.count]) }

    /// A matrix of rows of equal length.
    public init<Scalar: TensorScalar>(rows: [[Scalar]]) {
        let width = rows.first?.count ?? 0
        guard rows.allSatisfy({ $0.count == width }) else {
            self.init(
                error: ApusError(
                    .shape, in: "Tensor", "the rows have lengths \(rows.map(\.count))", remedy: "make them equal"))
            return
        }
        self.init(rows.flatMap { $0 }, shape: [rows.count, width])
    }

    /// A scalar.
    public init(_ value: Double, dtype: DType = .float32) { self.init(repeating: value, shape: [], dtype: dtype) }

    /// Zeros of a shape and type.
    public static func zeros(_ shape: Shape, dtype: DType = .float32) -> Tensor {
        Tensor(repeating: 0, shape: shape, dtype: dtype)
    }

    /// Ones of a shape and type.
    public static func ones(_ shape: Shape, dtype: DType = .float32) -> Tensor {
        Tensor(repeating: 1, shape: shape, dtype: dtype)
    }

    /// `start, start + step, ...`: `count` numbers.
    public static func range(count: Int, from start: Double = 0, step: Double = 1, dtype: DType = .float32) -> Tensor {
        do throws(ApusError) {
            try Memory.check([count], dtype, in: "operation range")
        } catch {
            return Tensor(error: error)
        }
        let storage = Storage(byteCount: count * dtype.size)
        for index in 0..<count { storage.store(start + Double(index) * step, at: index, dtype) }
        return Tensor(storage: storage, shape: [count], dtype: dtype)
    }

    /// The identity matrix.
    public static func identity(_ size: Int, dtype: DType = .float32) -> Tensor {
        let row = range(count: size).expanded(at: 0)
        return (row .== range(count: size).expanded(at: 1)).cast(to: dtype)
    }

    /// The only element of a tensor with one element.
    public func item() throws(ApusError) -> Double {
        if let error { throw error }
        guard shape.count == 1 else {
            throw ApusError(
                .shape, in: "item()", "shape \(shape) has \(shape.count) elements, expected one",
                remedy: "reduce the tensor first, or read array(of:)")
        }
        return try storage().value(at: 0, dtype)
    }

    /// All elements, row-major. The scalar type must be able to hold the elements' type.
    public func array<Scalar: TensorScalar>(of type: Scalar.Type = Scalar.self) throws(ApusError) -> [Scalar] {
        let storage = try storage()
        let count = shape.count
        if Scalar.dtype == dtype, Scalar.self != Bool.self {
            return Array(unsafeUninitializedCapacity: count) { buffer, initialized in
                if count > 0, let base = buffer.baseAddress {
                    UnsafeMutableRawPointer(base).copyMemory(
                        from: storage.pointer, byteCount: count * MemoryLayout<Scalar>.stride)
                }
                initialized = count
            }
        }
        if Scalar.dtype.isInteger, dtype.isFloatingPoint {
            throw ApusError(
                .type, in: "array(of: \(Scalar.self))", "elements of type \(dtype) do not fit",
                remedy: "read them as Double or Float, or cast the tensor")
        }
        if dtype.isInteger, Scalar.dtype.isInteger {
            return (0..<count).map { Scalar(tensorInteger: storage.integer(at: $0, dtype)) }
        }
        return (0..<count).map { Scalar(tensorValue: storage.value(at: $0, dtype)) }
    }
}

extension Tensor: CustomStringConvertible {
    /// The values in nested brackets with shape and type; long axes are shortened.
    public var description: String {
        do throws(ApusError) {
            let storage = try storage()
            func text(_ index: Int) -> String {
                if dtype == .bool { return storage.value(at: index, dtype) == 0 ? "false" : "true" }
                if dtype.isInteger { return String(storage.integer(at: index, dtype)) }
                let value = storage.value(at: index, dtype)
                return dtype == .float64 ? "\(value)" : "\(Float(value))"
            }
            let strides = shape.denseStrides
            func render(_ axis: Int, _ offset: Int) -> String {
                if axis == shape.rank { return text(offset) }
                let extent = shape[axis]
                let shown = extent <= 8 ? Array(0..<extent) : [0, 1, 2, -1, extent - 3, extent - 2, extent - 1]
                let separator = axis == shape.rank - 1 ? ", " : ",\n" + String(repeating: " ", count: axis + 1)
                return "["
                    + shown.map { $0 < 0 ? "..." : render(axis + 1, offset + $0 * strides[axis]) }
                    .joined(separator: separator) + "]"
            }
            return "\(render(0, 0)) (shape \(shape), \(dtype))"
        } catch {
            return "error: \(error)"
        }
    }
}
