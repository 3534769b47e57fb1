import Apus

/// English sentences with their German translations, as numbers of their words, in batches of similar lengths.
///
///     for batch in try translations("multi30k").elements() { ... }    // inputs [64, words], targets [64, words]
public func translations(_ folder: String) throws -> Pipeline<Batch> {
    let corpus = try ParallelCorpus(source: "\(folder)/train.en.gz", target: "\(folder)/train.de.gz")
    let english = WordTokenizer(trainedOn: corpus.pairs.map(\.source), limit: 6000)
    let german = WordTokenizer(trainedOn: corpus.pairs.map(\.target), limit: 8000)

    // A decoder is told where a sentence begins, and says where it ends.
    return corpus.pipeline
        .shuffle(seed: 7)
        .map("words") { pair in
            Sample(input: english.encode(pair.source), target: german.encode(pair.target, framed: true))
        }
        .bucketByLength([10, 16, 24], sizes: [64]) { $0.input.count }
        .prefetch()
}
