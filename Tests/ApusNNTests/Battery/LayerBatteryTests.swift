import Apus
import ApusCore
import ApusNN
import Foundation
import Testing

/// All layers through the battery. A new layer's cases go in a file of this folder and in this list; a class in
/// Sources/ApusNN/Layers without a case fails the tests.
@Suite struct LayerBatteryTests {
    static let cases: [LayerCase] =
        attentionCases + recurrentCases + coreCases + activationCases + convolutionCases + poolingCases
        + normalizationCases
        + regularizationCases + reshapingCases + mergingCases + visionCases + preprocessingCases
        + randomImageCases

    /// Classes that are no layers of their own: what concrete layers have in common.
    static let shared: Set<String> = [
        "AdaptivePoolingLayer", "ConvLSTMLayer", "GatedCell", "AveragePoolLayer", "BorderLayer", "ConvolutionLayer",
        "CroppingLayer",
        "DepthwiseConvolutionLayer", "DropBlockLayer", "FractionalMaxPoolLayer", "GlobalPoolingLayer",
        "KernelNormalizationLayer", "KeyValueCache", "LPPoolLayer", "LocallyConnectedLayer", "MaxPoolLayer",
        "MaxUnpoolLayer", "MorphologicalLayer", "NormalizedConvolutionLayer", "PlainAttention", "PadLayer",
        "PoolingLayer",
        "RandomFactorLayer", "RandomImageLayer", "RandomWarpLayer", "SeparableConvolutionLayer",
        "SpatialDropoutLayer",
        "TransposedConvolutionLayer", "UpSamplingLayer", "WindowedLayer", "ZeroPaddingLayer",
    ]

    @Test(arguments: cases)
    func stands(_ layer: LayerCase) {
        for problem in LayerBattery(layer).problems() { Issue.record("\(problem)") }
    }

    /// The names of the classes that have cases.
    private static var tested: Set<String> { Set(cases.map { "\(type(of: $0.make()))" }) }

    @Test func everyLayerIsHere() throws {
        let folder = "\(#filePath)".split(separator: "/").dropLast(4).reduce("") { $0 + "/" + $1 } + "/Sources/ApusNN/"
        var declared: Set<String> = []
        let files = try #require(FileManager.default.enumerator(atPath: folder + "Layers"))
        for case let path as String in files where path.hasSuffix(".swift") {
            let text = try String(contentsOfFile: folder + "Layers/" + path, encoding: .utf8)
            for match in text.matches(of: /(?m)^public (?:final )?class (\w+)/) { declared.insert(String(match.1)) }
        }
        #expect(declared.count >= 9)
        #expect(declared.subtracting(Self.tested).subtracting(Self.shared) == [])
        #expect(Self.shared.subtracting(declared) == [])
    }

    @Test func everyLayerIsInTheCatalog() {
        let listed = Catalog.layers.map(\.name)
        #expect(Set(listed).count == listed.count)
        #expect(Self.tested.subtracting(listed) == [])
    }

    @Test func casesHaveDistinctNames() {
        let names = Self.cases.map(\.name)
        #expect(Set(names).count == names.count)
    }

    /// What the battery is for: layers that break a rule are found.
    @Test(arguments: FaultyLayer.Fault.allCases)
    func faultsAreFound(_ fault: FaultyLayer.Fault) {
        let layer = LayerCase("faulty", [3, 4], to: [3, 4]) { FaultyLayer(fault) }
            .refusing([4], "layer FaultyLayer: an input of shape [4]; feed [batch, features]")
        let problems = LayerBattery(layer).problems()
        #expect(problems.contains { $0.hasPrefix("faulty, \(fault.rawValue):") } || fault == .none)
        #expect(fault != .none || problems.isEmpty, "\(problems)")
    }
}

/// A layer that breaks one rule.
final class FaultyLayer: Layer {
    enum Fault: String, CaseIterable, Sendable {
        case none, shape, gradient, file, determinism, batch, mode, type, message
    }

    let fault: Fault
    let scale = Parameter(.ones)
    private var calls = 0.0

    init(_ fault: Fault) { self.fault = fault }

    func forward(_ x: Tensor) throws(ApusError) -> Tensor {
        try require(x, rank: fault == .message ? 1...8 : 2...2, "[batch, features]")
        let y = x * scale.value(shape: [x.shape[1]], dtype: x.dtype)
        switch fault {
        case .none, .message: return y
        case .shape: return y.transposed()
        case .gradient: return y + y.stopGradient()
        case .file:
            calls += 1
            return y * calls
        case .determinism: return y + Double.random(in: 0..<1)
        case .batch: return y - y.mean(axes: [0])
        case .mode: return trainingPass == nil ? y : y * 2
        case .type: return y + (x.dtype == .float32 ? 0.01 : 0)
        }
    }
}
