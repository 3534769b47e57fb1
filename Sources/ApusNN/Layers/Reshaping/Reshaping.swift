import ApusCore

/// `[batch, ...] -> [batch, features]`
public final class Flatten: Layer {
    /// A layer without attributes.
    public init() {}
    public func forward(_ x: Tensor) -> Tensor { x.flattened(from: 1) }
}

/// One axis split into several: `[batch, 12] -> [batch, 3, 4]`.
public final class Unflatten: Layer {
    /// Which becomes several.
    public let axis: Int
    /// What it becomes.
    public let extents: [Int]

    /// - Parameter extents: what the axis becomes; one may be -1 and follows from the others
    public init(_ extents: [Int], axis: Int = -1) {
        self.axis = axis
        self.extents = extents
    }

    public var details: String { "axis \(axis) to \(Shape(extents))" }

    public func forward(_ x: Tensor) throws(ApusError) -> Tensor {
        let index = try x.shape.axis(axis, in: place)
        let target = try filled(extents, count: x.shape[index], of: x.shape)
        return x.reshaped(
            to: Shape(Array(x.shape.extents[..<index]) + target + Array(x.shape.extents[(index + 1)...])))
    }
}

/// The elements of each sample under another shape: `[batch, ...] -> [batch, extents..]`.
public final class Reshape: Layer {
    /// The extents without the batch; -1 stands for what is left.
    public let extents: [Int]

    /// - Parameter extents: without the batch; one may be -1 and follows from the others
    public init(_ extents: [Int]) { self.extents = extents }

    public var details: String { "to \(Shape(extents))" }

    public func forward(_ x: Tensor) throws(ApusError) -> Tensor {
        try require(x, rank: 1...16, "[batch, ..]")
        let target = try filled(extents, count: x.shape.extents.dropFirst().reduce(1, *), of: x.shape)
        return x.reshaped(to: Shape([x.shape[0]] + target))
    }
}

extension Layer {
    /// Extents whose product is `count`, where one may be -1.
    fileprivate func filled(_ extents: [Int], count: Int, of shape: Shape) throws(ApusError) -> [Int] {
        let others = extents.filter { $0 != -1 }.reduce(1, Shape.product)
        let free = extents.count { $0 == -1 }
        guard extents.allSatisfy({ $0 >= -1 }), free <= 1,
            free == 0 ? others == count : others > 0 && count % others == 0
        else {
            throw mistake(
                .shape, "the extents \(extents) for \(count) elements of shape \(shape)",
                remedy: "use extents whose product is that number; one may be -1")
        }
        return extents.map { $0 == -1 ? count / others : $0 }
    }
}

/// The axes of each sample in another order: `Permute([2, 1])` makes `[batch, b, a]` of `[batch, a, b]`.
public final class Permute: Layer {
    /// The axes, counted from 1: 0 is the batch and stays.
    public let order: [Int]

    /// - Parameter order: the axes of the input, from 1 (the batch, 0, stays), in their new order
    public init(_ order: [Int]) { self.order = order }

    public var details: String { "to \(order)" }

    public func forward(_ x: Tensor) throws(ApusError) -> Tensor {
        guard order.count == x.rank - 1, order.sorted() == Array(1..<max(x.rank, 1)) else {
            throw mistake(
                .axis, "the order \(order) for shape \(x.shape)", remedy: "name each axis but the batch once, from 1 on"
            )
        }
        return x.permuted([0] + order)
    }
}

/// Each sample's features repeated as steps of a sequence: `[batch, features] -> [batch, count, features]`.
public final class RepeatVector: Layer {
    /// How often each sample is repeated.
    public let count: Int

    /// - Parameter count: how often each sample is repeated, as steps
    public init(_ count: Int) { self.count = count }

    public var details: String { "\(count) times" }

    public func forward(_ x: Tensor) throws(ApusError) -> Tensor {
        try require(count, in: 1...1 << 24, "the count")
        try require(x, rank: 2, "[batch, features]")
        return x.expanded(at: 1).broadcast(to: [x.shape[0], count, x.shape[1]])
    }
}

/// Channels spread over space: `[batch, spatial.., channels * factor^axes] -> [batch, factor * spatial.., channels]`; see
/// `Tensor.depthToSpace` (Shi et al., CVPR 2016).
public final class PixelShuffle: Layer {
    /// By how much images grow.
    public let factor: Int

    /// - Parameter factor: by how much each spatial extent grows, 1 or more
    public init(_ factor: Int) { self.factor = factor }

    public var details: String { "factor \(factor)" }

    public func forward(_ x: Tensor) -> Tensor { x.depthToSpace(factor) }
}

/// Space gathered in channels, the inverse of ``PixelShuffle``: `[batch, factor * spatial.., channels] -> [batch,
/// spatial.., channels * factor^axes]`.
public final class PixelUnshuffle: Layer {
    /// By how much images shrink.
    public let factor: Int

    /// - Parameter factor: by how much each spatial extent shrinks; it divides them
    public init(_ factor: Int) { self.factor = factor }

    public var details: String { "factor \(factor)" }

    public func forward(_ x: Tensor) -> Tensor { x.spaceToDepth(factor) }
}

/// The channels of all groups interleaved: channel `g * n + c` of `n` a group becomes `c * groups + g` (Zhang et al.,
/// CVPR 2018).
/// `[.., channels]` to the same shape.
public final class ChannelShuffle: Layer {
    /// Between which channels are exchanged.
    public let groups: Int

    /// - Parameter groups: between which channels are exchanged; it divides their number
    public init(_ groups: Int) { self.groups = groups }

    public var details: String { "\(groups) groups" }

    public func forward(_ x: Tensor) -> Tensor { x.channelShuffled(groups: groups) }
}
