// The element types that file formats know, which are more than the engine computes with.

/// The type of the elements of an array in a file.
///
/// The engine computes with eight of them (`isEngineType`); the others are widened exactly when they are read.
public enum ElementType: String, Sendable, CaseIterable {
    case bool, uint8, int8, uint16, int16, uint32, int32, uint64, int64
    case float8E4M3, float8E5M2, float16, bfloat16, float32, float64

    /// Bytes per element.
    public var byteCount: Int {
        switch self {
        case .bool, .uint8, .int8, .float8E4M3, .float8E5M2: 1
        case .uint16, .int16, .float16, .bfloat16: 2
        case .uint32, .int32, .float32: 4
        case .uint64, .int64, .float64: 8
        }
    }

    /// Whether the elements are floating-point numbers.
    public var isFloatingPoint: Bool {
        switch self {
        case .float8E4M3, .float8E5M2, .float16, .bfloat16, .float32, .float64: true
        default: false
        }
    }

    /// Whether the engine computes with this type.
    public var isEngineType: Bool { engineType == self }

    /// The smallest engine type that holds every value of this one. For `uint64` there is none: `int64` stands in, and
    /// the conversion fails where a value does not fit.
    public var engineType: ElementType {
        switch self {
        case .int8, .int16, .uint16: .int32
        case .uint32, .uint64: .int64
        case .float8E4M3, .float8E5M2: .float16
        default: self
        }
    }

    /// Whether every value of this type is a value of the other one.
    public func converts(exactlyTo other: ElementType) -> Bool {
        if self == other { return true }
        if other == .bool || other.byteCount == 1 && other.isFloatingPoint { return false }
        let (from, to) = (range, other.range)
        return from.digits <= to.digits && from.low >= to.low && from.high <= to.high
    }

    /// Binary digits of precision, and the exponents of the lowest and the highest bit that values have; unsigned
    /// types and `bool` start at bit 0, signed ones one below, so that unsigned types never take signed values.
    private var range: (digits: Int, low: Int, high: Int) {
        switch self {
        case .bool: (1, 0, 1)
        case .uint8: (8, 0, 8)
        case .uint16: (16, 0, 16)
        case .uint32: (32, 0, 32)
        case .uint64: (64, 0, 64)
        case .int8: (7, -1, 7)
        case .int16: (15, -1, 15)
        case .int32: (31, -1, 31)
        case .int64: (63, -1, 63)
        case .float8E4M3: (4, -9, 9)
        case .float8E5M2: (3, -16, 16)
        case .float16: (11, -24, 16)
        case .bfloat16: (8, -133, 128)
        case .float32: (24, -149, 128)
        case .float64: (53, -1074, 1024)
        }
    }
}

/// A Swift type whose values are the elements of a `RawArray`.
public protocol RawElement: BitwiseCopyable, Sendable {
    /// The element type that such values have in a file.
    static var elementType: ElementType { get }
}

extension Bool: RawElement { public static var elementType: ElementType { .bool } }
extension UInt8: RawElement { public static var elementType: ElementType { .uint8 } }
extension Int8: RawElement { public static var elementType: ElementType { .int8 } }
extension UInt16: RawElement { public static var elementType: ElementType { .uint16 } }
extension Int16: RawElement { public static var elementType: ElementType { .int16 } }
extension UInt32: RawElement { public static var elementType: ElementType { .uint32 } }
extension Int32: RawElement { public static var elementType: ElementType { .int32 } }
extension UInt64: RawElement { public static var elementType: ElementType { .uint64 } }
extension Int64: RawElement { public static var elementType: ElementType { .int64 } }
extension Int: RawElement { public static var elementType: ElementType { .int64 } }
extension Float: RawElement { public static var elementType: ElementType { .float32 } }
extension Double: RawElement { public static var elementType: ElementType { .float64 } }
