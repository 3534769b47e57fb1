import ApusCore

/// Where a sample comes from.
public enum SampleOrigin: String, Sendable, Hashable, CaseIterable {
    /// As those that the model will meet.
    case target
    /// Collected elsewhere, to have more.
    case proxy
}

/// Four sets for data of two origins: training and bridge set are of one mixture, validation and test set are of the
/// target alone. What is lost from training to bridge set is variance, from bridge to validation set mismatch.
public struct BridgedSplit: Sendable, Hashable {
    /// Numbers of samples.
    public let train, bridge, validation, test: [Int]
    private let origins: [SampleOrigin]

    /// - Parameters:
    ///   - origins: of each sample
    ///   - bridge: how many of the mixture are kept from training
    ///   - validation: how many of the target
    ///   - test: how many of the target
    public init(
        origins: [SampleOrigin], bridge: Int, validation: Int, test: Int, seed: UInt64
    ) throws(ApusError) {
        let targets = origins.indices.filter { origins[$0] == .target }
        guard bridge >= 0, validation >= 0, test >= 0, validation <= targets.count, test <= targets.count - validation,
            bridge < origins.count - validation - test
        else {
            throw ApusError(
                .value, in: "bridged split",
                "\(bridge), \(validation) and \(test) of \(origins.count) samples with \(targets.count) of the target",
                remedy: "keep validation and test within the target's samples, and some for training")
        }
        var random = RandomSource(seed: seed)
        let order = random.permutation(targets.count).map { targets[$0] }
        self.validation = order[..<validation].sorted()
        self.test = order[validation..<validation + test].sorted()
        let held = Set(order[..<(validation + test)])
        let rest = origins.indices.filter { !held.contains($0) }
        let parts = try Split.stratified(
            by: rest.map { origins[$0] },
            into: [1 - Double(bridge) / Double(rest.count), Double(bridge) / Double(rest.count)], seed: seed &+ 1)
        train = parts[0].map { rest[$0] }
        self.bridge = parts[1].map { rest[$0] }
        self.origins = origins
    }

    /// The share of the target's samples in each set.
    public var targetShares: (train: Double, bridge: Double, validation: Double, test: Double) {
        func share(_ part: [Int]) -> Double { Split.share(of: .target, in: part.map { origins[$0] }) }
        return (share(train), share(bridge), share(validation), share(test))
    }
}

extension Split {
    /// The share of a value among others; 0 of none.
    public static func share<Value: Equatable>(of value: Value, in values: [Value]) -> Double {
        values.isEmpty ? 0 : Double(values.lazy.filter { $0 == value }.count) / Double(values.count)
    }
}

/// What the losses on training, bridge, validation and test set tell.
public struct ErrorDecomposition: Sendable, Hashable {
    /// The training loss above what is possible at best.
    public let avoidableBias: Double
    /// From training to bridge set.
    public let variance: Double
    /// From bridge to validation set.
    public let dataMismatch: Double
    /// From validation to test set.
    public let overfittingToValidation: Double?

    /// - Parameter floor: the loss that is possible at best
    public init(floor: Double = 0, train: Double, bridge: Double, validation: Double, test: Double? = nil) {
        avoidableBias = train - floor
        variance = bridge - train
        dataMismatch = validation - bridge
        overfittingToValidation = test.map { $0 - validation }
    }

    /// The largest of the gaps that exceed a threshold.
    public func mainFault(above threshold: Double) -> Fault {
        let gaps: [(Fault, Double)] = [
            (.bias, avoidableBias), (.variance, variance), (.dataMismatch, dataMismatch),
            (.overfittingToValidation, overfittingToValidation ?? 0),
        ]
        let largest = gaps.max { $0.1 < $1.1 }
        return largest.map { $0.1 > threshold ? $0.0 : .none } ?? .none
    }

    /// What is wrong with a model, or its data.
    public enum Fault: String, Sendable, Hashable {
        case none, bias, variance, dataMismatch, overfittingToValidation
    }
}
