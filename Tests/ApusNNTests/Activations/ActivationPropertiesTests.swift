import Apus
import Foundation
import TestSupport
import Testing

@Suite struct ActivationPropertiesTests {
    /// Closed forms: range, saturation, largest slope.
    static let table:
        [(ActivationFunction, ClosedRange<Double>, ActivationProperties.Saturation, slope: Double, centred: Bool)] = [
            (.relu, 0...(.infinity), .below, 1, false), (.leakyRelu, -.infinity...(.infinity), .none, 1, true),
            (.tanh, -1...1, .both, 1, true), (.sigmoid, 0...1, .both, 0.25, false),
            (.linear, -.infinity...(.infinity), .none, 1, true), (.relu6, 0...6, .both, 1, false),
            (.softplus, 0...(.infinity), .below, 1, false), (.elu, -1...(.infinity), .below, 1, true),
            (.step, 0...1, .both, 0, false), (.hardTanh, -1...1, .both, 1, true),
        ]

    @Test(arguments: table.indices)
    func propertiesAreTheClosedForms(_ index: Int) throws {
        let (activation, range, saturation, slope, centred) = Self.table[index]
        let own = try activation.properties()
        func near(_ a: Double, _ b: Double) -> Bool { a == b || abs(a - b) < 1e-9 }
        #expect(near(own.range.lowerBound, range.lowerBound) && near(own.range.upperBound, range.upperBound))
        #expect(own.saturation == saturation && near(own.largestSlope, slope) && own.isZeroCentred == centred)
    }

    @Test func risksFollow() throws {
        let sign = "all values have one sign, so that the next layer's gradients do, too"
        #expect(
            try ActivationFunction.relu.properties().risks == [
                "units whose drives are all negative learn no more", sign,
            ])
        #expect(try ActivationFunction.tanh.properties().risks == ["gradients vanish where drives are large"])
        #expect(try ActivationFunction.leakyRelu.properties().risks == [])
        #expect(try ActivationFunction.sigmoid.properties().risks == ["gradients vanish where drives are large", sign])
        let own = ActivationFunction("steep") { $0 * 3 }
        #expect(try own.properties().risks == ["gradients may grow from layer to layer"])
    }

    @Test func functionsOfSeveralElementsAreRefused() {
        #expect(
            refusal { _ = try ActivationFunction.softmax.properties() }?.description
                == "activation softmax: values depend on other elements; measure functions of single elements")
        #expect(
            refusal { _ = try ActivationFunction("log") { $0.log() }.properties() }?.description
                == "activation log: not all values are numbers; define it for all drives")
    }
}
