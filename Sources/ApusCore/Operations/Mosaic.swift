/// Several tensors side by side in a larger one, zero where there is none: what a sum of paddings with zeros is whose parts
/// do not overlap, such as the gradient of a tensor that was cut into slices. It is written once, without a sum.
package struct Mosaic: Operation {
    package static let name = "mosaic"
    package let regions: [Region]
    package let target: Shape

    /// A box of the target.
    package struct Region: Hashable, Sendable {
        let starts: [Int]
        let counts: [Int]

        package init(starts: [Int], counts: [Int]) {
            self.starts = starts
            self.counts = counts
        }

        /// Whether two boxes share an element.
        func overlaps(_ other: Region) -> Bool {
            starts.indices.allSatisfy { axis in
                starts[axis] < other.starts[axis] + other.counts[axis]
                    && other.starts[axis] < starts[axis] + counts[axis]
            }
        }
    }

    package init(regions: [Region], target: Shape) {
        self.regions = regions
        self.target = target
    }

    package func shape(of inputs: [Shape]) throws(ApusError) -> Shape {
        guard inputs.map(\.extents) == regions.map(\.counts) else {
            throw ApusError(
                .shape, in: place, "inputs of shapes \(inputs) for regions of \(regions.map(\.counts))",
                remedy: "give inputs of the regions' extents")
        }
        return target
    }

    package func gradient(_ dy: Tensor, inputs: [Tensor], output: Tensor) -> [Tensor?] {
        regions.map { region in
            Tensor(Slice(starts: region.starts, counts: region.counts, steps: region.counts.map { _ in 1 }), [dy])
        }
    }

    package var additivity: Additivity { .linear }

    package var role: OperationRole {
        let isWhole = regions.reduce(0) { $0 + Shape($1.counts).count } == target.count
        return .assemble(background: isWhole ? nil : 0) { [regions] output, _ in
            regions.map { region in
                var view = output
                view.shape = Shape(region.counts)
                for axis in region.starts.indices { view.offset += region.starts[axis] * output.strides[axis] }
                return view
            }
        }
    }

    package func joined(with other: any Operation, shapes: [Shape], otherShapes: [Shape]) -> (any Operation)? {
        Self.mosaic(other, otherShapes).flatMap { Self.joined(self, $0) }
    }

    /// The sum of two mosaics whose regions do not overlap.
    static func joined(_ a: Mosaic, _ b: Mosaic) -> Mosaic? {
        guard a.target == b.target,
            !a.regions.contains(where: { own in b.regions.contains { own.overlaps($0) } })
        else { return nil }
        return Mosaic(regions: a.regions + b.regions, target: a.target)
    }

    /// A mosaic, or padding with zeros as one of a single part.
    static func mosaic(_ operation: any Operation, _ shapes: [Shape]) -> Mosaic? {
        if let mosaic = operation as? Mosaic { return mosaic }
        guard let embed = operation as? Embed, embed.backgroundBits == 0, shapes[0].count > 0,
            zip(embed.steps, shapes[0].extents).allSatisfy({ $0 == 1 || $1 == 1 })
        else { return nil }
        return Mosaic(regions: [Region(starts: embed.starts, counts: shapes[0].extents)], target: embed.target)
    }

    package func reference(_ inputs: [ReferenceTensor], shape: Shape) -> [Double] {
        var result = [Double](repeating: 0, count: shape.count)
        let strides = shape.denseStrides
        for (input, region) in zip(inputs, regions) {
            var position = 0
            forEachIndex(input.shape) { index in
                var target = 0
                for axis in index.indices { target += (region.starts[axis] + index[axis]) * strides[axis] }
                result[target] = input.values[position]
                position += 1
            }
        }
        return result
    }
}
