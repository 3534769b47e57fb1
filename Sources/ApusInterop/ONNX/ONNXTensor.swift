#if Interop
    import ApusCore

    /// A tensor as ONNX keeps it: an initializer, a constant in an attribute, or a file of its own (`input_0.pb`).
    ///
    ///     let image = try ONNXTensor(path: "test_data_set_0/input_0.pb")
    ///     let x = try image.tensor()                  // [1, 3, 32, 32], float32
    public struct ONNXTensor: Sendable, Equatable {
        /// What the elements are.
        public enum Values: Sendable, Equatable {
            /// Numbers and truth values, in the file's type; integers of 4 and 2 bits take 8 here.
            case numbers(RawArray)
            /// Texts, row by row.
            case texts([String])
        }

        /// The most extents that a tensor may have.
        public static let maximumRank = 64

        /// The name of the value that it is; may be empty.
        public let name: String
        /// The type of the elements in the file.
        public let elementType: ONNXElementType
        /// The extents; empty for a single element.
        public let shape: [Int]
        /// The elements.
        public let values: Values

        /// Reads a file that holds one tensor (a `TensorProto`).
        ///
        /// - Throws: an `ApusError` with the file's name, if it is damaged, if the number of its elements is not that of its
        ///   shape, if they lie in another file, or if Apus has no such numbers (``ONNXElementType/elementType``)
        public init(path: String) throws(ApusError) {
            try self.init(ByteSource(path: path, kind: "ONNX tensor"))
        }

        /// Reads a file that is in memory; `name` stands in error messages.
        public init(bytes: [UInt8], name: String = "in memory") throws(ApusError) {
            try self.init(ByteSource(bytes: bytes, name: name, kind: "ONNX tensor"))
        }

        private init(_ source: ByteSource) throws(ApusError) {
            let reader = ONNXReader(source: source)
            self = try reader.tensor(reader.message(Onnx_TensorProto.self))
        }

        init(name: String, _ elementType: ONNXElementType, shape: [Int], _ values: Values) {
            (self.name, self.elementType, self.shape, self.values) = (name, elementType, shape, values)
        }

        /// The numbers for the engine; types that it lacks are widened without loss (`int8` to `int32`, `uint32` to `int64`).
        ///
        /// - Throws: an `ApusError` if the elements are texts, or `uint64` above the largest `int64`
        public func tensor() throws(ApusError) -> Tensor {
            guard case .numbers(let array) = values else {
                throw ApusError(
                    .type, in: place, "its elements are texts, which tensors don't hold",
                    remedy: "take them from values")
            }
            do throws(ApusError) {
                return try Tensor(array)
            } catch {
                throw ApusError(error.kind, in: place, error.problem, remedy: error.remedy)
            }
        }

        private var place: String { "ONNX tensor \(name.quoted)" }
    }

    extension ONNXTensor: CustomStringConvertible {
        /// Such as `weight: float32 [64, 3, 7, 7]`.
        public var description: String { "\(name.isEmpty ? "(no name)" : name): \(elementType) \(shape)" }
    }
#endif
