import Apus

/// Reviews of films, favourable or not, as numbers of their words.
///
///     for batch in try reviews("aclImdb.tar.gz").elements() { ... }   // inputs [32, 200], targets [32]
public func reviews(_ archive: String) throws -> Pipeline<Batch> {
    // One folder a class: aclImdb/train/neg and aclImdb/train/pos.
    let reviews = try TextFolder(TarArchive(path: archive), folder: "aclImdb/train", classes: ["neg", "pos"])
    let texts = try reviews.samples().samples.map(\.text)

    // The 10,000 most frequent words; 0 fills short reviews, 1 stands for rarer words.
    let words = TextVectorization(adaptedTo: texts, limit: 10_000, length: 200)
    return reviews.pipeline
        .shuffle(seed: 7)
        .map("words") { Sample(input: try words($0.text), target: $0.label) }
        .batch(32)
        .prefetch()
}
