import Apus

extension Workload {
    /// A workload with other extents than usual, to see how its cost grows; nil where a name has no such extents.
    ///
    /// `resnet18_cifar` has a depth; `lstm_char` and `gpt_small` have a length too.
    ///
    /// - Parameters:
    ///   - depth: residual blocks a stage (usually 2), LSTM layers (2) or blocks of attention (4); 1 to 64
    ///   - length: tokens a sequence (usually 128); 1 to 4096
    public static func scaled(_ name: String, depth: Int?, length: Int?) -> Workload? {
        guard (1...64).contains(depth ?? 1), (1...4096).contains(length ?? 1) else { return nil }
        let tokens = length ?? 128
        let characters: @Sendable (Int, inout Numbers) throws -> [Tensor] = {
            [$1.integers(below: 65, [$0, tokens]), $1.integers(below: 65, [$0, tokens])]
        }
        switch name {
        case "resnet18_cifar" where length == nil:
            let blocks = depth ?? 2
            let optimizer = Optimizer.sgd(learningRate: 0.05, momentum: 0.9, weightDecay: 5e-4)
            return labelled(name, 64, 0, 0, optimizer, { _ in residual(blocks) }) {
                [try $1.normal([$0, 32, 32, 3]), $1.integers(below: 10, [$0])]
            }
        case "lstm_char":
            let layers = depth ?? 2
            return labelled(name, 64, 0, 0, .adam(), { _ in recurrent(layers) }, characters)
        case "gpt_small":
            let layers = depth ?? 4
            let optimizer = Optimizer.adamW(learningRate: 3e-4, weightDecay: 0.1)
            return labelled(
                name, 32, 0, 0, optimizer,
                { _ in GPT(vocabulary: 65, context: tokens, width: 256, layers: layers, heads: 4) }, characters)
        default: return nil
        }
    }

    private static func residual(_ blocks: Int) -> Sequential {
        Sequential {
            Conv2D(64, kernel: 3, padding: .explicit([(1, 1), (1, 1)]), bias: false, initializer: .heNormal)
            BatchNorm()
            Activation(.relu)
            for (stage, maps) in [64, 128, 256, 512].enumerated() {
                ResidualBlock(maps, stride: stage == 0 ? 1 : 2, changesWidth: stage > 0)
                for _ in 1..<max(blocks, 1) { ResidualBlock(maps, changesWidth: false) }
            }
            GlobalAveragePool2D()
            Dense(10)
        }
    }

    private static func recurrent(_ layers: Int) -> Sequential {
        Sequential {
            Embedding(65, features: 64)
            for _ in 0..<layers { LSTM(256, returnsSequence: true) }
            Dense(65)
        }
    }
}
