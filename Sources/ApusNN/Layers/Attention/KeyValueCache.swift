import ApusCore

/// Keys and values of the steps that an attention layer has seen, so that a sequence can be continued step by step
/// without computing them again.
///
///     let cache = KeyValueCache(capacity: 128)
///     let first = attention(prompt, cache: cache)   // [batch, 5, width]
///     let next = attention(step, cache: cache)      // [batch, 1, width]: sees the prompt, too
///     try KeyValueCache.settle([cache], with: [next])
///
/// The memory has room for all steps from the start and the number of steps in it is data: each further step replays
/// one program.
public final class KeyValueCache {
    /// The largest number of steps.
    public let capacity: Int
    /// The number of steps in it.
    public private(set) var length = 0
    private var keys: Tensor?
    private var values: Tensor?

    /// - Parameter capacity: how many positions there is room for
    public init(capacity: Int) { self.capacity = capacity }

    /// The position of the next step as a scalar, int32.
    var position: Tensor { Tensor([Int32(length)], shape: []) }

    /// Forgets all steps.
    public func reset() {
        length = 0
        keys = nil
        values = nil
    }

    /// Computes what the caches hold together with tensors of the same step. Without it the graphs of all steps are
    /// kept.
    public static func settle(_ caches: [KeyValueCache], with tensors: [Tensor] = []) throws(ApusError) {
        try Tensor.evaluate(tensors + caches.flatMap { [$0.keys, $0.values].compactMap { $0 } })
        for cache in caches {
            cache.keys = try cache.keys?.evaluated()
            cache.values = try cache.values?.evaluated()
        }
    }

    /// Adds keys and values `[batch, steps, heads, width]` and returns all, `[batch, capacity, heads, width]`, those
    /// of steps to come being zeros, and where each of the new steps may look: `[steps, capacity]`.
    func append(
        _ key: Tensor, _ value: Tensor, in place: String
    ) throws(ApusError) -> (keys: Tensor, values: Tensor, visible: Tensor) {
        try requireSound([key, value])
        guard countRange.contains(capacity), key.shape[1] <= capacity - length else {
            throw ApusError(
                .shape, in: place, "\(key.shape[1]) steps after \(length) for a cache of \(capacity)",
                remedy: "make the cache larger, or reset it and begin again with the last steps")
        }
        let steps = key.shape[1]
        let position = position
        let slots = Tensor.range(count: capacity, dtype: .int32)
        let rows = Tensor.range(count: steps, dtype: .int32) + position
        let visible = rows.expanded(at: 1) .>= slots
        guard steps > 0 else { return (try held(keys, key), try held(values, value), visible) }
        let isNew = ((slots .>= position) & (slots .< position + Tensor(Double(steps), dtype: .int32)))
            .reshaped(to: [1, capacity, 1, 1])
        let source = Tensor.minimum(Tensor.maximum(slots - position, 0), Double(steps - 1))
        func written(_ old: Tensor, _ new: Tensor) -> Tensor {
            Tensor.select(isNew, new.gather(indices: source, axis: 1), old)
        }
        let (allKeys, allValues) = (written(try held(keys, key), key), written(try held(values, value), value))
        try requireSound([allKeys, allValues])
        keys = allKeys
        values = allValues
        length += steps
        return (allKeys, allValues, visible)
    }

    /// What is held, or zeros; a leaf in both cases, so that the first step has the program of the others.
    private func held(_ tensor: Tensor?, _ new: Tensor) throws(ApusError) -> Tensor {
        let shape = Shape([new.shape[0], capacity] + new.shape.extents.dropFirst(2))
        guard let tensor else { return try Tensor.zeros(shape, dtype: new.dtype).evaluated() }
        guard tensor.shape == shape, tensor.dtype == new.dtype else {
            throw ApusError(
                .shape, in: "key-value cache", "it holds shape \(tensor.shape), new steps have shape \(new.shape)",
                remedy: "continue the sequences that it was begun with, or reset it")
        }
        return tensor
    }
}
