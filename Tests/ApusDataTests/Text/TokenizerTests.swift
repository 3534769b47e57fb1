import Apus
import TestSupport
import Testing

@Suite struct TokenizerTests {
    static let texts = [
        "", " ", "Hello, world!", "  two  blanks\n\tand a tab ", "naïve café — “quoted”", "数学は楽しい。", "👩‍👩‍👧 emoji 🇩🇪",
        "e\u{301} and \u{e9}", "\u{0}\u{feff}control\r\n", "12345 67,89", "snake_case don't",
    ]

    private func words(_ tokenizer: BytePairTokenizer) -> [String] {
        (260..<tokenizer.count).map { tokenizer.decode([$0]) }
    }

    /// The words of Sennrich et al. (2016), with the joined pairs that follow from their counts.
    @Test func pairsAreJoinedByFrequency() throws {
        let texts =
            [String](repeating: "low", count: 5) + [String](repeating: "lower", count: 2)
            + [String](repeating: "newest", count: 6) + [String](repeating: "widest", count: 3)
        let tokenizer = try BytePairTokenizer(trainedOn: texts, count: 267)
        #expect(words(tokenizer) == ["es", "est", "lo", "low", "ew", "new", "newest"])
        #expect(tokenizer.encode("lowest") == [263, 261])
        #expect(tokenizer.encode("wow").count == 3)
        // Counts of pairs that a join has changed are those of all words as they are then.
        let all = try BytePairTokenizer(trainedOn: texts, count: 10_000)
        #expect(words(all).suffix(5) == ["dest", "idest", "widest", "er", "lower"] && all.encode("newest").count == 1)
        #expect(all.encode("lower").count == 1)
    }

    @Test func everyTextComesBack() throws {
        let tokenizer = try BytePairTokenizer(trainedOn: Self.texts + Self.texts, count: 400)
        var random = RandomSource(seed: 5)
        var texts = Self.texts
        for _ in 0..<200 {
            let scalars = (0..<random.integer(below: 30)).compactMap { _ in
                Unicode.Scalar(UInt32(random.integer(below: random.chance(0.5) ? 0x100 : 0x2fa20)))
            }
            var text = String.UnicodeScalarView()
            text.append(contentsOf: scalars)
            texts.append(String(text))
        }
        for text in texts {
            let back = tokenizer.decode(tokenizer.encode(text))
            #expect(Array(back.utf8) == Array(text.utf8))
        }
        #expect(tokenizer.decode([0, 1, 99_999, -1]) == "" && tokenizer.token("[END]") == 3)
    }

    @Test func whatIsSavedDoesTheSame() throws {
        let folder = TemporaryFolder()
        func check<T: Tokenizer>(_ tokenizer: T, _ texts: [String]) throws -> T {
            try tokenizer.save(to: folder.file("tokenizer.json"))
            let read = try T(path: folder.file("tokenizer.json"))
            for text in texts {
                let tokens = try tokenizer.encode(text)
                #expect(try read.encode(text) == tokens && read.decode(tokens) == tokenizer.decode(tokens))
            }
            #expect(read.count == tokenizer.count)
            checkDamage(to: Array(tokenizer.json.text().utf8), count: 300) {
                _ = try T(json: try JSON(parsing: $0, place: "x"), place: "x").encode("a")
            }
            return read
        }
        let pairs = try BytePairTokenizer(trainedOn: Self.texts + Self.texts, count: 300)
        #expect(try check(pairs, Self.texts) == pairs)
        let words = WordTokenizer(trainedOn: Self.texts, normalizer: [.compatible, .lowercase, .withoutAccents])
        #expect(try check(words, Self.texts) == words)
        let characters = CharacterVocabulary(of: Self.texts.joined())
        _ = try check(characters, Self.texts)
        let lookup = StringLookup(["a", "b"], unknown: 3, mask: "", output: .tfIdf, rarities: [0.5, 0.25])
        let lookupRead = try StringLookup(json: try JSON(parsing: lookup.json.text()), place: "x")
        #expect(
            try lookupRead(["a", "b", "c"]).array(of: Float.self) == lookup(["a", "b", "c"]).array(of: Float.self))
        let texts = TextVectorization(adaptedTo: Self.texts, ngrams: 2, output: .tfIdf)
        let textsRead = try TextVectorization(json: try JSON(parsing: texts.json.text()), place: "x")
        #expect(try textsRead(Self.texts).array(of: Float.self) == texts(Self.texts).array(of: Float.self))
        let hashing = TextHashing(buckets: 10, ngrams: 2, isSigned: true)
        #expect(try TextHashing(json: hashing.json, place: "x") == hashing)
        #expect(
            refusal { _ = try WordTokenizer(json: pairs.json, place: "file x") }?.description
                == "file x: its \"kind\" is not \"word tokenizer\"; read it as what was saved, or save it again")
    }

    @Test func wordsAndSignsAreNumbers() throws {
        let words = WordTokenizer(trainedOn: ["A dog, a cat.", "A fox!"])
        #expect(words.vocabulary == ["a", "!", ",", ".", "cat", "dog", "fox"] && words.count == 11)
        let numbers = words.encode("A cow, a dog.", framed: true)
        #expect(numbers == [2, 4, 1, 6, 4, 9, 7, 3])
        #expect(words.decode(numbers + [4, 0]) == "a [UNK] , a dog .")
        let few = WordTokenizer(trainedOn: ["b b a a c"], limit: 2, least: 2)
        #expect(few.vocabulary == ["a", "b"] && few.encode("c b") == [1, 5])
        #expect(try words(["a dog", "a"]).array(of: Int.self) == [4, 9, 4, 0])
        #expect("don't naïve x_1 数".wordsAndSigns == ["don", "'", "t", "naïve", "x_1", "数"])
    }

    @Test func rowsGetOneLength() throws {
        let rows = [[1, 2, 3], [4], []]
        #expect(try Tensor.padded(rows).array(of: Int.self) == [1, 2, 3, 4, 0, 0, 0, 0, 0])
        #expect(try Tensor.padded(rows, length: 2).array(of: Int.self) == [1, 2, 4, 0, 0, 0])
        #expect(
            try Tensor.padded(rows, length: 2, with: -1, at: .start, cutting: .start).array(of: Int.self)
                == [2, 3, -1, 4, -1, -1])
        #expect(
            refusal { _ = try Tensor.padded([[1 << 40]]) }?.problem == "1099511627776 in row 0 does not fit int32")
        #expect(refusal { _ = try Tensor.padded(rows, length: -1) } != nil)
    }

    @Test func wordsAreHashed() throws {
        let hashing = TextHashing(buckets: 1000, ngrams: 2)
        let x = try hashing(["the cat the", "The CAT!", ""])
        #expect(x.shape == [3, 1000])
        // the, cat, the, the cat, cat the
        #expect(try x.sum(axes: [1]).array(of: Float.self) == [5, 3, 0])
        #expect(try x.max(axes: [1]).array(of: Float.self) == [2, 1, 0])
        let signed = try TextHashing(buckets: 8, isSigned: true)(["a b c d e f g h i j k l"])
        #expect(abs(try signed.sum().item()) < 12)
        #expect(refusal { _ = try TextHashing(buckets: 0)(["a"]) }?.problem == "0 places, runs of 1 words")
    }

    @Test func shakespeareIsLearnt() throws {
        guard let path = SharedFiles.path("tiny-shakespeare/input.txt") else { return }
        let text = String(try TextFile.read(path).prefix(100_000))
        let tokenizer = try BytePairTokenizer(trainedOn: [text], count: 500)
        let tokens = tokenizer.encode(text)
        #expect(tokenizer.count == 500 && tokens.count < text.utf8.count * 6 / 10)
        #expect(tokenizer.decode(tokens) == text && words(tokenizer).contains(" the"))
    }
}
