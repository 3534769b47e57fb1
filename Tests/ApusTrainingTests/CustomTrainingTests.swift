import Apus
import ApusCore
import ApusNN
import Foundation
import TestSupport
import Testing

@Suite struct CustomTrainingTests {
    /// One loss and one optimizer are what a trainer does, to the bit.
    @Test func oneLossIsWhatATrainerDoes() throws {
        let x = Tensor.randomNormal([8, 6], seed: 1)
        let y = Tensor((0..<8).map { Int32($0 % 3) }, shape: [8])
        func model() -> Sequential {
            Sequential {
                Dense(5)
                BatchNorm()
                Activation(.relu)
                Dropout(0.3)
                Dense(3)
            }
        }
        let (a, b) = (model(), model())
        let optimizer = Optimizer.adam(learningRate: 0.01).clipped(.globalNorm(1))
        let trainer = Trainer(a, loss: .softmaxCrossEntropy, optimizer: optimizer, seed: 3)
        let custom = CustomTraining(optimizers: [optimizer], seed: 3) { step, inputs in
            let loss = Loss.softmaxCrossEntropy(b(inputs[0]), inputs[1])
            step.minimize(loss, b)
            return [loss]
        }
        for _ in 0..<5 { #expect(try trainer.step(inputs: x, targets: y) == custom.step(x, y)[0]) }
        for (own, other) in zip(a.parameters, b.parameters) {
            let values: ([Float], [Float]) = (try own.value.array(), try other.value.array())
            #expect(values.0 == values.1)
        }
        #expect(custom.stepCount == 5)
        #expect(try custom.profile(steps: 1).last?.contains("sum of") == true)
    }

    /// What is computed after a minimisation sees the new values; two models by hand.
    @Test func laterLossesSeeNewValues() throws {
        final class Factor: Module {
            let w: Parameter
            init(_ value: Double) { w = Parameter(.constant(value)) }
            func callAsFunction(_ x: Tensor) -> Tensor { x * w.value(shape: []) }
        }
        let (a, b) = (Factor(2), Factor(3))
        let training = CustomTraining(optimizers: [.sgd(learningRate: 0.1), .sgd(learningRate: 0.01)]) { step, inputs in
            let first = (b(a(inputs[0]).stopGradient()) - 1).square()
            step.minimize(first, b, with: 0)
            let second = b(a(inputs[0]))
            step.minimize(second, a, with: 1)
            return [first, second]
        }
        // b = 3 - 0.1 * 2 (6 - 1) 2 = 1; second = 2 * 1; a = 2 - 0.01 * 1
        let losses = try training.step(Tensor(1))
        #expect(abs(losses[0] - 25) < 1e-4 && abs(losses[1] - 2) < 1e-5)
        #expect(abs(try b.w.value.item() - 1) < 1e-5)
        #expect(abs(try a.w.value.item() - 1.99) < 1e-6)
        // Values that are set or read in between are taken over.
        a.w.value = Tensor(4)
        let kept = b.w.value
        // b = 1 - 0.1 * 2 (4 - 1) 4 = -1.4
        #expect(abs(try training.step(Tensor(1))[1] + 5.6) < 1e-4)
        #expect(abs(try kept.item() - 1) < 1e-5)
    }

    /// The same model moved twice in one step.
    @Test func aModelCanBeMovedTwice() throws {
        let parameter = Parameter(.constant(1))
        final class Holder: Module {
            let w: Parameter
            init(_ w: Parameter) { self.w = w }
            func callAsFunction(_ x: Tensor) -> Tensor { x * w.value(shape: []) }
        }
        let holder = Holder(parameter)
        let training = CustomTraining(optimizers: [.sgd(learningRate: 0.1, momentum: 0.5)]) { step, inputs in
            for _ in 0..<2 { step.minimize(holder(inputs[0]).square(), holder) }
            return [holder(inputs[0])]
        }
        // g = 2: v = 2, w = 0.8; g = 1.6: v = 2.6, w = 0.54
        #expect(abs(try training.step(Tensor(1))[0] - 0.54) < 1e-6)
    }

    /// A batch norm that is called twice moves its statistics twice, in a trainer's step and by hand.
    @Test func aSharedBatchNormMovesItsStatisticsAtEachCall() throws {
        let norm = BatchNorm(momentum: 0.5)
        let x = Tensor([1, 3] as [Float], shape: [2, 1])
        let training = CustomTraining(optimizers: [.sgd()]) { step, inputs in
            let loss = (norm(inputs[0]) + norm(inputs[0] * 2)).sum()
            step.minimize(loss, norm)
            return [loss]
        }
        try training.step(x)
        // 0 to 1 to 2.5
        #expect(abs(try norm.mean.value.item() - 2.5) < 1e-6)
        let other = BatchNorm(momentum: 0.5)
        withMode(.training) { _ = other(x) + other(x * 2) }
        #expect(abs(try other.mean.value.item() - 2.5) < 1e-6)
    }

    @Test func randomNumbersDifferFromStepToStepAndFollowTheSeed() throws {
        let layer = Dense(1)
        func losses(_ seed: UInt64) throws -> [Double] {
            let training = CustomTraining(optimizers: [.sgd(learningRate: 0)], seed: seed) { step, _ in
                let noise = step.randomNormal([64, 4])
                step.minimize(layer(noise).mean(), layer)
                return [noise.mean(), step.randomUniform([64]).mean()]
            }
            return try training.step() + training.step()
        }
        let first = try losses(1)
        #expect(first[0] != first[2] && first[1] != first[3])
        #expect(abs(first[0]) < 0.3 && abs(first[1] - 0.5) < 0.2)
        #expect(try losses(1) == first)
        #expect(try losses(2) != first)
    }

    @Test func aGeneratorLearnsToDeceive() throws {
        // One number: the generator is to find where the real ones are.
        let generator = Dense(1)
        let discriminator = Sequential {
            Dense(16, activation: .tanh)
            Dense(1)
        }
        let ones = Tensor.ones([32, 1])
        let training = CustomTraining(
            optimizers: [.adam(learningRate: 0.01, beta1: 0.5), .adam(learningRate: 0.01, beta1: 0.5)], seed: 1
        ) { step, inputs in
            let fake = generator(step.randomNormal([32, 2]))
            let realness = Loss.binaryCrossEntropy()
            let loss =
                realness(discriminator(inputs[0]), ones) + realness(discriminator(fake.stopGradient()), ones * 0)
            step.minimize(loss, discriminator, with: 0)
            step.minimize(realness(discriminator(fake), ones), generator, with: 1)
            return [fake.mean()]
        }
        var mean = 0.0
        for index in 0..<400 {
            mean = try training.step(Tensor.randomNormal([32, 1], seed: UInt64(index)) + 3)[0]
        }
        #expect(abs(mean - 3) < 1)
    }

    @Test func mistakesAreNamed() throws {
        let layer = Dense(2)
        func message(_ body: @escaping (CustomStep, [Tensor]) throws -> [Tensor]) -> String? {
            let training = CustomTraining(optimizers: [.sgd()], body)
            return refusal { try training.step(Tensor.zeros([3, 2])) }?.description
        }
        #expect(
            message { step, x in
                step.minimize(layer(x[0]), layer)
                return []
            } == "custom training: a loss of shape [3, 2] is to be minimised; minimise one number, such as a mean")
        #expect(
            message { step, x in
                step.minimize(layer(x[0]).sum(), layer, with: 1)
                return []
            } == "custom training: optimizer 1 of 1; give the position of an optimizer in the list")
        #expect(
            message { _, x in [layer(x[0])] }
                == "custom training: the closure returned a tensor of shape [3, 2]; "
                + "return numbers (tensors of shape []), such as losses")
        #expect(
            message { step, x in
                step.minimize(x[0].sum(), Flatten())
                return []
            } == "custom training: the model has no trainable parameters; add a layer with parameters, or unfreeze some"
        )
        #expect(message { _, x in [matmul(x[0], x[0]).sum()] }?.contains("matmul") == true)
        let training = CustomTraining(optimizers: []) { _, _ in [] }
        #expect(refusal { _ = try training.profile() }?.problem == "no step has been made")
    }
}
