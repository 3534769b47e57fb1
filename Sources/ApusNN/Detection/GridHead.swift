import ApusCore

/// How the output of a single-pass detector is read: a grid of cells, each of which predicts some boxes (Redmon et al.,
/// CVPR 2016).
///
///     let head = GridHead(rows: 7, columns: 7, boxes: 2, classes: 20, scores: .perCell)
///     let model = Sequential { ...; Dense(head.outputCount) }
///     let found = head.decode(model(images), image: (448, 448))
///     found.boxes                                  // [batch, rows, columns, boxes, (x1, y1, x2, y2)]
///
/// A box is five numbers: its centre `x`, `y` in the cell, from 0 to 1, its width and height as shares of the image,
/// and how sure it is that there is an object. Boxes come first in a cell, each with its class scores behind it or, with
/// `perCell`, all boxes and then the scores of the cell.
public struct GridHead: Sendable, Hashable, Codable {
    /// Which class scores there are.
    public enum Scores: String, Sendable, Codable {
        /// Each box has scores of its own: `boxes · (5 + classes)` numbers a cell.
        case perBox
        /// The boxes of a cell share one vector: `5 boxes + classes` numbers a cell (the first YOLO).
        case perCell
    }

    /// Cells from top to bottom.
    public let rows: Int
    /// Cells from left to right.
    public let columns: Int
    /// Boxes that each cell proposes.
    public let boxes: Int
    /// How many classes there are.
    public let classes: Int
    /// Whether each box has scores of classes of its own or each cell.
    public let scores: Scores

    /// A grid of `rows x columns` cells, each with `boxes` boxes.
    public init(rows: Int, columns: Int, boxes: Int, classes: Int, scores: Scores = .perBox) {
        (self.rows, self.columns, self.boxes, self.classes, self.scores) = (rows, columns, boxes, classes, scores)
    }

    /// The numbers of one cell.
    public var cellCount: Int {
        scores == .perBox
            ? Shape.product(boxes, Self.sum(5, classes)) : Self.sum(Shape.product(5, boxes), classes)
    }
    /// The numbers of an image.
    public var outputCount: Int { Shape.product(Shape.product(rows, columns), cellCount) }

    private static func sum(_ a: Int, _ b: Int) -> Int {
        let (sum, isTooLarge) = a.addingReportingOverflow(b)
        return isTooLarge ? .max : sum
    }

    /// What is in an output.
    public struct Detections: Sendable {
        /// In pixels: `[batch, rows, columns, boxes, (x1, y1, x2, y2)]`.
        public let boxes: Tensor
        /// `[batch, rows, columns, boxes]`
        public let confidences: Tensor
        /// The confidence times the probability of each class: `[batch, rows, columns, boxes, classes]`.
        public let scores: Tensor
    }

    /// The boxes of an output in pixels, and how sure they are.
    ///
    /// - Parameters:
    ///   - output: `[batch, rows, columns, cellCount]`, or `[batch, outputCount]`; class scores as probabilities
    ///   - image: height and width in pixels
    public func decode(_ output: Tensor, image: (height: Double, width: Double)) -> Detections {
        do throws(ApusError) {
            let (numbers, probabilities) = try split(output)
            let type = output.dtype
            let column = Tensor.range(count: columns, dtype: type).reshaped(to: [1, 1, columns, 1])
            let row = Tensor.range(count: rows, dtype: type).reshaped(to: [1, rows, 1, 1])
            let part = numbers.unstacked(axis: 4)
            let box = Tensor.stack(
                [
                    (part[0] + column) * (image.width / Double(columns)),
                    (part[1] + row) * (image.height / Double(rows)),
                    part[2] * image.width, part[3] * image.height,
                ], axis: -1)
            return Detections(
                boxes: convertBoxes(box, from: .centerAndSize, to: .corners), confidences: part[4],
                scores: part[4].expanded(at: -1) * probabilities)
        } catch {
            let failed = Tensor(error: error)
            return Detections(boxes: failed, confidences: failed, scores: failed)
        }
    }

    /// The five numbers of each box, `[batch, rows, columns, boxes, 5]`, and the class scores,
    /// `[batch, rows, columns, boxes or 1, classes]`.
    public func split(_ output: Tensor) throws(ApusError) -> (boxes: Tensor, scores: Tensor) {
        if let error = output.error { throw error }
        let range = 1...1 << 20
        guard [rows, columns, boxes, classes].allSatisfy(range.contains), output.rank >= 2,
            output.shape == [output.shape[0], outputCount]
                || output.shape == [output.shape[0], rows, columns, cellCount]
        else {
            throw ApusError(
                .shape, in: "GridHead",
                "an output of shape \(output.shape) for \(rows) x \(columns) cells of \(boxes) boxes and "
                    + "\(classes) classes",
                remedy: "give [batch, \(rows), \(columns), \(cellCount)]")
        }
        let cells = [output.shape[0], rows, columns]
        guard scores == .perCell else {
            let all = output.reshaped(to: Shape(cells + [boxes, 5 + classes]))
            return (all.slice(axis: 4, 0..<5), all.slice(axis: 4, 5..<5 + classes))
        }
        let all = output.reshaped(to: Shape(cells + [cellCount]))
        return (
            all.slice(axis: 3, 0..<5 * boxes).reshaped(to: Shape(cells + [boxes, 5])),
            all.slice(axis: 3, 5 * boxes..<cellCount).reshaped(to: Shape(cells + [1, classes]))
        )
    }

    /// The cell in whose area the centre of a box lies, and the box as that cell's five numbers (with confidence 1):
    /// what ``decode(_:image:)`` makes the box of.
    ///
    /// - Parameter image: height and width in pixels
    public func encode(
        _ box: BoundingBox, image: (height: Double, width: Double)
    ) throws(ApusError) -> (row: Int, column: Int, numbers: [Double]) {
        let x = (box.left + box.right) / 2 / image.width * Double(columns)
        let y = (box.top + box.bottom) / 2 / image.height * Double(rows)
        guard x >= 0, x < Double(columns), y >= 0, y < Double(rows), image.width > 0, image.height > 0 else {
            throw ApusError(
                .value, in: "GridHead", "the centre of \(box) is not in an image of \(image.height) x \(image.width)",
                remedy: "leave out boxes whose centre is outside the image")
        }
        let (column, row) = (Int(x), Int(y))
        return (
            row, column, [x - Double(column), y - Double(row), box.width / image.width, box.height / image.height, 1]
        )
    }
}
