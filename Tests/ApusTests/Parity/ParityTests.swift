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
