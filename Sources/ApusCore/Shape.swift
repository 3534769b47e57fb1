/// The extents of a tensor's axes, outermost first; images are `[batch, height, width, channels]`.
public struct Shape: Hashable, Sendable, ExpressibleByArrayLiteral, CustomStringConvertible {
    /// The extents, outermost first.
    public let extents: [Int]

    /// The extents from the first axis to the last; `[]` is the shape of a scalar.
    public init(_ extents: [Int]) { self.extents = extents }
    /// The extents from the first axis to the last; `[]` is the shape of a scalar.
    public init(arrayLiteral elements: Int...) { extents = elements }

    /// The number of axes; 0 for a scalar.
    public var rank: Int { extents.count }

    /// The number of elements; 1 for a scalar.
    public var count: Int { extents.reduce(1, *) }

    /// The extent of an axis; negative axes count from the end. An axis that does not exist has extent 1.
    public subscript(axis: Int) -> Int {
        let index = axis < 0 ? axis + extents.count : axis
        return extents.indices.contains(index) ? extents[index] : 1
    }

    public var description: String { "[" + extents.map(String.init).joined(separator: ", ") + "]" }

    /// Strides of a dense row-major tensor of this shape, in elements.
    package var denseStrides: [Int] {
        var strides = [Int](repeating: 1, count: rank)
        for axis in stride(from: rank - 2, through: 0, by: -1) {
            strides[axis] = strides[axis + 1] * extents[axis + 1]
        }
        return strides
    }

    /// The shape with one axis replaced.
    package func replacing(_ axis: Int, with extent: Int) -> Shape {
        var result = extents
        result[axis] = extent
        return Shape(result)
    }

    /// A valid, non-negative axis.
    package func axis(_ axis: Int, in place: String) throws(ApusError) -> Int {
        let index = axis < 0 ? axis + rank : axis
        guard extents.indices.contains(index) else {
            throw ApusError(
                .axis, in: place, "axis \(axis) does not exist in shape \(self) of rank \(rank)",
                remedy: rank == 0 ? "a scalar has no axes" : "use an axis in \(-rank)...\(rank - 1)")
        }
        return index
    }

    /// Valid, distinct, ascending axes; all of them for `nil`.
    package func axes(_ axes: [Int]?, in place: String) throws(ApusError) -> [Int] {
        guard let axes else { return Array(0..<rank) }
        var result: [Int] = []
        for requested in axes {
            let index = try axis(requested, in: place)
            guard !result.contains(index) else {
                throw ApusError(
                    .axis, in: place, "axis \(requested) is given twice in \(axes)", remedy: "name each axis once")
            }
            result.append(index)
        }
        return result.sorted()
    }

    /// A product of extents, `Int.max` where it does not fit.
    package static func product(_ a: Int, _ b: Int) -> Int {
        let (product, overflow) = a.multipliedReportingOverflow(by: b)
        return overflow ? .max : product
    }

    /// The number of elements, or an error where it does not fit memory or an extent is negative. Extents beside one
    /// of 0 are bounded too, so that products of some of the extents fit as well.
    package func checkedCount(in place: String) throws(ApusError) -> Int {
        var count = 1
        for extent in extents {
            let (product, overflow) = count.multipliedReportingOverflow(by: Swift.max(extent, 1))
            guard extent >= 0, !overflow, product <= 1 << 46 else {
                throw ApusError(
                    .shape, in: place, "shape \(self) has a negative extent or more elements than memory can hold",
                    remedy: "use extents of 0 or more whose product fits")
            }
            count = product
        }
        return extents.contains(0) ? 0 : count
    }

    /// The shape to which both broadcast: axes are aligned at the end, extents of 1 are repeated.
    package static func broadcast(_ a: Shape, _ b: Shape, in place: String) throws(ApusError) -> Shape {
        if a == b { return a }
        let rank = max(a.rank, b.rank)
        var result = [Int](repeating: 1, count: rank)
        for axis in 1...max(rank, 1) where axis <= rank {
            let (x, y) = (a[-axis], b[-axis])
            guard x == y || x == 1 || y == 1 else {
                throw ApusError(
                    .shape, in: place, "shapes \(a) and \(b) do not broadcast: extents \(x) and \(y) at axis -\(axis)",
                    remedy: "make these extents equal, or one of them 1")
            }
            result[rank - axis] = x == 1 ? y : x
        }
        return Shape(result)
    }
}
