import ApusCore

/// What a parameter must obey, as a projection of its value.
///
/// Steps of a `Trainer` and of an `OptimizerState` project a parameter after each update; calling a constraint gives the
/// projected value. A parameter has one constraint, the last that it was given.
///
///     Dense(64).constrained(.maxNorm(3))
public struct Constraint: Sendable {
    /// The name for listings.
    public let name: String
    private let problem: ApusError?
    private let function: @Sendable (Tensor) -> Tensor

    /// A rule of your own: from a value to one of the same shape that obeys.
    public init(_ name: String, _ function: @escaping @Sendable (_ value: Tensor) -> Tensor) {
        self.init(name, [], function)
    }

    private init(
        _ name: String, _ ranges: [(name: String, value: Double, allowed: ClosedRange<Double>)],
        _ function: @escaping @Sendable (_ value: Tensor) -> Tensor
    ) {
        self.name = name
        self.function = function
        problem = .outOfRange(in: "constraint \(name)", ranges)
    }

    /// The value that obeys.
    public func callAsFunction(_ value: Tensor) -> Tensor {
        guard value.error == nil else { return value }
        if let problem { return Tensor(error: problem) }
        let result = function(value)
        guard result.error == nil, result.shape != value.shape else { return result }
        return Tensor(
            error: ApusError(
                .shape, in: "constraint \(name)", "it made shape \(result.shape) of \(value.shape)",
                remedy: "keep the shape"))
    }

    /// Norms of at most `maximum`.
    ///
    /// - Parameter axes: over which the norm is taken; by default all but the last, so that each unit or map has its own,
    ///   and all of a vector
    public static func maxNorm(_ maximum: Double = 2, axes: [Int]? = nil) -> Constraint {
        Constraint("maxNorm(\(maximum))", [("maximum", maximum, 0...Double.infinity)]) { w in
            let norm = w.norm(axes: normAxes(w, axes), keepDimensions: true)
            return w * (norm.clipped(0, maximum) / (norm + 1e-7))
        }
    }

    /// Norms from `minimum` to `maximum`; each update goes the part `rate` of the way.
    public static func minMaxNorm(
        _ minimum: Double = 0, _ maximum: Double = 1, rate: Double = 1, axes: [Int]? = nil
    ) -> Constraint {
        Constraint(
            "minMaxNorm(\(minimum), \(maximum))",
            [
                ("minimum", minimum, 0...Double.infinity),
                ("maximum", maximum, max(minimum.isNaN ? 0 : minimum, 0)...Double.infinity),
                ("rate", rate, 0...1),
            ]
        ) { w in
            let norm = w.norm(axes: normAxes(w, axes), keepDimensions: true)
            let wanted = norm.clipped(minimum, maximum) * rate + norm * (1 - rate)
            return w * (wanted / (norm + 1e-7))
        }
    }

    /// No elements below 0.
    public static let nonNegative = Constraint("nonNegative") { $0.relu() }

    /// Norms of 1.
    public static func unitNorm(axes: [Int]? = nil) -> Constraint {
        Constraint("unitNorm") { w in w / (w.norm(axes: normAxes(w, axes), keepDimensions: true) + 1e-7) }
    }

    private static func normAxes(_ w: Tensor, _ axes: [Int]?) -> [Int] {
        axes ?? Array(0..<max(w.rank - 1, min(w.rank, 1)))
    }
}

extension Module {
    /// Keeps parameters within a constraint after each update, and returns the module. `nil` sets them free.
    ///
    /// - Parameter pattern: the paths of the parameters within this module, such as `*.kernel`; without it all whose
    ///   name is not `bias`
    @discardableResult
    public func constrained(_ constraint: Constraint?, where pattern: PathPattern? = nil) -> Self {
        for parameter in chosen(pattern) { parameter.constraint = constraint }
        return self
    }
}

extension Catalog {
    /// The constraints, as `apus constraints` lists them.
    public static var constraints: [CatalogEntry] {
        [
            CatalogEntry("Constraint.maxNorm", "Norms of at most a limit", keras: ["MaxNorm"]),
            CatalogEntry("Constraint.minMaxNorm", "Norms within a range", keras: ["MinMaxNorm"]),
            CatalogEntry("Constraint.nonNegative", "No elements below 0", keras: ["NonNeg"]),
            CatalogEntry("Constraint.unitNorm", "Norms of 1", keras: ["UnitNorm"]),
        ]
    }
}
