import ApusCore

/// Maps of features of falling size, each enriched by what the smaller ones know (Lin et al., CVPR 2017):
/// `[batch, height, width, ..]` each -> as many maps of the same extents with `channels` channels.
///
///     let pyramid = FeaturePyramid(256, levels: 4)
///     let maps = pyramid([c2, c3, c4, c5])
///
/// Each map goes through a convolution of size 1, the next smaller result, enlarged to its extents, is added, and a
/// convolution of size 3 gives the output.
public final class FeaturePyramid: Module {
    /// The channels of all levels.
    public let channels: Int
    /// For each map a convolution of size 1, and one of size 3.
    public let inner: [Conv2D]
    /// The convolutions of the results.
    public let outer: [Conv2D]

    /// - Parameter levels: how many maps it takes, from 1 to 64
    public init(_ channels: Int, levels: Int) {
        self.channels = channels
        let count = max(1, min(levels, 64))
        inner = (0..<count).map { _ in Conv2D(channels, kernel: 1) }
        outer = (0..<count).map { _ in Conv2D(channels, kernel: 3, padding: .same) }
    }

    public var details: String { "\(channels) channels, \(inner.count) levels" }

    /// The smallest map's path alone: `[batch, height, width, ..] -> [batch, height, width, channels]`.
    public func callAsFunction(_ x: Tensor) -> Tensor { self([x])[0] }

    /// The maps from the largest to the smallest. With fewer than there are levels the last of them are used.
    public func callAsFunction(_ maps: [Tensor]) -> [Tensor] {
        if let failed = maps.first(where: { $0.error != nil }) { return maps.map { _ in failed } }
        guard (1...inner.count).contains(maps.count), maps.allSatisfy({ $0.rank == 4 }) else {
            let failed = Tensor(
                error: mistake(
                    .shape, "maps of shapes \(maps.map(\.shape)) for \(inner.count) levels",
                    remedy: "feed as many maps [batch, height, width, channels], the largest first"))
            return [Tensor](repeating: failed, count: max(maps.count, 1))
        }
        let start = inner.count - maps.count
        var results: [Tensor] = []
        var above: Tensor?
        for (level, map) in maps.enumerated().reversed() {
            var sum = inner[start + level](map)
            if let above, sum.error == nil {
                sum = sum + above.resized(to: map.shape.spatial, .nearestCorner)
            }
            above = sum
            results.append(outer[start + level](sum))
        }
        return results.reversed()
    }
}
