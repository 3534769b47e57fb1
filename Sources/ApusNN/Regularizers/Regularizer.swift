import ApusCore

/// A term that a parameter adds to the loss, such as the sum of its squares.
///
/// A layer's parameters get it with ``Module/regularized(_:where:)``. `Trainer` and `valueAndGradient` add the terms of
/// all trainable parameters of the model to the loss; `Trainer.evaluate` reports the loss of the data alone.
///
///     Dense(64, activation: .relu).regularized(.l2(1e-4))
public struct Regularizer: Sendable {
    /// The name for listings.
    public let name: String
    private let problem: ApusError?
    private let function: @Sendable (Tensor) -> Tensor

    /// A rule of your own: from the parameter's value to a scalar.
    public init(_ name: String, _ function: @escaping @Sendable (_ value: Tensor) -> Tensor) {
        self.init(name, [], function)
    }

    private init(
        _ name: String, _ factors: [Double], _ function: @escaping @Sendable (_ value: Tensor) -> Tensor
    ) {
        self.name = name
        self.function = function
        problem = .outOfRange(in: "regularizer \(name)", factors.map { ("a factor", $0, 0...Double.infinity) })
    }

    /// The term for a value: a scalar.
    public func callAsFunction(_ value: Tensor) -> Tensor {
        guard value.error == nil else { return value }
        return problem.map { Tensor(error: $0) } ?? function(value)
    }

    /// `factor * sum |w|`: makes weights zero.
    public static func l1(_ factor: Double = 0.01) -> Regularizer {
        Regularizer("l1(\(factor))", [factor]) { $0.absolute().sum() * factor }
    }

    /// `factor * sum w^2`: makes weights small. (Weight decay of an optimizer without moments is half of it.)
    public static func l2(_ factor: Double = 0.01) -> Regularizer {
        Regularizer("l2(\(factor))", [factor]) { $0.square().sum() * factor }
    }

    /// `l1 * sum |w| + l2 * sum w^2`, also called elastic net.
    public static func l1l2(l1: Double = 0.01, l2: Double = 0.01) -> Regularizer {
        Regularizer("l1l2(\(l1), \(l2))", [l1, l2]) { $0.absolute().sum() * l1 + $0.square().sum() * l2 }
    }

    /// Which vectors of a matrix are to be at right angles.
    public enum Direction: String, Sendable {
        case rows, columns
    }

    /// `factor` times the mean absolute cosine of all pairs of rows (or columns) of a matrix; 0 for a single one.
    ///
    /// - Returns: a scalar, or a tensor with an error if the value is no matrix
    public static func orthogonal(_ factor: Double = 0.01, _ direction: Direction = .rows) -> Regularizer {
        Regularizer("orthogonal(\(factor), \(direction.rawValue))", [factor]) { w in
            guard w.rank == 2 else {
                return Tensor(
                    error: ApusError(
                        .shape, in: "regularizer orthogonal", "a parameter of shape \(w.shape)",
                        remedy: "use it for matrices only"))
            }
            let vectors = direction == .rows ? w : w.transposed()
            let count = vectors.shape[0]
            guard count > 1 else { return w.sum() * 0 }
            let units = vectors / Tensor.maximum(vectors.norm(axes: [1], keepDimensions: true), 1e-12)
            let cosines = matmul(units, units.transposed()) * (1 - Tensor.identity(count, dtype: w.dtype))
            return cosines.absolute().sum() * (factor / (Double(count) * Double(count - 1)))
        }
    }

    /// Both terms.
    public static func + (a: Regularizer, b: Regularizer) -> Regularizer {
        Regularizer("\(a.name) + \(b.name)") { a($0) + b($0) }
    }
}

extension Module {
    /// Lets parameters add a term to the loss, and returns the module.
    ///
    /// - Parameter pattern: the paths of the parameters within this module, such as `*.kernel`; without it all whose
    ///   name is not `bias`
    @discardableResult
    public func regularized(_ regularizer: Regularizer?, where pattern: PathPattern? = nil) -> Self {
        for parameter in chosen(pattern) { parameter.regularizer = regularizer }
        return self
    }

    /// What the trainable parameters add to the loss with their values of now: a scalar.
    public var penalty: Tensor {
        penalties { $0.value }.reduce(nil) { sum, term in sum.map { $0 + term } ?? term } ?? Tensor(0)
    }

    /// The terms of all trainable parameters that have a value.
    package func penalties(_ leaf: (Parameter) -> Tensor) -> [Tensor] {
        parameters.compactMap { parameter in
            guard parameter.isTrainable, parameter.isBuilt, let regularizer = parameter.regularizer else { return nil }
            let term = regularizer(leaf(parameter))
            guard term.error == nil, term.shape.count != 1 else { return term }
            return Tensor(
                error: ApusError(
                    .shape, in: "regularizer \(regularizer.name)", "it made shape \(term.shape), not a scalar",
                    remedy: "reduce the term, for example with sum()"))
        }
    }

    /// The parameters whose paths a pattern describes; without one, those that are no biases.
    package func chosen(_ pattern: PathPattern?) -> [Parameter] {
        namedParameters.filter { path, _ in
            pattern?.covers(path) ?? (path.split(separator: ".").last.map(String.init) != "bias")
        }.map(\.parameter)
    }
}

extension Catalog {
    /// The regularizers, as `apus regularizers` lists them.
    public static var regularizers: [CatalogEntry] {
        [
            CatalogEntry("Regularizer.l1", "Sum of absolute values", keras: ["L1"]),
            CatalogEntry("Regularizer.l2", "Sum of squares", keras: ["L2"]),
            CatalogEntry("Regularizer.l1l2", "Both", keras: ["L1L2"]),
            CatalogEntry(
                "Regularizer.orthogonal", "Mean absolute cosine of pairs of rows or columns",
                keras: ["OrthogonalRegularizer"]),
            CatalogEntry("HardConcrete", "Gates that are 0 or 1, for L0 regularisation"),
            CatalogEntry("SparsityReport", "The share of weights near zero"),
        ]
    }
}
