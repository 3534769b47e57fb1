import Apus
import Testing

/// Figures of texts against numbers that the methods' papers and other libraries print, in one piece and in parts.
@Suite struct TextMetricTests {
    private let heard = ["this is the prediction", "there is an other sample"]
    private let said = ["this is the reference", "there is another one"]
    private let translation = "the cat is on the mat"
    private let references = ["there is a cat on the mat", "a cat is on the mat"]

    private func close(_ value: Double, _ expected: Double, _ tolerance: Double = 5e-5) {
        #expect(abs(value - expected) <= tolerance, "\(value), expected \(expected)")
    }

    @Test func translations() throws {
        var bleu = BLEU()
        bleu.update(translation, references: references)
        close(bleu.value, 0.7598)
        #expect(bleu.brevityPenalty == 1)
        var campaign = BLEU(smoothing: .exponential, tokenizer: .machineTranslation)
        campaign.update(translation, references: references)
        close(campaign.value, 0.7598)
        // The example of the paper: "the" is matched twice at most.
        var modified = BLEU(order: 1)
        modified.update(
            "the the the the the the the", references: ["the cat is on the mat", "there is a cat on the mat"])
        close(modified.value, 2.0 / 7)
        var short = BLEU(order: 1)
        short.update("the cat", references: ["the cat is here"])
        close(short.value, 0.36788)
        var smooth = BLEU(order: 2, smoothing: .addOne)
        smooth.update("a b", references: ["b a"])
        close(smooth.value, (1.0 * 1 / 2).squareRoot())
        #expect(BLEU().value == 0)
        var score = CharacterFScore()
        score.update(translation, references: references)
        close(score.value, 0.8640)
        var rate = TranslationEditRate()
        rate.update(translation, references: references)
        close(rate.value, 0.1538)
        // One shift of a run costs as much as one edit.
        var shifted = TranslationEditRate()
        shifted.update("c d a b", references: ["a b c d"])
        #expect(shifted.value == 0.25)
    }

    @Test func machineTranslationTokens() {
        #expect(
            TextTokenizer.machineTranslation.tokens("It's 3.5, e.g. \"a-b\" &amp; 2-3!")
                == ["It's", "3.5", ",", "e", ".", "g", ".", "\"", "a-b", "\"", "&", "2", "-", "3", "!"])
        #expect(TextTokenizer.characters.tokens("a b") == ["a", "b"])
    }

    @Test func summaries() throws {
        func score(_ kind: ROUGE.Kind, _ summary: String, _ references: [String]) -> ROUGE.Score {
            var rouge = ROUGE(kind)
            rouge.update(summary, references: references)
            return rouge.value
        }
        let (own, wanted) = ("My name is John", ["Is your name John"])
        let single = score(.runs(1), own, wanted)
        #expect(single.precision == 0.75 && single.recall == 0.75 && single.f1 == 0.75)
        #expect(score(.runs(2), own, wanted).f1 == 0)
        #expect(score(.longest, own, wanted).f1 == 0.5)
        #expect(score(.longestBySentence, own, wanted).f1 == 0.5)
        // Lin's example: "police killed the gunman", of which "police kill the gunman" has three words in order and
        // "the gunman kill police" two.
        let reference = ["police killed the gunman"]
        #expect(score(.longest, "police kill the gunman", reference).recall == 0.75)
        #expect(score(.longest, "the gunman kill police", reference).recall == 0.5)
        // Of several references the best, or the mean.
        #expect(score(.runs(1), "a b", ["c d", "a b"]).f1 == 1)
        var mean = ROUGE(.runs(1), choice: .mean)
        mean.update("a b", references: ["c d", "a b"])
        #expect(mean.value.f1 == 0.5)
        // Lin's union: "w1 w2 w3 w4 w5" shares w1 w2 with one sentence and w1 w3 w5 with the other: 4 of 5 words.
        close(score(.longestBySentence, "w1 w2 w6 w7 w8\nw1 w3 w8 w9 w5", ["w1 w2 w3 w4 w5"]).recall, 0.8)
    }

    @Test func transcriptions() {
        var words = TranscriptionErrors(), characters = TranscriptionErrors(.characters)
        for (hypothesis, reference) in zip(heard, said) {
            words.update(hypothesis, reference: reference)
            characters.update(hypothesis, reference: reference)
        }
        close(words.errorRate, 0.5)
        close(characters.errorRate, 0.3415)
        close(words.matchErrorRate, 0.4444)
        close(words.informationLost, 0.6528)
        close(words.informationPreserved, 0.3472)
        #expect(editDistance(Array("rain"), Array("shine")) == 3)
        #expect(editDistance(Array("kitten"), Array("sitting")) == 3)
        #expect(editDistance(Array("abc"), [Character]()) == 3)
        // A substitution for 2 is no better than leaving out and putting in.
        #expect(editDistance(Array("ab"), Array("ac"), substitution: .max) == 2)
        #expect(editDistance(Array("ab"), Array("ac"), substitution: .min) == 0)
        let extended = [(heard[0], said[0]), ("here is an other sample", "here is another one")]
            .map { extendedEditDistance($0.0, reference: $0.1) }
        close((extended[0] + extended[1]) / 2, 0.3078)
    }

    @Test func answers() {
        var score = AnswerScore()
        score.update("The 1976.", references: ["1976"])
        #expect(score.exactMatch == 1 && score.f1 == 1)
        score.update("in May of 1976", references: ["1976", "June 1976"])
        #expect(score.exactMatch == 0.5)
        close(score.f1, (1 + 2.0 * 1 / 5) / 2)
    }

    @Test func perplexityIsTheNumberOfEqualChoices() throws {
        var metric = Metric.perplexity(ignored: -100)
        try metric.update(Tensor.zeros([2, 3, 7]), Tensor([Int32(0), 6, -100, 3, 2, 1], shape: [2, 3]))
        close(try metric.value(), 7)
        let p = Tensor([0.5, 0.25, 0.25, 0.125, 0.125, 0.75] as [Double], shape: [2, 3])
        close(
            try Metric.perplexity(.probabilities(epsilon: nil, renormalizes: true))(p, Tensor([Int32(0), 1])).item(), 4,
            1e-12)
    }

    /// Parts that are merged are the whole, for every figure.
    @Test func partsMakeTheWhole() throws {
        let pairs = Array(zip(heard, said)) + [(translation, references[0])]
        func merged<Figure>(
            _ make: () -> Figure, _ update: (inout Figure, (String, String)) -> Void,
            _ merge: (inout Figure, Figure) throws -> Void, _ value: (Figure) -> Double
        ) throws {
            var (whole, first, second) = (make(), make(), make())
            for pair in pairs { update(&whole, pair) }
            update(&first, pairs[0])
            for pair in pairs[1...] { update(&second, pair) }
            try merge(&first, second)
            #expect(abs(value(first) - value(whole)) < 1e-12)
            #expect(value(whole) > 0 && value(whole) < 1)
        }
        try merged(
            { BLEU(order: 2) }, { $0.update($1.0, references: [$1.1]) }, { try $0.merge($1) }, \.value)
        try merged(
            { ROUGE(.runs(1)) }, { $0.update($1.0, references: [$1.1]) }, { try $0.merge($1) }, \.value.f1)
        try merged(
            { CharacterFScore() }, { $0.update($1.0, references: [$1.1]) }, { try $0.merge($1) }, \.value)
        try merged(
            { TranslationEditRate() }, { $0.update($1.0, references: [$1.1]) }, { $0.merge($1) }, \.value)
        for figure in [\TranscriptionErrors.errorRate, \.matchErrorRate, \.informationPreserved] {
            try merged(
                { TranscriptionErrors() }, { $0.update($1.0, reference: $1.1) }, { $0.merge($1) },
                { $0[keyPath: figure] })
        }
        try merged({ AnswerScore() }, { $0.update($1.0, references: [$1.1]) }, { $0.merge($1) }, \.f1)
    }

    @Test func otherKindsCantBeMerged() {
        var bleu = BLEU()
        #expect(throws: ApusError.self) { try bleu.merge(BLEU(order: 2)) }
        var rouge = ROUGE(.longest)
        #expect(throws: ApusError.self) { try rouge.merge(ROUGE(.runs(1))) }
        var score = CharacterFScore()
        #expect(throws: ApusError.self) { try score.merge(CharacterFScore(wordOrder: 0)) }
    }
}
