/// The features of regions, each read from the map of a pyramid whose scale suits its size (Lin et al., CVPR 2017):
/// maps `[n, height, width, channels]` of falling size -> `[k, rows, columns, channels]`.
///
/// A region of the `canonical` extent is read from map `canonicalLevel`, one of half the extent from the map before.
///
/// - Parameters:
///   - maps: of one type and number of channels, each with its scale: the map's extents divided by the image's
///   - regions: `[k, (image, x1, y1, x2, y2)]` in pixels of the image; image -1 for none
///   - size: rows and columns of the grid
///   - canonicalLevel: the number of a map, from 0
public func multiScaleROIAlign(
    _ maps: [(features: Tensor, scale: Double)], _ regions: Tensor, size: [Int], samples: Int? = nil,
    aligned: Bool = true, canonical: Double = 224, canonicalLevel: Int = 2
) -> Tensor {
    let place = "operation multiScaleROIAlign"
    return Tensor.composed(of: maps.map(\.features) + [regions]) { () throws(ApusError) in
        guard let first = maps.first?.features, canonical > 0, canonical.isFinite,
            maps.allSatisfy({ $0.features.rank == 4 }),
            maps.allSatisfy({ $0.features.shape[-1] == first.shape[-1] && $0.features.dtype == first.dtype })
        else {
            throw ApusError(
                .shape, in: place, "\(maps.count) maps of shapes \(maps.map(\.features.shape)), extent \(canonical)",
                remedy: "give one map or more of one type and number of channels, and an extent above 0")
        }
        guard regions.rank == 2, regions.shape[1] == 5 else {
            throw ApusError(
                .shape, in: place, "regions of shape \(regions.shape)", remedy: "give [k, (image, x1, y1, x2, y2)]")
        }
        let images = regions.slice(axis: 1, 0..<1)
        let areas = boxAreas(regions.slice(axis: 1, 1..<5))
        // A hair above whole levels, so that rounding does not lower them.
        let wanted = Tensor.maximum(areas, 1e-12).squareRoot() / canonical
        let levels = (wanted.log2() + (Double(canonicalLevel) + 1e-6)).floor()
            .clipped(0, Double(maps.count - 1)).expanded(at: 1)
        var sum: Tensor?
        for (level, map) in maps.enumerated() {
            // Regions of other maps are left out of this one.
            let own = Tensor.select(levels .== Double(level), images, images.filled(-1))
            let part = roiAlign(
                map.features, Tensor.concatenate([own, regions.slice(axis: 1, 1..<5)], axis: 1), size: size,
                scale: map.scale, samples: samples, aligned: aligned)
            sum = sum.map { $0 + part } ?? part
        }
        return sum ?? first
    }
}
