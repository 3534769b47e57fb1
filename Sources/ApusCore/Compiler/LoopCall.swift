import CKernels

/// Where an input or a result of a loop's body is at each step.
package enum LoopPlace {
    /// At the same address in all steps.
    case fixed(View)
    /// At `base + offset + position * stride` bytes with position = step - lag, modulo `ring` if that is over 0; in the
    /// first step at `first` if there is one.
    case moving(first: View?, base: View, offset: Int, stride: Int, lag: Int, ring: Int)
}

/// One kernel call that runs planned calls again and again while the addresses of their inputs and results move.
package struct LoopCall {
    private var bases: [(buffer: Int, byteOffset: Int)] = []
    private var pointers: [apus_loop_pointer] = []
    private var copies: [apus_loop_copy] = []
    private let steps: Int

    package init(steps: Int) { self.steps = steps }

    private mutating func base(_ view: View) -> Int {
        let key = (buffer: view.buffer, byteOffset: view.byteOffset)
        if let index = bases.firstIndex(where: { $0 == key }) { return index }
        bases.append(key)
        return bases.count - 1
    }

    /// Has bytes copied when the last step is done.
    package mutating func copyAtEnd(
        from source: View, offset: Int, to target: View, offset targetOffset: Int, bytes: Int
    ) {
        copies.append(
            apus_loop_copy(
                from: base(source), from_offset: offset, to: base(target), to_offset: targetOffset, bytes: bytes))
    }

    /// Lays the loop out and adds it to the emitter's calls. `places` are those of the body's leaves, then its results.
    package mutating func emit(
        _ body: PlannedCalls, places: [LoopPlace], name: String, into kernel: inout KernelEmitter
    ) {
        let arena = body.plan.byteCount > 0 ? kernel.temporary(byteCount: body.plan.byteCount) : 0
        // Errors of all steps are looked at after the last.
        var errors: [Int: Int] = [:]
        for check in body.checks {
            let buffer = errors[check.buffer] ?? kernel.temporary(byteCount: MemoryLayout<apus_index_error>.size)
            errors[check.buffer] = buffer
            kernel.check(buffer: buffer, check.error)
        }
        func relocate(_ block: ArgumentBlock) {
            var fixed: [(field: Int, buffer: Int, offset: Int)] = []
            for pointer in block.pointers {
                guard pointer.buffer < body.externalCount else {
                    if let error = errors[pointer.buffer] {
                        fixed.append((pointer.field, error, pointer.offset))
                    } else {
                        let offset = body.plan.offsets[pointer.buffer - body.externalCount]
                        fixed.append((pointer.field, arena, offset + pointer.offset))
                    }
                    continue
                }
                switch places[pointer.buffer] {
                case .fixed(let view):
                    fixed.append((pointer.field, view.buffer, view.byteOffset + pointer.offset))
                case .moving(let first, let view, let offset, let stride, let lag, let ring):
                    let field = (block.memory + pointer.field).assumingMemoryBound(to: UnsafeMutableRawPointer?.self)
                    pointers.append(
                        apus_loop_pointer(
                            field: field, first: first.map { base($0) } ?? -1, base: base(view),
                            field_offset: pointer.offset, offset: offset, stride: stride, lag: lag, ring: ring))
                }
            }
            block.pointers = fixed
            for child in block.children { relocate(child) }
        }
        for call in body.calls { relocate(call.arguments) }

        for call in body.calls where !call.firstPhases.isEmpty {
            var preparation = KernelCall(name: call.name, plan: call.plan, arguments: call.arguments)
            preparation.plan.phases = call.plan.first_phases
            // A loop around this one may hand it other values in each of its steps.
            preparation.plan.first_phases = 0
            preparation.detail = "packed for all steps"
            kernel.append(preparation)
        }
        let repeated = body.calls.flatMap(\.repeatedPhases)
        let calls = ArgumentBlock(elements: repeated)
        let moves = ArgumentBlock(elements: pointers)
        let copyBlock = ArgumentBlock(elements: copies)
        let addresses = ArgumentBlock(elements: [UnsafeMutableRawPointer?](repeating: nil, count: bases.count))
        let size = MemoryLayout<UnsafeMutableRawPointer?>.stride
        addresses.pointers = bases.enumerated().map { ($0.offset * size, $0.element.buffer, $0.element.byteOffset) }
        var loop = apus_loop()
        loop.steps = steps
        loop.count = repeated.count
        loop.pointers = pointers.count
        loop.copies = copies.count
        loop.calls = UnsafePointer(calls.memory.assumingMemoryBound(to: apus_call.self))
        loop.pointer = UnsafePointer(moves.memory.assumingMemoryBound(to: apus_loop_pointer.self))
        loop.copy = UnsafePointer(copyBlock.memory.assumingMemoryBound(to: apus_loop_copy.self))
        loop.bases = UnsafePointer(addresses.memory.assumingMemoryBound(to: UnsafeMutableRawPointer?.self))
        let block = ArgumentBlock(loop)
        block.children = [calls, moves, copyBlock, addresses] + body.calls.map(\.arguments)

        var plan = apus_plan()
        plan.phases = 1
        plan.phase.0.run = apus_loop_run
        plan.phase.0.tasks = 1
        plan.scratch = body.calls.map(\.plan.scratch).max() ?? 0
        var call = KernelCall(name: name, plan: plan, arguments: block)
        call.detail = "\(steps) steps of " + body.calls.map(\.name).joined(separator: ", ")
        kernel.append(call)
    }
}
