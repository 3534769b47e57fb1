import ApusCore
import CAllocationCounter
import Testing

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Damage to sound files in great numbers: with `APUS_FUZZ_PARSERS=10000`, so many structural changes and as many single
/// bits of each.
package enum FuzzRun {
    /// The number of rounds that the environment asks for.
    package static var rounds: Int? { getenv("APUS_FUZZ_PARSERS").flatMap { Int(String(cString: $0)) } }

    /// The parser to which `APUS_FUZZ_NAME` limits a run, and the seed that `APUS_FUZZ_SEED` sets.
    package static var onlyName: String? { getenv("APUS_FUZZ_NAME").map { String(cString: $0) } }
    private static var seed: UInt64? { getenv("APUS_FUZZ_SEED").flatMap { UInt64(String(cString: $0)) } }

    /// What came of a run.
    package struct Outcome: Sendable, CustomStringConvertible {
        package var rounds = 0
        package var refused = 0
        /// The largest piece of memory that was asked for on the way to a refusal, beyond twice the size of the file.
        package var excess = 0

        package var description: String { "\(rounds) rounds, \(refused) refused, at most \(excess) bytes beyond" }
    }

    /// Gives a parser damaged copies of a sound file: first changes of its structure, then single flipped bits. It may
    /// read them, or throw an error with a place, a problem that names the byte or line, and a remedy; before it does, it
    /// asks for no more memory at once than twice the size of the file and `slack`.
    ///
    /// - Parameters:
    ///   - rounds: of each kind, where the environment does not say
    ///   - slack: 1 MiB, but for formats whose pixels are packed: what their sound header promises is room that is needed
    ///   - names: words for the parts of a format in which these have names instead of places
    ///   - mend: makes checksums right again, so that damage gets behind them; every other round
    @discardableResult
    package static func check(
        _ original: [UInt8], rounds: Int, seed: UInt64 = 1, name: String = "", slack: Int = 1 << 20,
        names: [String] = [], sourceLocation: SourceLocation = #_sourceLocation,
        mend: (inout [UInt8]) -> Void = { _ in }, _ parse: ([UInt8]) throws(ApusError) -> Void
    ) -> Outcome {
        var damage = Damage(seed: self.seed ?? seed)
        let rounds = self.rounds ?? rounds
        var outcome = Outcome()
        var complaints: Set<String> = []
        func complain(_ round: Int, _ problem: String) {
            guard complaints.count < 8, complaints.insert(problem).inserted else { return }
            Issue.record("\(name), round \(round): \(problem)", sourceLocation: sourceLocation)
        }
        for round in 0..<2 * rounds {
            var bytes = original
            if round < rounds || bytes.isEmpty {
                bytes = damage.damaged(bytes)
            } else {
                bytes[damage.below(bytes.count)] ^= 1 << UInt8(damage.below(8))
            }
            if round % 2 == 1 { mend(&bytes) }
            outcome.rounds += 1
            _ = allocation_counter_take_largest()
            do throws(ApusError) {
                try parse(bytes)
            } catch {
                outcome.refused += 1
                let excess = allocation_counter_take_largest() - 2 * bytes.count
                outcome.excess = max(outcome.excess, excess)
                if excess > slack { complain(round, "\(excess) bytes beyond twice \(bytes.count) for: \(error)") }
                if error.problem.isEmpty || error.remedy.isEmpty || error.description.contains("\n") {
                    complain(round, "poor message: \(error)")
                }
                // What is too large is so as a whole, and what is not there is nowhere.
                if error.kind != .resource, error.kind != .name, !error.description.namesPosition,
                    !names.contains(where: error.problem.contains)
                {
                    complain(round, "no byte or line: \(error)")
                }
            }
        }
        if self.rounds != nil { print("fuzz \(name): \(outcome)") }
        return outcome
    }
}

extension String {
    private static let places: Set<Substring> = [
        "byte", "bytes", "line", "row", "entry", "element", "image", "category", "annotation", "object", "pixel",
    ]

    /// Whether a number stands behind the word byte, line, row or another that counts.
    fileprivate var namesPosition: Bool {
        let words = split(whereSeparator: { !$0.isLetter && !$0.isNumber })
        return zip(words, words.dropFirst()).contains { word, next in
            Self.places.contains(word) && next.first?.isNumber == true
                || word.first?.isNumber == true && next == "bytes"
        } || words.contains("entry") || contains("at its end")
    }
}
