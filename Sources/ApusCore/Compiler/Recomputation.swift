extension Graph {
    /// Values below this many bytes are not worth a second computation.
    private static let smallest = 1 << 20

    /// Computes large values anew where they are needed a second time much later, as in the backward pass, if that takes
    /// a few cheap operations on one large value that is in memory then anyway: the rectified batch norm that a
    /// convolution reads need not be kept beside the convolution's result.
    package mutating func recomputeDistantValues() {
        let recomputed = distantValues()
        guard !recomputed.isEmpty else { return }
        var moved = [Int](repeating: -1, count: entries.count)
        var again: [Int: Int] = [:]
        var result: [Entry] = []
        func add(_ entry: Entry, _ inputs: [Int]) -> Int {
            result.append(
                Entry(
                    operation: entry.operation, inputs: inputs, shape: entry.shape, dtype: entry.dtype, role: entry.role
                ))
            return result.count - 1
        }
        for (index, entry) in entries.enumerated() {
            for input in entry.inputs where again[input] == nil {
                guard let value = recomputed[input], index >= value.from else { continue }
                var copies: [Int: Int] = [:]
                for member in value.chain {
                    copies[member] = add(entries[member], entries[member].inputs.map { copies[$0] ?? moved[$0] })
                }
                again[input] = copies[input]
            }
            moved[index] = add(entry, entry.inputs.map { again[$0] ?? moved[$0] })
        }
        replaceEntries(with: result, moved: moved)
    }

    private struct Distant {
        /// The first consumer that gets the value computed anew.
        var from: Int
        /// What is computed again, the value itself included.
        var chain: [Int]
    }

    private func distantValues() -> [Int: Distant] {
        var consumers = [[Int]](repeating: [], count: entries.count)
        for (index, entry) in entries.enumerated() {
            for input in Set(entry.inputs) { consumers[input].append(index) }
        }
        var isOutput = Set(outputs)
        isOutput.formUnion(leaves.compactMap { $0 })
        var result: [Int: Distant] = [:]
        for (index, entry) in entries.enumerated()
        where entry.shape.count * entry.dtype.size >= Self.smallest && !isOutput.contains(index) {
            guard let from = farConsumer(of: index, consumers[index]), let last = consumers[index].last,
                let chain = cheapChain(to: index, livingUntil: last, consumers, isOutput, result)
            else { continue }
            result[index] = Distant(from: from, chain: chain)
        }
        return result
    }

    /// The first consumer beyond the widest gap between uses, if that gap is an eighth of the computation or more.
    private func farConsumer(of index: Int, _ consumers: [Int]) -> Int? {
        guard consumers.count >= 2 else { return nil }
        let gaps = zip(consumers, consumers.dropFirst()).map { ($1 - $0, $1) }
        guard let widest = gaps.max(by: { $0.0 < $1.0 }), isFar(widest.0) else { return nil }
        return widest.1
    }

    /// Whether so many entries between two uses are much of the computation.
    package func isFar(_ gap: Int) -> Bool { gap >= Swift.max(entries.count / 8, 16) }

    /// The elementwise operations that lead to an entry, if they are few and cheap and begin at small values and one
    /// large one that is needed as late as the entry.
    private func cheapChain(
        to target: Int, livingUntil last: Int, _ consumers: [[Int]], _ isOutput: Set<Int>, _ recomputed: [Int: Distant]
    ) -> [Int]? {
        let size = entries[target].shape.count
        var chain: Set<Int> = [], large: Set<Int> = []
        var pending = [target]
        while let index = pending.popLast() {
            let entry = entries[index]
            let lives = isOutput.contains(index) || (consumers[index].last ?? 0) >= last
            switch entry.role {
            case .fill: continue
            case _ where index != target && entry.shape.count <= size / 16: continue
            case .elementwise where index == target || !lives || recomputed[index] != nil:
                guard Self.isCheap(entry) else { return nil }
                chain.insert(index)
                pending += entry.inputs
            case .broadcast:
                chain.insert(index)
                pending += entry.inputs
            default:
                guard index != target, lives, recomputed[index] == nil else { return nil }
                large.insert(index)
            }
            if chain.count > 12 || large.count > 1 { return nil }
        }
        return large.count == 1 ? chain.sorted() : nil
    }

    private static func isCheap(_ entry: Entry) -> Bool {
        switch (entry.operation as? Elementwise)?.function {
        case .add, .subtract, .multiply, .negate, .relu, .maximum, .minimum, .square: true
        default: false
        }
    }
}
