import ApusCore
import TestSupport

let detectionDerivatives: [DerivativeCase] = [
    DerivativeCase("convertBoxes") { random in
        let formats = BoxFormat.allCases
        let (source, target) = (formats[random.integer(0...2)], formats[random.integer(0...2)])
        let shape = Shape(random.shape(rank: 0...2).extents + [4])
        return ([random.distinct(shape)], { convertBoxes($0[0].square(), from: source, to: target) })
    },
    DerivativeCase("boxAreas") { random in ([random.boxes(random.integer(1...5))], { boxAreas($0[0]) }) },
    DerivativeCase("clipBoxes") { random in
        ([random.boxes(random.integer(1...5))], { clipBoxes($0[0].square(), height: 5.0123, width: 7.0456) })
    },
    DerivativeCase("boxIoU") { random in
        let match = [BoxMatch.iou, .giou, .diou][random.integer(0...2)]
        let (a, b) = (random.boxes(random.integer(1...4)), random.boxes(random.integer(1...4)))
        return ([a, b], { boxIoU($0[0], $0[1], match) })
    },
    DerivativeCase("encodeBoxes") { random in
        let count = random.integer(1...5)
        return (
            [random.boxes(count), random.boxes(count)],
            { encodeBoxes($0[0], anchors: $0[1], weights: [10, 10, 5, 5]) }
        )
    },
    DerivativeCase("decodeBoxes") { random in
        let count = random.integer(1...5)
        return (
            [random.tensor([count, 4], -1...1), random.boxes(count)],
            { decodeBoxes($0[0], anchors: $0[1], weights: [2, 2, 1, 1]) }
        )
    },
    regions("roiAlign") { features, regions, size in
        roiAlign(features, regions, size: size, scale: 0.5, samples: size[0] == 1 ? nil : 2, aligned: size[1] == 1)
    },
    regions("multiScaleROIAlign") { features, regions, size in
        multiScaleROIAlign(
            [(features, 0.5), (features.slice(axis: 1, 0..<1), 0.25)], regions, size: size, canonical: 4,
            canonicalLevel: 1)
    },
    regions("roiPool") { features, regions, size in roiPool(features, regions, size: size, scale: 0.5).square() },
    regions("positionSensitiveROIAlign", depth: 4) { features, regions, _ in
        positionSensitiveROIAlign(features, regions, size: [2, 2], scale: 0.5)
    },
    regions("positionSensitiveROIPool", depth: 4) { features, regions, _ in
        positionSensitiveROIPool(features, regions, size: [2, 2], scale: 0.5)
    },
]

/// A function of features (squared, so that there is a second derivative) and of regions that get no gradient.
private func regions(
    _ name: String, depth: Int = 1, _ function: @escaping @Sendable (Tensor, Tensor, [Int]) -> Tensor
) -> DerivativeCase {
    DerivativeCase(name) { random in
        let (height, width) = (random.integer(1...5), random.integer(1...5))
        let features = random.distinct([2, height, width, depth * random.integer(1...2)])
        let regions: [Double] = (0..<random.integer(1...3)).flatMap { _ -> [Double] in
            let corner = [random.number(-2...6), random.number(-2...6)]
            return [Double(random.integer(0...1))] + corner
                + [corner[0] + random.number(0...7), corner[1] + random.number(0...7)]
        }
        let places = Tensor(regions, shape: [regions.count / 5, 5])
        let size = [random.integer(1...2), random.integer(1...3)]
        return ([features], { function($0[0].square(), places, size) })
    }
}

extension TestRandom {
    /// Boxes `[count, 4]` with sides of 1 or more, whose edges all differ.
    mutating func boxes(_ count: Int) -> Tensor {
        Tensor(
            (0..<count).flatMap { _ -> [Double] in
                let (x, y) = (number(0...4), number(0...4))
                return [x, y, x + number(1...5), y + number(1...5)]
            }, shape: [count, 4])
    }
}
