import ApusCore

/// A tensor that belongs to a layer: learnt by an optimizer, or kept by the layer itself (running statistics).
///
/// Its shape may follow from the first input. Parameters are not `Sendable`: a model belongs to one task at a time.
public final class Parameter {
    /// Whether optimizers change it.
    public var isTrainable: Bool
    /// How it is filled when it is built.
    public let initializer: Initializer
    private var stored: Tensor?
    /// The memory that a running `Trainer` updates in place; values read meanwhile are copies of it.
    private var live: Storage?

    public init(_ initializer: Initializer, trainable: Bool = true) {
        self.initializer = initializer
        isTrainable = trainable
    }

    /// Whether it has a value.
    public var isBuilt: Bool { stored != nil }

    /// The extents; `[]` before it is built.
    public var shape: Shape { stored?.shape ?? [] }

    /// The value. Before the first input has shown the shape, reading it gives a tensor with an error.
    public var value: Tensor {
        get {
            if let live { return Tensor(storage: live.copy(), shape: shape, dtype: dtype) }
            return stored
                ?? Tensor(
                    error: ApusError(
                        .parameter, in: "parameter", "it has no value: its layer has not seen an input yet",
                        remedy: "call the model once, or build(inputShape:), before reading its parameters"))
        }
        set {
            if let live, newValue.error == nil, newValue.shape == shape, newValue.dtype == dtype,
                let storage = try? newValue.storage()
            {
                live.pointer.copyMemory(from: storage.pointer, byteCount: live.byteCount)
            } else {
                live = nil
                stored = newValue
            }
        }
    }

    /// The type of the elements; `float32` before it is built.
    public var dtype: DType { stored?.dtype ?? .float32 }

    /// The value as memory that programs update in place, and the leaf that stands for it in graphs.
    package func makeLive() throws(ApusError) -> (leaf: Tensor, storage: Storage) {
        if let live, let stored { return (stored, live) }
        let own = try value.storage().copy()
        let leaf = Tensor(storage: own, shape: shape, dtype: dtype)
        stored = leaf
        live = own
        return (leaf, own)
    }

    /// The tensor that stands for the parameter in graphs.
    package var leaf: Tensor { stored ?? value }

    /// The value for use in a layer: built at the first use, checked against the expected shape afterwards.
    ///
    /// - Parameters:
    ///   - shape: the extents that the layer needs
    ///   - fanIn: the number of inputs that reach one output
    ///   - fanOut: the number of outputs that one input reaches
    public func value(shape: Shape, fanIn: Int = 1, fanOut: Int = 1, dtype: DType = .float32) -> Tensor {
        if let stored {
            guard stored.error != nil || stored.shape == shape else {
                return Tensor(
                    error: ApusError(
                        .parameter, in: "parameter",
                        "it was built with shape \(stored.shape), this input needs \(shape)",
                        remedy: "feed inputs with as many features or channels as at first, or make a new layer"))
            }
            return stored
        }
        let pass = ForwardPass.current
        let filled = initializer.make(
            shape, fanIn: fanIn, fanOut: fanOut, seed: pass?.seed ?? 0, stream: pass?.nextInitializerStream() ?? 0,
            dtype: dtype)
        do {
            stored = try filled.evaluated()
        } catch {
            return Tensor(error: error)
        }
        return stored ?? filled
    }

    /// Replaces the value during a forward pass (running statistics): at once outside of one, else when it ends.
    public func update(to newValue: Tensor) {
        if let pass = ForwardPass.current { pass.updates.append((self, newValue)) } else { value = newValue }
    }
}
