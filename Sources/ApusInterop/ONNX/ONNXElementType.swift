#if Interop
    import ApusCore

    /// The type of the elements of a tensor in ONNX; raw values are the format's numbers.
    ///
    /// Source: `TensorProto.DataType` in <https://github.com/onnx/onnx/blob/main/onnx/onnx.proto>
    public enum ONNXElementType: Int, Sendable, CaseIterable, CustomStringConvertible {
        case float32 = 1
        case uint8, int8, uint16, int16, int32, int64, string, bool, float16, float64, uint32, uint64
        case complex64, complex128, bfloat16, float8E4M3FN, float8E4M3FNUZ, float8E5M2, float8E5M2FNUZ
        case uint4, int4, float4E2M1, float8E8M0, uint2, int2

        /// The type of array that such a tensor is read as: integers of 4 and 2 bits are widened to 8; nil for texts, and for
        /// numbers that Apus has no arrays of (complex ones, and 8-bit and 4-bit floats with rules of their own).
        public var elementType: ElementType? {
            switch self {
            case .float32: .float32
            case .uint8, .uint4, .uint2: .uint8
            case .int8, .int4, .int2: .int8
            case .uint16: .uint16
            case .int16: .int16
            case .int32: .int32
            case .int64: .int64
            case .bool: .bool
            case .float16: .float16
            case .float64: .float64
            case .uint32: .uint32
            case .uint64: .uint64
            case .bfloat16: .bfloat16
            case .float8E4M3FN: .float8E4M3
            case .float8E5M2: .float8E5M2
            case .string, .complex64, .complex128, .float8E4M3FNUZ, .float8E5M2FNUZ, .float4E2M1, .float8E8M0: nil
            }
        }

        /// Such as `float32`.
        public var description: String { Self.names[rawValue - 1] }

        private static let names = [
            "float32", "uint8", "int8", "uint16", "int16", "int32", "int64", "string", "bool", "float16", "float64",
            "uint32", "uint64", "complex64", "complex128", "bfloat16", "float8e4m3fn", "float8e4m3fnuz", "float8e5m2",
            "float8e5m2fnuz", "uint4", "int4", "float4e2m1", "float8e8m0", "uint2", "int2",
        ]

        /// Elements that share a byte: 1, but for integers of 4 and 2 bits.
        var elementsPerByte: Int {
            switch self {
            case .uint4, .int4: 2
            case .uint2, .int2: 4
            default: 1
            }
        }
    }
#endif
