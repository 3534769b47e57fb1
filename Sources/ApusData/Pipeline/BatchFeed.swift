import ApusCore

/// What training and evaluation read: a data set cut into batches, or a pipeline of batches.
public protocol BatchSource {
    /// The batches; a data set that has not been batched comes in batches of 256.
    var batchPlan: BatchPlan { get throws(ApusError) }
}

/// How batches are to be had, epoch by epoch.
public struct BatchPlan: Sendable {
    enum Content {
        case rows(Batches)
        case pipeline(Pipeline<Batch>)
    }

    let content: Content

    /// The rows of a data set.
    public init(_ batches: Batches) { content = .rows(batches) }

    /// The batches of a pipeline, anew each epoch.
    public init(_ pipeline: Pipeline<Batch>) { content = .pipeline(pipeline) }

    /// The number of batches an epoch, where it is known before they are read.
    public var count: Int? {
        switch content {
        case .rows(let batches): batches.count
        case .pipeline(let pipeline): pipeline.count
        }
    }

    /// The name for messages.
    package var name: String {
        switch content {
        case .rows(let batches): batches.dataset.name
        case .pipeline(let pipeline): pipeline.stage.upstream.first?.label ?? "pipeline"
        }
    }

    /// All samples of a data set, the last batch too; pipelines are what they are.
    package var complete: BatchPlan {
        guard case .rows(let batches) = content, batches.dropsRemainder else { return self }
        return BatchPlan(batches.dataset.batched(batches.size))
    }

    /// A data set in its own order; pipelines are what they are.
    package var ordered: BatchPlan {
        guard case .rows(let batches) = content else { return self }
        var data = batches.dataset
        data.seed = nil
        return BatchPlan(data.batched(batches.size))
    }
}

extension Dataset: BatchSource {
    /// Batches of 256.
    public var batches: Batches { batched(256) }
    public var batchPlan: BatchPlan { BatchPlan(batches) }
}

extension Batches: BatchSource {
    public var batchPlan: BatchPlan { BatchPlan(self) }
}

extension Pipeline: BatchSource where Element == Batch {
    public var batchPlan: BatchPlan { BatchPlan(self) }
}

/// A batch as a step takes it: two blocks of memory, which stay valid until the next is asked for.
package struct FedBatch {
    package let inputs: UnsafeMutableRawPointer
    package let targets: UnsafeMutableRawPointer
    /// float32, one for each sample; nil where all count the same.
    package let weights: UnsafeMutableRawPointer?
    package let count: Int
    /// The extents of one sample.
    package let inputShape: Shape
    package let targetShape: Shape
    package let inputType: DType
    package let targetType: DType
    /// The largest target, if the targets are integers.
    package let largestLabel: Int?
    /// Keeps the memory.
    private let held: Batch?

    fileprivate init(_ batch: BatchLoader.Batch, of data: Dataset) {
        (inputs, targets, weights, count) = (batch.inputs, batch.targets, batch.weights, batch.count)
        (inputShape, targetShape) = (data.inputShape, data.targetShape)
        (inputType, targetType) = (data.inputs.delivered, data.targets.delivered)
        largestLabel = data.largestLabel
        held = nil
    }

    fileprivate init(_ batch: Batch) throws(ApusError) {
        guard batch.inputs.rank > 0, batch.targets.rank > 0, batch.inputs.shape[0] == batch.targets.shape[0],
            batch.inputs.shape[0] > 0
        else {
            if let error = batch.inputs.error ?? batch.targets.error { throw error }
            throw ApusError(
                .data, in: "pipeline",
                "a batch with inputs of shape \(batch.inputs.shape) and targets of shape \(batch.targets.shape)",
                remedy: "give as many targets as inputs, along the first axis")
        }
        let labels = batch.targets.dtype.isInteger
        let targets = try batch.targets.cast(to: labels ? .int32 : .float32).evaluated()
        let inputs = batch.inputs.dtype == .float64 ? batch.inputs.cast(to: .float32) : batch.inputs
        if let weights = batch.weights, weights.error != nil || weights.shape != [inputs.shape[0]] {
            throw weights.error
                ?? ApusError(
                    .data, in: "pipeline", "weights of shape \(weights.shape) for \(inputs.shape[0]) samples",
                    remedy: "give a weight for each sample: [batch]")
        }
        let held = Batch(
            inputs: try inputs.evaluated(), targets: targets, lengths: batch.lengths,
            weights: try batch.weights.map { (weights) throws(ApusError) in
                try weights.cast(to: .float32).evaluated()
            })
        weights = try held.weights.map { (weights) throws(ApusError) in try weights.storage().pointer }
        self.inputs = try held.inputs.storage().pointer
        self.targets = try targets.storage().pointer
        count = inputs.shape[0]
        inputShape = Shape(Array(inputs.shape.extents.dropFirst()))
        targetShape = Shape(Array(targets.shape.extents.dropFirst()))
        (inputType, targetType) = (inputs.dtype, targets.dtype)
        largestLabel = labels ? try targets.range().map { Int($0.upperBound) } : nil
        self.held = held
    }

    /// A copy of the targets.
    package var target: Tensor {
        let shape = Shape([count] + targetShape.extents)
        let storage = Storage(byteCount: shape.count * targetType.size)
        storage.pointer.copyMemory(from: targets, byteCount: storage.byteCount)
        return Tensor(storage: storage, shape: shape, dtype: targetType)
    }

    /// A copy of the weights.
    package var weight: Tensor? {
        weights.map { weights in
            let storage = Storage(byteCount: count * 4)
            storage.pointer.copyMemory(from: weights, byteCount: storage.byteCount)
            return Tensor(storage: storage, shape: [count], dtype: .float32)
        }
    }

    /// Whether a program for the other batch fits this one too.
    package func hasForm(of other: FedBatch) -> Bool {
        count == other.count && inputShape == other.inputShape && targetShape == other.targetShape
            && inputType == other.inputType && targetType == other.targetType
            && (weights == nil) == (other.weights == nil)
    }
}

/// The batches of epoch after epoch, filled in the background ahead of their use.
package final class BatchFeed {
    private enum Source {
        case rows(BatchLoader, Batches)
        case pipeline(PipelineLoader)
    }

    private let source: Source
    private var index = 0

    /// - Parameter epochs: how many will be asked for at most
    package init(_ plan: BatchPlan, firstEpoch: Int = 0, epochs: Int = 1) throws(ApusError) {
        switch plan.content {
        case .rows(let batches): source = .rows(try BatchLoader(batches, firstEpoch: firstEpoch), batches)
        case .pipeline(let pipeline):
            let last = firstEpoch + min(max(epochs, 0), .max - firstEpoch)
            source = .pipeline(try PipelineLoader(pipeline, epochs: firstEpoch..<last))
        }
    }

    /// The next batch; nil at the end of each epoch.
    package func next() throws(ApusError) -> FedBatch? {
        switch source {
        case .rows(let loader, let batches):
            guard index < batches.count else {
                index = 0
                return nil
            }
            index += 1
            return FedBatch(loader.next(), of: batches.dataset)
        case .pipeline(let loader): return try loader.next()
        }
    }
}

/// Reads a pipeline on a thread of its own.
private final class PipelineLoader {
    private let queue: Queue
    private let thread: BackgroundThread

    init(_ pipeline: Pipeline<Batch>, epochs: Range<Int>) throws(ApusError) {
        let queue = Queue(pipeline, epochs)
        self.queue = queue
        thread = try BackgroundThread { queue.fill() }
    }

    deinit {
        queue.stop()
        thread.join()
    }

    func next() throws(ApusError) -> FedBatch? { try queue.take() }

    private final class Queue: @unchecked Sendable {
        private enum Item {
            case batch(FedBatch)
            case end
            case failure(ApusError)
        }

        private let pipeline: Pipeline<Batch>
        private let epochs: Range<Int>
        private let monitor = Monitor()
        private var waiting: [Item] = []
        private var isStopped = false

        init(_ pipeline: Pipeline<Batch>, _ epochs: Range<Int>) {
            self.pipeline = pipeline
            self.epochs = epochs
        }

        /// Waits for room; false when nobody wants more.
        private func put(_ item: Item) -> Bool {
            monitor.when({ isStopped || waiting.count < 3 }) {
                waiting.append(item)
                return !isStopped
            }
        }

        func fill() {
            do throws(ApusError) {
                for epoch in epochs {
                    let iterator = try pipeline.iterator(epoch: epoch)
                    var isEmpty = true
                    while let batch = try iterator.next() {
                        isEmpty = false
                        guard put(.batch(try FedBatch(batch))) else { return }
                    }
                    guard !isEmpty else {
                        throw ApusError(
                            .data, in: "pipeline", "epoch \(epoch) has no batches\n\(pipeline.outline)",
                            remedy: "use a source with elements, and filters that let some through")
                    }
                    guard put(.end) else { return }
                }
            } catch {
                _ = put(.failure(error))
            }
        }

        func take() throws(ApusError) -> FedBatch? {
            let item = monitor.when({ !waiting.isEmpty }) { () -> Item in
                // A failure stays for whoever asks again.
                if case .failure = waiting[0] { return waiting[0] }
                return waiting.removeFirst()
            }
            switch item {
            case .batch(let batch): return batch
            case .end: return nil
            case .failure(let error): throw error
            }
        }

        func stop() { monitor.when { isStopped = true } }
    }
}
