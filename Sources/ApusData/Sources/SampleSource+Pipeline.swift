import ApusCore

extension SampleSource {
    /// The samples as the source of a pipeline: read by number, on several threads, shuffled without being read.
    ///
    ///     let photos = try ImageFolder("hymenoptera/train").pipeline
    ///         .shuffle(seed: 7)
    ///         .map("fit") { Sample(input: try $0.image.resized(width: 64, height: 64).rgb(), target: $0.label) }
    ///         .batch(32)
    public var pipeline: Pipeline<Element> {
        Pipeline(count: count, name: name) { try sample(at: $0) }
    }
}
