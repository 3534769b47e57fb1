import Apus
import Foundation
import Testing

/// The names of other libraries against the catalog, and docs/Parity.md against both.
@Suite struct ParityTests {
    private static let page = URL(fileURLWithPath: "\(#filePath)").deletingLastPathComponent()
        .appendingPathComponent("../../../docs/Parity.md").standardizedFileURL

    @Test func thePageIsUpToDate() throws {
        let text = try ParityDocument().text
        if ProcessInfo.processInfo.environment["APUS_RECORD"] != nil {
            try text.write(to: Self.page, atomically: true, encoding: .utf8)
        }
        let isUpToDate = try String(contentsOf: Self.page, encoding: .utf8) == text
        #expect(isUpToDate, "docs/Parity.md is out of date: run APUS_RECORD=1 swift test --filter Parity")
    }

    /// Of Keras' layers, activations, losses, optimizers, schedules, metrics, initializers, regularizers and constraints.
    @Test func nearlyAllOfKerasHasACounterpart() throws {
        let rows = try PeerComparison("keras", \.keras).rows.filter { !$0.group.title.hasPrefix("operations") }
        let names = rows.map(\.group.names.count).reduce(0, +)
        let mapped = rows.map(\.mapped.count).reduce(0, +)
        #expect(names == 341)
        #expect(mapped * 100 >= names * 97, "\(mapped) of \(names)")
    }

    @Test func whatHasNoCounterpartHasAReason() throws {
        for comparison in try ParityDocument().comparisons {
            for row in comparison.rows {
                let silent = row.missing.filter { row.group.reasons[$0] == nil }
                #expect(silent.isEmpty, "\(comparison.library) \(row.group.title): \(silent)")
            }
        }
    }

    @Test func whatIsMappedHasNoReasonToBeMissing() throws {
        for comparison in try ParityDocument().comparisons {
            for row in comparison.rows {
                #expect(Set(row.group.names).count == row.group.names.count, "\(row.group.title)")
                #expect(
                    Set(row.group.reasons.keys).subtracting(row.missing) == [],
                    "\(comparison.library) \(row.group.title): reasons for names that are mapped or not listed")
            }
        }
    }
}
