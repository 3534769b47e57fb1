extension Tensor {
    /// Contrast-limited adaptive histogram equalisation (CLAHE; Zuiderveld, Graphics Gems IV, 1994): colours
    /// redistributed by the histograms of the tiles around them, so that dark and bright regions both gain contrast.
    ///
    ///     let scans = images.adaptivelyEqualized(tiles: [8, 8], limit: 4)
    ///
    /// Each tile of each channel of each image has a histogram of 256 levels; what a level holds above `limit` times its
    /// even share is spread over all levels. A colour `v` becomes `(below(v) - below(0)) / (pixels - below(0))`, where
    /// `below` counts the pixels of up to that level, interpolated between the four nearest tiles (as Keras has it).
    /// Images whose extents the tiles do not divide are mirrored beyond their ends. Not differentiable.
    ///
    /// `[.., height, width, channels]` of uint8 or of colours from 0 to 1.
    ///
    /// - Parameters:
    ///   - tiles: how many along height and width, 1...256
    ///   - limit: how much more than its even share a level may hold, 1 to keep contrast as it is; 0 is no limit
    public func adaptivelyEqualized(tiles: [Int] = [8, 8], limit: Double = 4) -> Tensor {
        onImages("adaptivelyEqualized") { () throws(ApusError) in
            guard tiles.count == 2, tiles.allSatisfy({ (1...256).contains($0) }), limit >= 0, limit.isFinite else {
                throw ApusError(
                    .value, in: "operation adaptivelyEqualized", "tiles \(tiles), limit \(limit)",
                    remedy: "give numbers of tiles along height and width in 1...256, and a finite limit of 0 or more")
            }
            guard shape.count > 0 else { return self }
            let images = shape.extents.dropLast(3).reduce(1, *)
            let grid = TileGrid(images: images, tiles: tiles, height: shape[-3], width: shape[-2], channels: shape[-1])
            let numbers = dtype == .uint8 ? self : cast(to: dtype == .float64 ? .float64 : .float32) * 255.999
            let levels = numbers.clipped(0, 255).cast(to: .int64)
                .reshaped(to: [images, grid.height, grid.width, grid.channels])
            let result = grid.interpolated(grid.levelMaps(levels, limit: limit), at: levels).reshaped(to: shape)
            // Levels are cut to whole ones; one that rounding left just below a whole one is that.
            return dtype == .uint8 ? (result + 1e-6).cast(to: .uint8) : (result / 255).cast(to: dtype)
        }
    }
}

/// Images cut into tiles of equal size; the last ones may reach beyond the image.
private struct TileGrid {
    let images, height, width, channels: Int
    let rows, columns: Int
    let tileHeight, tileWidth: Int

    init(images: Int, tiles: [Int], height: Int, width: Int, channels: Int) {
        (self.images, self.height, self.width, self.channels) = (images, height, width, channels)
        (rows, columns) = (tiles[0], tiles[1])
        tileHeight = (height + tiles[0] - 1) / tiles[0]
        tileWidth = (width + tiles[1] - 1) / tiles[1]
    }

    private var pixels: Double { Double(Shape.product(tileHeight, tileWidth)) }

    /// For each tile what each of the 256 levels becomes, from 0 to 255: `[tables * 256]`.
    func levelMaps(_ levels: Tensor, limit: Double) -> Tensor {
        func mirrored(_ count: Int, _ extent: Int) -> Tensor {
            Tensor.positions(
                (0..<count).map { place in
                    let folded = place % (2 * extent)
                    return folded < extent ? folded : 2 * extent - 1 - folded
                })
        }
        let whole = levels.gather(indices: mirrored(rows * tileHeight, height), axis: 1)
            .gather(indices: mirrored(columns * tileWidth, width), axis: 2)
            .reshaped(to: [images, rows, tileHeight, columns, tileWidth, channels])
        let tables = Shape.product(images, Shape.product(rows, Shape.product(columns, channels)))
        let first =
            Tensor.range(count: tables, dtype: .int64).reshaped(to: [images, rows, 1, columns, 1, channels]) * 256
        let places = (whole + first).flattened()
        var counts = Tensor.ones(places.shape, dtype: .float64)
            .scatterAdd(indices: places, extent: Shape.product(tables, 256)).reshaped(to: [tables, 256])
        if limit > 0 {
            let kept = Tensor.minimum(counts, limit * pixels / 256)
            counts = kept + (counts - kept).sum(axes: [1], keepDimensions: true) / 256
        }
        let below = counts.cumulativeSum(axis: 1)
        let start = below.slice(axis: 1, 0..<1)
        let rest = pixels - start
        let divisor = Tensor.select(rest .== 0.0, rest.like(repeating: 1), rest)
        return ((below - start) * 255 / divisor).clipped(0, 255).flattened()
    }

    /// What the levels become by the maps of the four nearest tiles: `[images, height, width, channels]`.
    func interpolated(_ maps: Tensor, at levels: Tensor) -> Tensor {
        let (down, across) = (neighbours(height, tileHeight, rows), neighbours(width, tileWidth, columns))
        let channel = Tensor.range(count: channels, dtype: .int64) * 256
        let image =
            Tensor.range(count: images, dtype: .int64).reshaped(to: [images, 1, 1, 1])
            * Double(256 * channels * rows * columns)
        var result: Tensor?
        for (row, rowWeight) in down {
            for (column, columnWeight) in across {
                let rowStart = (row * Double(256 * channels * columns)).reshaped(to: [height, 1, 1])
                let columnStart = (column * Double(256 * channels)).reshaped(to: [width, 1])
                let weight = rowWeight.reshaped(to: [height, 1, 1]) * columnWeight.reshaped(to: [width, 1])
                let term = maps.gather(indices: levels + (image + (rowStart + (columnStart + channel)))) * weight
                result = result.map { $0 + term } ?? term
            }
        }
        return result ?? levels
    }

    /// For each place along an axis the two nearest tiles and their weights.
    private func neighbours(_ extent: Int, _ size: Int, _ count: Int) -> [(tile: Tensor, weight: Tensor)] {
        let positions = (0..<extent).map { (Double($0) - Double(size) / 2) / Double(size) }
        return [0, 1].map { side in
            let tiles = positions.map { Swift.min(Swift.max(Int($0.rounded(.down)) + side, 0), count - 1) }
            let weights = positions.map { place in
                let fraction = place - place.rounded(.down)
                return side == 0 ? 1 - fraction : fraction
            }
            return (Tensor.positions(tiles), Tensor.constant(weights, shape: [extent], dtype: .float64))
        }
    }
}
