/// What may stand between the brackets of a tensor's subscript, one for each axis: a position, a range, a stride, a
/// tensor of positions, or a mask; see ``Tensor/subscript(_:)``.
public protocol TensorIndexing: Sendable {
    var tensorIndex: TensorIndex { get }
}

/// How one entry of a subscript chooses elements; made by the types that conform to ``TensorIndexing``.
public struct TensorIndex: TensorIndexing {
    package enum Kind: Sendable {
        case position(Int)
        /// Positions from `start` to before `end`; missing ends are those of the axis.
        case range(start: Int?, end: Int?, step: Int)
        /// Positions that are written out.
        case list(first: Int, step: Int, count: Int)
        case tensor(Tensor)
        /// Positions that a mask of that extent chose.
        case masked(Tensor, extent: Int)
        case newAxis
        case ellipsis
    }

    package let kind: Kind

    public var tensorIndex: TensorIndex { self }
}

extension TensorIndexing where Self == TensorIndex {
    /// All axes that the other entries leave over.
    public static var ellipsis: TensorIndex { TensorIndex(kind: .ellipsis) }
    /// A new axis of extent 1.
    public static var newAxis: TensorIndex { TensorIndex(kind: .newAxis) }
    /// The whole axis.
    public static var all: TensorIndex { TensorIndex(kind: .range(start: nil, end: nil, step: 1)) }

    /// Positions from `start` up to before `end` at distance `step`; negative positions count from the end of the
    /// axis. A negative step runs backwards, by default from the last position to the first.
    public static func strided(from start: Int? = nil, to end: Int? = nil, by step: Int = 1) -> TensorIndex {
        TensorIndex(kind: .range(start: start, end: end, step: step))
    }
}

extension Int: TensorIndexing {
    /// The position itself; the axis is dropped. Negative positions count from the end.
    public var tensorIndex: TensorIndex { TensorIndex(kind: .position(self)) }
}

extension Range<Int>: TensorIndexing {
    /// The positions of the range; with a negative lower bound all of them count from the end: `-3..<0` are the last
    /// three.
    public var tensorIndex: TensorIndex {
        TensorIndex(
            kind: .range(start: lowerBound, end: lowerBound < 0 && upperBound == 0 ? nil : upperBound, step: 1))
    }
}

extension ClosedRange<Int>: TensorIndexing {
    public var tensorIndex: TensorIndex {
        let end = upperBound == .max ? upperBound : upperBound + 1
        return TensorIndex(kind: .range(start: lowerBound, end: upperBound == -1 ? nil : end, step: 1))
    }
}

extension PartialRangeFrom<Int>: TensorIndexing {
    public var tensorIndex: TensorIndex { TensorIndex(kind: .range(start: lowerBound, end: nil, step: 1)) }
}

extension PartialRangeUpTo<Int>: TensorIndexing {
    public var tensorIndex: TensorIndex { TensorIndex(kind: .range(start: nil, end: upperBound, step: 1)) }
}

extension PartialRangeThrough<Int>: TensorIndexing {
    public var tensorIndex: TensorIndex {
        let end = upperBound == .max ? upperBound : upperBound + 1
        return TensorIndex(kind: .range(start: nil, end: upperBound == -1 ? nil : end, step: 1))
    }
}

extension StrideTo<Int>: TensorIndexing {
    public var tensorIndex: TensorIndex { listed(self) }
}

extension StrideThrough<Int>: TensorIndexing {
    public var tensorIndex: TensorIndex { listed(self) }
}

extension Tensor: TensorIndexing {
    /// Positions (integers, negative ones count from the end), or a mask of type `bool` over one or more axes.
    public var tensorIndex: TensorIndex { TensorIndex(kind: .tensor(self)) }
}

/// A stride does not tell its parts; it is run through. What is longer than any axis can be is cut there, and refused.
private func listed(_ positions: some Sequence<Int>) -> TensorIndex {
    var (first, second, count) = (0, 0, 0)
    for position in positions.prefix(1 << 24) {
        if count == 0 { first = position }
        if count == 1 { second = position }
        count += 1
    }
    return TensorIndex(kind: .list(first: first, step: count > 1 ? second - first : 1, count: count))
}
