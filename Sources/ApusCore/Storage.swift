import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The bytes of one tensor, 64-byte aligned.
///
/// Whoever creates a storage fills it before sharing it; afterwards only a program that owns it as state writes to
/// it, while it holds the parameter's lock. That is what makes it `Sendable`.
package final class Storage: @unchecked Sendable {
    package let pointer: UnsafeMutableRawPointer
    package let byteCount: Int

    package init(byteCount: Int) {
        self.byteCount = byteCount
        pointer = StoragePool.shared.take(byteCount)
    }

    deinit { StoragePool.shared.give(pointer, byteCount) }

    package var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: pointer, count: byteCount) }

    /// A storage filled from values of the scalar's own type.
    package convenience init<Scalar>(copying values: UnsafeBufferPointer<Scalar>) {
        self.init(byteCount: values.count * MemoryLayout<Scalar>.stride)
        if let base = values.baseAddress, !values.isEmpty { memcpy(pointer, base, byteCount) }
    }

    package func copy() -> Storage {
        let result = Storage(byteCount: byteCount)
        memcpy(result.pointer, pointer, byteCount)
        return result
    }

    /// Element `index` as a double.
    package func value(at index: Int, _ dtype: DType) -> Double {
        switch dtype {
        case .float32: Double(pointer.load(fromByteOffset: index * 4, as: Float.self))
        case .float64: pointer.load(fromByteOffset: index * 8, as: Double.self)
        case .bfloat16:
            Double(HalfPrecision.float(bfloat16: pointer.load(fromByteOffset: index * 2, as: UInt16.self)))
        case .float16:
            Double(HalfPrecision.float(float16: pointer.load(fromByteOffset: index * 2, as: UInt16.self)))
        case .int32: Double(pointer.load(fromByteOffset: index * 4, as: Int32.self))
        case .int64: Double(pointer.load(fromByteOffset: index * 8, as: Int64.self))
        case .uint8: Double(pointer.load(fromByteOffset: index, as: UInt8.self))
        case .bool: pointer.load(fromByteOffset: index, as: UInt8.self) == 0 ? 0 : 1
        }
    }

    /// Stores a double as an element of the given type.
    package func store(_ value: Double, at index: Int, _ dtype: DType) {
        switch dtype {
        case .float32: pointer.storeBytes(of: Float(value), toByteOffset: index * 4, as: Float.self)
        case .float64: pointer.storeBytes(of: value, toByteOffset: index * 8, as: Double.self)
        case .bfloat16:
            pointer.storeBytes(of: HalfPrecision.bfloat16(Float(value)), toByteOffset: index * 2, as: UInt16.self)
        case .float16:
            pointer.storeBytes(of: HalfPrecision.float16(Float(value)), toByteOffset: index * 2, as: UInt16.self)
        case .int32: pointer.storeBytes(of: Int32(saturating: value), toByteOffset: index * 4, as: Int32.self)
        case .int64: pointer.storeBytes(of: Int64(saturating: value), toByteOffset: index * 8, as: Int64.self)
        case .uint8: pointer.storeBytes(of: UInt8(saturating: value), toByteOffset: index, as: UInt8.self)
        case .bool: pointer.storeBytes(of: value == 0 ? 0 : 1, toByteOffset: index, as: UInt8.self)
        }
    }

    /// Element `index` of an integer type, exactly.
    package func integer(at index: Int, _ dtype: DType) -> Int64 {
        switch dtype {
        case .int32: Int64(pointer.load(fromByteOffset: index * 4, as: Int32.self))
        case .int64: pointer.load(fromByteOffset: index * 8, as: Int64.self)
        default: Int64(saturating: value(at: index, dtype))
        }
    }
}

/// Large blocks of storages that are gone, for the next of their size: fresh memory costs a page fault every 4 KB.
final class StoragePool: Sendable {
    static let shared = StoragePool()

    private struct Blocks: @unchecked Sendable {
        var free: [Int: [UnsafeMutableRawPointer]] = [:]
        var byteCount = 0
    }

    private let blocks = Mutex(Blocks())
    private static let smallest = 1 << 16
    private static let byteLimit = 128 << 20

    /// Sizes in steps of an eighth of their power of two, so that similar tensors share blocks.
    private static func rounded(_ byteCount: Int) -> Int {
        guard byteCount >= smallest else { return max(byteCount, 64) }
        let step = 1 << max(0, Int.bitWidth - 1 - byteCount.leadingZeroBitCount - 3)
        return (byteCount + step - 1) / step * step
    }

    func take(_ byteCount: Int) -> UnsafeMutableRawPointer {
        let size = Self.rounded(byteCount)
        if size >= Self.smallest {
            let known = blocks.withLock { blocks -> UInt? in
                guard let block = blocks.free[size]?.popLast() else { return nil }
                blocks.byteCount -= size
                return UInt(bitPattern: block)
            }
            if let known, let block = UnsafeMutableRawPointer(bitPattern: known) { return block }
        }
        return .allocate(byteCount: size, alignment: 64)
    }

    func give(_ block: UnsafeMutableRawPointer, _ byteCount: Int) {
        let size = Self.rounded(byteCount)
        let address = UInt(bitPattern: block)
        let isKept =
            size >= Self.smallest
            && blocks.withLock { blocks -> Bool in
                guard blocks.byteCount + size <= Self.byteLimit,
                    let block = UnsafeMutableRawPointer(bitPattern: address)
                else { return false }
                blocks.free[size, default: []].append(block)
                blocks.byteCount += size
                return true
            }
        if !isKept { block.deallocate() }
    }
}
