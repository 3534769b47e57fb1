import ApusCore

/// A tensor that belongs to a layer: learnt by an optimizer, or kept by the layer itself (running statistics).
///
/// Its shape may follow from the first input. Parameters are not `Sendable`: a model belongs to one task at a time.
public final class Parameter {
    /// Whether optimizers change it.
    public var isTrainable: Bool
    /// How it is filled when it is built.
    public let initializer: Initializer
    /// What it adds to the loss.
    public var regularizer: Regularizer?
    /// What optimizers keep it within.
    public var constraint: Constraint?
    private var stored: Tensor?
    /// The memory behind `stored` while nobody but a `Trainer` has seen it: the trainer writes to it in place. Whoever
    /// reads the value puts an end to that, and the trainer goes on with a copy.
    package private(set) var exclusive: Storage?

    /// - Parameter trainable: whether optimizers change it
    public init(_ initializer: Initializer, trainable: Bool = true) {
        self.initializer = initializer
        isTrainable = trainable
    }

    /// Whether freezing stopped it from being trainable.
    private var isFrozen = false

    /// Makes it untrainable until it is unfrozen.
    func freeze() {
        isTrainable = false
        isFrozen = true
    }

    func unfreeze() {
        if isFrozen { isTrainable = true }
        isFrozen = false
    }

    /// Whether it has a value.
    public var isBuilt: Bool { stored != nil }

    /// The extents; `[]` before it is built.
    public var shape: Shape { stored?.shape ?? [] }

    /// The value. Before the first input has shown the shape, reading it gives a tensor with an error.
    public var value: Tensor {
        get {
            if let pass = ForwardPass.current, pass.belongsToTrainer, stored != nil {
                pass.note(self)
                return leaf(in: pass)
            }
            exclusive = nil
            return stored
                ?? Tensor(
                    error: ApusError(
                        .parameter, in: "parameter", "it has no value: its layer has not seen an input yet",
                        remedy: "call the model once, or build(inputShape:), before reading its parameters"))
        }
        set {
            exclusive = nil
            stored = newValue
        }
    }

    /// The type of the elements; `float32` before it is built.
    public var dtype: DType { stored?.dtype ?? .float32 }

    /// The value as memory of the caller's own to update in place, and the leaf that stands for it in graphs. It stays
    /// the caller's as long as `exclusive` is this memory.
    package func makeExclusive() throws(ApusError) -> (leaf: Tensor, storage: Storage) {
        if let exclusive, let stored { return (stored, exclusive) }
        let own = try value.storage().copy()
        let leaf = Tensor(storage: own, shape: shape, dtype: dtype)
        stored = leaf
        exclusive = own
        return (leaf, own)
    }

    /// The memory that holds the value now, to be read at once.
    package func currentStorage() throws(ApusError) -> Storage {
        if let exclusive { return exclusive }
        return try value.storage()
    }

    /// The tensor that stands for the parameter in graphs of a forward pass.
    package func leaf(in pass: ForwardPass?) -> Tensor {
        if let pass, !pass.replacements.isEmpty, let other = pass.replacements[ObjectIdentifier(self)] { return other }
        if let stored, pass?.belongsToTrainer == true { return stored }
        return value
    }

    /// The value for use in a layer: built at the first use, checked against the expected shape afterwards.
    ///
    /// - Parameters:
    ///   - shape: the extents that the layer needs
    ///   - fanIn: the number of inputs that reach one output
    ///   - fanOut: the number of outputs that one input reaches
    public func value(shape: Shape, fanIn: Int = 1, fanOut: Int = 1, dtype: DType = .float32) -> Tensor {
        let plain = stored(shape: shape, fanIn: fanIn, fanOut: fanOut, dtype: dtype)
        guard plain.error == nil, let substitution else { return plain }
        return substitution(plain)
    }

    /// What layers see in the place of the value, such as a normalised kernel.
    private var substitution: ((Tensor) -> Tensor)?

    /// Runs a closure in which layers see something else in the place of the value.
    package func substituting<Result>(
        _ substitution: @escaping (Tensor) -> Tensor, in body: () throws -> Result
    ) rethrows -> Result {
        let outer = self.substitution
        self.substitution = substitution
        defer { self.substitution = outer }
        return try body()
    }

    private func stored(shape: Shape, fanIn: Int, fanOut: Int, dtype: DType) -> Tensor {
        let pass = ForwardPass.current
        pass?.note(self)
        do throws(ApusError) {
            if let stored {
                guard stored.error != nil || stored.shape == shape else {
                    throw ApusError(
                        .parameter, in: "parameter",
                        "it was built with shape \(stored.shape), this input needs \(shape)",
                        remedy: "feed inputs with as many features or channels as at first, or make a new layer")
                }
                return pass?.updated(self) ?? leaf(in: pass)
            }
            guard dtype.isFloatingPoint else {
                throw ApusError(
                    .type, in: "parameter", "its layer's input has type \(dtype)",
                    remedy: "cast the input to float32 first")
            }
            if pass?.isSketch == true { return Tensor.placeholder(shape, dtype) }
            let filled = try initializer.make(
                shape, fanIn: fanIn, fanOut: fanOut, seed: pass?.seed ?? 0,
                stream: pass?.nextInitializerStream() ?? 0, dtype: dtype
            ).evaluated()
            guard filled.shape == shape else {
                throw ApusError(
                    .parameter, in: "initializer \(initializer.name)",
                    "it made shape \(filled.shape), the layer needs \(shape)", remedy: "give values of that shape")
            }
            stored = filled
            return filled
        } catch {
            return Tensor(error: error)
        }
    }

    /// Replaces the value during a forward pass (running statistics): at once outside of one, else when it ends.
    public func update(to newValue: Tensor) {
        if ForwardPass.current?.isSketch == true { return }
        if let pass = ForwardPass.current { pass.update(self, to: newValue) } else { value = newValue }
    }
}
