import ApusCore

/// Where a pass over a pipeline stands: the same place is found again from it in another process.
public struct PipelinePosition: Sendable, Hashable, Codable {
    /// The pass over the data.
    public var epoch: Int
    /// How many elements have been given.
    public var delivered: Int
    /// Which pipeline it belongs to.
    public var fingerprint: UInt64

    /// - Parameter delivered: how many elements of the epoch have been delivered
    public init(epoch: Int, delivered: Int, fingerprint: UInt64) {
        self.epoch = epoch
        self.delivered = delivered
        self.fingerprint = fingerprint
    }

    /// As text, for a checkpoint.
    public var text: String { "epoch \(epoch), element \(delivered), pipeline \(String(fingerprint, radix: 16))" }

    /// Reads the text of a position.
    public init(text: String) throws(ApusError) {
        let words = text.split(whereSeparator: { $0 == " " || $0 == "," })
        guard words.count == 6, words[0] == "epoch", words[2] == "element", words[4] == "pipeline",
            let epoch = Int(words[1]), let delivered = Int(words[3]), delivered >= 0,
            let fingerprint = UInt64(words[5], radix: 16)
        else {
            throw ApusError(
                .format, in: "pipeline position", "\"\(text)\" is none", remedy: "use the text of a saved position")
        }
        self.init(epoch: epoch, delivered: delivered, fingerprint: fingerprint)
    }
}

/// One pass over a pipeline's elements.
///
///     let iterator = try pipeline.iterator(epoch: 0)
///     while let batch = try iterator.next() { ... }
public final class PipelineIterator<Element: Sendable> {
    private let cursor: Cursor<Element>
    private let epoch: Int
    private let fingerprint: UInt64
    private var delivered: Int
    private var pending: ArraySlice<Element> = []
    private let block: Int

    init(_ pipeline: Pipeline<Element>, epoch: Int, skipping count: Int) throws(ApusError) {
        let team = try WorkerTeam(size: pipeline.workers ?? Device.threads)
        cursor = try pipeline.open(PipelineRun(epoch: epoch, team: team))
        self.epoch = epoch
        fingerprint = pipeline.stage.fingerprint
        let skipped = count > 0 ? try cursor.skip(count) : 0
        guard skipped == count else {
            throw ApusError(
                .value, in: "pipeline position", "element \(count), but the epoch has \(skipped)",
                remedy: "use the position with the data it was saved with")
        }
        delivered = count
        // Batches are many elements already.
        let joins = [PipelineStage.Kind.batch, .bucket, .window, .group].contains {
            pipeline.stage.kind == $0 || pipeline.stage.follows($0)
        }
        block = joins || team.size == 1 ? 1 : 8 * team.size
    }

    /// The next element; nil at the end of the epoch.
    public func next() throws(ApusError) -> Element? {
        if pending.isEmpty { pending = try cursor.next(block)[...] }
        guard let element = pending.popFirst() else { return nil }
        delivered += 1
        return element
    }

    /// What `Pipeline.iterator(at:)` goes on from.
    public var position: PipelinePosition {
        PipelinePosition(epoch: epoch, delivered: delivered, fingerprint: fingerprint)
    }
}

extension Pipeline {
    /// Begins a pass over the elements.
    ///
    /// - Parameter epoch: random stages draw anew for each
    public func iterator(epoch: Int = 0) throws(ApusError) -> PipelineIterator<Element> {
        try PipelineIterator(self, epoch: epoch, skipping: 0)
    }

    /// Goes on with a pass from where it stood, with the same elements as if it had never ended.
    ///
    /// - Throws: an `ApusError` if the position is that of another pipeline
    public func iterator(at position: PipelinePosition) throws(ApusError) -> PipelineIterator<Element> {
        guard position.fingerprint == stage.fingerprint, position.delivered >= 0 else {
            throw ApusError(
                .value, in: "pipeline position", "it belongs to another pipeline than\n\(outline)",
                remedy: "build the pipeline as it was when the position was saved, with the same sizes and seeds")
        }
        return try PipelineIterator(self, epoch: position.epoch, skipping: position.delivered)
    }

    /// All elements of an epoch.
    public func elements(epoch: Int = 0) throws(ApusError) -> [Element] {
        let iterator = try iterator(epoch: epoch)
        var result: [Element] = []
        while let element = try iterator.next() { result.append(element) }
        return result
    }

    /// Calls a function with each element of an epoch.
    public func forEach(epoch: Int = 0, _ body: (Element) throws -> Void) throws {
        let iterator = try iterator(epoch: epoch)
        while let element = try iterator.next() { try body(element) }
    }
}
