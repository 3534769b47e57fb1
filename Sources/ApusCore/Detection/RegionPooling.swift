/// The features of regions on grids of one size, by bilinear samples: `[n, height, width, channels]` ->
/// `[k, rows, columns, channels]` (He et al., ICCV 2017).
///
/// The region is cut into cells; each is the mean of samples at regular places. Samples more than a pixel outside the
/// map are 0, nearer ones are read at its edge. Differentiable with respect to the features.
///
///     let parts = roiAlign(features, regions, size: [7, 7], scale: 1.0 / 16)
///
/// - Parameters:
///   - features: `[n, height, width, channels]`
///   - regions: `[k, (image, x1, y1, x2, y2)]` in pixels of the image, of the features' type. Image -1 stands for no
///     region: its cells are 0.
///   - size: rows and columns of the grid
///   - scale: the features' extents divided by the image's
///   - samples: along each axis of a cell; by default as many as a cell has pixels, rounded up
///   - aligned: pixels' centres lie at half coordinates; otherwise at whole ones, and regions are at least 1 pixel wide
public func roiAlign(
    _ features: Tensor, _ regions: Tensor, size: [Int], scale: Double = 1, samples: Int? = nil, aligned: Bool = true
) -> Tensor {
    regionAverage(features, regions, size, scale, .samples(samples), aligned, false, in: "operation roiAlign")
}

/// Like ``roiAlign(_:_:size:scale:samples:aligned:)``, but each cell reads channels of its own: cell `(i, j)` of
/// channel `c` reads channel `(c * rows + i) * columns + j`. `[n, height, width, channels * rows * columns]` ->
/// `[k, rows, columns, channels]`.
public func positionSensitiveROIAlign(
    _ features: Tensor, _ regions: Tensor, size: [Int], scale: Double = 1, samples: Int? = nil
) -> Tensor {
    regionAverage(
        features, regions, size, scale, .samples(samples), true, true, in: "operation positionSensitiveROIAlign")
}

/// The means of whole pixels over the cells of regions, where each cell reads channels of its own: cell `(i, j)` of
/// channel `c` reads channel `(c * rows + i) * columns + j`. `[n, height, width, channels * rows * columns]` ->
/// `[k, rows, columns, channels]`; a cell without pixels is 0 (Dai et al., NeurIPS 2016).
///
/// - Parameters:
///   - regions: `[k, (image, x1, y1, x2, y2)]` in pixels of the image, of the features' type; image -1 for none
///   - size: rows and columns of the grid
///   - scale: the features' extents divided by the image's
public func positionSensitiveROIPool(
    _ features: Tensor, _ regions: Tensor, size: [Int], scale: Double = 1
) -> Tensor {
    regionAverage(features, regions, size, scale, .pixels, false, true, in: "operation positionSensitiveROIPool")
}

/// The largest features in the cells of regions, whose corners are rounded to whole pixels:
/// `[n, height, width, channels]` -> `[k, rows, columns, channels]`; a cell without pixels is 0 (Girshick, ICCV 2015).
///
/// Differentiable with respect to the features.
///
/// - Parameters:
///   - regions: `[k, (image, x1, y1, x2, y2)]` in pixels of the image, of the features' type; image -1 for none
///   - size: rows and columns of the grid
///   - scale: the features' extents divided by the image's
public func roiPool(_ features: Tensor, _ regions: Tensor, size: [Int], scale: Double = 1) -> Tensor {
    let place = "operation roiPool"
    return Tensor.composed(of: [features, regions]) { () throws(ApusError) in
        let (rows, columns) = try checkRegions(features, regions, size, scale, in: place)
        let channels = features.shape[3]
        let pixels = Shape.product(Shape.product(features.shape[0], features.shape[1]), features.shape[2])
        let found = Tensor(
            RegionMaximum(rows: rows, columns: columns, scale: scale), [features.stopGradient(), regions])
        guard found.error == nil, pixels > 0, found.shape.count > 0 else {
            return found.error == nil ? Tensor.zeros(found.shape, dtype: features.dtype) : found
        }
        let cells = Shape([found.shape.count / channels, channels])
        let positions = found.reshaped(to: cells)
        let values = features.reshaped(to: [pixels, channels])
            .takeAlong(indices: Tensor.maximum(positions, 0), axis: 0)
        return Tensor.select(positions .>= 0.0, values, values.filled(0)).reshaped(to: found.shape)
    }
}

private func regionAverage(
    _ features: Tensor, _ regions: Tensor, _ size: [Int], _ scale: Double, _ kind: RegionRule.Kind, _ aligned: Bool,
    _ isPositionSensitive: Bool, in place: String
) -> Tensor {
    Tensor.composed(of: [features, regions]) { () throws(ApusError) in
        let (rows, columns) = try checkRegions(features, regions, size, scale, in: place)
        if case .samples(let count?) = kind, !(1...RegionRule.mostSamples).contains(count) {
            throw ApusError(
                .value, in: place, "\(count) samples", remedy: "use a number in 1...\(RegionRule.mostSamples), or nil")
        }
        let rule = RegionRule(
            kind: kind, rows: rows, columns: columns, scale: scale, isAligned: aligned,
            isPositionSensitive: isPositionSensitive)
        guard !isPositionSensitive || features.shape[3] % rule.cells == 0 else {
            throw ApusError(
                .shape, in: place, "\(features.shape[3]) channels for \(rows) x \(columns) cells",
                remedy: "give a multiple of \(rule.cells) channels")
        }
        return Tensor(RegionAverage(rule: rule), [features, regions])
    }
}

private func checkRegions(
    _ features: Tensor, _ regions: Tensor, _ size: [Int], _ scale: Double, in place: String
) throws(ApusError) -> (rows: Int, columns: Int) {
    guard features.rank == 4, features.shape[1] > 0, features.shape[2] > 0, regions.rank == 2, regions.shape[1] == 5
    else {
        throw ApusError(
            .shape, in: place, "features of shape \(features.shape), regions of shape \(regions.shape)",
            remedy: "give features [n, height, width, channels] with pixels and regions [k, (image, x1, y1, x2, y2)]")
    }
    guard features.dtype == regions.dtype, [.float32, .float64].contains(features.dtype) else {
        throw ApusError(
            .type, in: place, "features of type \(features.dtype), regions of type \(regions.dtype)",
            remedy: "cast both to float32 or float64")
    }
    guard size.count == 2, size.allSatisfy({ (1...1 << 12).contains($0) }), scale > 0, scale.isFinite else {
        throw ApusError(
            .value, in: place, "size \(size), scale \(scale)",
            remedy: "give rows and columns in 1...\(1 << 12) and a finite scale above 0")
    }
    return (size[0], size[1])
}

/// The position of the largest feature in each cell of regions, counted over the pixels of all images; -1 where there
/// is none: features, regions -> `[k, rows, columns, channels]`, `int64`.
private struct RegionMaximum: Operation {
    static let name = "regionMaximum"
    let rows: Int
    let columns: Int
    let scale: Double

    func shape(of inputs: [Shape]) throws(ApusError) -> Shape { [inputs[1][0], rows, columns, inputs[0][-1]] }

    func dtype(of inputs: [DType]) throws(ApusError) -> DType {
        try require(inputs, [.float32, .float64])
        return .int64
    }

    func gradient(_ dy: Tensor, inputs: [Tensor], output: Tensor) -> [Tensor?] { [nil, nil] }

    var role: OperationRole { .kernel(offersEpilogue: false) }

    func emit(_ kernel: inout KernelEmitter) throws(ApusError) {
        let (images, regions) = (kernel.inputs[0].shape, kernel.inputs[1].shape[0])
        let isWide = kernel.inputs[0].dtype == .float64
        kernel.callHost(
            Self.name, tasks: regions,
            error: { position, _ in regionError(position: position, images: images[0], in: "operation roiPool") }
        ) { memory, task in
            let output = memory.output.assumingMemoryBound(to: Int64.self) + task * rows * columns * images[3]
            let isRead =
                isWide
                ? find(
                    memory.inputs.0.assumingMemoryBound(to: Double.self),
                    memory.inputs.1.assumingMemoryBound(to: Double.self) + task * 5, images, output)
                : find(
                    memory.inputs.0.assumingMemoryBound(to: Float.self),
                    memory.inputs.1.assumingMemoryBound(to: Float.self) + task * 5, images, output)
            if !isRead { memory.report(position: task, value: 0) }
        }
    }

    func reference(_ inputs: [ReferenceTensor], shape: Shape) -> [Double] {
        var result = [Int64](repeating: -1, count: shape.count)
        let cells = rows * columns * inputs[0].shape[3]
        for number in 0..<inputs[1].shape[0] {
            result.withUnsafeMutableBufferPointer { result in
                inputs[0].values.withUnsafeBufferPointer { features in
                    inputs[1].values.withUnsafeBufferPointer { regions in
                        guard let target = result.baseAddress, let features = features.baseAddress,
                            let regions = regions.baseAddress
                        else { return }
                        _ = find(features, regions + number * 5, inputs[0].shape, target + number * cells)
                    }
                }
            }
        }
        return result.map { Double($0) }
    }

    /// The positions for one region; false if it can't be read.
    private func find<Number: BinaryFloatingPoint>(
        _ features: UnsafePointer<Number>, _ region: UnsafePointer<Number>, _ images: Shape,
        _ output: UnsafeMutablePointer<Int64>
    ) -> Bool {
        let (height, width, channels) = (images[1], images[2], images[3])
        output.update(repeating: -1, count: rows * columns * channels)
        let image = Double(region[0])
        if image == -1 { return true }
        let corners = (1..<5).map { Double(region[$0]) * scale }
        guard image >= 0, image < Double(images[0]), image == image.rounded(),
            corners.allSatisfy({ Swift.abs($0) < 0x1p40 })
        else { return false }
        let edges = corners.map { $0.rounded() }
        let cellWidth = Swift.max(edges[2] - edges[0] + 1, 1) / Double(columns)
        let cellHeight = Swift.max(edges[3] - edges[1] + 1, 1) / Double(rows)
        for row in 0..<rows {
            let down = RegionRule.pixels(
                from: (Double(row) * cellHeight).rounded(.down) + edges[1],
                to: (Double(row + 1) * cellHeight).rounded(.up) + edges[1], height)
            for column in 0..<columns {
                let across = RegionRule.pixels(
                    from: (Double(column) * cellWidth).rounded(.down) + edges[0],
                    to: (Double(column + 1) * cellWidth).rounded(.up) + edges[0], width)
                let target = output + (row * columns + column) * channels
                for y in down {
                    for x in across {
                        let pixel = (Int(image) * height + y) * width + x
                        for channel in 0..<channels {
                            let value = features[pixel * channels + channel]
                            let best = target[channel]
                            if best < 0 || value > features[Int(best) * channels + channel] || value.isNaN {
                                target[channel] = Int64(pixel)
                            }
                        }
                    }
                }
            }
        }
        return true
    }
}
