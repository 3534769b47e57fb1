import ApusCore

/// Fills batches on a thread of its own, ahead of their use, in a ring of buffers that are made once.
package final class BatchLoader {
    package struct Batch {
        package let inputs: UnsafeMutableRawPointer
        package let targets: UnsafeMutableRawPointer
        package let weights: UnsafeMutableRawPointer?
        package let count: Int

        package init(
            inputs: UnsafeMutableRawPointer, targets: UnsafeMutableRawPointer, weights: UnsafeMutableRawPointer? = nil,
            count: Int
        ) {
            self.inputs = inputs
            self.targets = targets
            self.weights = weights
            self.count = count
        }
    }

    private let state: LoaderState
    private let thread: BackgroundThread

    /// Batches of the epochs `firstEpoch`, `firstEpoch + 1`, ... without end.
    package init(_ batches: Batches, firstEpoch: Int = 0) throws(ApusError) {
        guard batches.count > 0 else {
            throw ApusError(
                .data, in: "data set \(batches.dataset.name)",
                "\(batches.dataset.count) samples in batches of \(batches.size) give no batch",
                remedy: "use a batch size from 1 to the number of samples")
        }
        let state = LoaderState(batches, firstEpoch: firstEpoch)
        self.state = state
        thread = try BackgroundThread { state.fill() }
    }

    deinit {
        state.stop()
        thread.join()
    }

    /// The next batch; it stays valid until the next call.
    package func next() -> Batch { state.take() }
}

/// The ring between the filling thread and the reader, guarded by its monitor.
private final class LoaderState: @unchecked Sendable {
    private static let slots = 4

    private let batches: Batches
    private var epoch: Int
    private var order: [Int32] = []
    private var position = 0
    private let inputs: [Storage]
    private let targets: [Storage]
    /// Empty where all samples count the same.
    private let weights: [Storage]
    private var counts = [Int](repeating: 0, count: LoaderState.slots)
    /// Batches filled and taken so far.
    private var filled = 0
    private var taken = 0
    private var isStopped = false
    private let monitor = Monitor()

    init(_ batches: Batches, firstEpoch: Int) {
        self.batches = batches
        epoch = firstEpoch
        let data = batches.dataset
        let size = min(batches.size, data.count)
        inputs = (0..<Self.slots).map { _ in Storage(byteCount: size * data.inputs.bytesPerSample) }
        targets = (0..<Self.slots).map { _ in Storage(byteCount: size * data.targets.bytesPerSample) }
        weights = data.weights == nil ? [] : (0..<Self.slots).map { _ in Storage(byteCount: size * 4) }
    }

    func fill() {
        order = batches.order(epoch: epoch)
        while true {
            // One slot is in the reader's hands.
            let stopped = monitor.when({ isStopped || filled - taken < Self.slots - 1 }) { isStopped }
            if stopped { return }
            let slot = filled % Self.slots
            let end = position + min(batches.size, order.count - position)
            gather(position..<end, into: slot)
            position = end
            if position >= order.count || (batches.dropsRemainder && order.count - position < batches.size) {
                epoch += 1
                if batches.dataset.seed != nil { batches.arrange(&order, epoch: epoch) }
                position = 0
            }
            monitor.when { filled += 1 }
        }
    }

    private func gather(_ positions: Range<Int>, into slot: Int) {
        let indices = order[positions]
        batches.dataset.inputs.gather(indices, into: inputs[slot].pointer)
        batches.dataset.targets.gather(indices, into: targets[slot].pointer)
        if !weights.isEmpty { batches.dataset.weights?.gather(indices, into: weights[slot].pointer) }
        counts[slot] = indices.count
    }

    func take() -> BatchLoader.Batch {
        let slot = monitor.when({ filled > taken }) {
            taken += 1
            return (taken - 1) % Self.slots
        }
        return BatchLoader.Batch(
            inputs: inputs[slot].pointer, targets: targets[slot].pointer,
            weights: weights.isEmpty ? nil : weights[slot].pointer, count: counts[slot])
    }

    func stop() { monitor.when { isStopped = true } }
}
