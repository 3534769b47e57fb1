// An array as files hold it: a type, a shape and bytes.

/// An array of numbers as it is read from or written to a file: element type, shape, and bytes in row-major order.
///
/// The bytes are in the byte order of the machine (little-endian on all that Swift runs on).
public struct RawArray: Sendable, Equatable {
    /// The type of the elements.
    public let elementType: ElementType
    /// The extents; empty for a single number.
    public let shape: [Int]
    /// The elements, row by row.
    public let bytes: [UInt8]

    /// The number of elements.
    public var count: Int { bytes.count / elementType.byteCount }

    /// An array of bytes that are already there; their number must match the shape.
    public init(_ elementType: ElementType, shape: [Int], bytes: [UInt8]) throws(ApusError) {
        guard let expected = Self.byteCount(of: elementType, shape: shape) else {
            throw ApusError(
                .shape, in: "array", "the shape \(shape) has a negative extent or more elements than fit into memory",
                remedy: "check the extents")
        }
        guard bytes.count == expected else {
            throw ApusError(
                .shape, in: "array",
                "shape \(shape) of \(elementType.rawValue) takes \(expected) bytes, but there are \(bytes.count)",
                remedy: "give one value per element")
        }
        if elementType == .bool, let index = bytes.firstIndex(where: { $0 > 1 }) {
            throw ApusError(
                .value, in: "array", "element \(index) of type bool is stored as \(bytes[index])",
                remedy: "store 0 or 1, or declare the array as uint8")
        }
        (self.elementType, self.shape, self.bytes) = (elementType, shape, bytes)
    }

    /// An array of Swift values, row by row.
    public init<T: RawElement>(_ values: [T], shape: [Int]) throws(ApusError) {
        try self.init(T.elementType, shape: shape, bytes: values.withUnsafeBytes { [UInt8]($0) })
    }

    /// The bytes that an array takes, or nil if its shape is impossible: a negative extent, or more bytes than an
    /// `Int` counts (extents of zero aside, so that strides can always be computed).
    public static func byteCount(of elementType: ElementType, shape: [Int]) -> Int? {
        var (bytes, empty) = (elementType.byteCount, false)
        for extent in shape {
            guard extent >= 0 else { return nil }
            empty = empty || extent == 0
            let (product, overflow) = bytes.multipliedReportingOverflow(by: max(extent, 1))
            guard !overflow else { return nil }
            bytes = product
        }
        return empty ? 0 : bytes
    }

    /// The elements as Swift values; the type must be the array's own (`converted(to:)` changes it).
    public func values<T: RawElement>(of type: T.Type = T.self) throws(ApusError) -> [T] {
        guard T.elementType == elementType else {
            throw ApusError(
                .type, in: "array", "its elements are \(elementType.rawValue), not \(T.elementType.rawValue)",
                remedy: "convert it first: converted(to: .\(T.elementType.rawValue))")
        }
        return bytes.withUnsafeBytes { source in
            [T](unsafeUninitializedCapacity: count) { buffer, initialized in
                UnsafeMutableRawBufferPointer(buffer).copyMemory(from: source)
                initialized = count
            }
        }
    }

    /// The same values in a type that the engine computes with.
    public func widened() throws(ApusError) -> RawArray { try converted(to: elementType.engineType) }

    /// The same values in another type. Conversions that could lose something are refused.
    public func converted(to type: ElementType) throws(ApusError) -> RawArray {
        if type == elementType { return self }
        let narrowed = elementType == .uint64 && type == .int64
        guard narrowed || elementType.converts(exactlyTo: type) else {
            throw ApusError(
                .type, in: "array", "\(elementType.rawValue) does not fit into \(type.rawValue) without loss",
                remedy: "convert to \(elementType.engineType.rawValue), and cast there if the loss is meant")
        }
        if narrowed, let index = (try values() as [UInt64]).firstIndex(where: { $0 > UInt64(Int64.max) }) {
            throw ApusError(
                .value, in: "array", "element \(index) of type uint64 is above 9223372036854775807, the largest int64",
                remedy: "store the array as int64 or float64")
        }
        let size = type.byteCount
        let result = bytes.withUnsafeBytes { source in
            [UInt8](unsafeUninitializedCapacity: count * size) { buffer, initialized in
                let target = UnsafeMutableRawBufferPointer(buffer)
                for index in 0..<count {
                    if elementType.isFloatingPoint {
                        type.store(elementType.double(source, at: index), to: target, at: index)
                    } else {
                        type.store(elementType.integer(source, at: index), to: target, at: index)
                    }
                }
                initialized = count * size
            }
        }
        return try RawArray(type, shape: shape, bytes: result)
    }
}

extension RawArray {
    /// The values as floating numbers; large 64-bit integers are rounded.
    package var doubles: [Double] {
        bytes.withUnsafeBytes { source in
            (0..<count).map { index in
                elementType.isFloatingPoint
                    ? elementType.double(source, at: index) : Double(elementType.integer(source, at: index))
            }
        }
    }

    /// The values of an array of integers or truth values; nil for others.
    package var integers: [Int]? {
        guard !elementType.isFloatingPoint else { return nil }
        return bytes.withUnsafeBytes { source in
            (0..<count).map { Int(elementType.integer(source, at: $0)) }
        }
    }
}

extension ElementType {
    /// The integer at an index; `uint64` wraps.
    fileprivate func integer(_ bytes: UnsafeRawBufferPointer, at index: Int) -> Int64 {
        func load<T: FixedWidthInteger & BitwiseCopyable>(_: T.Type) -> Int64 {
            Int64(truncatingIfNeeded: bytes.loadUnaligned(fromByteOffset: index * byteCount, as: T.self))
        }
        return switch self {
        case .int8: load(Int8.self)
        case .uint16: load(UInt16.self)
        case .int16: load(Int16.self)
        case .uint32: load(UInt32.self)
        case .int32: load(Int32.self)
        case .uint64, .int64: load(Int64.self)
        default: load(UInt8.self)
        }
    }

    /// The floating-point number at an index.
    fileprivate func double(_ bytes: UnsafeRawBufferPointer, at index: Int) -> Double {
        func load<T: BitwiseCopyable>(_: T.Type) -> T {
            bytes.loadUnaligned(fromByteOffset: index * byteCount, as: T.self)
        }
        return switch self {
        case .float64: load(Double.self)
        case .float32: Double(load(Float.self))
        case .bfloat16: Double(Float(bitPattern: UInt32(load(UInt16.self)) << 16))
        case .float16: Self.half(load(UInt16.self))
        case .float8E5M2: Self.half(UInt16(load(UInt8.self)) << 8)
        default: Self.quarter(load(UInt8.self))
        }
    }

    /// IEEE binary16, taken apart because not every platform has the type.
    private static func half(_ bits: UInt16) -> Double {
        let (exponent, fraction) = (Int(bits >> 10 & 31), Double(bits & 1023))
        let magnitude =
            switch exponent {
            case 31: fraction == 0 ? Double.infinity : .nan
            case 0: fraction * 0x1p-24
            default: (1024 + fraction) * Double(sign: .plus, exponent: exponent - 25, significand: 1)
            }
        return bits >> 15 == 0 ? magnitude : -magnitude
    }

    /// The 8-bit float with four exponent bits, no infinities, and one NaN per sign.
    private static func quarter(_ bits: UInt8) -> Double {
        let (exponent, fraction) = (Int(bits >> 3 & 15), Double(bits & 7))
        let magnitude =
            switch (exponent, bits & 7) {
            case (15, 7): Double.nan
            case (0, _): fraction * 0x1p-9
            default: (8 + fraction) * Double(sign: .plus, exponent: exponent - 10, significand: 1)
            }
        return bits >> 7 == 0 ? magnitude : -magnitude
    }

    fileprivate func store(_ value: Int64, to bytes: UnsafeMutableRawBufferPointer, at index: Int) {
        switch self {
        case .bool, .uint8, .int8:
            bytes.storeBytes(of: UInt8(truncatingIfNeeded: value), toByteOffset: index, as: UInt8.self)
        case .uint16, .int16:
            bytes.storeBytes(of: Int16(truncatingIfNeeded: value), toByteOffset: 2 * index, as: Int16.self)
        case .uint32, .int32:
            bytes.storeBytes(of: Int32(truncatingIfNeeded: value), toByteOffset: 4 * index, as: Int32.self)
        case .uint64, .int64: bytes.storeBytes(of: value, toByteOffset: 8 * index, as: Int64.self)
        default: store(Double(value), to: bytes, at: index)
        }
    }

    /// Stores a value that this type is known to hold exactly.
    fileprivate func store(_ value: Double, to bytes: UnsafeMutableRawBufferPointer, at index: Int) {
        switch self {
        case .float64: bytes.storeBytes(of: value, toByteOffset: 8 * index, as: Double.self)
        case .float32: bytes.storeBytes(of: Float(value), toByteOffset: 4 * index, as: Float.self)
        case .bfloat16:
            bytes.storeBytes(
                of: UInt16(Float(value).bitPattern >> 16), toByteOffset: 2 * index, as: UInt16.self)
        default: bytes.storeBytes(of: Self.halfBits(value), toByteOffset: 2 * index, as: UInt16.self)
        }
    }

    /// The binary16 pattern of a value that is one exactly.
    private static func halfBits(_ value: Double) -> UInt16 {
        let sign: UInt16 = value.sign == .minus ? 0x8000 : 0
        let magnitude = value.magnitude
        if value.isNaN { return sign | 0x7e00 }
        if value.isInfinite { return sign | 0x7c00 }
        if magnitude < 0x1p-14 { return sign | UInt16(magnitude * 0x1p24) }
        let exponent = Int(magnitude.exponent)
        let fraction = UInt16((magnitude.significand - 1) * 1024)
        return sign | UInt16(exponent + 15) << 10 | fraction
    }
}
