/// What a network is to predict, and the output layer, activation and loss that suit it.
///
///     let output = PredictionTask.classes(1000).output
///     Dense(output.units)                           // 1000
///     print(output.reason)
public enum PredictionTask: Sendable, Hashable {
    /// Yes or no.
    case binary
    /// One of so many classes that exclude each other.
    case classes(Int)
    /// Any of so many labels, each of which may hold or not.
    case labels(Int)
    /// So many numbers without bounds.
    case regression(Int)
    /// One of so many classes for each pixel.
    case pixels(Int)

    /// The end of a network.
    public struct Output: Sendable {
        /// The units of the last layer, or the maps of the last convolution.
        public let units: Int
        /// What makes probabilities of its numbers where they are wanted.
        public let activation: ActivationFunction
        /// The loss of the layer's numbers *before* the activation, which it contains where it needs it, so that large
        /// numbers stay exact.
        public let loss: Loss
        /// The loss in words.
        public let lossName: String
        /// Why.
        public let reason: String
    }

    /// What suits the task.
    public var output: Output {
        switch self {
        case .binary:
            Output(
                units: 1, activation: .sigmoid, loss: .binaryCrossEntropy(fromLogits: true),
                lossName: "binary cross-entropy",
                reason:
                    "One number is enough: the sigmoid makes it the probability of yes, and that of no is the rest. "
                    + "Two units with softmax would compute the same with twice the weights.")
        case .classes(let count):
            Output(
                units: max(0, count), activation: .softmax, loss: .softmaxCrossEntropy, lossName: "cross-entropy",
                reason:
                    "Classes exclude each other, so that their probabilities sum to 1: softmax gives such numbers, and "
                    + "cross-entropy asks for a large one at the true class.")
        case .labels(let count):
            Output(
                units: max(0, count), activation: .sigmoid, loss: .binaryCrossEntropy(fromLogits: true),
                lossName: "binary cross-entropy",
                reason: "Each label holds or not, whatever the others do: a sigmoid for each, not softmax, which would "
                    + "make them compete.")
        case .regression(let count):
            Output(
                units: max(0, count), activation: .linear, loss: .meanSquaredError, lossName: "mean squared error",
                reason: "Numbers without bounds need an output without bounds. Where outliers must not rule, take the "
                    + "mean absolute error or Huber's loss.")
        case .pixels(let count):
            Output(
                units: max(0, count), activation: .softmax, loss: .softmaxCrossEntropy, lossName: "cross-entropy",
                reason:
                    "A convolution of one map for each class, softmax across the maps: each pixel is a choice among "
                    + "classes of its own.")
        }
    }
}
