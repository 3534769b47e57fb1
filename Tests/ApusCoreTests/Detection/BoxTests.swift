import ApusCore
import TestSupport
import Testing

@Suite struct BoxTests {
    /// Boxes, scores and classes of an exercise with known answers.
    static let boxes = Tensor([0, 0, 10, 10, 1, 1, 11, 11, 20, 20, 30, 30, 0, 0, 10, 10] as [Double], shape: [4, 4])
    static let scores = Tensor([0.9, 0.8, 0.7, 0.6])
    static let classes = Tensor([Int32(0), 0, 0, 1])

    @Test func overlapOfKnownBoxes() throws {
        let overlaps: [Double] = try boxIoU(Self.boxes, Self.boxes).array()
        #expect(Swift.abs(overlaps[1] - 0.680672268907563) < 1e-14)
        #expect(overlaps[2] == 0 && overlaps[0] == 1 && overlaps[3] == 1)
        let unit = boxIoU(
            Tensor([0, 0, 2, 2] as [Double], shape: [1, 4]), Tensor([1, 1, 3, 3] as [Double], shape: [1, 4]))
        #expect(Swift.abs(try unit.item() - 0.142857142857143) < 1e-14)
    }

    @Test(arguments: BoxMatch.allCases)
    func boxesWithoutAreaMatchWithAFiniteNumber(_ match: BoxMatch) throws {
        let points = Tensor([1, 1, 1, 1, 2, 3, 2, 3] as [Double], shape: [2, 4])
        let (value, gradients) = valueAndGradient(at: [points]) { boxIoU($0[0], $0[0], match).sum() }
        #expect(try value.item().isFinite)
        #expect(try gradients[0].isFinite().all().item() == 1)
    }

    @Test func suppressionKeepsTheBestOfEachClass() throws {
        func kept(_ threshold: Double, classes: Tensor? = BoxTests.classes, limit: Int? = nil) throws -> [Int] {
            try nonMaximumSuppression(
                Self.boxes, scores: Self.scores, classes: classes, threshold: threshold, limit: limit
            ).array()
        }
        #expect(try kept(0.5) == [0, 2, 3])
        #expect(try kept(0.7) == [0, 1, 2, 3])
        #expect(try kept(0.5, classes: nil) == [0, 2])
        #expect(try kept(0.5, limit: 2) == [0, 2])
        #expect(try kept(0.5, limit: 0) == [])
    }

    @Test func suppressionOfNothingAndOfNaN() throws {
        let none = nonMaximumSuppression(Tensor.zeros([0, 4]), scores: Tensor.zeros([0]), threshold: 0.5)
        #expect(none.shape == [0] && none.error == nil && none.dtype == .int64)
        let soft = softNonMaximumSuppression(Tensor.zeros([0, 4]), scores: Tensor.zeros([0]))
        #expect(soft.indices.shape == [0] && soft.scores.shape == [0])
        let odd = nonMaximumSuppression(
            Self.boxes, scores: Tensor([.nan, 0.1, 0.2, 0.3]), classes: Self.classes, threshold: 0.5)
        #expect(try odd.array(of: Int.self) == [3, 2, 1])
    }

    @Test func softSuppressionLowersScores() throws {
        let soft = softNonMaximumSuppression(
            Self.boxes, scores: Self.scores, decay: .linear(threshold: 0.3), least: 0.01)
        // Box 3 equals box 0, so that nothing is left of it; box 1 keeps 1 - 0.68 of its score.
        #expect(try soft.indices.array(of: Int.self) == [0, 2, 1])
        let scores: [Double] = try soft.scores.array()
        #expect(Swift.abs(scores[2] - 0.8 * (1 - 0.680672268907563)) < 1e-6)
    }

    @Test func formatsGoThereAndBack() throws {
        let boxes = Tensor([1, 2, 5, 4, 0, 0, 3, 7] as [Double], shape: [2, 1, 4])
        for source in BoxFormat.allCases {
            for target in BoxFormat.allCases {
                let there = convertBoxes(boxes, from: source, to: target)
                let back = convertBoxes(there, from: target, to: source)
                #expect(back.shape == boxes.shape)
                #expect(try (back - boxes).absolute().max().item() < 1e-12)
            }
        }
        let center = convertBoxes(Tensor([0, 0, 4, 2]), from: .corners, to: .centerAndSize)
        #expect(try center.array(of: Double.self) == [2, 1, 4, 2])
    }

    @Test func decodingUndoesEncoding() throws {
        var random = TestRandom(5)
        let (boxes, anchors) = (random.boxes(6), random.boxes(6))
        let moves = encodeBoxes(boxes, anchors: anchors, weights: [10, 10, 5, 5])
        let back = decodeBoxes(moves, anchors: anchors, weights: [10, 10, 5, 5])
        #expect(try (back - boxes).absolute().max().item() < 1e-12)
        let large = decodeBoxes(
            Tensor([0, 0, 1000, 1000] as [Double], shape: [1, 4]),
            anchors: Tensor([0, 0, 1, 1] as [Double], shape: [1, 4]))
        #expect(try large.isFinite().all().item() == 1)
    }

    @Test func smallBoxesAndBoxesOfMasks() throws {
        let sizes = largeBoxes(Tensor([0, 0, 4, 4, 0, 0, 4, 1, 2, 2, 5, 5] as [Double], shape: [3, 4]), size: 3)
        #expect(try sizes.array(of: Int.self) == [0, 2])
        var mask = [Int32](repeating: 0, count: 40)
        for place in [4 + 2, 4 * 3 + 1] { mask[place] = 1 }
        let boxes = boxesOfMasks(Tensor(mask, shape: [2, 5, 4]))
        #expect(try boxes.array(of: Double.self) == [1, 1, 2, 3, 0, 0, 0, 0])
        #expect(boxesOfMasks(Tensor.zeros([3, 0, 4])).shape == [3, 4])
        #expect(boxesOfMasks(Tensor.zeros([0, 2, 4])).shape == [0, 4])
    }

    @Test func anchorsStandOnTheGrid() throws {
        let anchors = anchorBoxes(sizes: [4], ratios: [1], image: (8, 8), map: (2, 2))
        #expect(
            try anchors.array(of: Double.self) == [-2, -2, 2, 2, 2, -2, 6, 2, -2, 2, 2, 6, 2, 2, 6, 6])
        let tall = anchorBoxes(sizes: [4], ratios: [4], image: (8, 8), map: (1, 1), isRounded: false)
        #expect(try tall.array(of: Double.self) == [-1, -4, 1, 4])
    }

    @Test func mistakesAreNamed() {
        let four = Tensor.zeros([2, 4])
        #expect(
            boxIoU(four, Tensor.zeros([4])).error?.description
                == "operation boxIoU: boxes of shape [4]; give boxes as [n, 4]")
        #expect(
            boxAreas(Tensor.zeros([2, 3])).error?.description
                == "operation boxAreas: boxes of shape [2, 3]; give boxes as [.., 4]")
        #expect(
            boxAreas(four.cast(to: .int32)).error?.description
                == "operation boxAreas: boxes of type int32; cast them to float32")
        #expect(
            nonMaximumSuppression(four, scores: Tensor.zeros([3]), threshold: 0.5).error?.description
                == "operation nonMaximumSuppression: boxes of shape [2, 4], scores of shape [3]; "
                + "give boxes [n, 4] and scores [n]"
        )
        #expect(
            nonMaximumSuppression(four, scores: Tensor.zeros([2]), threshold: .nan).error?.description
                == "operation nonMaximumSuppression: threshold nan; use a threshold from 0 to 1 "
                + "and a limit of 0 or more"
        )
        #expect(
            nonMaximumSuppression(four, scores: Tensor.zeros([2]), classes: Tensor.zeros([2]), threshold: 0.5).error?
                .description
                == "operation nonMaximumSuppression: classes of shape [2] (float32) for 2 boxes; "
                + "give an integer for each box: [n]"
        )
        #expect(
            softNonMaximumSuppression(four, scores: Tensor.zeros([2]), decay: .gaussian(sigma: 0)).scores.error?
                .description == "operation softNonMaximumSuppression: sigma 0.0; use a number above 0")
        #expect(
            encodeBoxes(four, anchors: Tensor.zeros([3, 4])).error?.description
                == "operation encodeBoxes: boxes of shape [2, 4] (float32), anchors of shape [3, 4] "
                + "(float32); give an anchor of the same type for each box"
        )
        #expect(
            decodeBoxes(four, anchors: four, weights: [1]).error?.description
                == "operation decodeBoxes: weights [1.0]; give four numbers above 0: of x, y, width and height")
        #expect(
            clipBoxes(four, height: -1, width: 2).error?.description
                == "operation clipBoxes: an image of height -1.0 and width 2.0; use a height and a width of 0 or more")
        #expect(
            boxesOfMasks(four).error?.description
                == "operation boxesOfMasks: masks of shape [2, 4]; give masks [n, height, width]")
        #expect(anchorBoxes(sizes: [0], ratios: [1], image: (8, 8), map: (2, 2)).error?.kind == .value)
        #expect(anchorBoxes(sizes: [1], ratios: [1], image: (8, .max), map: (2, 2)).error?.kind == .value)
    }
}
