import ApusCore

/// The SHA-256 of bytes (FIPS 180-4), by which files are known to be what they should be.
package struct SHA256 {
    private static let constants: [UInt32] = roots(of: primes(64), cube: true)
    private var state: [UInt32] = roots(of: primes(8), cube: false)
    private var pending: [UInt8] = []
    private var length: UInt64 = 0

    package init() {}

    /// The sum of a file as hexadecimal digits, read piece by piece.
    package static func file(_ path: String) throws(ApusError) -> String {
        let source = try ByteSource(path: path)
        var sum = SHA256()
        var offset = 0
        while offset < source.count {
            let size = min(1 << 20, source.count - offset)
            sum.add(try source.bytes(at: offset, count: size))
            offset += size
        }
        return sum.finish()
    }

    package mutating func add(_ bytes: [UInt8]) {
        length &+= UInt64(bytes.count)
        let all = pending.isEmpty ? bytes : pending + bytes
        let whole = all.count / 64 * 64
        all.withUnsafeBufferPointer { all in
            for start in stride(from: 0, to: whole, by: 64) { block(all, start) }
        }
        pending = Array(all[whole...])
    }

    package mutating func finish() -> String {
        let bits = length &* 8
        var end: [UInt8] = [0x80]
        end += [UInt8](repeating: 0, count: (119 - pending.count) % 64)
        end.appendBig(bits)
        add(end)
        return state.map { word in
            let text = String(word, radix: 16)
            return String(repeating: "0", count: 8 - text.count) + text
        }.joined()
    }

    private mutating func block(_ bytes: UnsafeBufferPointer<UInt8>, _ start: Int) {
        func turned(_ value: UInt32, _ by: UInt32) -> UInt32 { value >> by | value << (32 - by) }
        withUnsafeTemporaryAllocation(of: UInt32.self, capacity: 64) { words in
            for index in 0..<16 {
                let offset = start + 4 * index
                words[index] =
                    UInt32(bytes[offset]) << 24 | UInt32(bytes[offset + 1]) << 16 | UInt32(bytes[offset + 2]) << 8
                    | UInt32(bytes[offset + 3])
            }
            for index in 16..<64 {
                let (early, late) = (words[index - 15], words[index - 2])
                let first = turned(early, 7) ^ turned(early, 18) ^ early >> 3
                let second = turned(late, 17) ^ turned(late, 19) ^ late >> 10
                words[index] = words[index - 16] &+ first &+ words[index - 7] &+ second
            }
            var (a, b, c, d) = (state[0], state[1], state[2], state[3])
            var (e, f, g, h) = (state[4], state[5], state[6], state[7])
            for index in 0..<64 {
                let mixed = turned(e, 6) ^ turned(e, 11) ^ turned(e, 25)
                let chosen = (e & f) ^ (~e & g)
                let first = h &+ mixed &+ chosen &+ Self.constants[index] &+ words[index]
                let second = (turned(a, 2) ^ turned(a, 13) ^ turned(a, 22)) &+ ((a & b) ^ (a & c) ^ (b & c))
                (h, g, f, e, d, c, b, a) = (g, f, e, d &+ first, c, b, a, first &+ second)
            }
            for (index, value) in [a, b, c, d, e, f, g, h].enumerated() { state[index] &+= value }
        }
    }

    private static func primes(_ count: Int) -> [Int] {
        var primes: [Int] = []
        var candidate = 2
        while primes.count < count {
            if primes.allSatisfy({ candidate % $0 != 0 }) { primes.append(candidate) }
            candidate += 1
        }
        return primes
    }

    /// The first 32 bits behind the point of square or cube roots, found bit by bit in whole numbers.
    private static func roots(of primes: [Int], cube: Bool) -> [UInt32] {
        primes.map { prime in
            // The largest root r with r^2 <= p * 2^64, or r^3 <= p * 2^96.
            var root: UInt64 = 0
            for bit in (0..<36).reversed() {
                let next = root | 1 << UInt64(bit)
                if power(next, cube: cube, fits: UInt64(prime)) { root = next }
            }
            return UInt32(truncatingIfNeeded: root)
        }
    }

    /// Whether a power is at most a number times 2^64 (squares) or 2^96 (cubes).
    private static func power(_ root: UInt64, cube: Bool, fits limit: UInt64) -> Bool {
        let square = root.multipliedFullWidth(by: root)
        if !cube { return square.high < limit || square.high == limit && square.low == 0 }
        // root^3 = (high * 2^64 + low) * root, compared with limit * 2^96.
        let low = square.low.multipliedFullWidth(by: root)
        let (high, overflow) = square.high.multipliedReportingOverflow(by: root)
        let (sum, carry) = high.addingReportingOverflow(low.high)
        if overflow || carry { return false }
        return sum >> 32 < limit || sum >> 32 == limit && sum & 0xffff_ffff == 0 && low.low == 0
    }
}
