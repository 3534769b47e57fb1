import ApusCore

/// Numbers sorted into bins: the number of edges that are not larger, `int64`, from 0 to as many as there are edges.
///
///     Discretization(edges: [0, 18, 65])
public final class Discretization: Layer {
    /// Ascending.
    public private(set) var edges: [Double]

    /// - Parameter edges: ascending
    public init(edges: [Double]) { self.edges = edges }

    /// So many bins that hold equally many of the data each: ``adapt(to:)`` finds the edges.
    public init(bins: Int) { edges = [Double](repeating: .infinity, count: max(0, min(bins, 1 << 20) - 1)) }

    public var details: String { "\(edges.count + 1) bins" }

    /// Sets the edges to the quantiles of data.
    public func adapt(to data: Tensor) throws(ApusError) {
        let sorted: [Double] = try data.cast(to: .float64).flattened().sorted().array()
        guard !sorted.isEmpty else {
            throw mistake(.shape, "data of shape \(data.shape)", remedy: "give at least one number")
        }
        edges = edges.indices.map { sorted[min(($0 + 1) * sorted.count / (edges.count + 1), sorted.count - 1)] }
    }

    public func forward(_ x: Tensor) throws(ApusError) -> Tensor {
        guard zip(edges, edges.dropFirst()).allSatisfy({ $0 <= $1 }), edges.allSatisfy({ !$0.isNaN }) else {
            throw mistake(.value, "the edges are \(edges)", remedy: "give ascending numbers")
        }
        guard !edges.isEmpty else { return x.cast(to: .int64) * 0 }
        let bounds = Tensor.constant(edges, shape: [edges.count], dtype: .float64)
        return bounds.insertionPoints(of: x.cast(to: .float64), right: true)
    }
}

/// Classes as numbers: `[.., count]` of integers below `depth` -> one row of ones and zeros or counts.
///
///     CategoryEncoding(10)                           // [batch, words] -> [batch, 10]
public final class CategoryEncoding: Layer {
    /// What a row holds.
    public enum Output: String, Sendable {
        /// 1 for each class that occurs, `[.., count] -> [.., depth]`.
        case multiHot
        /// A row for each integer, `[..] -> [.., depth]`.
        case oneHot
        /// How often each class occurs, `[.., count] -> [.., depth]`.
        case count
    }

    /// How many categories there are.
    public let depth: Int
    /// What is made of the categories.
    public let output: Output

    /// - Parameter depth: how many categories there are
    public init(_ depth: Int, _ output: Output = .multiHot) {
        self.depth = depth
        self.output = output
    }

    public var details: String { "\(depth), \(output.rawValue)" }

    /// Integers outside `0..<depth` are left out.
    public func forward(_ x: Tensor) throws(ApusError) -> Tensor {
        try require(depth, in: 1...1 << 24, "the depth")
        try require(x, rank: output == .oneHot ? 0...7 : 1...7, "[.., count]")
        guard x.dtype.isInteger else {
            throw mistake(.type, "elements of type \(x.dtype)", remedy: "feed integers")
        }
        switch output {
        case .multiHot: return x.multiHot(depth: depth)
        case .oneHot: return oneHot(x, depth: depth)
        case .count: return oneHot(x, depth: depth).sum(axes: [-2])
        }
    }
}

/// Integers spread over a number of bins by a fixed mixing of their bits, `int64`: a vocabulary without a table, in
/// which different numbers may meet.
/// Integers `[..] -> [..]` in `0 ..< bins`.
public final class Hashing: Layer {
    /// How many bins there are.
    public let bins: Int
    /// Another number spreads otherwise.
    public let salt: Int

    /// - Parameter bins: how many there are, 1 or more
    public init(bins: Int, salt: Int = 0) {
        self.bins = bins
        self.salt = salt
    }

    public var details: String { "\(bins) bins" }

    public func forward(_ x: Tensor) throws(ApusError) -> Tensor { try hashed(x, bins: bins, salt: salt) }
}

/// Pairs of integers spread over a number of bins, `[.., 2] -> [..]`, `int64`: one feature made of two.
public final class HashedCrossing: Layer {
    /// How many bins there are.
    public let bins: Int
    /// Another salt gives other bins.
    public let salt: Int

    /// - Parameter bins: how many there are, 1 or more
    public init(bins: Int, salt: Int = 0) {
        self.bins = bins
        self.salt = salt
    }

    public var details: String { "\(bins) bins" }

    public func forward(_ x: Tensor) throws(ApusError) -> Tensor {
        guard x.rank >= 1, x.shape[-1] == 2 else {
            throw mistake(.shape, "an input of shape \(x.shape)", remedy: "feed pairs [.., 2]")
        }
        let first = try hashed(x.slice(axis: -1, 0..<1).squeezed(-1), bins: 1 << 31 - 1, salt: salt)
        let second = x.slice(axis: -1, 1..<2).squeezed(-1).cast(to: .int64)
        return try hashed(
            first * Tensor(repeating: 2_654_435_761, shape: [], dtype: .int64) + second, bins: bins, salt: salt)
    }
}

extension Layer {
    /// Multiplications and shifts of 64 bits, and the remainder.
    fileprivate func hashed(_ x: Tensor, bins: Int, salt: Int) throws(ApusError) -> Tensor {
        try require(bins, in: 1...1 << 31, "the number of bins")
        guard x.dtype.isInteger else {
            throw mistake(.type, "elements of type \(x.dtype)", remedy: "feed integers")
        }
        func number(_ value: Int) -> Tensor { Tensor([Int64(value)], shape: []) }
        var state = x.cast(to: .int64) + number(salt)
        for shift in [31, 27, 33] {
            state = (state ^ (state >> number(shift))) * number(0x2545_f491_4f6c_dd1d)
        }
        // Without the sign, which remainders would keep.
        return Tensor.remainder((state >> number(16)) & number(0xffff_ffff), number(bins))
    }
}

/// Integers of a vocabulary as their places in it, from 1 on, `int64`; others are 0.
///
///     IntegerLookup([10, 20, 30])                    // 20 -> 2, 7 -> 0
public final class IntegerLookup: Layer {
    /// The integers that are known, in the order of their numbers.
    public private(set) var vocabulary: [Int]

    /// - Parameter vocabulary: the integers that are known
    public init(_ vocabulary: [Int] = []) { self.vocabulary = vocabulary }

    public var details: String { "\(vocabulary.count) integers" }

    /// Sets the vocabulary to the integers of data, the most frequent first, equally frequent ones in
    /// descending order (as Keras has it).
    public func adapt(to data: Tensor, limit: Int? = nil) throws(ApusError) {
        guard data.error != nil || data.dtype.isInteger else {
            throw mistake(.type, "data of type \(data.dtype)", remedy: "give integers")
        }
        var counts: [Int: Int] = [:]
        for number in try data.array(of: Int.self) { counts[number, default: 0] += 1 }
        let ordered = counts.sorted { $0.value != $1.value ? $0.value > $1.value : $0.key > $1.key }.map(\.key)
        vocabulary = Array(ordered.prefix(max(0, limit ?? ordered.count)))
    }

    public func forward(_ x: Tensor) throws(ApusError) -> Tensor {
        guard x.dtype.isInteger else {
            throw mistake(.type, "elements of type \(x.dtype)", remedy: "feed integers")
        }
        guard Set(vocabulary).count == vocabulary.count else {
            throw mistake(.value, "the vocabulary names an integer twice", remedy: "name each once")
        }
        let numbers = x.cast(to: .int64)
        guard !vocabulary.isEmpty else { return numbers * 0 }
        let ascending = vocabulary.indices.sorted { vocabulary[$0] < vocabulary[$1] }
        let keys = Tensor(ascending.map { Int64(vocabulary[$0]) }, shape: [ascending.count])
        let places = Tensor(ascending.map { Int64($0 + 1) }, shape: [ascending.count])
        let found = (keys.insertionPoints(of: numbers, right: true) - 1).clipped(0, Double(ascending.count - 1))
        let isKnown = keys.gather(indices: found) .== numbers
        return Tensor.select(isKnown, places.gather(indices: found), numbers * 0)
    }
}
