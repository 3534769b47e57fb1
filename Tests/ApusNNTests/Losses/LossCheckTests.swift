import Apus
import TestSupport
import Testing

/// LOS-11: losses of one's own are checked.
@Suite struct LossCheckTests {
    private let output = Tensor([0.4, -1.3, 2.1, 0.7], shape: [4])
    private let target = Tensor([1.0, -0.5, 0.25, 2], shape: [4])

    @Test func aLossOfOnesOwnPasses() throws {
        let own = Loss("cosh") { output, target in ((output - target).exp() + (target - output).exp()) / 2 - 1 }
        let check = try own.check(at: output, target)
        #expect(check.gradientError < 1e-7 && check.isBoundedBelow && check.isLeastAtTarget == true)
        #expect(!check.hasConstantSlope && check.problems.isEmpty && check.description == "cosh: no problems")
    }

    @Test func theSignedErrorIsFlagged() throws {
        let signed = Loss("signed error") { output, target in output - target }
        let check = try signed.check(at: output, target)
        #expect(check.gradientError < 1e-7)
        #expect(!check.isBoundedBelow && check.isLeastAtTarget == false && check.hasConstantSlope)
        #expect(check.problems.count == 2 && check.problems[0].hasPrefix("it is not bounded below: it falls from "))
        #expect(check.problems[0].hasSuffix("square the difference, or take its magnitude"))
        #expect(check.problems[1] == "its derivative is the same at all outputs, near the target and far from it")
    }

    @Test func wrongRulesAreFlagged() throws {
        let wrong = Loss("half a rule") { output, target in
            let difference = output - target
            return difference.square().stopGradient().withGradient(with: [output]) { [$0 * difference] }
        }
        let check = try wrong.check(at: output, target)
        #expect(check.gradientError > 0.1 && check.problems.count == 1)
        #expect(check.problems[0].hasPrefix("its gradient differs from central differences by "))
    }

    @Test func lossesOfTheLibraryAreBounded() throws {
        let losses: [Loss] = [
            .meanSquaredError, .meanAbsoluteError, .huber(), .logCosh, .binaryCrossEntropy(fromLogits: true),
        ]
        let shares = Tensor([1.0, 0, 0.25, 0.5], shape: [4])
        for loss in losses { #expect(try loss.check(at: output, shares).problems == [], "\(loss.name)") }
        #expect(try Loss.meanAbsoluteError.check(at: output, target).isLeastAtTarget == true)
        let labels = Tensor([Int32(1), 0], shape: [2])
        let check = try Loss.softmaxCrossEntropy.check(at: output.reshaped(to: [2, 2]), labels)
        #expect(check.problems == [] && check.isLeastAtTarget == nil)
    }

    @Test func mistakesAreNamed() {
        #expect(
            refusal { _ = try Loss("log") { x, _ in x.log() }.check(at: output, target) }?.description
                == "loss log: it is nan at the outputs of the check; give outputs where it is a number")
        #expect(refusal { _ = try Loss.meanSquaredError.check(at: output, target.expanded(at: 0)) }?.kind == .shape)
    }
}
