import ApusCore
import TestSupport
import Testing

/// The conformance vectors of the families that tensors alone can express; layers, losses and optimizers have theirs
/// with the target that provides them.
@Suite("Golden") struct GoldenTests {
    static let tables: [(family: String, table: @Sendable () -> GoldenTable)] = [
        ("elementwise", elementwiseTable), ("binary", binaryTable), ("reduction", reductionTable),
        ("shape", shapeTable), ("convolution", convolutionTable), ("pooling", poolingTable),
        ("second_order", secondOrderTable), ("linalg", linearAlgebraTable),
        ("resize", resizeTable), ("detection", detectionTable),
        ("image", imageTable),
    ]

    @Test(arguments: tables.indices, [DType.float32, .float64])
    func valuesAndGradientsAgree(_ number: Int, _ dtype: DType) throws {
        let (name, table) = Self.tables[number]
        let report = runGolden(try GoldenFamily(name), table(), dtype: dtype)
        print(report)
        #expect(report.failures.isEmpty && report.missing.isEmpty, "\(report)")
    }
}
