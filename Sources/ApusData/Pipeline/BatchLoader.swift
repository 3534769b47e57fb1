import ApusCore

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Fills batches on a thread of its own, ahead of their use, in a ring of buffers that are made once.
package final class BatchLoader {
    package struct Batch {
        package let inputs: UnsafeMutableRawPointer
        package let targets: UnsafeMutableRawPointer
        package let count: Int

        package init(inputs: UnsafeMutableRawPointer, targets: UnsafeMutableRawPointer, count: Int) {
            self.inputs = inputs
            self.targets = targets
            self.count = count
        }
    }

    private let state: LoaderState
    private var thread = pthread_t(bitPattern: 0)

    /// Batches of the epochs `firstEpoch`, `firstEpoch + 1`, ... without end.
    package init(_ batches: Batches, firstEpoch: Int = 0) throws(ApusError) {
        guard batches.count > 0 else {
            throw ApusError(
                .data, in: "data set \(batches.dataset.name)",
                "\(batches.dataset.count) samples in batches of \(batches.size) give no batch",
                remedy: "use a batch size from 1 to the number of samples")
        }
        state = LoaderState(batches, firstEpoch: firstEpoch)
        let argument = Unmanaged.passRetained(state).toOpaque()
        let failure = pthread_create(
            &thread, nil,
            { argument in
                let pointer: UnsafeMutableRawPointer? = argument
                if let pointer { Unmanaged<LoaderState>.fromOpaque(pointer).takeRetainedValue().fill() }
                return nil
            }, argument)
        guard failure == 0 else {
            Unmanaged<LoaderState>.fromOpaque(argument).release()
            throw ApusError(
                .resource, in: "batch loader", "no thread could be started (error \(failure))",
                remedy: "raise the limit of threads")
        }
    }

    deinit {
        state.stop()
        #if canImport(Darwin)
            if let thread { pthread_join(thread, nil) }
        #else
            pthread_join(thread, nil)
        #endif
    }

    /// The next batch; it stays valid until the next call.
    package func next() -> Batch { state.take() }
}

/// The ring between the filling thread and the reader, guarded by its mutex.
private final class LoaderState: @unchecked Sendable {
    private static let slots = 4

    private let batches: Batches
    private var epoch: Int
    private var order: [Int32] = []
    private var position = 0
    private let inputs: [Storage]
    private let targets: [Storage]
    private var counts = [Int](repeating: 0, count: LoaderState.slots)
    /// Batches filled and taken so far.
    private var filled = 0
    private var taken = 0
    private var isStopped = false
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let changed = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)

    init(_ batches: Batches, firstEpoch: Int) {
        self.batches = batches
        epoch = firstEpoch
        let data = batches.dataset
        let size = min(batches.size, data.count)
        inputs = (0..<Self.slots).map { _ in Storage(byteCount: size * data.inputs.bytesPerSample) }
        targets = (0..<Self.slots).map { _ in Storage(byteCount: size * data.targets.bytesPerSample) }
        pthread_mutex_init(mutex, nil)
        pthread_cond_init(changed, nil)
    }

    deinit {
        pthread_mutex_destroy(mutex)
        pthread_cond_destroy(changed)
        mutex.deallocate()
        changed.deallocate()
    }

    func fill() {
        order = batches.order(epoch: epoch)
        while true {
            pthread_mutex_lock(mutex)
            // One slot is in the reader's hands.
            while !isStopped, filled - taken >= Self.slots - 1 { pthread_cond_wait(changed, mutex) }
            let stopped = isStopped
            pthread_mutex_unlock(mutex)
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
            pthread_mutex_lock(mutex)
            filled += 1
            pthread_cond_broadcast(changed)
            pthread_mutex_unlock(mutex)
        }
    }

    private func gather(_ positions: Range<Int>, into slot: Int) {
        let indices = order[positions]
        batches.dataset.inputs.gather(indices, into: inputs[slot].pointer)
        batches.dataset.targets.gather(indices, into: targets[slot].pointer)
        counts[slot] = indices.count
    }

    func take() -> BatchLoader.Batch {
        pthread_mutex_lock(mutex)
        while filled == taken { pthread_cond_wait(changed, mutex) }
        let slot = taken % Self.slots
        taken += 1
        pthread_cond_broadcast(changed)
        pthread_mutex_unlock(mutex)
        return BatchLoader.Batch(
            inputs: inputs[slot].pointer, targets: targets[slot].pointer, count: counts[slot])
    }

    func stop() {
        pthread_mutex_lock(mutex)
        isStopped = true
        pthread_cond_broadcast(changed)
        pthread_mutex_unlock(mutex)
    }
}
