/// A sparse linear map along an axis: each element of the result is a weighted sum of a few elements.
///
/// Resizing, blurring and difference filters are such maps, one for each axis.
package struct AxisWeights: Hashable, Sendable {
    /// The extent of the axis that is read.
    package let extent: Int
    /// For each element of the result the first of its terms; one more number at the end.
    package let starts: [Int]
    /// The element that a term reads.
    package let sources: [Int]
    /// Its weight.
    package let weights: [Double]

    /// - Parameter terms: for each element of the result what it reads, within the extent; terms of one element that
    ///   read the same are added up
    package init(extent: Int, terms: [[(source: Int, weight: Double)]]) {
        var (starts, sources, weights) = ([0], [Int](), [Double]())
        for list in terms {
            var sums: [Int: Double] = [:]
            for (source, weight) in list where (0..<extent).contains(source) { sums[source, default: 0] += weight }
            for source in sums.keys.sorted() {
                guard let weight = sums[source], weight != 0 else { continue }
                sources.append(source)
                weights.append(weight)
            }
            starts.append(sources.count)
        }
        self.extent = extent
        self.starts = starts
        self.sources = sources
        self.weights = weights
    }

    /// The extent of the result.
    package var count: Int { starts.count - 1 }

    /// The adjoint map.
    package var transposed: AxisWeights {
        var terms = [[(source: Int, weight: Double)]](repeating: [], count: extent)
        for element in 0..<count {
            for term in starts[element]..<starts[element + 1] { terms[sources[term]].append((element, weights[term])) }
        }
        return AxisWeights(extent: count, terms: terms)
    }
}

/// Weighted sums along an axis.
struct WeightedAxis: Operation {
    static let name = "resample"
    let axis: Int
    let weights: AxisWeights

    func shape(of inputs: [Shape]) throws(ApusError) -> Shape {
        guard inputs[0][axis] == weights.extent else {
            throw ApusError(
                .shape, in: place, "axis \(axis) of shape \(inputs[0]) does not have \(weights.extent) elements",
                remedy: "use weights made for this extent")
        }
        return inputs[0].replacing(axis, with: weights.count)
    }

    func dtype(of inputs: [DType]) throws(ApusError) -> DType {
        try require(inputs, [.float32, .float64])
        return inputs[0]
    }

    func gradient(_ dy: Tensor, inputs: [Tensor], output: Tensor) -> [Tensor?] {
        [Tensor(WeightedAxis(axis: axis, weights: weights.transposed), [dy])]
    }

    var role: OperationRole { .kernel(offersEpilogue: false) }

    func emit(_ kernel: inout KernelEmitter) throws(ApusError) {
        let shape = kernel.inputs[0].shape
        let inner = shape.extents[(axis + 1)...].reduce(1, *)
        let rows = shape.extents[..<axis].reduce(1, *) * weights.count
        let work = inner * (weights.sources.count / max(weights.count, 1) + 1)
        let share = max(1, 8192 / max(work, 1))
        guard rows > 0, inner > 0 else { return }
        let weights = weights
        let isWide = kernel.output.dtype == .float64
        kernel.callHost(Self.name, tasks: (rows + share - 1) / share) { memory, task in
            let range = task * share..<min((task + 1) * share, rows)
            if isWide {
                sumRows(
                    memory.inputs.0.assumingMemoryBound(to: Double.self),
                    memory.output.assumingMemoryBound(to: Double.self), range, inner, weights)
            } else {
                sumRows(
                    memory.inputs.0.assumingMemoryBound(to: Float.self),
                    memory.output.assumingMemoryBound(to: Float.self), range, inner, weights)
            }
        }
    }

    func reference(_ inputs: [ReferenceTensor], shape: Shape) -> [Double] {
        let inner = shape.extents[(axis + 1)...].reduce(1, *)
        var result = [Double](repeating: 0, count: shape.count)
        for index in result.indices {
            let (row, column) = index.quotientAndRemainder(dividingBy: inner)
            let (outer, element) = row.quotientAndRemainder(dividingBy: weights.count)
            for term in weights.starts[element]..<weights.starts[element + 1] {
                let source = (outer * weights.extent + weights.sources[term]) * inner + column
                result[index] += weights.weights[term] * inputs[0].values[source]
            }
        }
        return result
    }
}

/// Rows of the result: a row is `inner` numbers that stand beside each other.
private func sumRows<Number: BinaryFloatingPoint>(
    _ x: UnsafePointer<Number>, _ y: UnsafeMutablePointer<Number>, _ rows: Range<Int>, _ inner: Int,
    _ weights: AxisWeights
) {
    weights.sources.withUnsafeBufferPointer { sources in
        weights.weights.withUnsafeBufferPointer { factors in
            for row in rows {
                let (outer, element) = row.quotientAndRemainder(dividingBy: weights.count)
                let target = y + row * inner
                target.update(repeating: 0, count: inner)
                for term in weights.starts[element]..<weights.starts[element + 1] {
                    let source = x + (outer * weights.extent + sources[term]) * inner
                    let factor = Number(factors[term])
                    for column in 0..<inner { target[column] += factor * source[column] }
                }
            }
        }
    }
}

extension Tensor {
    /// The map applied along an axis.
    package func weighted(axis: Int, _ weights: AxisWeights) -> Tensor {
        guard error == nil else { return self }
        do throws(ApusError) {
            return Tensor(
                WeightedAxis(axis: try shape.axis(axis, in: "operation resample"), weights: weights), [self])
        } catch {
            return Tensor(error: error)
        }
    }
}
