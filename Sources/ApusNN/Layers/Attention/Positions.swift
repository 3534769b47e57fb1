import ApusCore

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Encodings of positions by sines and cosines (Vaswani et al., NeurIPS 2017): for position `t` and pair `j` of columns
/// `sin(t / base^(2j / width))` in column `2j`, the cosine of the same in column `2j + 1`.
///
/// - Returns: `[length, width]`
public func sinusoidalPositions(
    length: Int, width: Int, base: Double = 10_000, dtype: DType = .float32
) -> Tensor {
    do throws(ApusError) {
        guard countRange.contains(length), countRange.contains(width), length * width <= 1 << 28, base > 0,
            dtype.isFloatingPoint
        else {
            throw ApusError(
                .value, in: "sinusoidalPositions", "length \(length), width \(width), base \(base), type \(dtype)",
                remedy: "use a length and a width of 0 or more, a base over 0 and a floating-point type")
        }
    } catch {
        return Tensor(error: error)
    }
    var values: [Double] = []
    values.reserveCapacity(length * width)
    for position in 0..<length {
        for column in 0..<width {
            let angle = Double(position) / pow(base, Double(column / 2 * 2) / Double(width))
            values.append(column % 2 == 0 ? sin(angle) : cos(angle))
        }
    }
    return Tensor.constant(values, shape: [length, width], dtype: dtype)
}

/// Which features rotary positions pair.
public enum RotaryStyle: String, Sendable, Hashable, CaseIterable {
    /// `j` and `j + width / 2`, as in GPT-NeoX and LLaMA.
    case half
    /// `2j` and `2j + 1`, as in the paper.
    case interleaved
}

/// Features rotated in pairs by angles that grow with the position (Su et al., 2021), so that products of queries and
/// keys depend on the distance alone: pair `j` at position `t` turns by `t base^(-2j / width)`.
///
/// - Parameters:
///   - x: `[batch, time, heads, width]`, an even width
///   - offset: the position of the first step
/// - Returns: a tensor of the shape of `x`
public func rotaryEmbedding(
    _ x: Tensor, offset: Int = 0, base: Double = 10_000, style: RotaryStyle = .half
) -> Tensor {
    guard x.error == nil else { return x }
    let positions = Tensor.range(count: x.rank == 4 ? x.shape[1] : 0, from: Double(offset), dtype: angleType(x))
    return rotaryEmbedding(x, positions: positions, base: base, style: style)
}

/// The same for given positions: `[time]`, or `[batch, time]` where samples differ.
public func rotaryEmbedding(
    _ x: Tensor, positions: Tensor, base: Double = 10_000, style: RotaryStyle = .half
) -> Tensor {
    if let error = x.error ?? positions.error { return Tensor(error: error) }
    guard x.rank == 4, x.shape[3] % 2 == 0, base > 0, x.dtype.isFloatingPoint,
        positions.shape == [x.shape[1]] || positions.shape == [x.shape[0], x.shape[1]]
    else {
        return Tensor(
            error: ApusError(
                .shape, in: "rotaryEmbedding",
                "an input of shape \(x.shape) and type \(x.dtype), positions of shape \(positions.shape), base \(base)",
                remedy: "feed [batch, time, heads, even width], positions [time] or [batch, time], and a base over 0"))
    }
    let pairs = x.shape[3] / 2
    let rates = (0..<pairs).map { pow(base, -Double($0) / Double(pairs)) }
    let type = angleType(x)
    let angles = positions.cast(to: type).expanded(at: -1) * Tensor.constant(rates, shape: [pairs], dtype: type)
    // [.., time, 1 for the heads, pairs]
    let (cosines, sines) = (
        angles.cos().expanded(at: -2).cast(to: x.dtype), angles.sin().expanded(at: -2).cast(to: x.dtype)
    )
    switch style {
    case .half:
        let (a, b) = (x.slice(axis: 3, 0..<pairs), x.slice(axis: 3, pairs..<2 * pairs))
        return Tensor.concatenate([a * cosines - b * sines, b * cosines + a * sines], axis: 3)
    case .interleaved:
        let split = x.reshaped(to: Shape(x.shape.extents.dropLast() + [pairs, 2]))
        let (a, b) = (
            split.slice(axis: 4, 0..<1).reshaped(to: Shape(x.shape.extents.dropLast() + [pairs])),
            split.slice(axis: 4, 1..<2).reshaped(to: Shape(x.shape.extents.dropLast() + [pairs]))
        )
        return Tensor.stack([a * cosines - b * sines, b * cosines + a * sines], axis: 4).reshaped(to: x.shape)
    }
}

/// Angles of late positions need more digits than 16-bit types have.
private func angleType(_ x: Tensor) -> DType { x.dtype == .float64 ? .float64 : .float32 }

/// Scores lowered in proportion to the distance between query and key (Press et al., ICLR 2022):
/// `-slope[h] |i - j|`, with the slopes `2^(-8 (h + 1) / heads)` for a power of two of heads.
///
/// Other numbers of heads get the slopes of the next lower power of two and, between these, every second slope of the
/// next higher one.
///
/// - Parameter offset: the position of the first query, where keys begin before the queries
/// - Returns: `[heads, queries, keys]`
public func alibiBias(heads: Int, queries: Int, keys: Int, offset: Int = 0, dtype: DType = .float32) -> Tensor {
    guard countRange.contains(queries), countRange.contains(keys) else {
        return Tensor(
            error: ApusError(
                .value, in: "alibiBias", "\(queries) queries, \(keys) keys", remedy: "use counts in \(countRange)"))
    }
    let rows = Tensor.range(count: queries, from: Double(offset), dtype: dtype)
    return alibiBias(heads: heads, queries: rows, keys: Tensor.range(count: keys, dtype: dtype))
}

/// The same for given positions of queries and keys, both `[count]`.
func alibiBias(heads: Int, queries: Tensor, keys: Tensor) -> Tensor {
    guard (1...65536).contains(heads), queries.dtype.isFloatingPoint || queries.error != nil else {
        return Tensor(
            error: ApusError(
                .value, in: "alibiBias", "\(heads) heads, type \(queries.dtype)",
                remedy: "use 1 to 65536 heads and a floating-point type"))
    }
    func slopes(_ count: Int) -> [Double] { (1...count).map { pow(2, -8 * Double($0) / Double(count)) } }
    var power = 1
    while power * 2 <= heads { power *= 2 }
    let between = slopes(2 * power).enumerated().filter { $0.offset % 2 == 0 }.map(\.element)
    let all = slopes(power) + between.prefix(heads - power)
    let distance = (queries.expanded(at: 1) - keys).absolute()
    return distance * Tensor.constant(all.map { -$0 }, shape: [heads, 1, 1], dtype: queries.dtype)
}

/// Adds encodings of positions by sines and cosines to a sequence: `[batch, time, width] -> [batch, time, width]`; see
/// ``sinusoidalPositions(length:width:base:dtype:)``.
public final class SinusoidalPositions: Layer {
    /// The longest wavelength is about `2π base`.
    public let base: Double
    /// Whether the input is multiplied by the root of its width first, as embeddings are in the paper.
    public let scalesInput: Bool

    /// - Parameter base: the longest wavelength is about `2π base` positions
    public init(base: Double = 10_000, scalesInput: Bool = false) {
        self.base = base
        self.scalesInput = scalesInput
    }

    public func forward(_ x: Tensor) throws(ApusError) -> Tensor {
        try require(x, rank: 3, "[batch, time, width]")
        let scaled = scalesInput ? x * Double(x.shape[2]).squareRoot() : x
        return scaled
            + sinusoidalPositions(
                length: x.shape[1], width: x.shape[2], base: base, dtype: x.dtype)
    }
}

/// Adds a vector that is learnt for each position to a sequence: `[batch, time, width] -> [batch, time, width]`.
///
/// Parameter: `positions [length, width]`; the time may be shorter than the length.
public final class LearnedPositions: Layer {
    /// The largest number of positions.
    public let length: Int
    /// A vector for each position: `[length, width]`.
    public let positions: Parameter

    /// - Parameter length: how many positions there are; longer inputs end in an error
    public init(length: Int, initializer: Initializer = .normal(deviation: 0.02)) {
        self.length = length
        positions = Parameter(initializer)
    }

    public var details: String { "length \(length)" }

    public func forward(_ x: Tensor) throws(ApusError) -> Tensor { try added(to: x, offset: nil) }

    /// The same for steps that begin at a position, a scalar of an integer type.
    public func callAsFunction(_ x: Tensor, offset: Tensor?) -> Tensor {
        observed { () throws(ApusError) in try added(to: x, offset: offset) }
    }

    private func added(to x: Tensor, offset: Tensor?) throws(ApusError) -> Tensor {
        try requireSound([x] + [offset].compactMap { $0 })
        try require(length, in: 1...1 << 24, "the length")
        try require(x, rank: 3, "[batch, time, width]")
        guard x.shape[1] <= length else {
            throw mistake(
                .shape, "an input of shape \(x.shape) with more than \(length) steps",
                remedy: "feed shorter sequences, or make the layer for longer ones")
        }
        let table = positions.value(
            shape: [length, x.shape[2]], fanIn: length, fanOut: x.shape[2], dtype: x.dtype)
        guard let offset else { return x + table.slice(axis: 0, 0..<x.shape[1]) }
        let steps = Tensor.range(count: x.shape[1], dtype: .int64) + offset.cast(to: .int64)
        return x + table.gather(indices: steps)
    }
}

/// Rotary positions as a layer: `[batch, time, heads, width]` to the same shape; see
/// ``rotaryEmbedding(_:offset:base:style:)``.
public final class RotaryPositions: Layer {
    /// The slowest turn takes about `2π base` positions.
    public let base: Double
    /// Which features make a pair.
    public let style: RotaryStyle

    /// - Parameter base: the slowest turn takes about `2π base` positions
    public init(base: Double = 10_000, style: RotaryStyle = .half) {
        self.base = base
        self.style = style
    }

    public var details: String { "\(style)" }

    public func forward(_ x: Tensor) throws(ApusError) -> Tensor {
        try require(x, rank: 4, "[batch, time, heads, width]")
        return rotaryEmbedding(x, base: base, style: style)
    }
}
