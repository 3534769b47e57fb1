import ApusCore
import TestSupport
import Testing

@Suite struct RegionTests {
    static let regions = Tensor(
        [0, 0.5, 1, 7, 6.5, 1, -3, -2, 20, 14, -1, 0, 0, 4, 4, 1, 2, 2, 2, 2] as [Double], shape: [4, 5])

    private func features(_ channels: Int = 3) -> Tensor {
        var random = TestRandom(9)
        return random.tensor([2, 5, 6, channels])
    }

    @Test(arguments: [nil, 1, 2], [false, true])
    func alignmentAgreesWithItsDefinition(_ samples: Int?, _ aligned: Bool) throws {
        try checkDefinition(at: [features(), Self.regions]) {
            roiAlign($0[0], $0[1], size: [2, 3], scale: 0.5, samples: samples, aligned: aligned)
        }
        try checkDefinition(at: [features(12), Self.regions]) {
            positionSensitiveROIAlign($0[0], $0[1], size: [2, 3], scale: 0.5, samples: samples)
        }
    }

    @Test func poolsAgreeWithTheirDefinitions() throws {
        try checkDefinition(at: [features(), Self.regions]) { roiPool($0[0], $0[1], size: [2, 3], scale: 0.5) }
        try checkDefinition(at: [features(12), Self.regions]) {
            positionSensitiveROIPool($0[0], $0[1], size: [2, 3], scale: 0.5)
        }
    }

    @Test func wholePixelsAreReadExactly() throws {
        // One sample a cell in the middle of each pixel.
        let x = features()
        let all = Tensor([1, 0, 0, 6, 5] as [Double], shape: [1, 5])
        let read = roiAlign(x, all, size: [5, 6], samples: 1)
        #expect(try (read - x.slice(axis: 0, 1..<2)).absolute().max().item() < 1e-14)
        let largest = roiPool(x, Tensor([1, 0, 0, 5, 4] as [Double], shape: [1, 5]), size: [1, 1])
        #expect(try (largest.flattened() - x.slice(axis: 0, 1..<2).max(axes: [0, 1, 2])).absolute().max().item() == 0)
    }

    @Test func cellsReadChannelsOfTheirOwn() throws {
        let x = features(8)
        let all = Tensor([0, 0, 0, 6, 4] as [Double], shape: [1, 5])
        let own = positionSensitiveROIPool(x, all, size: [2, 2])
        #expect(own.shape == [1, 2, 2, 2])
        for (row, column, channel) in [(0, 0, 0), (0, 1, 1), (1, 0, 1), (1, 1, 0)] {
            let part = x.slice(axis: 0, 0..<1).slice(axis: 1, row * 2..<row * 2 + 2)
                .slice(axis: 2, column * 3..<column * 3 + 3)
            let number = (channel * 2 + row) * 2 + column
            let mean = part.slice(axis: 3, number..<number + 1).mean()
            let value = own[0, row, column, channel]
            #expect(try (value - mean).absolute().item() < 1e-14)
        }
        let sampled = positionSensitiveROIAlign(x, all, size: [2, 2])
        let plain = roiAlign(x, all, size: [2, 2])
        #expect(try (sampled[0, 1, 0, 1] - plain[0, 1, 0, 6]).absolute().item() < 1e-14)
    }

    @Test func regionsOfNoImageAreZerosWithoutGradient() throws {
        let regions = Tensor([-1, 0, 0, 4, 4] as [Double], shape: [1, 5])
        let x = features()
        for read in [
            { roiAlign($0, regions, size: [2, 2]) }, { roiPool($0, regions, size: [2, 2]) },
        ] as [(Tensor) -> Tensor] {
            let (value, gradients) = valueAndGradient(at: [x]) { read($0[0]).sum() }
            #expect(try value.item() == 0)
            #expect(try gradients[0].absolute().max().item() == 0)
        }
        #expect(roiAlign(x, Tensor.zeros([0, 5], dtype: .float64), size: [2, 3]).shape == [0, 2, 3, 3])
        #expect(try roiAlign(x, Tensor.zeros([0, 5], dtype: .float64), size: [2, 3]).array(of: Double.self).isEmpty)
    }

    @Test(arguments: [
        [2, 0, 0, 1, 1], [-2, 0, 0, 1, 1], [0.5, 0, 0, 1, 1], [.nan, 0, 0, 1, 1], [0, .nan, 0, 1, 1],
        [0, 0, 0, .infinity, 1], [0, 0, 0, 1e300, 1], [0, 0, -1e30, 1, 1],
    ])
    func regionsThatCantBeReadAreRefused(_ region: [Double]) throws {
        let regions = Tensor(region, shape: [1, 5])
        let x = features(4)
        let results = [
            ("regionAverage", roiAlign(x, regions, size: [2, 2])),
            ("regionAverage", positionSensitiveROIAlign(x, regions, size: [2, 2])),
            ("regionAverage", positionSensitiveROIPool(x, regions, size: [2, 2])),
            ("roiPool", roiPool(x, regions, size: [2, 2])),
        ]
        for (name, result) in results {
            let error = refusal { _ = try result.array(of: Double.self) }
            #expect(
                error?.description
                    == "operation \(name): region 0 is not finite, too large, or of an image other than 0..<2 "
                    + "(or -1 for none); give (image, x1, y1, x2, y2) with a whole number of an image and corners "
                    + "near that image")
        }
    }

    @Test func mistakesAreNamed() {
        let (x, regions) = (Tensor.zeros([1, 4, 4, 3]), Tensor.zeros([1, 5]))
        #expect(
            roiAlign(x, Tensor.zeros([1, 4]), size: [2, 2]).error?.description
                == "operation roiAlign: features of shape [1, 4, 4, 3], regions of shape [1, 4]; give features "
                + "[n, height, width, channels] with pixels and regions [k, (image, x1, y1, x2, y2)]")
        #expect(
            roiPool(x, regions.cast(to: .float64), size: [2, 2]).error?.description
                == "operation roiPool: features of type float32, regions of type float64; "
                + "cast both to float32 or float64"
        )
        for size in [[2], [0, 2], [2, .max]] {
            #expect(roiAlign(x, regions, size: size).error?.kind == .value)
            #expect(roiPool(x, regions, size: size).error?.kind == .value)
        }
        for scale in [0, -1, .nan, .infinity] as [Double] {
            #expect(roiPool(x, regions, size: [1, 1], scale: scale).error?.kind == .value)
        }
        #expect(
            roiAlign(x, regions, size: [2, 2], samples: 0).error?.description
                == "operation roiAlign: 0 samples; use a number in 1...65536, or nil")
        #expect(
            positionSensitiveROIPool(x, regions, size: [2, 2]).error?.description
                == "operation positionSensitiveROIPool: 3 channels for 2 x 2 cells; give a multiple of 4 channels")
    }
}

@Suite struct MultiScaleTests {
    @Test func regionsAreReadFromTheMapOfTheirSize() throws {
        var random = TestRandom(4)
        let (large, small) = (random.tensor([1, 16, 16, 2]), random.tensor([1, 8, 8, 2]))
        // Up to below a side of 16 from the large map, from there on from the small one.
        let regions = Tensor(
            [0, 0, 0, 15, 15, 0, 0, 0, 16, 16, 0, 1, 1, 31, 31, 0, 3, 3, 4, 4] as [Double], shape: [4, 5])
        let read = multiScaleROIAlign(
            [(large, 0.5), (small, 0.25)], regions, size: [2, 2], canonical: 16, canonicalLevel: 1)
        let (fine, coarse) = (
            roiAlign(large, regions, size: [2, 2], scale: 0.5), roiAlign(small, regions, size: [2, 2], scale: 0.25)
        )
        for (number, expected) in [fine, coarse, coarse, fine].enumerated() {
            #expect(try (read[number] - expected[number]).absolute().max().item() == 0)
        }
    }

    @Test func mistakesAreNamed() {
        let regions = Tensor.zeros([1, 5])
        #expect(multiScaleROIAlign([], regions, size: [2, 2]).error?.kind == .shape)
        #expect(
            multiScaleROIAlign(
                [(Tensor.zeros([1, 4, 4, 2]), 1), (Tensor.zeros([1, 2, 2, 3]), 1)], regions, size: [2, 2]
            )
            .error?.kind == .shape)
        #expect(
            multiScaleROIAlign([(Tensor.zeros([1, 4, 4, 2]), 1)], Tensor.zeros([5]), size: [2, 2]).error?.description
                == "operation multiScaleROIAlign: regions of shape [5]; give [k, (image, x1, y1, x2, y2)]")
    }
}
