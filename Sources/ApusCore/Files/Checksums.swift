// The checksums of zip, gzip, PNG and zlib data.

/// The CRC-32 of zip, gzip and PNG, and event files' CRC-32C, computed eight bytes at a time.
package struct CRC32: Sendable {
    /// The polynomial of zip, gzip and PNG.
    package static let zip = CRC32(polynomial: 0xedb8_8320)
    /// The Castagnoli polynomial of TensorBoard's event files.
    package static let castagnoli = CRC32(polynomial: 0x82f6_3b78)

    private let table: [UInt32]

    private init(polynomial: UInt32) {
        var table = [UInt32](repeating: 0, count: 8 * 256)
        for index in 0..<256 {
            var value = UInt32(index)
            for _ in 0..<8 { value = value & 1 == 0 ? value >> 1 : value >> 1 ^ polynomial }
            table[index] = value
        }
        for index in 256..<8 * 256 {
            let before = table[index - 256]
            table[index] = before >> 8 ^ table[Int(before & 255)]
        }
        self.table = table
    }

    /// The checksum of `bytes`, continued from `start`, the checksum of what came before.
    package func checksum(_ bytes: UnsafeRawBufferPointer, continuing start: UInt32 = 0) -> UInt32 {
        table.withUnsafeBufferPointer { table in
            var value = ~start
            var offset = 0
            while offset + 8 <= bytes.count {
                let next = bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
                let word = UInt64(littleEndian: next) ^ UInt64(value)
                value = 0
                for lane in 0..<8 {
                    value ^= table[(7 - lane) * 256 + Int(word >> UInt64(8 * lane) & 255)]
                }
                offset += 8
            }
            while offset < bytes.count {
                value = value >> 8 ^ table[Int((value ^ UInt32(bytes[offset])) & 255)]
                offset += 1
            }
            return ~value
        }
    }

    /// The checksum of `bytes`, continued from `start`, the checksum of what came before.
    package func checksum(_ bytes: some Collection<UInt8>, continuing start: UInt32 = 0) -> UInt32 {
        bytes.withContiguousStorageIfAvailable { checksum(UnsafeRawBufferPointer($0), continuing: start) }
            ?? [UInt8](bytes).withUnsafeBytes { checksum($0, continuing: start) }
    }
}

/// The checksum that ends zlib data.
package func adler32(_ bytes: [UInt8]) -> UInt32 {
    var (a, b): (UInt32, UInt32) = (1, 0)
    for chunk in stride(from: 0, to: bytes.count, by: 5552) {
        // 5552 additions are what 32 bits can hold before the remainder is due.
        for byte in bytes[chunk..<min(chunk + 5552, bytes.count)] {
            a &+= UInt32(byte)
            b &+= a
        }
        (a, b) = (a % 65521, b % 65521)
    }
    return b << 16 | a
}
