/// How the channels of a pixel stand that becomes a block of pixels.
public enum ChannelOrder: Sendable, Hashable {
    /// The place in the block varies fastest: channel `c r r + i r + j` of an image, as in PyTorch.
    case placeFastest
    /// The channel varies fastest: `(i r + j) channels + c`, as in TensorFlow.
    case channelFastest
}

extension Tensor {
    /// Blocks of pixels made from channels (Shi et al., CVPR 2016), in one to three spatial dimensions:
    /// `[batch, spatial.., channels r^axes]` -> `[batch, spatial r.., channels]`.
    public func depthToSpace(_ factor: Int, order: ChannelOrder = .placeFastest) -> Tensor {
        blocked(factor, "depthToSpace") { axes, cells in
            guard shape[-1] % cells == 0 else { return nil }
            let channels = [shape[-1] / cells], block = [Int](repeating: factor, count: axes)
            let split = shape.spatial + (order == .placeFastest ? channels + block : block + channels)
            // The place along each axis of a block goes behind that axis.
            let (place, channel) = order == .placeFastest ? (axes + 2, axes + 1) : (axes + 1, 2 * axes + 1)
            let permutation = [0] + (0..<axes).flatMap { [1 + $0, place + $0] } + [channel]
            return reshaped(to: Shape([shape[0]] + split)).permuted(permutation)
                .reshaped(to: Shape([shape[0]] + shape.spatial.map { Shape.product($0, factor) } + channels))
        }
    }

    /// Channels made from blocks of pixels, the inverse of ``depthToSpace(_:order:)``:
    /// `[batch, spatial.., channels]` -> `[batch, spatial / r.., channels r^axes]`.
    public func spaceToDepth(_ factor: Int, order: ChannelOrder = .placeFastest) -> Tensor {
        blocked(factor, "spaceToDepth") { axes, cells in
            guard shape.spatial.allSatisfy({ $0 % factor == 0 }) else { return nil }
            let image = shape.spatial.map { $0 / factor }
            let split = [shape[0]] + image.flatMap { [$0, factor] } + [shape[-1]]
            let (places, channel) = ((1...axes).map { 2 * $0 }, [2 * axes + 1])
            let permutation =
                [0] + (1...axes).map { 2 * $0 - 1 } + (order == .placeFastest ? channel + places : places + channel)
            return reshaped(to: Shape(split)).permuted(permutation)
                .reshaped(to: Shape([shape[0]] + image + [Shape.product(shape[-1], cells)]))
        }
    }

    private func blocked(_ factor: Int, _ name: String, _ build: (_ axes: Int, _ cells: Int) -> Tensor?) -> Tensor {
        guard error == nil else { return self }
        let axes = rank - 2
        if (1...3).contains(axes), (1...4096).contains(factor),
            let result = build(axes, [Int](repeating: factor, count: axes).reduce(1, *))
        {
            return result
        }
        return Tensor(
            error: ApusError(
                .shape, in: "operation \(name)", "factor \(factor) for shape \(shape)",
                remedy: "feed [batch, spatial.., channels] whose channels (or spatial extents) the factor divides"))
    }

    /// Channels in another order: `groups` of them one behind the other become neighbours, so that a grouped convolution
    /// sees all groups (ShuffleNet, CVPR 2018).
    public func channelShuffled(groups: Int) -> Tensor {
        guard error == nil else { return self }
        guard rank >= 1, groups >= 1, shape[-1] % groups == 0 else {
            return Tensor(
                error: ApusError(
                    .value, in: "operation channelShuffled", "\(groups) groups of the channels of shape \(shape)",
                    remedy: "use a number of groups that divides the last axis"))
        }
        let leading = Array(shape.extents.dropLast())
        return reshaped(to: Shape(leading + [groups, shape[-1] / groups])).matrixTransposed().reshaped(to: shape)
    }
}
