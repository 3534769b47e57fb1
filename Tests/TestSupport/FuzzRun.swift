import ApusCore
import Testing

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Damage to sound files in great numbers: with `APUS_FUZZ` set, so many structural changes and as many single bits.
package enum FuzzRun {
    /// The number of rounds that the environment asks for.
    package static var rounds: Int? { getenv("APUS_FUZZ").flatMap { Int(String(cString: $0)) } }

    /// Gives a parser damaged copies of a sound file: first changes of its structure, then single flipped bits. It may
    /// read them or throw an error with a place, a problem and a remedy.
    ///
    /// - Parameter rounds: of each kind, where the environment does not say
    package static func check(
        _ original: [UInt8], rounds: Int, seed: UInt64 = 1, sourceLocation: SourceLocation = #_sourceLocation,
        _ parse: ([UInt8]) throws(ApusError) -> Void
    ) {
        var damage = Damage(seed: seed)
        let rounds = self.rounds.map { min($0, 10_000) } ?? rounds
        for round in 0..<2 * rounds {
            var bytes = original
            if round < rounds || bytes.isEmpty {
                bytes = damage.damaged(bytes)
            } else {
                bytes[damage.below(bytes.count)] ^= 1 << UInt8(damage.below(8))
            }
            do throws(ApusError) {
                try parse(bytes)
            } catch {
                if error.problem.isEmpty || error.remedy.isEmpty || error.description.contains("\n") {
                    Issue.record("round \(round): poor message: \(error)", sourceLocation: sourceLocation)
                }
            }
        }
    }
}
