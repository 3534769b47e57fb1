import CKernels

/// The type of a tensor's elements.
public enum DType: Int, Hashable, Sendable, CaseIterable, CustomStringConvertible {
    case float32 = 0
    case float64 = 1
    /// Storage and mixed precision: computed in float32.
    case bfloat16 = 2
    /// Storage and mixed precision: computed in float32.
    case float16 = 3
    case int32 = 4
    case int64 = 5
    case uint8 = 6
    case bool = 7

    /// Bytes an element.
    public var size: Int {
        switch self {
        case .float64, .int64: 8
        case .float32, .int32: 4
        case .bfloat16, .float16: 2
        case .uint8, .bool: 1
        }
    }

    /// Whether gradients flow through tensors of this type.
    public var isFloatingPoint: Bool { rawValue <= DType.float16.rawValue }

    /// Whether the type holds integers (not truth values).
    public var isInteger: Bool { self == .int32 || self == .int64 || self == .uint8 }

    public var description: String {
        switch self {
        case .float32: "float32"
        case .float64: "float64"
        case .bfloat16: "bfloat16"
        case .float16: "float16"
        case .int32: "int32"
        case .int64: "int64"
        case .uint8: "uint8"
        case .bool: "bool"
        }
    }
}

/// A Swift type that tensors can be made from and read as.
public protocol TensorScalar: Sendable {
    /// The element type that holds it exactly.
    static var dtype: DType { get }
    init(tensorValue: Double)
    init(tensorInteger: Int64)
    var tensorValue: Double { get }
}

extension Float: TensorScalar {
    /// `float32`.
    public static var dtype: DType { .float32 }
    /// The nearest `Float`.
    public init(tensorValue: Double) { self = Float(tensorValue) }
    /// The nearest `Float`.
    public init(tensorInteger: Int64) { self = Float(tensorInteger) }
    public var tensorValue: Double { Double(self) }
}
extension Double: TensorScalar {
    /// `float64`.
    public static var dtype: DType { .float64 }
    /// The number itself.
    public init(tensorValue: Double) { self = tensorValue }
    /// The nearest `Double`.
    public init(tensorInteger: Int64) { self = Double(tensorInteger) }
    public var tensorValue: Double { self }
}
extension Int32: TensorScalar {
    /// `int32`.
    public static var dtype: DType { .int32 }
    /// Cut to a whole number; beyond the range its limit, 0 for NaN.
    public init(tensorValue: Double) { self = Int32(saturating: tensorValue) }
    /// The lowest 32 bits.
    public init(tensorInteger: Int64) { self = Int32(truncatingIfNeeded: tensorInteger) }
    public var tensorValue: Double { Double(self) }
}
extension Int64: TensorScalar {
    /// `int64`.
    public static var dtype: DType { .int64 }
    /// Cut to a whole number; beyond the range its limit, 0 for NaN.
    public init(tensorValue: Double) { self = Int64(saturating: tensorValue) }
    /// The number itself.
    public init(tensorInteger: Int64) { self = tensorInteger }
    public var tensorValue: Double { Double(self) }
}
extension Int: TensorScalar {
    /// `int64`.
    public static var dtype: DType { .int64 }
    /// Cut to a whole number; beyond the range its limit, 0 for NaN.
    public init(tensorValue: Double) { self = Int(saturating: tensorValue) }
    /// The number itself.
    public init(tensorInteger: Int64) { self = Int(tensorInteger) }
    public var tensorValue: Double { Double(self) }
}
extension UInt8: TensorScalar {
    /// `uint8`.
    public static var dtype: DType { .uint8 }
    /// Cut to a whole number; beyond the range its limit, 0 for NaN.
    public init(tensorValue: Double) { self = UInt8(saturating: tensorValue) }
    /// The lowest 8 bits.
    public init(tensorInteger: Int64) { self = UInt8(truncatingIfNeeded: tensorInteger) }
    public var tensorValue: Double { Double(self) }
}
extension Bool: TensorScalar {
    /// `bool`.
    public static var dtype: DType { .bool }
    /// Whether the number is not 0.
    public init(tensorValue: Double) { self = tensorValue != 0 }
    /// Whether the number is not 0.
    public init(tensorInteger: Int64) { self = tensorInteger != 0 }
    public var tensorValue: Double { self ? 1 : 0 }
}

extension FixedWidthInteger {
    /// The nearest value towards zero; the limits outside the range, 0 for NaN.
    package init(saturating value: Double) {
        if value.isNaN {
            self = 0
        } else if value <= Double(Self.min) {
            self = .min
        } else if value >= Double(Self.max) {
            self = .max
        } else {
            self = Self(value)
        }
    }
}

extension DType {
    /// What an element of this type holds of a number: integers drop the fraction, keep to their limits and have 0 for
    /// NaN; floating-point types keep it as it is.
    package func held(_ value: Double) -> Double {
        switch self {
        case .bool: value == 0 ? 0 : 1
        case .uint8: Double(UInt8(saturating: value))
        case .int32: Double(Int32(saturating: value))
        case .int64: Double(Int64(saturating: value))
        default: value
        }
    }
}

/// Bit patterns of the 16-bit floating-point types.
package enum HalfPrecision {
    package static func bfloat16(_ value: Float) -> UInt16 {
        let bits = value.bitPattern
        if value.isNaN { return UInt16(bits >> 16) | 0x40 }
        return UInt16((bits &+ 0x7fff &+ ((bits >> 16) & 1)) >> 16)
    }

    package static func float(bfloat16 bits: UInt16) -> Float { Float(bitPattern: UInt32(bits) << 16) }

    package static func float16(_ value: Float) -> UInt16 {
        let bits = value.bitPattern
        let sign = UInt16((bits >> 16) & 0x8000)
        let magnitude = bits & 0x7fff_ffff
        if magnitude > 0x7f80_0000 { return sign | 0x7e00 }
        if magnitude >= 0x477f_f000 { return sign | 0x7c00 }
        if magnitude < 0x3880_0000 {
            // Subnormal: adding 0.5 lines the bits up and rounds to nearest even.
            let shifted = Float(bitPattern: magnitude) + Float(bitPattern: 0x3f00_0000)
            return sign | UInt16(truncatingIfNeeded: shifted.bitPattern &- 0x3f00_0000)
        }
        let rounded = magnitude &+ 0xc800_0fff &+ ((magnitude >> 13) & 1)
        return sign | UInt16(truncatingIfNeeded: rounded >> 13)
    }

    package static func float(float16 bits: UInt16) -> Float {
        let sign = UInt32(bits & 0x8000) << 16
        let exponent = UInt32(bits >> 10) & 0x1f
        let mantissa = UInt32(bits & 0x3ff)
        switch exponent {
        case 0: return Float(bitPattern: sign | 0x3f80_0000) * Float(mantissa) * 0x1p-24
        case 31: return Float(bitPattern: sign | 0x7f80_0000 | mantissa << 13)
        default: return Float(bitPattern: sign | (exponent + 112) << 23 | mantissa << 13)
        }
    }
}
