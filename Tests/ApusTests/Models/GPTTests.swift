import Apus
import TestSupport
import Testing

@Suite struct GPTTests {
    @Test func smallModelHasItsNumberOfParameters() throws {
        let model = GPT.small(vocabulary: 65)
        let summary = try Summary(model, inputShape: [1, 128], dtype: .int32)
        #expect(summary.trainable == 3_225_600)
        #expect(summary.rows.reduce(0) { $0 + $1.trainable } == 3_225_600)
        #expect(summary.rows.map(\.path) == ["embedding", "positions", "dropout", "blocks", "head"])
        #expect(summary.rows.last?.output == [1, 128, 65])
        let nested = try Summary(model, inputShape: [1, 128], dtype: .int32, nested: true)
        #expect(nested.rows.contains { $0.path == "blocks.layers.3.feedForward.outer" && $0.trainable == 262_400 })
        #expect(nested.rows.reduce(0) { $0 + $1.trainable } == 3_225_600)
        #expect(model.parameter(at: "blocks.layers.0.attention.query.weight")?.shape == [256, 256])
    }

    /// With the caches each step gives what a pass over the whole sequence gives.
    @Test func cachedStepsAgreeWithTheWholeSequence() throws {
        let model = GPT(vocabulary: 11, context: 8, width: 12, layers: 2, heads: 3)
        try model.build(inputShape: [1, 8], dtype: .int32, seed: 4)
        // Larger values, so that scores are not all alike.
        for parameter in model.parameters { parameter.value = try (parameter.value * 12).evaluated() }
        var sequence = [3, 1]
        for _ in 0..<6 {
            let scores = model(Tensor(sequence.map { Int32($0) }, shape: [1, sequence.count]))
            let last: [Float] = try scores.slice(axis: 1, sequence.count - 1..<sequence.count).array()
            let best = last.indices.max { last[$0] < last[$1] } ?? 0
            sequence.append(best)
        }
        #expect(try model.generate(from: [3, 1], count: 6, sampler: .greedy) == Array(sequence[2...]))
        // Beyond the context it goes on with the later half.
        #expect(try model.generate(from: [3, 1], count: 30, sampler: .greedy).count == 30)
        #expect(try model.generate(from: Array(repeating: 2, count: 20), count: 3).count == 3)
        var seen: [Int] = []
        let stopped = try model.generate(from: [0], count: 9) {
            seen.append($0)
            return seen.count < 4
        }
        #expect(stopped == seen && seen.count == 4)
    }

    @Test func everyPositionOfTheBatchIsLearnt() throws {
        // The next number of a fixed walk.
        let walk = [0, 3, 1, 4, 2]
        let tokens = (0..<200).map { Int32(walk[$0 % 5]) }
        let inputs = (0..<24).flatMap { tokens[$0..<$0 + 6] }
        let targets = (0..<24).flatMap { tokens[$0 + 1..<$0 + 7] }
        let data = try Dataset(inputs: Tensor(inputs, shape: [24, 6]), targets: Tensor(targets, shape: [24, 6]))
        let model = GPT(vocabulary: 5, context: 6, width: 16, layers: 1, heads: 2, dropout: 0.1)
        let trainer = Trainer(model, loss: .softmaxCrossEntropy, optimizer: .adamW(learningRate: 0.01))
        let history = try trainer.fit(data.batched(8), epochs: 40)
        #expect((history.epochs.last?.loss ?? 9) < 0.2)
        #expect(try model.generate(from: [0], count: 8, sampler: .greedy) == [3, 1, 4, 2, 0, 3, 1, 4])
    }

    @Test func wrongPromptsAreRefused() throws {
        let model = GPT(vocabulary: 5, context: 6, width: 8, layers: 1, heads: 2)
        for (prompt, count) in [([], 3), ([5], 3), ([-1], 3), ([0], -1)] as [([Int], Int)] {
            let error = refusal { _ = try model.generate(from: prompt, count: count) }
            #expect(
                error?.description == "GPT.generate: a prompt of \(prompt.count) tokens, \(count) to add; "
                    + "give at least one token in 0..<5, and a count of 0 or more")
        }
        for (vocabulary, context) in [(-3, 4), (5, 0), (5, -2)] {
            let wrong = GPT(vocabulary: vocabulary, context: context, width: 8, layers: 1, heads: 2)
            #expect(refusal { _ = try wrong.generate(from: [0, 1], count: 2) } != nil)
        }
        #expect(
            model(Tensor([1] as [Int32])).error?.description
                == "layer GPT: an input of shape [1]; feed tokens [batch, time]")
    }

    @Test func samplersChooseAmongTheLikeliest() throws {
        let scores: [Float] = [0, 2, 1, -.infinity, 2]
        #expect(try TokenSampler.greedy.probabilities(scores) == [0, 1, 0, 0, 0])
        #expect(try TokenSampler(topK: 2).probabilities(scores) == [0, 0.5, 0, 0, 0.5])
        #expect(try TokenSampler(topK: 100).probabilities(scores)[3] == 0)
        let cool = try TokenSampler(temperature: 0.1).probabilities(scores)
        #expect(cool[1] > 0.49)
        // The two likeliest have 0.39 each.
        let nucleus = try TokenSampler(topP: 0.7).probabilities(scores)
        #expect(nucleus.map { $0 > 0 } == [false, true, false, false, true])
        #expect(abs(nucleus.reduce(0, +) - 1) < 1e-12)
        var (a, b) = (TokenSampler(seed: 3), TokenSampler(seed: 3))
        var counts = [Int](repeating: 0, count: 5)
        for _ in 0..<2000 {
            let token = try a.next(scores)
            #expect(try b.next(scores) == token)
            counts[token] += 1
        }
        let expected = try TokenSampler().probabilities(scores)
        for (count, share) in zip(counts, expected) { #expect(abs(Double(count) / 2000 - share) < 0.04) }
        for sampler in [
            TokenSampler(temperature: -1), TokenSampler(temperature: .nan), TokenSampler(topK: 0),
            TokenSampler(topP: 0), TokenSampler(topP: 1.5),
        ] { #expect(refusal { _ = try sampler.probabilities(scores) }?.kind == .value) }
        #expect(
            refusal { _ = try TokenSampler().probabilities([.nan, -.infinity]) }?.problem
                == "none of 2 scores is a finite number")
    }

    @Test func charactersHaveTokens() throws {
        let vocabulary = CharacterVocabulary(of: "hello world")
        #expect(vocabulary.characters == [" ", "d", "e", "h", "l", "o", "r", "w"])
        #expect(vocabulary.decode(try vocabulary.encode("hold")) == "hold")
        #expect(vocabulary.decode([0, 99]) == " ")
        let windows = try vocabulary.windows(of: "hello world", length: 4, step: 3)
        #expect(windows.count == 3 && windows.inputShape == [4] && windows.targetShape == [4])
        #expect(refusal { _ = try vocabulary.encode("hex") }?.problem == "\"x\" is not among its 8 characters")
        #expect(
            refusal { _ = try vocabulary.windows(of: "hell", length: 4) }?.problem
                == "pieces of 4 with step 4 of 4 characters")
        #expect(CharacterVocabulary(of: "").count == 0)
    }
}
