import Apus

extension Workload {
    /// All workloads; sizes, layers and optimizers are those of Benchmarks/README.md.
    public static let all: [Workload] = [
        classifier("mlp_mnist", 128, [784], 669_706, 0.411, .sgd(learningRate: 0.01, momentum: 0.9)) { _ in .mlp() },
        classifier("cnn_mnist", 128, [28, 28, 1], 1_199_882, 9.16, .adam()) { conditions in
            Sequential {
                Conv2D(32, kernel: 3, activation: .relu)
                Conv2D(64, kernel: 3, activation: .relu)
                MaxPool2D(2)
                Flatten()
                Dense(128, activation: .relu)
                Dropout(conditions.dropout(0.5))
                Dense(10)
            }
        },
        classifier("lenet5", 32, [28, 28, 1], 61_706, 0.072, .sgd(learningRate: 0.01)) { _ in .leNet5() },
        classifier(
            "resnet18_cifar", 64, [32, 32, 3], 11_173_962, 213.1,
            .sgd(learningRate: 0.05, momentum: 0.9, weightDecay: 5e-4)
        ) { _ in .resNet18() },
        classifier("densenet_bc_cifar", 64, [32, 32, 3], 710_590, 86, .adam()) {
            .denseNet(dropout: $0.dropout(0.2))
        },
        labelled("unet_128", 8, 7_762_498, 144.4, .adam(), { _ in UNet(classes: 2) }) {
            [try $1.normal([$0, 128, 128, 1]), $1.integers(below: 2, [$0, 128, 128])]
        },
        labelled(
            "lstm_char", 64, 874_881, 42.7, .adam(), { _ in Sequential.characterLSTM(vocabulary: 65) }, characters),
        labelled(
            "gpt_small", 32, 3_225_600, 85.2, .adamW(learningRate: 3e-4, weightDecay: 0.1),
            { _ in GPT.small(vocabulary: 65) }, characters),
        autoencoder, generator, skipGram,
        classifier(
            "mobilenetv2_96", 16, [96, 96, 3], 3_504_872, 5.3, .sgd(learningRate: 0.01, momentum: 0.9), classes: 1000
        ) { .mobileNetV2(dropout: $0.dropout(0.2)) },
        classifier("cnn3d", 8, [32, 32, 32, 1], 69_906, 4.53, .adam(), classes: 2) { _ in .cnn3D() },
        translator,
        inference("inference_mlp", 669_706, 0.00107, { Sequential.mlp() }) { [try $1.normal([$0, 784])] },
        inference("inference_lstm", 874_881, 0.222, { Sequential.characterLSTM(vocabulary: 65) }) {
            [$1.integers(below: 65, [$0, 128])]
        },
        inference("inference_resnet18", 11_173_962, 1.11, { Sequential.resNet18() }) {
            [try $1.normal([$0, 32, 32, 3])]
        },
        inference("inference_resnet18_64", 11_173_962, 71.04, batch: 64, { Sequential.resNet18() }) {
            [try $1.normal([$0, 32, 32, 3])]
        },
    ]

    private static let characters: @Sendable (Int, inout Numbers) throws -> [Tensor] = {
        [$1.integers(below: 65, [$0, 128]), $1.integers(below: 65, [$0, 128])]
    }

    private static func classifier(
        _ name: String, _ batch: Int, _ input: [Int], _ parameters: Int, _ operations: Double, _ optimizer: Optimizer,
        classes: Int = 10, _ network: @escaping @Sendable (Conditions) -> Sequential
    ) -> Workload {
        labelled(name, batch, parameters, operations, optimizer, network) {
            [try $1.normal(Shape([$0] + input)), $1.integers(below: classes, [$0])]
        }
    }

    /// Softmax cross-entropy with labels.
    static func labelled(
        _ name: String, _ batch: Int, _ parameters: Int, _ operations: Double, _ optimizer: Optimizer,
        _ network: @escaping @Sendable (Conditions) -> any Layer,
        _ data: @escaping @Sendable (Int, inout Numbers) throws -> [Tensor]
    ) -> Workload {
        let kind = Kind.training { conditions in
            let model = network(conditions)
            return Task(models: [model], optimizers: [optimizer]) { step, batch in
                step.minimize(Loss.softmaxCrossEntropy(model(batch[0]), batch[1]), model)
            }
        }
        return Workload(
            name: name, batch: batch, parameters: parameters, billionOperations: operations, kind: kind, data: data)
    }

    private static func inference(
        _ name: String, _ parameters: Int, _ operations: Double, batch: Int = 1,
        _ network: @escaping @Sendable () -> any Module,
        _ data: @escaping @Sendable (Int, inout Numbers) throws -> [Tensor]
    ) -> Workload {
        Workload(
            name: name, batch: batch, parameters: parameters, billionOperations: operations, kind: .inference(network),
            data: data)
    }

    private static let autoencoder = Workload(
        name: "vae_mnist", batch: 128, parameters: 652_824, billionOperations: 0.42,
        kind: .training { conditions in
            let model = VariationalAutoencoder(784)
            return Task(models: [model], optimizers: [.adam()]) { step, batch in
                let noise = conditions.isReproducible ? batch[1] : step.randomNormal([conditions.batch, 20])
                let logits = model(batch[0], noise: noise)
                return step.minimize(VariationalAutoencoder.reconstruction(logits, batch[0]), model)
            }
        }
    ) { [try $1.uniform([$0, 784])] }

    private static let generator = Workload(
        name: "dcgan_28", batch: 64, parameters: 759_681 + 138_689, billionOperations: 10.29,
        kind: .training { conditions in
            let (generator, discriminator) = (Sequential.dcganGenerator(), Sequential.dcganDiscriminator())
            let optimizer = Optimizer.adam(learningRate: 2e-4, beta1: 0.5)
            let realness = Loss.binaryCrossEntropy()
            return Task(models: [generator, discriminator], optimizers: [optimizer, optimizer]) { step, batch in
                let code = conditions.isReproducible ? batch[1] : step.randomNormal([conditions.batch, 100])
                let fake = generator(code)
                let ones = Tensor.ones([conditions.batch, 1], dtype: fake.dtype)
                let real = realness(discriminator(batch[0]), ones)
                let unreal = realness(discriminator(fake.stopGradient()), ones * 0)
                let loss = step.minimize(real + unreal, discriminator, with: 1)
                return loss + step.minimize(realness(discriminator(fake), ones), generator, with: 0)
            }
        }
    ) { [try $1.uniform([$0, 28, 28, 1], -1)] }

    /// Words as frequent as their rank says; the others are drawn more evenly, by the power 3/4.
    private static let skipGram: Workload = {
        let weights = (0..<50_000).map { 1 / (Double($0) + 3) }
        func sums(_ weight: (Double) -> Double) -> [Double] {
            var total = 0.0
            return weights.map {
                total += weight($0)
                return total
            }
        }
        let words = sums { $0 }
        let others = sums { ($0 * $0.squareRoot()).squareRoot() }
        return Workload(
            name: "sgns", batch: 4096, parameters: 12_800_000, billionOperations: 0.019,
            kind: .training { conditions in
                let model = SkipGram(50_000, features: 128)
                let isReal = Tensor([1, 0, 0, 0, 0, 0] as [Float], shape: [1, 6])
                let realness = isReal.broadcast(to: [conditions.batch, 6])
                return Task(models: [model], optimizers: [.sgd(learningRate: 0.025)]) { step, batch in
                    let scores = model(batch[0], neighbors: batch[1])
                    return step.minimize(SkipGram.loss(scores, realness), model) / Double(conditions.batch)
                }
            }
        ) {
            let centers = $1.integers(from: words, [$0])
            let real = $1.integers(from: words, [$0, 1])
            let negative = $1.integers(from: others, [$0, 5])
            return [centers, try Tensor.concatenate([real, negative], axis: 1).evaluated()]
        }
    }()

    private static let translator = Workload(
        name: "seq2seq_bahdanau", batch: 64, parameters: 4_193_953, billionOperations: 16.4,
        kind: .training { _ in
            let model = AttentionTranslator(source: 4000, target: 4000, units: 256)
            return Task(models: [model], optimizers: [.adam()]) { step, batch in
                let scores = model(batch[0], target: batch[1])
                return step.minimize(Loss.softmaxCrossEntropy(scores, batch[2]), model)
            }
        }
    ) { size, numbers in (0..<3).map { _ in numbers.integers(below: 4000, [size, 20]) } }
}
