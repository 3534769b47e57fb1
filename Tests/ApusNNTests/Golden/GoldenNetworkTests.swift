import ApusCore
import ApusNN
import TestSupport
import Testing

/// The conformance vectors of activations, losses, normalisations, optimizers and schedules.
@Suite("Golden networks") struct GoldenNetworkTests {
    static let tables: [(family: String, table: @Sendable () -> GoldenTable)] = [
        ("activation", activationTable), ("normalization", normalizationTable), ("loss", lossTable),
        ("optimizer", optimizerTable), ("schedule", scheduleTable), ("attention", attentionTable),
        ("metric", metricTable), ("recurrent", recurrentTable),
        ("classical", classicalTable),
    ]

    @Test(arguments: tables.indices, [DType.float32, .float64])
    func valuesAndGradientsAgree(_ number: Int, _ dtype: DType) throws {
        let (name, table) = Self.tables[number]
        let report = runGolden(try GoldenFamily(name), table(), dtype: dtype)
        print(report)
        #expect(report.failures.isEmpty && report.missing.isEmpty, "\(report)")
    }

    @Test func sparsemaxIsOnTheSimplex() throws {
        let x = Tensor.randomNormal([5, 7], seed: 3, dtype: .float64)
        let y = sparsemax(x)
        #expect(try (y.sum(axes: [-1]) - 1).absolute().max().item() < 1e-14)
        #expect(try y.min().item() >= 0)
        // The nearest point: moving mass between any two entries that are not 0 does not help.
        let distance = (x - y).array2D
        let values = y.array2D
        for (row, gaps) in zip(values, distance) {
            let active = zip(row, gaps).filter { $0.0 > 0 }.map(\.1)
            #expect(active.allSatisfy { Swift.abs($0 - active[0]) < 1e-14 })
            #expect(gaps.allSatisfy { $0 <= active[0] + 1e-14 })
        }
    }
}

extension Tensor {
    /// The rows of a matrix; none if it has an error.
    fileprivate var array2D: [[Double]] {
        guard let values = try? array(of: Double.self), rank == 2 else { return [] }
        return (0..<shape[0]).map { Array(values[$0 * shape[1]..<($0 + 1) * shape[1]]) }
    }
}
