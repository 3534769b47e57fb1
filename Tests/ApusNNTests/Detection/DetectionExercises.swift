import Apus
import TestSupport
import Testing

/// Worked exercises on detectors and conditional random fields, and what their definitions promise.
@Suite struct DetectionExercises {
    private func close(_ tensor: Tensor, _ expected: [Double], _ tolerance: Double = 1e-9) throws {
        let values: [Double] = try tensor.array()
        #expect(values.count == expected.count)
        for (value, wanted) in zip(values, expected) {
            #expect(abs(value - wanted) <= tolerance, "\(values), expected \(expected)")
        }
    }

    /// Two boxes and five classes on grids of 7 and 13: both conventions.
    @Test(arguments: [(7, 980, 735), (13, 3380, 2535)])
    func outputsOfBothHeads(_ side: Int, _ perBox: Int, _ perCell: Int) {
        let anchors = GridHead(rows: side, columns: side, boxes: 2, classes: 5)
        #expect(anchors.cellCount == 20 && anchors.outputCount == perBox)
        let cells = GridHead(rows: side, columns: side, boxes: 2, classes: 5, scores: .perCell)
        #expect(cells.cellCount == 15 && cells.outputCount == perCell)
    }

    /// Cell (3, 2) of a grid of 7 on 448 pixels: centre (160, 208), extents 89.6 and 179.2, class score 0.4.
    @Test(arguments: [GridHead.Scores.perBox, .perCell])
    func aCellIsDecoded(_ scores: GridHead.Scores) throws {
        let head = GridHead(rows: 7, columns: 7, boxes: 1, classes: 2, scores: scores)
        var output = [Double](repeating: 0, count: head.outputCount)
        for (offset, number) in [0.5, 0.25, 0.2, 0.4, 0.8, 0.5, 0.25].enumerated() {
            output[(3 * 7 + 2) * head.cellCount + offset] = number
        }
        let found = head.decode(Tensor(output, shape: [1, head.outputCount]), image: (448, 448))
        #expect(found.boxes.shape == [1, 7, 7, 1, 4])
        let box = found.boxes[0, 3, 2, 0]
        try close(convertBoxes(box, from: .corners, to: .centerAndSize), [160, 208, 89.6, 179.2])
        try close(found.scores[0, 3, 2, 0], [0.4, 0.2])
        try close(found.confidences[0, 3, 2], [0.8])
    }

    @Test func encodingFindsTheCellAndComesBack() throws {
        let head = GridHead(rows: 4, columns: 6, boxes: 1, classes: 1)
        var random = TestRandom(3)
        for _ in 0..<20 {
            let (x, y) = (random.number(0...299), random.number(0...199))
            let (width, height) = (random.number(1...90), random.number(1...90))
            let box = BoundingBox(
                left: x - width / 2, top: y - height / 2, right: x + width / 2, bottom: y + height / 2)
            let cell = try head.encode(box, image: (200, 300))
            #expect(cell.row == Int(y / 50) && cell.column == Int(x / 50))
            var output = [Double](repeating: 0, count: head.outputCount)
            for (offset, number) in cell.numbers.enumerated() {
                output[(cell.row * 6 + cell.column) * head.cellCount + offset] = number
            }
            let found = head.decode(Tensor(output, shape: [1, 4, 6, head.cellCount]), image: (200, 300))
            try close(
                found.boxes[0, cell.row, cell.column, 0], [box.left, box.top, box.right, box.bottom], 1e-9)
        }
        let outside = BoundingBox(left: -5, top: 0, right: 1, bottom: 4)
        #expect(throws: ApusError.self) { try head.encode(outside, image: (200, 300)) }
        let strange = BoundingBox(left: .nan, top: 0, right: 1, bottom: 4)
        #expect(throws: ApusError.self) { try head.encode(strange, image: (200, 300)) }
    }

    @Test func boxesAndScoresOfSeveralBoxes() throws {
        let head = GridHead(rows: 1, columns: 1, boxes: 2, classes: 3, scores: .perCell)
        let output = Tensor.range(count: 13, dtype: .float64).reshaped(to: [1, 13])
        let (boxes, scores) = try head.split(output)
        try close(boxes[0, 0, 0, 1], [5, 6, 7, 8, 9])
        try close(scores[0, 0, 0, 0], [10, 11, 12])
        let own = try GridHead(rows: 1, columns: 1, boxes: 2, classes: 3).split(
            Tensor.range(count: 16, dtype: .float64).reshaped(to: [1, 16]))
        try close(own.boxes[0, 0, 0, 1], [8, 9, 10, 11, 12])
        try close(own.scores[0, 0, 0, 1], [13, 14, 15])
        let wrong = head.decode(Tensor.zeros([2, 12]), image: (1, 1)).boxes
        #expect(
            wrong.error?.description
                == "GridHead: an output of shape [2, 12] for 1 x 1 cells of 2 boxes and 3 classes; "
                + "give [batch, 1, 1, 13]"
        )
        let huge = GridHead(rows: .max, columns: .max, boxes: .max, classes: .max)
        #expect(huge.decode(Tensor.zeros([2, 12]), image: (1, 1)).boxes.error != nil)
        #expect(GridHead(rows: 1, columns: 1, boxes: -1, classes: 0).decode(output, image: (1, 1)).boxes.error != nil)
    }

    // Five pixels in a row, the middle one of another opinion.
    static let energies = Tensor(
        [0.3, 1.2, 0.3, 1.2, 1.2, 0.3, 0.3, 1.2, 0.3, 1.2] as [Double], shape: [5, 2])
    static let places = Tensor([0, 1, 2, 3, 4] as [Double], shape: [5, 1])

    @Test func alikePixelsPersuadeAnOutlier() throws {
        let alike = pixelAffinities([(Self.places, 1.5, 1)])
        func marginals(_ steps: Int) -> Tensor { meanField(Self.energies, affinities: alike, steps: steps) }
        try close(marginals(0)[2], [0.289050497374996, 0.710949502625004])
        try close(
            marginals(1),
            [
                0.756490132661816, 0.243509867338185, 0.755939589782571, 0.244060410217429, 0.530600797514027,
                0.469399202485973, 0.755939589782571, 0.244060410217429, 0.756490132661815, 0.243509867338185,
            ])
        try close(
            marginals(5),
            [
                0.859581069011892, 0.140418930988108, 0.899560891815595, 0.100439108184405, 0.716476680969715,
                0.283523319030286, 0.899560891815595, 0.100439108184405, 0.859581069011892, 0.140418930988108,
            ])
        // Potts' costs written out: 1 beside any other label.
        let costs = 1 - Tensor.identity(2, dtype: .float64)
        try close(
            meanField(Self.energies, affinities: alike, compatibility: costs, steps: 5), try marginals(5).array())
    }

    @Test func theFieldCanBeTrained() throws {
        let costs = Tensor([0.0, 0.7, 1.1, 0] as [Double], shape: [2, 2])
        try checkBothDerivatives(at: [Self.energies, Self.places, costs], tolerance: 1e-5, sampleLimit: 20) {
            meanField($0[0], affinities: pixelAffinities([($0[1], 1.5, 0.8)]), compatibility: $0[2], steps: 3)
        }
        let batch = Tensor.stack([Self.energies, Self.energies * 2])
        let alike = pixelAffinities([(Tensor.stack([Self.places, Self.places]), 1.5, 1), (batch, 2, 0.5)])
        #expect(meanField(batch, affinities: alike).shape == [2, 5, 2])
    }

    @Test func mistakesAreNamed() {
        let alike = pixelAffinities([(Self.places, 1.5, 1)])
        #expect(
            meanField(Self.energies[0..<3], affinities: alike).error?.description
                == "operation meanField: energies [3, 2], affinities [5, 5]; give [.., pixels, labels], "
                + "[.., pixels, pixels] and [labels, labels]")
        #expect(
            meanField(Self.energies, affinities: alike, steps: -1).error?.description
                == "operation meanField: -1 steps; use a number in 0...1000")
        #expect(pixelAffinities([(Self.places, 0, 1)]).error?.kind == .shape)
        #expect(pixelAffinities([]).error?.kind == .shape)
    }
}
