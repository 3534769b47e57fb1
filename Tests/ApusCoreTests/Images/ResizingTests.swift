import ApusCore
import TestSupport
import Testing

@Suite struct ResizingTests {
    static let kinds: [Interpolation] = [
        .nearest, .nearestCorner, .bilinear, .bicubic(), .bicubic(coefficient: -0.5, renormalized: true), .lanczos3,
        .lanczos5, .area,
    ]

    private func tensor(_ shape: Shape, _ seed: UInt64 = 3) -> Tensor {
        var random = TestRandom(seed)
        return random.tensor(shape)
    }

    @Test(arguments: kinds) func agreesWithItsDefinition(_ kind: Interpolation) throws {
        for (shape, sizes): (Shape, [Int]) in [
            ([2, 9, 3], [4]), ([1, 5, 8, 3], [11, 3]), ([1, 4, 3, 5, 2], [3, 6, 2]), ([1, 1, 1, 1], [3, 2]),
            ([0, 4, 4, 1], [2, 2]), ([1, 64, 64, 8], [32, 128]),
        ] {
            for antialias in [false, true] {
                try checkDefinition(at: [tensor(shape)]) { $0[0].resized(to: sizes, kind, antialias: antialias) }
            }
        }
        try checkBothDerivatives(at: [tensor([1, 5, 4, 2])], sampleLimit: 10) {
            $0[0].resized(to: [3, 6], kind, antialias: true).square()
        }
    }

    @Test(arguments: kinds) func constantsStayConstant(_ kind: Interpolation) throws {
        let x = Tensor(repeating: 3, shape: [1, 7, 6, 2], dtype: .float64)
        for (sizes, corners, antialias) in [([3, 13], false, false), ([3, 13], false, true), ([9, 2], true, false)] {
            let y = x.resized(to: sizes, kind, alignCorners: corners, antialias: antialias)
            #expect(try (y - 3).absolute().max().item() < 1e-12)
        }
    }

    @Test func rampsStayRamps() throws {
        let x = Tensor.range(count: 8, dtype: .float64).reshaped(to: [1, 8, 1])
        for kind in [Interpolation.bilinear, .bicubic()] {
            let y = x.resized(to: [15], kind, alignCorners: true)
            let values: [Double] = try y.array()
            // Away from the edges, where cubic taps are repeated.
            for index in 4...10 { #expect(abs(values[index] - Double(index) / 2) < 1e-12) }
        }
        #expect(
            try x.resized(to: [4], .area).array(of: Double.self) == [0.5, 2.5, 4.5, 6.5])
        #expect(try x.upsampled(by: 2).array(of: Double.self).prefix(4) == [0, 0, 1, 1])
    }

    @Test func blocksAndChannelsAreInverse() throws {
        let x = tensor([2, 4, 6, 3])
        for order in [ChannelOrder.placeFastest, .channelFastest] {
            let there = x.spaceToDepth(2, order: order)
            #expect(there.shape == [2, 2, 3, 12])
            #expect(try there.depthToSpace(2, order: order).array(of: Double.self) == x.array(of: Double.self))
        }
        let y = tensor([1, 1, 1, 6])
        let values: [Double] = try y.array()
        #expect(try y.channelShuffled(groups: 2).array(of: Double.self) == [0, 3, 1, 4, 2, 5].map { values[$0] })
        #expect(try y.channelShuffled(groups: 2).channelShuffled(groups: 3).array(of: Double.self) == values)
    }

    @Test func mistakesAreNamed() {
        let x = Tensor.zeros([1, 4, 4, 3])
        #expect(
            x.resized(to: [2]).error?.description
                == "operation resize: images of shape [1, 4, 4, 3], sizes [2]; images are [batch, spatial.., channels] "
                + "with pixels; give a size of 1 or more for each spatial axis")
        #expect(x.resized(to: [0, 2]).error?.kind == .shape)
        #expect(x.resized(to: [.max, 2]).error?.kind == .shape)
        #expect(Tensor.zeros([1, 0, 4, 3]).resized(to: [2, 2]).error?.kind == .shape)
        #expect(Tensor.zeros([4, 4]).resized(to: [2, 2]).error?.kind == .shape)
        #expect(Tensor.zeros([1, 4, 4, 3], dtype: .uint8).resized(to: [2, 2]).error?.kind == .type)
        #expect(x.upsampled(by: 0).error?.kind == .value)
        #expect(x.upsampled(by: [2, 2, 2]).error != nil)
        #expect(x.cropped(offset: [2, 2], size: [3, 1]).error?.kind == .value)
        #expect(x.cropped(offset: [.max, 0], size: [1, 1]).error?.kind == .value)
        #expect(x.cropped(offset: [-1, 0], size: [1, 1]).error?.kind == .value)
        #expect(x.centerCropped(to: [5, 5]).error?.kind == .value)
        #expect(x.centerCropped(to: [1]).error?.kind == .value)
        #expect(x.depthToSpace(2).error?.kind == .shape)
        #expect(x.spaceToDepth(3).error?.kind == .shape)
        #expect(x.spaceToDepth(0).error?.kind == .shape)
        #expect(x.channelShuffled(groups: 2).error?.kind == .value)
    }
}
