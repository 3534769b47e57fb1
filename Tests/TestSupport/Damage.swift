import ApusCore
import Testing

/// Changes bytes at random in the ways that matter to parsers: flipped bits, wrong lengths, lost and repeated pieces.
package struct Damage {
    private var state: UInt64

    package init(seed: UInt64) { state = seed }

    /// A random number (SplitMix64).
    package mutating func bits() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var value = state
        value = (value ^ value >> 30) &* 0xbf58_476d_1ce4_e5b9
        value = (value ^ value >> 27) &* 0x94d0_49bb_1331_11eb
        return value ^ value >> 31
    }

    package mutating func below(_ limit: Int) -> Int { limit > 0 ? Int(bits() % UInt64(limit)) : 0 }

    /// The bytes with one to four changes.
    package mutating func damaged(_ original: [UInt8]) -> [UInt8] {
        var bytes = original
        for _ in 0...below(4) { change(&bytes) }
        return bytes
    }

    private mutating func change(_ bytes: inout [UInt8]) {
        guard !bytes.isEmpty else {
            bytes = [UInt8(truncatingIfNeeded: bits())]
            return
        }
        // Half of the changes hit the start, where headers are.
        let position = below(2) == 0 ? below(bytes.count) : below(min(bytes.count, 96))
        let length = min(1 + below(8), bytes.count - position)
        switch below(10) {
        case 0: bytes[position] ^= 1 << UInt8(below(8))
        case 1: bytes[position] = UInt8(truncatingIfNeeded: bits())
        case 2:
            let filler: [UInt8] = [0, 1, 0x7f, 0x80, 0xff]
            for index in position..<position + length { bytes[index] = filler[below(filler.count)] }
        case 3: bytes.removeSubrange(position...)
        case 4: bytes.removeSubrange(position..<position + length)
        case 5: bytes.insert(contentsOf: bytes[position..<position + length], at: below(bytes.count))
        case 6, 7: writeNumber(&bytes, at: position)
        case 8: bytes.insert(contentsOf: "99999999999999999999".utf8.prefix(1 + below(20)), at: position)
        default:
            let tokens = ["{", "}", "[", "]", "\"", "'", ",", ":", "-1", "(", ")", "\\u0000", "null", "\u{ff}"]
            bytes.replaceSubrange(position..<position + length, with: tokens[below(tokens.count)].utf8)
        }
    }

    /// A count, extent or offset that is wrong in one of the ways that hurt: at a limit of its type, near the size of the
    /// file, or near what it was, in either order of bytes.
    private mutating func writeNumber(_ bytes: inout [UInt8], at position: Int) {
        let width = min([1, 2, 4, 8][below(4)], bytes.count - position)
        let isBig = below(2) == 0
        let places = (0..<width).map { position + (isBig ? width - 1 - $0 : $0) }
        let before = places.enumerated().reduce(0 as UInt64) { $0 | UInt64(bytes[$1.element]) << UInt64(8 * $1.offset) }
        let sizes = [
            0, 1, bytes.count, bytes.count - 1, bytes.count + 1, 0x7fff, 0x8000, 0x7fff_ffff, 0x8000_0000, .max,
        ]
        let number =
            switch below(4) {
            case 0: before &+ 1
            case 1: before &- 1
            case 2: before << UInt64(below(16))
            default: UInt64(bitPattern: Int64(sizes[below(sizes.count)]))
            }
        for (index, place) in places.enumerated() {
            bytes[place] = UInt8(truncatingIfNeeded: number >> UInt64(8 * index))
        }
    }
}

/// Gives a parser damaged copies of a sound file. It may read them or throw an `ApusError`; anything else ends the
/// process or fails the test.
package func checkDamage(
    to original: [UInt8], count: Int = 2000, seed: UInt64 = 1, sourceLocation: SourceLocation = #_sourceLocation,
    _ parse: ([UInt8]) throws -> Void
) {
    var damage = Damage(seed: seed)
    var refused = 0
    for round in 0..<count {
        let bytes = damage.damaged(original)
        do {
            try parse(bytes)
        } catch let error as ApusError {
            refused += 1
            if error.problem.isEmpty || error.remedy.isEmpty || error.description.contains("\n") {
                Issue.record("round \(round): poor message: \(error)", sourceLocation: sourceLocation)
            }
        } catch {
            Issue.record("round \(round): \(error) is no ApusError", sourceLocation: sourceLocation)
        }
    }
    #expect(refused > count / 10, "damage goes unnoticed", sourceLocation: sourceLocation)
}

/// The error that `body` ends in; records an issue if it ends well.
package func refusal(
    sourceLocation: SourceLocation = #_sourceLocation, _ body: () throws -> Void
) -> ApusError? {
    do {
        try body()
        Issue.record("it was not refused", sourceLocation: sourceLocation)
        return nil
    } catch let error as ApusError {
        return error
    } catch {
        Issue.record("\(error) is no ApusError", sourceLocation: sourceLocation)
        return nil
    }
}
