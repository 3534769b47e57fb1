/// What a training run measured, epoch by epoch.
public struct History: Sendable {
    /// One pass over the training data.
    public struct Epoch: Sendable {
        /// 1, 2, ...
        public let number: Int
        /// The mean loss over the epoch's samples, as the parameters changed.
        public let loss: Double
        /// What of the loss is penalties: those of regularizers and of layers, in the mean. 0 without any. The loss of the data
        /// is the rest, ``dataLoss``; validation has none.
        public let penalty: Double
        /// The loss without penalties.
        public var dataLoss: Double { loss - penalty }
        /// Metrics on the training data, by name.
        public let metrics: [String: Double]
        /// The loss on the validation data after the epoch.
        public let validationLoss: Double?
        /// Metrics on the validation data after the epoch, by name.
        public let validationMetrics: [String: Double]
        /// The learning rate of its last step; 0 where none was made.
        public let learningRate: Double
        /// Time spent on training, without validation.
        public let seconds: Double
        /// Training samples a second.
        public let samplesPerSecond: Double
        /// The share of the time in which training waited for data, from 0 to 1.
        public let waitingShare: Double
    }

    /// The epochs in order.
    public internal(set) var epochs: [Epoch] = []
    /// Training steps made.
    public internal(set) var steps = 0
}

/// How far a training run is, at a step.
public struct TrainingProgress: Sendable {
    /// The epoch, from 1, and how many there will be.
    public let epoch: Int
    /// How many epochs there are in all.
    public let epochs: Int
    /// The step of this epoch, from 1, and how many there will be; where a pipeline can't tell, how many there were.
    public let step: Int
    /// How many steps an epoch has; the number so far where a pipeline can't tell.
    public let steps: Int
    /// Means over the epoch so far.
    public let loss: Double
    /// The metrics that are means over samples, over the epoch so far.
    public let metrics: [(name: String, value: Double)]
    /// The learning rate of the step.
    public let learningRate: Double
    /// Training samples a second in this epoch.
    public let samplesPerSecond: Double
    /// The share of this epoch's time in which training waited for data, from 0 to 1.
    public let waitingShare: Double
    /// Seconds until the end of all epochs at this rate.
    public let remainingSeconds: Double
}
