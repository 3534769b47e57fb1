import ApusCore
import TestSupport

/// How one operation of the catalog is differentiated in tests: inputs of random shapes, away from kinks, and a
/// function of them.
struct DerivativeCase: Sendable {
    typealias Function = ([Tensor]) -> Tensor
    let name: String
    let make: @Sendable (inout TestRandom) -> (inputs: [Tensor], function: Function)

    init(_ name: String, _ make: @escaping @Sendable (inout TestRandom) -> (inputs: [Tensor], function: Function)) {
        self.name = name
        self.make = make
    }

    /// A function of one tensor of any shape.
    static func unary(
        _ name: String, _ range: ClosedRange<Double> = -2...2, _ function: @escaping @Sendable (Tensor) -> Tensor
    ) -> DerivativeCase {
        DerivativeCase(name) { random in ([random.tensor(random.shape(), range)], { function($0[0]) }) }
    }

    /// A function of two tensors whose shapes broadcast.
    static func binary(
        _ name: String, _ a: ClosedRange<Double> = -2...2, _ b: ClosedRange<Double> = -2...2,
        _ function: @escaping @Sendable (Tensor, Tensor) -> Tensor
    ) -> DerivativeCase {
        DerivativeCase(name) { random in
            let shapes = random.broadcastingShapes(2)
            return ([random.tensor(shapes[0], a), random.tensor(shapes[1], b)], { function($0[0], $0[1]) })
        }
    }

    /// A function of a tensor of different numbers, at distances that differences do not bridge, and one of its axes.
    static func along(
        _ name: String, least: Int = 1, _ function: @escaping @Sendable (Tensor, Int) -> Tensor
    ) -> DerivativeCase {
        DerivativeCase(name) { random in
            let rank = random.integer(1...4)
            var extents = random.shape(rank: rank...rank).extents
            let axis = random.integer(-rank...rank - 1)
            let position = axis < 0 ? axis + rank : axis
            extents[position] = Swift.max(extents[position], least)
            return ([random.distinct(Shape(extents))], { function($0[0], axis) })
        }
    }

    /// A reduction over some axes.
    static func folding(
        _ name: String, _ function: @escaping @Sendable (Tensor, [Int]?, Bool) -> Tensor
    ) -> DerivativeCase {
        DerivativeCase(name) { random in
            let shape = random.shape()
            let chosen = (0..<shape.rank).filter { _ in random.integer(0...1) == 1 }
            let axes: [Int]? = random.integer(0...3) == 0 ? nil : chosen
            let keeps = random.integer(0...1) == 1
            return ([random.distinct(shape)], { function($0[0], axes, keeps) })
        }
    }

    /// A function of one tensor of a rank.
    static func ranked(
        _ name: String, _ ranks: ClosedRange<Int>, _ function: @escaping @Sendable (Tensor) -> Tensor
    ) -> DerivativeCase {
        DerivativeCase(name) { random in ([random.distinct(random.shape(rank: ranks))], { function($0[0]) }) }
    }
}

extension TestRandom {
    /// Up to 60 or so elements, with odd extents and extents of 1.
    mutating func shape(rank: ClosedRange<Int> = 0...4) -> Shape {
        let count = integer(rank)
        let choices = count > 3 ? [1, 2, 3, 1, 3] : count > 2 ? [1, 2, 3, 5, 4] : [1, 2, 3, 5, 7, 1]
        return Shape((0..<count).map { _ in choices[integer(0...choices.count - 1)] })
    }

    mutating func broadcastingShapes(_ count: Int) -> [Shape] {
        let common = shape()
        return (0..<count).map { _ in
            let dropped = integer(0...3) == 0 ? integer(0...common.rank) : 0
            let kept = Array(common.extents.dropFirst(dropped))
            return Shape(kept.map { extent in integer(0...3) == 0 ? 1 : extent })
        }
    }

    /// Different numbers in -3...3 whose distances and magnitudes are far above the steps of differences.
    mutating func distinct(_ shape: Shape) -> Tensor {
        let count = shape.count
        var numbers = (0..<count).map { 6 * (Double($0) + 0.5) / Double(Swift.max(count, 1)) - 3 }
        for index in numbers.indices.dropFirst().reversed() { numbers.swapAt(index, integer(0...index)) }
        return Tensor(numbers.map { $0 + number(0...0.4) * 6 / Double(count) }, shape: shape)
    }
}

/// Compares the derivative in a random direction with a central difference in float64. All elements of all inputs
/// count: a wrong one is missed with probability 0.
func checkDirection(
    at inputs: [Tensor], _ random: inout TestRandom, tolerance: Double, step: Double = 1e-5,
    _ function: ([Tensor]) throws -> Tensor
) throws {
    let directions = inputs.map { random.tensor($0.shape, -1...1) }
    func weighted(_ inputs: [Tensor]) throws -> Tensor {
        let y = try function(inputs)
        guard y.error == nil else { return y }
        let weights = (Tensor.range(count: y.shape.count, dtype: .float64) * 0.7 + 0.3).cos() + 1.5
        return (y.cast(to: .float64).flattened() * weights).sum()
    }
    let (value, gradients) = try valueAndGradient(at: inputs, weighted)
    let slope = zip(gradients, directions).reduce(Tensor(0, dtype: .float64)) { $0 + ($1.0 * $1.1).sum() }
    let size = zip(gradients, directions).reduce(Tensor(0, dtype: .float64)) { $0 + ($1.0 * $1.1).absolute().sum() }
    try Tensor.evaluate([value, slope, size])
    let analytic = try slope.item()
    func shifted(_ amount: Double) throws -> Double {
        try weighted(zip(inputs, directions).map { try ($0 + $1 * amount).evaluated() }).item()
    }
    let numeric = (try shifted(step) - shifted(-step)) / (2 * step)
    let scale = Swift.max(1, try size.item(), 1e-3 * Swift.abs(try value.item()))
    guard Swift.abs(analytic - numeric) <= tolerance * scale else {
        throw GoldenProblem(
            "at \(inputs.map(\.shape)): the rules give \(analytic), a central difference \(numeric), scale \(scale)")
    }
}
