import Apus
import Foundation
import Testing

@Suite struct MetricCatalogTests {
    /// States and settings that an entry of the same file speaks for.
    private static let parts: Set<String> = [
        "Bin", "Outcomes", "Curve", "Summary", "Score", "Column", "SimilarityWindow",
    ]
    /// Functions that a metric of the same subject speaks for.
    private static let functions: Set<String> = [
        "structuralSimilarity", "multiScaleStructuralSimilarity", "universalImageQuality", "spectralAngle",
        "relativeGlobalError", "slidingRootMeanSquaredError", "relativeSpectralError", "spectralDistortion",
        "signalNoiseRatio", "scaleInvariantRatio", "signalDistortionRatio", "permutationInvariant",
    ]

    @Test func everyPublicMetricIsInTheCatalog() throws {
        let folder =
            "\(#filePath)".split(separator: "/").dropLast(4).reduce("") { $0 + "/" + $1 }
            + "/Sources/ApusNN/Metrics/"
        var declared: Set<String> = []
        let files = try #require(FileManager.default.enumerator(atPath: folder))
        for case let path as String in files where path.hasSuffix(".swift") {
            let text = try String(contentsOfFile: folder + path, encoding: .utf8)
            var isInMetric = false
            for line in text.split(separator: "\n") {
                if line.hasPrefix("extension ") { isInMetric = line.hasPrefix("extension Metric ") }
                if let match = line.firstMatch(of: /^ *public struct (\w+)/) { declared.insert(String(match.1)) }
                if let match = line.firstMatch(of: /^public func (\w+)/) { declared.insert(String(match.1)) }
                if isInMetric, let match = line.firstMatch(of: /^    public static (?:func|let) (\w+)/) {
                    declared.insert("Metric.\(match.1)")
                }
            }
        }
        #expect(declared.count > 120)
        let listed = Set(Catalog.metrics.map(\.name))
        #expect(declared.subtracting(listed).subtracting(Self.parts).subtracting(Self.functions) == [])
        #expect(listed.subtracting(declared) == [])
        #expect(listed.count == Catalog.metrics.count)
    }
}
