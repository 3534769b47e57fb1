/// Channels spread over space: `[batch, spatial.., channels * factor^axes] -> [batch, factor * spatial.., channels]`, in
/// one to three spatial dimensions.
///
/// Channel `c * factor^2 + i * factor + j` of an image becomes row `i` and column `j` of channel `c` in each block.
public func pixelShuffle(_ x: Tensor, factor: Int) -> Tensor {
    shuffled(x, factor, in: "operation pixelShuffle") { axes, cells in
        guard x.shape[-1] % cells == 0 else { return nil }
        let channels = x.shape[-1] / cells
        let blocks = [Int](repeating: factor, count: axes)
        // [batch, spatial.., channels, factor..] -> [batch, spatial, factor, spatial, factor, .., channels]
        let order = [0] + (1...axes).flatMap { [$0, axes + 1 + $0] } + [axes + 1]
        return x.reshaped(to: Shape([x.shape[0]] + x.shape.spatial + [channels] + blocks)).permuted(order)
            .reshaped(to: Shape([x.shape[0]] + x.shape.spatial.map { Shape.product($0, factor) } + [channels]))
    }
}

/// Space gathered in channels, the inverse of ``pixelShuffle(_:factor:)``: `[batch, factor * spatial.., channels] ->
/// [batch, spatial.., channels * factor^axes]`.
public func pixelUnshuffle(_ x: Tensor, factor: Int) -> Tensor {
    shuffled(x, factor, in: "operation pixelUnshuffle") { axes, cells in
        guard x.shape.spatial.allSatisfy({ $0 % factor == 0 }) else { return nil }
        let image = x.shape.spatial.map { $0 / factor }
        let split = [x.shape[0]] + image.flatMap { [$0, factor] } + [x.shape[-1]]
        let order = [0] + (1...axes).map { 2 * $0 - 1 } + [2 * axes + 1] + (1...axes).map { 2 * $0 }
        return x.reshaped(to: Shape(split)).permuted(order)
            .reshaped(to: Shape([x.shape[0]] + image + [Shape.product(x.shape[-1], cells)]))
    }
}

private func shuffled(
    _ x: Tensor, _ factor: Int, in place: String, _ build: (_ axes: Int, _ cells: Int) -> Tensor?
) -> Tensor {
    guard x.error == nil else { return x }
    let axes = x.rank - 2
    if (1...3).contains(axes), (1...4096).contains(factor),
        let result = build(axes, [Int](repeating: factor, count: axes).reduce(1, *))
    {
        return result
    }
    return Tensor(
        error: ApusError(
            .shape, in: place, "factor \(factor) for shape \(x.shape)",
            remedy: "feed [batch, spatial.., channels] whose channels (or spatial extents) the factor divides"))
}

/// The channels (the last axis) of all groups interleaved: channel `g * n + c` of `n` a group becomes `c * groups + g`.
public func channelShuffle(_ x: Tensor, groups: Int) -> Tensor {
    guard x.error == nil else { return x }
    guard x.rank >= 1, (1...Swift.max(x.shape[-1], 1)).contains(groups), x.shape[-1] % groups == 0 else {
        return Tensor(
            error: ApusError(
                .shape, in: "operation channelShuffle", "\(groups) groups of the channels of shape \(x.shape)",
                remedy: "use a number of groups that divides the last axis"))
    }
    let leading = Array(x.shape.extents.dropLast())
    let order = Array(0..<leading.count) + [leading.count + 1, leading.count]
    return x.reshaped(to: Shape(leading + [groups, x.shape[-1] / groups])).permuted(order).reshaped(to: x.shape)
}
