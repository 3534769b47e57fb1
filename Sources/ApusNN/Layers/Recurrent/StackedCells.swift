import ApusCore

/// Cells one above the other as one cell: each step goes through all of them.
///
///     let y = Recurrent(StackedCells([GRUCell(32), LSTMCell(16)]))(x)      // [batch, time, inputs] -> [batch, 16]
///
/// The states are those of the first cell, then those of the second, and so on. Only the first cell's product with the
/// input is computed for all steps at once; where the cells need not be of one step, stacked layers are faster.
public final class StackedCells: RecurrentCell {
    /// The cells from the lowest to the highest.
    public let cells: [any RecurrentCell]

    /// - Parameter cells: from the lowest to the highest, one at least
    public init(_ cells: [any RecurrentCell]) { self.cells = cells }

    public var details: String { "\(cells.count) cells" }

    public var stateCount: Int { cells.reduce(0) { $0 + $1.stateCount } }

    /// The output is the highest cell's.
    public var outputState: Int {
        cells.dropLast().reduce(0) { $0 + $1.stateCount } + (cells.last?.outputState ?? 0)
    }

    private func first() throws(ApusError) -> any RecurrentCell {
        guard let first = cells.first else {
            throw mistake(.value, "there are no cells", remedy: "give at least one")
        }
        return first
    }

    public func stateShapes(_ x: Shape) throws(ApusError) -> [Shape] {
        _ = try first()
        var result: [Shape] = []
        var input = x
        for cell in cells {
            let shapes = try cell.stateShapes(input)
            guard shapes.count == cell.stateCount, shapes.indices.contains(cell.outputState) else {
                throw mistake(
                    .value, "\(type(of: cell)) has \(shapes.count) states, declared \(cell.stateCount)",
                    remedy: "let stateCount be the number of states, and outputState the position of one")
            }
            input = shapes[cell.outputState]
            result += shapes
        }
        return result
    }

    public func project(_ x: Tensor) throws(ApusError) -> Tensor { try first().project(x) }

    public func step(_ projected: Tensor, _ states: [Tensor]) throws(ApusError) -> [Tensor] {
        var result: [Tensor] = []
        var input = projected
        var rest = states[...]
        for (index, cell) in cells.enumerated() {
            let drive = index == 0 ? input : try cell.project(input)
            let new = try cell.step(drive, Array(rest.prefix(cell.stateCount)))
            rest = rest.dropFirst(cell.stateCount)
            input = try cell.output(of: new)
            result += new
        }
        return result
    }
}
