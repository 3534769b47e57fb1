import ApusCore

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Sequences that are drawn from a seed, for networks with a memory.
///
///     let data = try SequenceTasks.copy(count: 1000, length: 8, symbols: 10, delay: 20, seed: 1)
public enum SequenceTasks {
    /// Symbols to be repeated after a delay: `[length + delay + length]` numbers, and the same of targets.
    ///
    /// Inputs are the symbols (from 1), zeros, and at the end the mark `symbols + 1` followed by zeros; targets are zeros,
    /// and the symbols from the mark on (Hochreiter and Schmidhuber, 1997; Arjovsky et al., ICML 2016).
    public static func copy(
        count: Int, length: Int = 10, symbols: Int = 8, delay: Int = 20, seed: UInt64
    ) throws(ApusError) -> Dataset {
        try check("copy", count, length, symbols, delay)
        let total = 2 * length + delay
        var inputs = [Int32](repeating: 0, count: count * total)
        var targets = inputs
        for row in 0..<count {
            var random = RandomSource(seed: seed, element: row)
            for place in 0..<length {
                let symbol = Int32(1 + random.integer(below: symbols))
                inputs[row * total + place] = symbol
                targets[row * total + length + delay + place] = symbol
            }
            inputs[row * total + length + delay] = Int32(symbols + 1)
        }
        return try Dataset(
            inputs: Tensor(inputs, shape: [count, total]), targets: Tensor(targets, shape: [count, total]), name: "copy"
        )
    }

    /// Keys with values, and a key to be looked up: `[2 * pairs + 1]` numbers, and the value as label.
    ///
    /// Keys, each at most once, are numbers from `values` on, values those below (Ba et al., NeurIPS 2016).
    public static func recall(
        count: Int, pairs: Int = 4, keys: Int = 16, values: Int = 10, seed: UInt64
    ) throws(ApusError) -> Dataset {
        try check("recall", count, pairs, values, keys)
        guard keys >= pairs else {
            throw ApusError(
                .value, in: "recall", "\(pairs) pairs of \(keys) keys", remedy: "use at least as many keys as pairs")
        }
        let total = 2 * pairs + 1
        var (inputs, labels): ([Int32], [Int32]) = ([], [])
        for row in 0..<count {
            var random = RandomSource(seed: seed, element: row)
            let order = random.permutation(keys).prefix(pairs)
            let held = order.map { _ in Int32(random.integer(below: values)) }
            for (key, value) in Swift.zip(order, held) { inputs += [Int32(values + key), value] }
            let asked = random.integer(below: pairs)
            inputs.append(Int32(values + order[asked]))
            labels.append(held[asked])
        }
        return try Dataset(
            inputs: Tensor(inputs, shape: [count, total]), targets: Tensor(labels, shape: [count]), name: "recall",
            classNames: (0..<values).map(String.init))
    }

    /// Sums of sine waves of random phase and frequency with noise, and how they go on: `[length, 1]` and `[ahead, 1]`.
    ///
    /// - Parameter waves: how many are added up
    public static func sines(
        count: Int, length: Int = 50, ahead: Int = 1, waves: Int = 2, noise: Double = 0.02, seed: UInt64
    ) throws(ApusError) -> Dataset {
        try check("sines", count, length, waves, ahead)
        guard ahead >= 1, noise >= 0, noise.isFinite else {
            throw ApusError(
                .value, in: "sines", "\(ahead) steps ahead, noise \(noise)", remedy: "use 1 or more, and 0 or more")
        }
        var (inputs, targets): ([Float], [Float]) = ([], [])
        for row in 0..<count {
            var random = RandomSource(seed: seed, element: row)
            let parts = (0..<waves).map { _ in (random.uniform(0.1...0.6), random.uniform(0...(2 * .pi))) }
            for step in 0..<length + ahead {
                let sum = parts.reduce(0.0) { $0 + sin($1.0 * Double(step) + $1.1) } / Double(waves)
                let value = Float(sum + noise * random.normal())
                if step < length { inputs.append(value) } else { targets.append(value) }
            }
        }
        return try Dataset(
            inputs: Tensor(inputs, shape: [count, length, 1]), targets: Tensor(targets, shape: [count, ahead, 1]),
            name: "sines")
    }

    private static func check(_ name: String, _ count: Int, _ length: Int, _ symbols: Int, _ rest: Int)
        throws(ApusError)
    {
        guard (1...1 << 24).contains(count), (1...1 << 16).contains(length), (1...1 << 20).contains(symbols),
            (0...1 << 20).contains(rest), Shape.product(count, 2 * length + rest) <= 1 << 30
        else {
            throw ApusError(
                .value, in: name, "\(count) sequences with the sizes \(length), \(symbols) and \(rest)",
                remedy: "use 1 or more of each, and 1073741824 numbers at most")
        }
    }
}
