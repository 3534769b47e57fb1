/// What one stage of a pipeline does: the structure that `describe()` prints and that other code walks.
///
///     let random = pipeline.stage.upstream.filter(\.isRandom)
///     let shufflesBatches = pipeline.stage.upstream.contains { $0.kind == .shuffle && $0.follows(.batch) }
public struct PipelineStage: Sendable, Hashable, CustomStringConvertible {
    /// What a stage does with elements.
    public enum Kind: String, Sendable, Hashable, CaseIterable {
        case source, map, filter, flatMap, enumerate, zip, concatenate, interleave, mix, take, skip, `repeat`, shard
        case window, group, batch, bucket, unbatch, shuffle, cache, prefetch, sample
    }

    /// What it does.
    public let kind: Kind
    /// What the user called it, such as the function's purpose; empty without.
    public let label: String
    /// Its settings, as text.
    public let settings: [String]
    /// Whether what it gives depends on a seed.
    public let isRandom: Bool
    /// The name of the element type that it gives.
    public let element: String
    /// The stages that it reads: none for a source, several where pipelines are joined.
    public let inputs: [PipelineStage]

    init(
        _ kind: Kind, label: String = "", settings: [String] = [], isRandom: Bool = false, element: Any.Type,
        inputs: [PipelineStage] = []
    ) {
        self.kind = kind
        self.label = label
        self.settings = settings
        self.isRandom = isRandom
        self.element = Self.name(element)
        self.inputs = inputs
    }

    /// This stage and all that it reads, sources first.
    public var upstream: [PipelineStage] { inputs.flatMap(\.upstream) + [self] }

    /// Whether elements of this stage have been kept after their first computation.
    public var isCached: Bool { kind == .cache }

    /// Whether a stage of the given kind comes before this one.
    public func follows(_ kind: Kind) -> Bool { inputs.contains { $0.kind == kind || $0.follows(kind) } }

    /// The number of stages on the longest way from a source to here.
    public var depth: Int { (inputs.map(\.depth).max() ?? -1) + 1 }

    /// One line, such as `shuffle (seed 7)`.
    public var description: String {
        let name = label.isEmpty ? kind.rawValue : "\(kind.rawValue) \"\(label)\""
        return settings.isEmpty ? name : "\(name) (\(settings.joined(separator: ", ")))"
    }

    /// The name of a type without the module.
    static func name(_ type: Any.Type) -> String { "\(type)" }

    /// A number that tells this structure from others, the same in every process (FNV-1a).
    public var fingerprint: UInt64 {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for stage in upstream {
            for byte in "\(stage)|\(stage.element)|\(stage.inputs.count);".utf8 {
                hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3
            }
        }
        return hash
    }
}
