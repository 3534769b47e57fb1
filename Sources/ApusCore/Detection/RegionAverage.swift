/// Weighted sums of features over the cells of regions: features `[n, height, width, channels]`, regions `[k, 5]` of
/// image number and corners -> `[k, rows, columns, channels]`. Linear in the features; regions get no gradient.
struct RegionAverage: Operation {
    static let name = "regionAverage"
    let rule: RegionRule

    func shape(of inputs: [Shape]) throws(ApusError) -> Shape {
        let channels = inputs[0][-1]
        return [inputs[1][0], rule.rows, rule.columns, channels / (rule.isPositionSensitive ? rule.cells : 1)]
    }

    func dtype(of inputs: [DType]) throws(ApusError) -> DType {
        try require(inputs, [.float32, .float64])
        return inputs[0]
    }

    func gradient(_ dy: Tensor, inputs: [Tensor], output: Tensor) -> [Tensor?] {
        [Tensor(RegionSpread(rule: rule, images: inputs[0].shape), [dy, inputs[1]]), nil]
    }

    var role: OperationRole { .kernel(offersEpilogue: false) }

    func emit(_ kernel: inout KernelEmitter) throws(ApusError) {
        let (images, regions) = (kernel.inputs[0].shape, kernel.inputs[1].shape[0])
        let rule = rule
        let isWide = kernel.output.dtype == .float64
        kernel.callHost(
            Self.name, tasks: regions, scratch: rule.scratch(images),
            error: { position, _ in regionError(position: position, images: images[0], in: place) }
        ) { memory, task in
            if isWide {
                average(Double.self, memory, task, rule, images)
            } else {
                average(Float.self, memory, task, rule, images)
            }
        }
    }

    func reference(_ inputs: [ReferenceTensor], shape: Shape) -> [Double] {
        var result = [Double](repeating: 0, count: shape.count)
        let images = inputs[0].shape
        rule.forEachTerm(inputs[1], images) { target, source, weight in
            result[target] += weight * inputs[0].values[source]
        }
        return result
    }
}

/// The adjoint of `RegionAverage`: cells `[k, rows, columns, channels]`, regions `[k, 5]` -> features.
struct RegionSpread: Operation {
    static let name = "regionSpread"
    let rule: RegionRule
    let images: Shape

    func shape(of inputs: [Shape]) throws(ApusError) -> Shape { images }

    func dtype(of inputs: [DType]) throws(ApusError) -> DType {
        try require(inputs, [.float32, .float64])
        return inputs[0]
    }

    func gradient(_ dy: Tensor, inputs: [Tensor], output: Tensor) -> [Tensor?] {
        [Tensor(RegionAverage(rule: rule), [dy, inputs[1]]), nil]
    }

    var role: OperationRole { .kernel(offersEpilogue: false) }

    /// One task an image, which adds up its regions in their order.
    func emit(_ kernel: inout KernelEmitter) throws(ApusError) {
        let regions = kernel.inputs[1].shape[0]
        let (rule, images) = (rule, images)
        let isWide = kernel.output.dtype == .float64
        kernel.callHost(
            Self.name, tasks: images[0], scratch: rule.scratch(images),
            error: { position, _ in regionError(position: position, images: images[0], in: place) }
        ) { memory, task in
            if isWide {
                spread(Double.self, memory, task, rule, images, regions)
            } else {
                spread(Float.self, memory, task, rule, images, regions)
            }
        }
    }

    func reference(_ inputs: [ReferenceTensor], shape: Shape) -> [Double] {
        var result = [Double](repeating: 0, count: shape.count)
        rule.forEachTerm(inputs[1], images) { source, target, weight in
            result[target] += weight * inputs[0].values[source]
        }
        return result
    }
}

extension RegionRule {
    var cells: Int { Shape.product(rows, columns) }

    /// Bytes for the weights and ranges of one region.
    fileprivate func scratch(_ images: Shape) -> Int {
        (rows * images[1] + columns * images[2] + 8) * MemoryLayout<Double>.size
            + (rows + columns + 8) * MemoryLayout<Range<Int>>.stride
    }

    /// Calls a closure for every pixel that a cell reads: positions in the result and in the features.
    fileprivate func forEachTerm(
        _ regions: ReferenceTensor, _ images: Shape, _ body: (_ cell: Int, _ feature: Int, _ weight: Double) -> Void
    ) {
        let (height, width, channels) = (images[1], images[2], images[3])
        let given = channels / (isPositionSensitive ? cells : 1)
        var (vertical, horizontal) = ([Double](), [Double]())
        var ranges = [Range<Int>](repeating: 0..<0, count: Swift.max(rows, columns) + 1)
        for number in 0..<regions.shape[0] {
            let region = Array(regions.values[number * 5..<number * 5 + 5])
            guard region[0] >= 0, region[0] < Double(images[0]) else { continue }
            vertical = [Double](repeating: 0, count: rows * height + 1)
            horizontal = [Double](repeating: 0, count: columns * width + 1)
            guard fill(from: region[2], to: region[4], cells: rows, extent: height, &vertical, &ranges),
                fill(from: region[1], to: region[3], cells: columns, extent: width, &horizontal, &ranges)
            else { continue }
            for row in 0..<rows {
                for column in 0..<columns {
                    let cell = row * columns + column
                    for y in 0..<height {
                        for x in 0..<width {
                            let weight = vertical[row * height + y] * horizontal[column * width + x]
                            guard weight != 0 else { continue }
                            let pixel = ((Int(region[0]) * height + y) * width + x) * channels
                            for channel in 0..<given {
                                let read = isPositionSensitive ? channel * cells + cell : channel
                                body((number * cells + cell) * given + channel, pixel + read, weight)
                            }
                        }
                    }
                }
            }
        }
    }
}

/// The weights of one region in a task's scratch memory.
private struct RegionWeights {
    let image: Int
    let vertical: UnsafeMutablePointer<Double>
    let horizontal: UnsafeMutablePointer<Double>
    let rowRanges: UnsafeMutablePointer<Range<Int>>
    let columnRanges: UnsafeMutablePointer<Range<Int>>

    /// `nil` for a region that is left out (image -1), or that can't be read, which is reported.
    init?<Number: BinaryFloatingPoint>(
        _ regions: UnsafePointer<Number>, _ number: Int, _ rule: RegionRule, _ images: Shape, _ memory: HostMemory
    ) {
        let region = regions + number * 5
        let at = Double(region[0])
        guard at != -1 else { return nil }
        let (height, width) = (images[1], images[2])
        vertical = memory.scratch.assumingMemoryBound(to: Double.self)
        horizontal = vertical + rule.rows * height
        rowRanges = UnsafeMutableRawPointer(horizontal + rule.columns * width + 8)
            .assumingMemoryBound(to: Range<Int>.self)
        columnRanges = rowRanges + rule.rows
        guard at >= 0, at < Double(images[0]), at == at.rounded(),
            rule.fill(
                from: Double(region[2]), to: Double(region[4]), cells: rule.rows, extent: height, vertical, rowRanges),
            rule.fill(
                from: Double(region[1]), to: Double(region[3]), cells: rule.columns, extent: width, horizontal,
                columnRanges)
        else {
            memory.report(position: number, value: 0)
            return nil
        }
        image = Int(at)
    }
}

private func average<Number: BinaryFloatingPoint>(
    _ type: Number.Type, _ memory: HostMemory, _ number: Int, _ rule: RegionRule, _ images: Shape
) {
    let features = memory.inputs.0.assumingMemoryBound(to: Number.self)
    let regions = memory.inputs.1.assumingMemoryBound(to: Number.self)
    let (height, width, channels) = (images[1], images[2], images[3])
    let given = channels / (rule.isPositionSensitive ? rule.cells : 1)
    let output = memory.output.assumingMemoryBound(to: Number.self) + number * rule.cells * given
    output.update(repeating: 0, count: rule.cells * given)
    guard let weights = RegionWeights(regions, number, rule, images, memory) else { return }
    for row in 0..<rule.rows {
        for column in 0..<rule.columns {
            let cell = row * rule.columns + column
            let target = output + cell * given
            for y in weights.rowRanges[row] {
                for x in weights.columnRanges[column] {
                    let weight = Number(weights.vertical[row * height + y] * weights.horizontal[column * width + x])
                    let pixel = features + ((weights.image * height + y) * width + x) * channels
                    if rule.isPositionSensitive {
                        for channel in 0..<given {
                            target[channel] += weight * pixel[channel * rule.cells + cell]
                        }
                    } else {
                        for channel in 0..<given { target[channel] += weight * pixel[channel] }
                    }
                }
            }
        }
    }
}

private func spread<Number: BinaryFloatingPoint>(
    _ type: Number.Type, _ memory: HostMemory, _ image: Int, _ rule: RegionRule, _ images: Shape, _ regions: Int
) {
    let cells = memory.inputs.0.assumingMemoryBound(to: Number.self)
    let places = memory.inputs.1.assumingMemoryBound(to: Number.self)
    let (height, width, channels) = (images[1], images[2], images[3])
    let given = channels / (rule.isPositionSensitive ? rule.cells : 1)
    let output = memory.output.assumingMemoryBound(to: Number.self) + image * height * width * channels
    output.update(repeating: 0, count: height * width * channels)
    for number in 0..<regions {
        // A number that is no image's is refused by the first image's task.
        let at = Double(places[number * 5])
        let isStrange = !(at >= -1 && at < Double(images[0])) || at != at.rounded()
        guard at == Double(image) || image == 0 && isStrange,
            let weights = RegionWeights(places, number, rule, images, memory)
        else { continue }
        for row in 0..<rule.rows {
            for column in 0..<rule.columns {
                let cell = row * rule.columns + column
                let source = cells + (number * rule.cells + cell) * given
                for y in weights.rowRanges[row] {
                    for x in weights.columnRanges[column] {
                        let weight = Number(weights.vertical[row * height + y] * weights.horizontal[column * width + x])
                        let pixel = output + (y * width + x) * channels
                        if rule.isPositionSensitive {
                            for channel in 0..<given {
                                pixel[channel * rule.cells + cell] += weight * source[channel]
                            }
                        } else {
                            for channel in 0..<given { pixel[channel] += weight * source[channel] }
                        }
                    }
                }
            }
        }
    }
}

/// The error of a region that can't be read.
func regionError(position: Int, images: Int, in place: String) -> ApusError {
    ApusError(
        .index, in: place,
        "region \(position) is not finite, too large, or of an image other than 0..<\(images) (or -1 for none)",
        remedy: "give (image, x1, y1, x2, y2) with a whole number of an image and corners near that image")
}
