import ApusCore
import ApusData
import TestSupport
import Testing

/// Strings and texts as numbers, with the values that Keras documents for its layers of these names.
@Suite struct TextLookupTests {
    private func integers(_ tensor: Tensor) throws -> [Int] { try tensor.array() }
    private func numbers(_ tensor: Tensor) throws -> [Double] { try tensor.cast(to: .float64).array() }

    @Test func stringsArePlacesInTheVocabulary() throws {
        var lookup = StringLookup()
        lookup.adapt(to: [["a", "c", "d"], ["d", "z", "b"]])
        #expect(lookup.vocabulary == ["d", "z", "c", "b", "a"] && lookup.count == 6)
        let x = try lookup([["a", "c", "d"], ["d", "z", "nothing"]])
        #expect(x.shape == [2, 3] && x.dtype == .int64)
        #expect(try integers(x) == [5, 3, 1, 1, 2, 0])
        #expect(lookup.strings(of: [5, 3, 1, 0, 9, -1]) == ["a", "c", "d", "[UNK]", "[UNK]", "[UNK]"])
        let two = StringLookup(["a", "b", "c", "d"], unknown: 2)
        let unknown = try integers(two(["a", "c", "d", "m", "z"]))
        #expect(Array(unknown[0..<3]) == [2, 4, 5] && unknown[3...].allSatisfy { $0 < 2 })
        let masked = StringLookup(["a", "b"], mask: "")
        #expect(try integers(masked(["", "b", "x"])) == [0, 3, 1] && masked.strings(of: [0, 2]) == ["", "a"])
        lookup.adapt(to: ["x", "y", "y"], limit: 1)
        #expect(lookup.vocabulary == ["y"])
        #expect(try StringLookup()([[String]]()).shape == [0, 0])
    }

    @Test func rowsOfOnesCountsAndWeights() throws {
        let vocabulary = ["a", "b", "c", "d"]
        let row = ["a", "c", "d", "d", "z"]
        let oneHot = try StringLookup(vocabulary, output: .oneHot)(["a", "d", "z"])
        #expect(oneHot.shape == [3, 5])
        #expect(try numbers(oneHot) == [0, 1, 0, 0, 0, 0, 0, 0, 0, 1, 1, 0, 0, 0, 0])
        #expect(try numbers(StringLookup(vocabulary, output: .multiHot)(row)) == [1, 1, 0, 1, 1])
        #expect(try numbers(StringLookup(vocabulary, output: .count)(row)) == [1, 1, 0, 1, 2])
        // Unknown strings are as rare as the mean of the others.
        let weighed = StringLookup(vocabulary, output: .tfIdf, rarities: [0.25, 0.75, 0.6, 0.4])
        #expect(try difference(weighed(row), Tensor([0.5, 0.25, 0, 0.6, 0.8] as [Double])) < 1e-7)
        let ragged = try StringLookup(vocabulary, mask: "", output: .count)([["a"], ["b", "b", ""]])
        #expect(ragged.shape == [2, 5])
        #expect(try numbers(ragged) == [0, 1, 0, 0, 0, 0, 0, 2, 0, 0])
        var learnt = StringLookup(output: .tfIdf)
        learnt.adapt(to: [["x", "x", "y"], ["x"], ["z"]])
        // log(1 + 3 / (1 + rows))
        #expect(learnt.vocabulary == ["x", "z", "y"])
        #expect(
            zip(learnt.rarities, [0.6931471805599453, 0.9162907318741551, 0.9162907318741551]).allSatisfy {
                abs($0 - $1) < 1e-15
            })
    }

    @Test func mistakesAreNamed() {
        #expect(
            refusal { _ = try StringLookup(["a"], unknown: 0)(["b"]) }?.description
                == "StringLookup: \"b\" is not among its 1 strings; adapt it to all data, or keep a number for unknown "
                + "strings")
        #expect(
            refusal { _ = try StringLookup(["a"])([["a"], []]) }?.description
                == "StringLookup: rows of [0, 1] strings; give rows of equal length, or ask for counts")
        #expect(refusal { _ = try StringLookup(["a"], unknown: -1)(["b"]) }?.kind == .value)
        #expect(refusal { _ = try StringLookup(["a"], rarities: [1, 2])(["b"]) }?.kind == .value)
        #expect(
            refusal { _ = try TextVectorization(ngrams: 0)(["a"]) }?.description
                == "TextVectorization: runs of 0 words, length 0; use runs of 1 to 64 words and a length of 0 to 16777216"
        )
    }

    @Test func textsAreNumbersOfTheirWords() throws {
        var words = TextVectorization(length: 4)
        words.adapt(to: ["foo bar", "bar baz", "baz bada boom"])
        #expect(words.vocabulary == ["baz", "bar", "foo", "boom", "bada"] && words.count == 7)
        let x = try words(["foo qux bar", "qux baz", "Foo, FOO! baz bar bada"])
        #expect(x.shape == [3, 4])
        #expect(try integers(x) == [4, 1, 3, 0, 1, 2, 0, 0, 4, 4, 2, 3])
        let fixed = TextVectorization(vocabulary: ["earth", "wind", "and", "fire"], output: .count)
        #expect(try numbers(fixed(["earth and earth", "Fire? Ice!"])) == [0, 2, 0, 1, 0, 1, 0, 0, 0, 1])
        let free = try TextVectorization(vocabulary: ["a", "b"])(["a b a", "b"])
        #expect(try integers(free) == [2, 3, 2, 3, 0, 0])
    }

    @Test func wordsAreStandardizedAndJoined() {
        func words(_ text: String, _ layer: TextVectorization) -> [String] { layer.words(of: text) }
        let text = "Don't  stop\n[me]"
        #expect(words(text, TextVectorization()) == ["dont", "stop", "me"])
        #expect(words(text, TextVectorization(standardization: .none)) == ["Don't", "stop", "[me]"])
        #expect(words(text, TextVectorization(standardization: .lowercase)) == ["don't", "stop", "[me]"])
        #expect(words(text, TextVectorization(standardization: .withoutPunctuation)) == ["Dont", "stop", "me"])
        #expect(words("A b", TextVectorization(split: .characters)) == ["a", " ", "b"])
        #expect(words("A b", TextVectorization(split: .none)) == ["a b"])
        #expect(words("a b c", TextVectorization(ngrams: 2)) == ["a", "b", "c", "a b", "b c"])
        #expect(words("a", TextVectorization(ngrams: 3)) == ["a"])
    }
}
