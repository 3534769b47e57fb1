import ApusCore
import TestSupport

/// Random arguments of calls: mostly sensible, often at the edge, sometimes absurd.
extension TestRandom {
    /// The definition keeps seeds in float64.
    mutating func seed() -> UInt64 { next() >> 16 }

    mutating func flag() -> Bool { integer(0...1) == 1 }

    mutating func pick<Choice>(_ choices: Choice...) -> Choice { choices[integer(0...choices.count - 1)] }

    mutating func any<Choice>(of choices: [Choice]) -> Choice { choices[integer(0...choices.count - 1)] }

    mutating func wildShape(_ ranks: ClosedRange<Int> = 0...5) -> Shape {
        let rank = integer(ranks)
        let largest = rank > 3 ? 3 : 7
        return Shape((0..<rank).map { _ in integer(0...9) == 0 ? 0 : integer(1...largest) })
    }

    mutating func wildType() -> DType {
        integer(0...2) > 0 ? [.float32, .float64][integer(0...1)] : any(of: DType.allCases)
    }

    mutating func floatType() -> DType { integer(0...9) == 0 ? wildType() : pick(.float32, .float64) }

    /// Small whole numbers and fractions, exact in every type that takes them.
    mutating func wild(_ ranks: ClosedRange<Int> = 0...5, _ given: DType? = nil) -> Tensor {
        wild(wildShape(ranks), given ?? wildType())
    }

    mutating func wild(_ shape: Shape, _ dtype: DType, finite: Bool = false) -> Tensor {
        let isSpecial = !finite && dtype.isFloatingPoint && integer(0...19) == 0
        let values = (0..<shape.count).map { _ -> Double in
            if dtype == .bool { return Double(integer(0...1)) }
            if !dtype.isFloatingPoint { return Double(integer(dtype == .uint8 ? 0...9 : -9...9)) }
            if isSpecial, integer(0...3) == 0 { return pick(.nan, .infinity, -.infinity, -0.0) }
            return Double(integer(-32...32)) / 8
        }
        return Tensor.constant(values, shape: shape, dtype: dtype)
    }

    /// Attributes: mostly small, sometimes negative, 0 or extreme.
    mutating func wildInteger() -> Int {
        switch integer(0...29) {
        case 0: .max
        case 1: .min
        case 2: 1 << 50
        case 3: pick(1 << 31, 1 << 20, -(1 << 33), .max - 1, .min + 1, 1000)
        default: integer(-3...6)
        }
    }

    /// An extent, a count, a factor: positive in most cases.
    mutating func wildSize() -> Int { integer(0...3) == 0 ? wildInteger() : integer(1...5) }

    mutating func wildIntegers(_ count: Int) -> [Int] { (0..<Swift.max(count, 0)).map { _ in wildInteger() } }
    mutating func wildSizes(_ count: Int) -> [Int] { (0..<Swift.max(count, 0)).map { _ in wildSize() } }

    /// An axis of the tensor in most cases.
    mutating func axis(_ x: Tensor) -> Int {
        x.rank == 0 || integer(0...7) == 0 ? wildInteger() : integer(-x.rank...x.rank - 1)
    }

    mutating func someAxes(_ x: Tensor, _ count: Int) -> [Int] { (0..<count).map { _ in axis(x) } }

    mutating func axes(_ x: Tensor) -> [Int]? {
        if flag() { return nil }
        return integer(0...5) == 0 ? wildIntegers(integer(0...3)) : (0..<x.rank).filter { _ in flag() }
    }

    mutating func wildNumber() -> Double {
        any(of: [0, 1, -1, 0.5, 2, 3, .nan, .infinity, -.infinity, 1e300, -3.25, 0.25])
    }

    /// A second tensor that mostly fits the first.
    mutating func partner(_ x: Tensor) -> Tensor {
        if integer(0...7) == 0 { return wild() }
        let kept = Array(x.shape.extents.dropFirst(integer(0...3) == 0 ? integer(0...x.rank) : 0))
        return wild(Shape(kept.map { integer(0...3) == 0 ? 1 : $0 }), x.dtype)
    }

    /// Positions, mostly below a small number, with shapes of the given ranks.
    mutating func wildIndices(_ ranks: ClosedRange<Int> = 0...2, below: Int? = nil) -> Tensor {
        indices(wildShape(ranks), below: below)
    }

    mutating func indices(_ shape: Shape, below: Int? = nil) -> Tensor {
        let limit = Swift.max((below ?? integer(1...5)) - 1, 0)
        let low = integer(0...4) == 0 ? -1 : 0
        let high = integer(0...5) == 0 ? limit + 1 : limit
        let values = (0..<shape.count).map { _ in Int64(integer(low...high)) }
        let isHuge = integer(0...19) == 0
        return Tensor(values.map { isHuge && $0 == limit ? .max : $0 }, shape: shape)
            .cast(to: integer(0...9) == 0 ? wildType() : pick(.int64, .int32))
    }

    mutating func wildIndex(_ extent: Int) -> any TensorIndexing {
        switch integer(0...9) {
        case 0: return wildInteger()
        case 1: return 0..<integer(0...4)
        case 2: return wildInteger()...
        case 3: return ..<integer(-2...3)
        case 4:
            let (start, end, step) = (wildInteger(), wildInteger(), wildInteger())
            let isOpen = flag()
            return TensorIndex.strided(from: isOpen ? nil : start, to: isOpen ? nil : end, by: step)
        case 5: return TensorIndex.newAxis
        case 6: return TensorIndex.ellipsis
        case 7: return wildIndices(below: extent)
        case 8: return wild([extent], .bool)
        default: return TensorIndex.all
        }
    }

    mutating func padding() -> Padding {
        switch integer(0...5) {
        case 0: .same
        case 1: .causal
        case 2: .explicit(wildInteger())
        case 3: .explicit((0..<integer(0...3)).map { _ in (wildInteger(), integer(0...2)) })
        default: .valid
        }
    }

    mutating func border() -> SamplingBorder { pick(.zeros, .border, .reflection, .wrap) }

    mutating func perAxis() -> PerAxis {
        integer(0...3) == 0 ? PerAxis(wildSizes(integer(0...3))) : PerAxis(wildSize())
    }

    mutating func wildImages(_ dtype: DType? = nil, finite: Bool = false) -> Tensor {
        wild(wildShape(integer(0...5) == 0 ? 0...5 : 3...5), dtype ?? floatType(), finite: finite)
    }

    /// Matrices, mostly square, mostly of rank 2 or 3.
    mutating func matrices() -> Tensor {
        if integer(0...7) == 0 { return wild() }
        let size = integer(0...4)
        let shape = Shape((flag() ? [] : [integer(0...2)]) + [integer(0...3) == 0 ? integer(0...4) : size, size])
        return wild(shape, floatType())
    }

    /// Symmetric positive definite matrices in most cases.
    mutating func definite() -> Tensor {
        let a = matrices()
        guard a.rank > 1, a.dtype.isFloatingPoint, integer(0...5) > 0 else { return a }
        let product = matmul(a, a.matrixTransposed())
        return (try? (product + Tensor.identity(product.shape[-1], dtype: a.dtype)).evaluated()) ?? a
    }
}
