import ApusCore

/// Classes by a tree of questions whether a feature is above a threshold (CART; Breiman et al., 1984).
///
///     let tree = try DecisionTree.fit(x, labels, depth: 3)
///     tree.probabilities(query)                   // the shares of the classes in the leaf, [n, classes]
public struct DecisionTree: ProbabilisticClassifier, Hashable, Codable {
    /// What a good question lowers.
    public enum Criterion: String, Sendable, Codable {
        /// `1 - sum of squared shares`
        case gini
        /// `-sum of share · log(share)`
        case entropy
    }

    /// The labels that occurred, ascending.
    public let classes: [Int]
    private let tree: QuestionTree

    /// How many questions lie between the root and the farthest leaf.
    public var depth: Int { tree.depth }
    /// How many leaves the tree has.
    public var leafCount: Int { tree.leafCount }

    /// Asks at each node the question that lowers the criterion most, halfway between two samples; of equally good ones
    /// that of the first feature and threshold.
    ///
    /// - Parameters:
    ///   - x: `[n, features]`
    ///   - labels: `[n]` integers
    ///   - depth: at most so many questions in a row
    ///   - leaf: at least so many samples in each leaf
    public static func fit(
        _ x: Tensor, _ labels: Tensor, criterion: Criterion = .gini, depth: Int? = nil, leaf: Int = 1
    ) throws(ApusError) -> DecisionTree {
        let place = "DecisionTree"
        let samples = try Samples(x, in: place)
        let known = try samples.labels(labels, in: place)
        let tree = try QuestionTree(
            samples, targets: try known.oneHot.array(), width: known.classes.count, isEntropy: criterion == .entropy,
            depth: depth, leaf: leaf, in: place)
        return DecisionTree(classes: known.classes, tree: tree)
    }

    /// The share of each class in the leaf of each sample: `[samples, classes]`.
    public func probabilities(_ x: Tensor) -> Tensor { tree.values(x, in: "DecisionTree") }
}

/// Numbers by a tree of questions whether a feature is above a threshold (CART; Breiman et al., 1984).
public struct RegressionTree: ClassicalRegressor, Hashable, Codable {
    private let tree: QuestionTree

    /// How many questions lie between the root and the farthest leaf.
    public var depth: Int { tree.depth }
    /// How many leaves the tree has.
    public var leafCount: Int { tree.leafCount }

    /// Asks at each node the question that lowers the squared error most.
    ///
    /// - Parameters:
    ///   - x: `[n, features]`
    ///   - y: `[n]`
    ///   - depth: at most so many questions in a row
    ///   - leaf: at least so many samples in each leaf
    public static func fit(
        _ x: Tensor, _ y: Tensor, depth: Int? = nil, leaf: Int = 1
    ) throws(ApusError) -> RegressionTree {
        let place = "RegressionTree"
        let samples = try Samples(x, in: place)
        return RegressionTree(
            tree: try QuestionTree(
                samples, targets: try samples.targets(y, in: place), width: 1, isEntropy: false, depth: depth,
                leaf: leaf, in: place))
    }

    /// The mean of the targets in the leaf of each sample `[n, features]`: `[n]`.
    public func predict(_ x: Tensor) -> Tensor {
        let values = tree.values(x, in: "RegressionTree")
        return values.error == nil ? values.squeezed(1) : values
    }
}
