import Apus
import TestSupport
import Testing

@Suite struct RobustnessTests {
    private static let digits = Result { try Digits.generate(count: 400, seed: 3) }

    private static func rows(_ images: [Image]) throws -> Tensor {
        try Image.collated(images).reshaped(to: [images.count, 28 * 28])
    }

    @Test func accuracyIsReportedByChallengeAndSeverity() throws {
        let digits = try Self.digits.get()
        let train = try digits.train.dataset.pictures(Array(0..<200)),
            test = try digits.test.dataset.pictures(Array(0..<24))
        #expect(train[5].label == Int(digits.train.labels[5]))
        #expect(try train[5].image == digits.train.image(at: 5))
        let labels = Tensor(train.map { Int64($0.label ?? 0) }, shape: [train.count])
        let model = try NearestNeighbors.fit(Self.rows(train.map(\.image)), labels, k: 1)
        let robustness = try Robustness(of: test, batch: 10, seed: 2) { images in
            try model.predict(Self.rows(images)).cast(to: .int64).array(of: Int64.self).map { Int($0) }
        }
        #expect(robustness.cleanAccuracy > 0.7 && robustness.count == 24)
        for challenge in RecognitionChallenge.allCases {
            let found = try #require(robustness.accuracies[challenge])
            #expect(found.count == 5 && found[4] <= found[0] + 0.1, "\(challenge): \(found)")
            #expect(
                abs(try #require(robustness.score(challenge)) * robustness.cleanAccuracy * 5 - found.reduce(0, +))
                    < 1e-9)
        }
        #expect(robustness.accuracies[.viewpoint].map { $0[4] < robustness.cleanAccuracy } == true)
        let lines = robustness.description.split(separator: "\n")
        #expect(lines.count == 8 && lines[1].hasPrefix("challenge") && lines[2].hasPrefix("viewpoint"))
        #expect(robustness.weakest.flatMap { robustness.score($0) } ?? 2 <= robustness.score ?? 0)
    }

    @Test func severitiesAreGraded() throws {
        var photo = try AnnotatedImageTests.rectangle(width: 40, height: 36, left: 10, top: 9, right: 28, bottom: 27)
        photo.image = try photo.image.withChannels(3)
        for challenge in RecognitionChallenge.allCases {
            var last = 0.0
            for severity in RecognitionChallenge.severities {
                var difference = 0.0
                for seed in 0..<6 {
                    var random = RandomSource(seed: UInt64(seed))
                    let changed = try challenge.transform(severity: severity)(photo, using: &random)
                    #expect(changed.image.width == 40 && changed.image.height == 36 && changed.objects.count == 1)
                    difference += zip(changed.image.pixels, photo.image.pixels).reduce(0) {
                        $0 + abs(Double($1.0) - Double($1.1))
                    }
                }
                #expect(difference > last, "\(challenge) \(severity)")
                last = difference
            }
        }
        // What is behind an object changes, the object does not.
        var random = RandomSource(seed: 1)
        let cluttered = try RecognitionChallenge.background.transform(severity: 5)(photo, using: &random)
        let mask = try #require(photo.mask)
        for pixel in mask.pixels.indices where mask.pixels[pixel] != 0 {
            #expect(cluttered.image.pixels[3 * pixel] == 220)
        }
        var plain = photo
        plain.mask = nil
        random = RandomSource(seed: 1)
        #expect(
            try RecognitionChallenge.background.transform(severity: 5)(plain, using: &random).image == cluttered.image)
        #expect(
            refusal { try LabelRules.digits.check(changesOf: RecognitionChallenge.viewpoint.transform(severity: 4)) }
                != nil)
        for severity in [0, 6] {
            let wrong = RecognitionChallenge.occlusion.transform(severity: severity)
            #expect(refusal { _ = try wrong(photo, using: &random) }?.problem == "a severity of \(severity)")
        }
        #expect(refusal { _ = try Robustness(of: [photo], seed: 1) { _ in [0] } }?.kind == .data)
        photo.label = 0
        #expect(refusal { _ = try Robustness(of: [photo], seed: 1) { _ in [] } }?.problem == "0 classes for 1 pictures")
        let hopeless = try Robustness(of: [photo], challenges: [.occlusion], seed: 1) { _ in [1] }
        #expect(hopeless.score == nil && hopeless.accuracies == [.occlusion: [0, 0, 0, 0, 0]])
    }

    /// Small turns, moves and changes of scale of a small training set: labels stay, and accuracy rises.
    @Test func augmentedDigitsAreRecognisedBetter() throws {
        let digits = try Self.digits.get()
        let train = try digits.train.dataset.pictures(Array(0..<60)),
            test = try digits.test.dataset.pictures(Array(0..<40))
        let source = Pipeline(train)
        let copies = try source.augment(
            [.affine(degrees: 10, shift: 0.1, zoom: 0.1)], keeping: .digits, seed: 4)
        var more = train
        for epoch in 0..<8 { more += try copies.elements(epoch: epoch) }
        #expect(more.map(\.label) == (0..<9).flatMap { _ in train.map(\.label) })
        func accuracy(_ pictures: [AnnotatedImage]) throws -> Double {
            let labels = Tensor(pictures.map { Int64($0.label ?? 0) }, shape: [pictures.count])
            let model = try NearestNeighbors.fit(Self.rows(pictures.map(\.image)), labels, k: 1)
            let found = try model.predict(Self.rows(test.map(\.image))).cast(to: .int64).array(of: Int64.self)
            return Double(zip(found, test).filter { Int($0) == $1.label }.count) / Double(test.count)
        }
        let (few, many) = (try accuracy(train), try accuracy(more))
        #expect(many > few, "\(few) \(many)")
    }

    @Test func dataWithoutPicturesIsRefused() throws {
        #expect(refusal { _ = try DatasetTests.numbered(3).pictures() }?.kind == .shape)
        #expect(refusal { _ = try Digits.generate(count: 10).train.dataset.pictures([99]) }?.kind == .index)
    }
}
