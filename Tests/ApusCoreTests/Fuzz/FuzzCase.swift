import ApusCore
import TestSupport

/// Random calls of one operation of the catalog.
struct FuzzCase: Sendable {
    typealias Call = @Sendable (inout TestRandom) -> Tensor
    let name: String
    let call: Call
    /// Results depend on rounding so much (a floor, a choice, a pole) that only float64 is compared with the
    /// definition; or not even that. Integers cut off from rounded numbers may differ by one.
    var comparison = Comparison.all
    /// Whether rounding decides on which side of a kink an element lies, so that its derivative may be either.
    var derivativeJumps = false

    enum Comparison: Sendable { case all, cutOff, float64, none }

    init(_ name: String, compared: Comparison = .all, _ call: @escaping Call) {
        self.name = name
        self.call = call
        comparison = compared
    }

    /// A function of one tensor.
    static func unary(
        _ name: String, compared: Comparison = .all, _ function: @escaping @Sendable (Tensor) -> Tensor
    ) -> FuzzCase {
        FuzzCase(name, compared: compared) { function($0.wild()) }
    }

    /// A function of two tensors that mostly fit.
    static func binary(
        _ name: String, compared: Comparison = .all, _ function: @escaping @Sendable (Tensor, Tensor) -> Tensor
    ) -> FuzzCase {
        FuzzCase(name, compared: compared) {
            let x = $0.wild()
            return function(x, $0.partner(x))
        }
    }

    /// A function of a tensor and an axis.
    static func along(
        _ name: String, compared: Comparison = .all, _ function: @escaping @Sendable (Tensor, Int) -> Tensor
    ) -> FuzzCase {
        FuzzCase(name, compared: compared) {
            let x = $0.wild()
            return function(x, $0.axis(x))
        }
    }

    /// A reduction over some axes.
    static func folding(
        _ name: String, compared: Comparison = .all, ranks: ClosedRange<Int> = 0...5,
        _ function: @escaping @Sendable (Tensor, [Int]?, Bool) -> Tensor
    ) -> FuzzCase {
        FuzzCase(name, compared: compared) {
            let x = $0.wild(ranks)
            return function(x, $0.axes(x), $0.flag())
        }
    }

    static func matrix(
        _ name: String, compared: Comparison = .all, _ function: @escaping @Sendable (Tensor) -> Tensor
    ) -> FuzzCase {
        FuzzCase(name, compared: compared) { function($0.matrices()) }
    }
}

/// Random calls of every operation; an operation may have several.
let fuzzCases: [FuzzCase] =
    fuzzElements + fuzzReductions + fuzzMovement + fuzzIndexing + fuzzProducts + fuzzWindows + fuzzLinearAlgebra
    + fuzzCreation + fuzzRandom + fuzzImages
    + fuzzPictures + fuzzDetection + fuzzScan + fuzzControlFlow + fuzzSignals

/// Operations of the catalog without random calls, and why: none.
let fuzzExemptions: [String: String] = [:]
