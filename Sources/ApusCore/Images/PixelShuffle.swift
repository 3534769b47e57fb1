/// How the channels of a pixel stand that becomes a block of pixels.
public enum ChannelOrder: Sendable, Hashable {
    /// The place in the block varies fastest: channel `c r r + i r + j`, as in PyTorch.
    case placeFastest
    /// The channel varies fastest: `(i r + j) channels + c`, as in TensorFlow.
    case channelFastest
}

extension Tensor {
    /// Blocks of pixels made from channels: `[batch, height, width, channels r r]` ->
    /// `[batch, height r, width r, channels]`.
    public func depthToSpace(_ factor: Int, order: ChannelOrder = .placeFastest) -> Tensor {
        guard error == nil else { return self }
        guard rank == 4, (1...1 << 15).contains(factor), shape[3] % (factor * factor) == 0 else {
            return Tensor(error: blockError("depthToSpace", factor, "channels that the square of the factor divides"))
        }
        let (r, channels) = (factor, shape[3] / (factor * factor))
        let (batch, height, width) = (shape[0], shape[1], shape[2])
        let split: Tensor
        switch order {
        case .placeFastest:
            split = reshaped(to: [batch, height, width, channels, r, r]).permuted([0, 1, 4, 2, 5, 3])
        case .channelFastest:
            split = reshaped(to: [batch, height, width, r, r, channels]).permuted([0, 1, 3, 2, 4, 5])
        }
        return split.reshaped(to: [batch, height * r, width * r, channels])
    }

    /// Channels made from blocks of pixels, the inverse of ``depthToSpace(_:order:)``:
    /// `[batch, height, width, channels]` -> `[batch, height / r, width / r, channels r r]`.
    public func spaceToDepth(_ factor: Int, order: ChannelOrder = .placeFastest) -> Tensor {
        guard error == nil else { return self }
        guard rank == 4, (1...1 << 15).contains(factor), shape[1] % factor == 0, shape[2] % factor == 0 else {
            return Tensor(error: blockError("spaceToDepth", factor, "a height and a width that the factor divides"))
        }
        let (r, channels) = (factor, shape[3])
        let (batch, height, width) = (shape[0], shape[1] / factor, shape[2] / factor)
        let blocks = reshaped(to: [batch, height, r, width, r, channels])
        let order = order == .placeFastest ? [0, 1, 3, 5, 2, 4] : [0, 1, 3, 2, 4, 5]
        return blocks.permuted(order).reshaped(to: [batch, height, width, channels * r * r])
    }

    /// Channels in another order: `groups` of them one behind the other become neighbours, so that a grouped convolution
    /// sees all groups (ShuffleNet, CVPR 2018).
    public func channelShuffled(groups: Int) -> Tensor {
        guard error == nil else { return self }
        guard rank >= 2, groups >= 1, shape[-1] % groups == 0 else {
            return Tensor(
                error: ApusError(
                    .value, in: "operation channelShuffle", "\(groups) groups of the channels of shape \(shape)",
                    remedy: "use a number of groups that divides the channels"))
        }
        let leading = Array(shape.extents.dropLast())
        return reshaped(to: Shape(leading + [groups, shape[-1] / groups])).matrixTransposed().reshaped(to: shape)
    }

    private func blockError(_ name: String, _ factor: Int, _ wanted: String) -> ApusError {
        ApusError(
            .shape, in: "operation \(name)", "images of shape \(shape), factor \(factor)",
            remedy: "images are [batch, height, width, channels] with \(wanted)")
    }
}
