import ApusCore

/// Looks at the elements that a stage gives.
package struct StageObserver: Sendable {
    let stage: PipelineStage
    /// How many elements it looks at: fewer of batches.
    let observed: Int
    let look: @Sendable (PipelineRun, Int) throws(ApusError) -> [any Sendable]

    init(
        stage: PipelineStage, observed: Int,
        look: @escaping @Sendable (PipelineRun, Int) throws(ApusError) -> [any Sendable]
    ) {
        self.stage = stage
        self.observed = observed
        self.look = look
    }
}

/// A stage with how its elements look.
public struct StageDescription: Sendable {
    /// The stage.
    public let stage: PipelineStage
    /// The parts of an element, such as `input` and `target`.
    public let fields: [ElementField]
    /// How many elements were looked at.
    public let observed: Int
}

extension Pipeline {
    /// The stages, sources first, one a line.
    public var outline: String { stage.upstream.map { "\($0)" }.joined(separator: "\n") }

    /// Reads some elements of each stage and says how they look: shapes, types and ranges of values.
    ///
    /// - Parameter limit: elements at each stage; of batches fewer
    public func inspect(_ limit: Int = 64) throws(ApusError) -> [StageDescription] {
        let run = PipelineRun(epoch: 0, team: try WorkerTeam(size: workers ?? Device.threads))
        var result: [StageDescription] = []
        for observer in observers {
            let elements = try observer.look(run, max(1, min(limit, observer.observed)))
            result.append(
                StageDescription(
                    stage: observer.stage, fields: try ElementField.fields(of: elements), observed: elements.count))
        }
        return result
    }

    /// The pipeline in words: each stage with the shapes, types and ranges of the elements that it gives.
    ///
    ///     source "digits" (10000 samples in memory)
    ///         input [28, 28, 1] float32 0...1, target [] int32 0...9
    ///     shuffle (seed 7, all), random
    ///         input [28, 28, 1] float32 0...1, target [] int32 0...9
    ///     batch (128 elements)
    ///         inputs [128, 28, 28, 1] float32 0...1, targets [128] int32 0...9
    public func describe() throws(ApusError) -> String {
        var lines: [String] = []
        for description in try inspect() {
            let stage = description.stage
            lines.append("\(stage)" + (stage.isRandom ? ", random" : "") + (stage.isCached ? ", cached" : ""))
            let fields = description.fields.map(\.description).joined(separator: ", ")
            lines.append("    " + (description.observed == 0 ? "no elements" : fields))
        }
        return lines.joined(separator: "\n")
    }
}
