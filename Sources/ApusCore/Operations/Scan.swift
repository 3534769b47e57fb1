import CKernels

/// A recurrence as one operation: a body that is traced once runs step after step, over the slices of its inputs and
/// from the values that it carries.
///
/// Inputs are the carried values' beginnings, the inputs of all steps `[steps, ...]`, and constants. Results are the
/// carried values' ends, then the outputs of all steps `[steps, ...]`, those of step `i` at position `i`.
package struct Scan: Operation {
    package static let name = "scan"
    package let body: ScanBody
    package let steps: Int
    /// Whether the last position comes first.
    package let isReversed: Bool

    private func results() throws(ApusError) -> PartLayout {
        try PartLayout(
            body.newCarries.map { ($0.shape, $0.dtype) }
                + body.outputs.map { (Shape([steps] + $0.shape.extents), $0.dtype) },
            in: place)
    }

    /// The results of a node of this operation, which gives them as one block.
    package func results(of block: Tensor) -> [Tensor] {
        do throws(ApusError) {
            return try results().tensors(of: block)
        } catch {
            return (body.newCarries + body.outputs).map { _ in Tensor(error: error) }
        }
    }

    package func shape(of inputs: [Shape]) throws(ApusError) -> Shape {
        let expected =
            body.carries.map(\.shape) + body.inputs.map { Shape([steps] + $0.shape.extents) }
            + body.constants.map(\.shape)
        guard inputs == expected else {
            throw ApusError(
                .shape, in: place, "inputs of shapes \(inputs), the body was traced for \(expected)",
                remedy: "give inputs of the traced shapes")
        }
        return [try results().byteCount]
    }

    package func dtype(of inputs: [DType]) throws(ApusError) -> DType {
        let expected = body.givens.map(\.dtype)
        guard inputs == expected else {
            throw ApusError(
                .type, in: place, "inputs of types \(inputs), the body was traced for \(expected)",
                remedy: "give inputs of the traced types")
        }
        return .uint8
    }

    package func gradient(_ dy: Tensor, inputs: [Tensor], output: Tensor) -> [Tensor?] { inputs.map { _ in nil } }

    package func gradients(
        _ cotangents: [Int: Tensor], inputs: [Tensor], output: Tensor, wanted: [Bool]
    ) -> [Tensor?] {
        do throws(ApusError) {
            var gradient = try ScanGradient(self, cotangents: cotangents, inputs: inputs, wanted: wanted)
            return try gradient.build()
        } catch {
            return inputs.map { _ in Tensor(error: error) }
        }
    }

    /// One scan whose steps are those of all samples.
    package func batched(_ inputs: [Tensor], isBatched: [Bool]) -> Tensor? {
        guard let count = zip(inputs, isBatched).first(where: { $1 })?.0.shape[0] else { return nil }
        func samples(_ index: Int) -> Tensor {
            let input = inputs[index]
            return isBatched[index] ? input : input.broadcast(to: Shape([count] + input.shape.extents))
        }
        let (carried, given) = (body.carries.count, body.inputs.count)
        let sequences = (carried..<carried + given).map { samples($0).swappingAxes(0, 1) }
        do throws(ApusError) {
            let (ends, all) = try scan(
                over: sequences, carry: (0..<carried).map(samples), count: steps, reverse: isReversed
            ) { carry, slices throws(ApusError) in
                let values = (carry + slices).map { ($0, true) } + zip(inputs, isBatched).dropFirst(carried + given)
                let results = try batchedResults(
                    body.newCarries + body.outputs, given: zip(body.givens, values).map { ($0, $1.0, $1.1) },
                    count: count)
                return (Array(results[..<carried]), Array(results[carried...]))
            }
            return (ends + all).first.map { $0.node.inputs.first.map { Tensor(node: $0) } ?? $0 }
        } catch {
            return Tensor(error: error)
        }
    }

    /// A result of the scan for many samples, given its block.
    func sample(_ index: Int, of block: Tensor) -> Tensor {
        let result = results(of: block)[index]
        return index < body.carries.count || result.error != nil ? result : result.swappingAxes(0, 1)
    }

    package var role: OperationRole { .kernel(offersEpilogue: false) }

    package var family: AnyHashable? { [body.family, steps, isReversed] as [AnyHashable] }

    package func covers(_ other: any Operation) -> Bool {
        guard let other = other as? Scan else { return false }
        return body.covers(other.body)
    }

    package func emit(_ kernel: inout KernelEmitter) throws(ApusError) {
        // A carried value that is also an output goes from step to step there; others alternate between two slots.
        let tracks = body.newCarries.map { carry in body.outputs.firstIndex { $0 === carry } }
        let alternating = tracks.indices.filter { tracks[$0] == nil }
        let trace = try Trace(body.outputs + alternating.map { body.newCarries[$0] })
        let constants = Set(body.constants.map { ObjectIdentifier($0) })
        let calls = try Compiler.plan(
            trace, resultCount: trace.outputs.count, updateLeaves: [], precision: kernel.precision,
            heldLeaves: Set(trace.leaves.indices.filter { constants.contains(ObjectIdentifier(trace.leaves[$0])) }))

        let layout = try results()
        let ends = body.newCarries.count
        func bytes(_ node: Node) -> Int { node.shape.count * node.dtype.size }
        func output(_ index: Int, lag: Int = 0, first: View? = nil) -> LoopPlace {
            position(
                kernel.output, layout.parts[ends + index].byteOffset, bytes(body.outputs[index]), lag: lag, first: first
            )
        }
        func position(_ base: View, _ offset: Int, _ size: Int, lag: Int = 0, first: View? = nil) -> LoopPlace {
            .moving(
                first: first, base: base, offset: offset + (isReversed ? (steps - 1) * size : 0),
                stride: isReversed ? -size : size, lag: lag, ring: 0)
        }
        var slots: [Int: View] = [:]
        for index in alternating {
            let node = body.newCarries[index]
            let size = (bytes(node) + 63) / 64 * 64
            slots[index] = View(
                buffer: kernel.temporary(byteCount: 2 * size), shape: [2 * size], dtype: .uint8)
        }
        func alternate(_ index: Int, lag: Int, first: View?) -> LoopPlace {
            let base = slots[index] ?? kernel.output
            return .moving(first: first, base: base, offset: 0, stride: base.shape.count / 2, lag: lag, ring: 2)
        }
        var givens: [ObjectIdentifier: LoopPlace] = [:]
        for (index, node) in body.givens.enumerated() {
            let source = kernel.inputs[index]
            let place: LoopPlace
            if index < body.carries.count {
                if let track = tracks[index] {
                    place = output(track, lag: 1, first: source)
                } else {
                    place = alternate(index, lag: 1, first: source)
                }
            } else if index < body.carries.count + body.inputs.count {
                place = position(source, 0, bytes(node))
            } else {
                place = .fixed(source)
            }
            givens[ObjectIdentifier(node)] = place
        }
        var places: [LoopPlace] = trace.leaves.map { givens[ObjectIdentifier($0)] ?? .fixed(kernel.output) }
        places += body.outputs.indices.map { output($0) }
        places += alternating.map { alternate($0, lag: 0, first: nil) }

        var loop = LoopCall(steps: steps)
        for (index, node) in body.newCarries.enumerated() {
            let end = layout.parts[index].byteOffset
            if let track = tracks[index] {
                let last = isReversed ? 0 : (steps - 1) * bytes(node)
                let offset = layout.parts[ends + track].byteOffset + last
                loop.copyAtEnd(from: kernel.output, offset: offset, to: kernel.output, offset: end, bytes: bytes(node))
            } else if let slot = slots[index] {
                loop.copyAtEnd(
                    from: slot, offset: (steps - 1) % 2 * (slot.shape.count / 2), to: kernel.output, offset: end,
                    bytes: bytes(node))
            }
        }
        loop.emit(calls, places: places, name: "scan", into: &kernel)
    }

    package func reference(_ inputs: [ReferenceTensor], shape: Shape) -> [Double] {
        let (carried, given) = (body.carries.count, body.inputs.count)
        var values = Array(inputs[..<carried])
        var outputs = body.outputs.map { [Double](repeating: 0, count: steps * $0.shape.count) }
        for step in 0..<steps {
            let position = isReversed ? steps - 1 - step : step
            let slices = zip(body.inputs, inputs[carried..<carried + given]).map { node, all in
                let count = node.shape.count
                return ReferenceTensor(
                    shape: node.shape, values: Array(all.values[position * count..<(position + 1) * count]))
            }
            let givens = values + slices + inputs[(carried + given)...]
            var byLeaf: [Int: ReferenceTensor] = [:]
            for (index, leaf) in body.trace.leaves.enumerated() {
                if let source = body.givens.firstIndex(where: { $0 === leaf }) { byLeaf[index] = givens[source] }
            }
            guard let results = try? ReferenceExecutor.evaluate(body.trace, given: byLeaf) else { return [] }
            values = Array(results[..<carried])
            for (index, result) in results[carried...].enumerated() {
                let count = result.values.count
                outputs[index].replaceSubrange(position * count..<(position + 1) * count, with: result.values)
            }
        }
        return values.flatMap(\.values) + outputs.flatMap { $0 }
    }
}
