import CKernels

/// Kernel calls in order, with the plan of the memory that they work on.
package struct PlannedCalls {
    package let leaves: [(shape: Shape, dtype: DType)]
    package let results: [(shape: Shape, dtype: DType)]
    /// Their buffers: the leaves, the results, then those of the arena.
    package let calls: [KernelCall]
    package let plan: MemoryPlan
    package let checks: [KernelCheck]
    /// Bytes that the units read and write, each operand once; steps within loops do not count.
    package let movedByteCount: Int

    /// Where the buffers of the arena begin.
    package var externalCount: Int { leaves.count + results.count }
}

/// Trace to program: simplify, decide what is computed twice, fuse, choose kernels, schedule, plan memory.
package enum Compiler {
    package static func compile(
        _ trace: Trace, resultCount: Int, updateLeaves: [Int], precision: Precision
    ) throws(ApusError) -> Program {
        Program(
            try plan(trace, resultCount: resultCount, updateLeaves: updateLeaves, precision: precision))
    }

    /// `heldLeaves` are the leaves that hold the same values, at the same address, whenever the calls run again.
    package static func plan(
        _ trace: Trace, resultCount: Int, updateLeaves: [Int], precision: Precision, heldLeaves: Set<Int> = []
    ) throws(ApusError) -> PlannedCalls {
        var graph = Graph(trace)
        graph.removeDeadEntries()
        graph.recomputeDistantValues()
        // A loop that does not fit the register machine is cut smaller.
        let isFused = EngineOptions.isFused
        for limit in isFused ? [48, 24, 12, 6, 3, 1] : [0] {
            let fusion = Fusion(graph, limit: limit)
            if Verifier.isEnabled {
                try Verifier.check(graph)
                try Verifier.check(fusion)
            }
            var lowering = Lowering(
                graph: graph, fusion: fusion, precision: precision, resultCount: resultCount,
                updateLeaves: updateLeaves)
            lowering.findPlaces()
            if isFused { lowering.attachEpilogues() }
            lowering.makeUnits()
            lowering.placeOutputs()
            do {
                var builder = try ProgramBuilder(lowering, trace: trace, heldLeaves: heldLeaves)
                return try builder.build()
            } catch let error as ApusError {
                throw error
            } catch {
                continue
            }
        }
        throw ApusError(
            .unsupported, in: "compiler", "an elementwise operation does not fit the register machine",
            remedy: "report this as a defect")
    }
}

/// Assigns buffers, emits the units' calls in order, and makes the program.
struct ProgramBuilder {
    private let lowering: Lowering
    private let trace: Trace
    private let heldLeaves: Set<Int>
    private let order: [Int]

    /// Buffers: the inputs, the results, then those of the arena.
    private var requests: [MemoryPlan.Request] = []
    private var bufferOfEntry: [Int: Int] = [:]
    private let externalCount: Int
    private var calls: [(unit: Int, call: KernelCall)] = []
    private var checks: [KernelCheck] = []
    private var pinned: Set<Int> = []

    init(_ lowering: Lowering, trace: Trace, heldLeaves: Set<Int>) throws(ApusError) {
        self.lowering = lowering
        self.trace = trace
        self.heldLeaves = heldLeaves
        order = try lowering.schedule()
        externalCount = trace.leaves.count + lowering.resultCount
    }

    private var graph: Graph { lowering.graph }

    private func entryInfo(_ entry: Int) -> (shape: Shape, dtype: DType) {
        if entry < graph.entries.count { return (graph.entries[entry].shape, graph.entries[entry].dtype) }
        let original = lowering.copiedPlaces.first { $0.value == entry }?.key ?? 0
        return (graph.entries[original].shape, graph.entries[original].dtype)
    }

    private mutating func newBuffer(_ byteCount: Int, at step: Int) -> Int {
        requests.append(MemoryPlan.Request(byteCount: byteCount, first: step, last: step))
        return externalCount + requests.count - 1
    }

    private mutating func assignBuffers() {
        for (entry, place) in lowering.external {
            switch place {
            case .leaf(let position): bufferOfEntry[entry] = position
            case .result(let position): bufferOfEntry[entry] = trace.leaves.count + position
            }
        }
        var lastRead: [Int: Int] = [:]
        for (step, unit) in order.enumerated() {
            for read in lowering.units[unit].reads { lastRead[read] = step }
        }
        for (step, unit) in order.enumerated() {
            var writes = lowering.units[unit].writes
            for (position, entry) in writes.enumerated() {
                guard let whole = lowering.embedded[entry] else { continue }
                assign([whole], step, lastRead, reuse: nil)
                writes[position] = whole
            }
            // A kernel's raw result shares the buffer of what its epilogue makes of it.
            if case .kernel(let kernel, let group?) = lowering.units[unit].work {
                assign(Array(writes.dropFirst()), step, lastRead, reuse: nil)
                let size = bytes(kernel)
                let shared = writes.dropFirst().first { entry in
                    guard bytes(entry) == size, entryInfo(entry).dtype == entryInfo(kernel).dtype else { return false }
                    if case .leaf = lowering.external[entry] { return false }
                    return !lowering.fusion.groups[group].rowMembers.contains(entry)
                }
                if let shared { bufferOfEntry[kernel] = bufferOfEntry[shared] }
                if bufferOfEntry[kernel] == nil { assign([kernel], step, lastRead, reuse: nil) }
            } else if case .loop(let group) = lowering.units[unit].work {
                assign(writes, step, lastRead, reuse: lowering.fusion.groups[group])
            } else {
                assign(writes, step, lastRead, reuse: nil)
            }
            for read in lowering.units[unit].reads {
                if let buffer = bufferOfEntry[read], buffer >= externalCount {
                    requests[buffer - externalCount].last = max(requests[buffer - externalCount].last, step)
                }
            }
        }
    }

    private func movedBytes(_ unit: Lowering.Unit) -> Int {
        var count = unit.writes.reduce(0) { $0 + bytes($1) }
        var read = unit.reads
        if case .kernel(let entry, _) = unit.work {
            let node = graph.entries[entry]
            let shapes = node.inputs.map { graph.entries[$0].shape }
            for (position, input) in node.inputs.enumerated() where read.remove(lowering.places[input].buffer) != nil {
                let elements = node.operation.elementsRead(position, of: shapes, output: node.shape)
                count += elements * graph.entries[input].dtype.size
            }
        }
        for entry in read { count += bytes(entry) }
        switch unit.work {
        case .assemble(let entry):
            // Parts that loops write have been counted there.
            for input in graph.entries[entry].inputs where lowering.embedded[input] == entry { count -= bytes(input) }
        case .result(let position): count += bytes(graph.outputs[position])
        case .update(let update): count += bytes(graph.outputs[lowering.resultCount + update])
        default: break
        }
        return count
    }

    private func bytes(_ entry: Int) -> Int {
        let info = entryInfo(entry)
        return info.shape.count * info.dtype.size
    }

    private mutating func assign(_ entries: [Int], _ step: Int, _ lastRead: [Int: Int], reuse group: FusionGroup?) {
        var reused = Set<Int>()
        for entry in entries where bufferOfEntry[entry] == nil {
            if let group, let dying = dyingOperand(of: group, for: entry, step, lastRead, reused) {
                reused.insert(dying)
                bufferOfEntry[entry] = dying
                requests[dying - externalCount].last = max(step, lastRead[entry] ?? step)
                continue
            }
            let buffer = newBuffer(bytes(entry), at: step)
            requests[buffer - externalCount].last = max(step, lastRead[entry] ?? step)
            bufferOfEntry[entry] = buffer
        }
    }

    /// An arena buffer that the loop reads for the last time, element by element as it writes `entry`.
    private func dyingOperand(
        of group: FusionGroup, for entry: Int, _ step: Int, _ lastRead: [Int: Int], _ reused: Set<Int>
    ) -> Int? {
        guard group.members.contains(entry), !group.rowMembers.contains(entry) else { return nil }
        var result: Int?
        for member in group.members + group.reductions {
            for input in graph.entries[member].inputs {
                let view = lowering.places[input]
                guard let buffer = bufferOfEntry[view.buffer], buffer >= externalCount, !reused.contains(buffer),
                    requests[buffer - externalCount].last == step || lastRead[view.buffer] == step,
                    requests[buffer - externalCount].byteCount == bytes(entry),
                    bufferOfEntry.allSatisfy({ $0.value != buffer || (lastRead[$0.key] ?? -1) <= step })
                else { continue }
                let readsAligned = (group.members + group.reductions).allSatisfy { other in
                    graph.entries[other].inputs.allSatisfy { operand in
                        guard bufferOfEntry[lowering.places[operand].buffer] == buffer else { return true }
                        let place = lowering.places[operand]
                        return place.shape == group.space && place.isDense && place.offset == 0
                            && place.dtype.size == graph.entries[entry].dtype.size
                    }
                }
                if readsAligned { result = buffer }
            }
        }
        return result
    }

    private func located(_ view: View) -> View {
        var result = view
        result.buffer = bufferOfEntry[view.buffer] ?? view.buffer
        return result
    }

    mutating func build() throws -> PlannedCalls {
        assignBuffers()
        try checkMemory(requests.reduce(0) { Swift.max($0, $1.byteCount) })
        for (step, unit) in order.enumerated() { try emit(lowering.units[unit].work, step) }
        for check in checks where check.buffer >= externalCount { pinned.insert(check.buffer - externalCount) }
        for buffer in pinned {
            requests[buffer].first = 0
            requests[buffer].last = order.count
        }
        try checkMemory(requests.reduce(0) { Swift.max($0, $1.byteCount) })
        let plan = MemoryPlan(requests)
        try checkMemory(plan.byteCount)
        if Verifier.isEnabled { try Verifier.check(plan, requests) }
        return PlannedCalls(
            leaves: trace.leaves.map { ($0.shape, $0.dtype) },
            results: (0..<lowering.resultCount).map {
                let entry = graph.entries[graph.outputs[$0]]
                return (entry.shape, entry.dtype)
            }, calls: calls.map(\.call), plan: plan, checks: checks,
            movedByteCount: order.reduce(0) { $0 + movedBytes(lowering.units[$1]) })
    }

    /// Refuses a program whose results and so many bytes of intermediate results do not fit the memory.
    private func checkMemory(_ arenaByteCount: Int) throws(ApusError) {
        let results = (0..<lowering.resultCount).map { graph.outputs[$0] }
        // None of so many numbers is over 2^50: their sum fits.
        let byteCount = results.reduce(arenaByteCount) { $0 + bytes($1) }
        guard byteCount > Memory.limit else { return }
        let kept = bufferOfEntry.filter { $0.value >= trace.leaves.count }.map(\.key) + results
        guard let largest = kept.max(by: { (bytes($0), $1) < (bytes($1), $0) }) else { return }
        let info = entryInfo(largest)
        throw Memory.tooLarge(info.shape, info.dtype, bytes: byteCount, in: "evaluation")
    }

    private mutating func emit(_ work: Lowering.Work, _ step: Int) throws {
        switch work {
        case .loop(let id):
            let group = lowering.fusion.groups[id]
            guard group.space.count > 0 || !group.reductions.isEmpty else { return }
            let bufferOfEntry = self.bufferOfEntry
            let loop = lowering.writeLoop(group) { bufferOfEntry[$0] ?? 0 }
            try emit(loop, step, "\(group.space) \(names(group))")
        case .kernel(let entry, let group):
            var epilogue: ArgumentBlock?
            if let group {
                let bufferOfEntry = self.bufferOfEntry
                epilogue = try lowering.writeLoop(lowering.fusion.groups[group]) { bufferOfEntry[$0] ?? 0 }
                    .arguments(columns: graph.entries[entry].shape[-1])
            }
            let first = calls.count
            try emitKernel(entry, epilogue, group.map { " | " + names(lowering.fusion.groups[$0]) } ?? "", step)
            if let group, let epilogue, !lowering.fusion.groups[group].reductions.isEmpty {
                gather(epilogue, from: first, step)
            }
        case .assemble(let entry):
            try emitAssembly(entry, step)
        case .fill(let entry):
            if case .fill(let value) = graph.entries[entry].role {
                try emitFill(value, located(lowering.places[entry]), step)
            }
        case .copy(let entry):
            let target = lowering.copiedPlaces[entry] ?? entry
            let source = lowering.copiedPlaces[entry] == nil ? graph.entries[entry].inputs[0] : entry
            let view = located(lowering.places[source])
            try emitCopy(view, View(buffer: bufferOfEntry[target] ?? 0, shape: view.shape, dtype: view.dtype), step)
        case .result(let position):
            let view = located(lowering.places[graph.outputs[position]])
            try emitCopy(view, View(buffer: trace.leaves.count + position, shape: view.shape, dtype: view.dtype), step)
        case .update(let update):
            let entry = graph.outputs[lowering.resultCount + update]
            var view = located(lowering.places[entry])
            if let copied = lowering.copiedPlaces[entry] {
                view = View(buffer: bufferOfEntry[copied] ?? 0, shape: view.shape, dtype: view.dtype)
            }
            try emitCopy(view, View(buffer: lowering.updateLeaves[update], shape: view.shape, dtype: view.dtype), step)
        }
    }

    private func name(of entry: Int) -> String {
        let operation = graph.entries[entry].operation
        let place = operation.place
        return place.hasPrefix("operation ") ? String(place.dropFirst(10)) : place
    }

    private func names(_ group: FusionGroup) -> String {
        (group.members + group.reductions).map { name(of: $0) }.joined(separator: " ")
    }

    private mutating func emit(_ loop: FusedLoop, _ step: Int, _ detail: String) throws {
        let block = try loop.arguments()
        var plan = apus_plan()
        apus_fused_plan(block.memory.assumingMemoryBound(to: apus_fused.self), &plan)
        if plan.workspace > 0, let field = MemoryLayout<apus_fused>.offset(of: \.workspace) {
            block.pointers.append((field, newBuffer(Int(plan.workspace), at: step), 0))
        }
        calls.append((step, KernelCall(name: "fused", detail: detail, plan: plan, arguments: block)))
    }

    /// Reductions of an epilogue are gathered by the tasks of its kernel (one of the calls from `first` on): places for
    /// that are emptied before, and joined after it.
    private mutating func gather(_ epilogue: ArgumentBlock, from first: Int, _ step: Int) {
        let tasks = calls[first...].flatMap { entry in
            withUnsafeBytes(of: entry.call.plan.phase) { bytes in
                bytes.bindMemory(to: apus_phase.self).prefix(Int(entry.call.plan.phases)).map(\.tasks)
            }
        }
        var before = apus_plan(), after = apus_plan()
        let scratch = apus_fused_gathering_plan(
            epilogue.memory.assumingMemoryBound(to: apus_fused.self), tasks.max() ?? 1, &before, &after)
        if let field = MemoryLayout<apus_fused>.offset(of: \.workspace) {
            epilogue.pointers.append((field, newBuffer(Int(before.workspace), at: step), 0))
        }
        for index in calls.indices[first...] { calls[index].call.plan.scratch += scratch }
        calls.insert(
            (step, KernelCall(name: "fused", detail: "before the sums", plan: before, arguments: epilogue)), at: first)
        calls.append((step, KernelCall(name: "fused", detail: "joins the sums", plan: after, arguments: epilogue)))
    }

    private mutating func emitCopy(_ source: View, _ target: View, _ step: Int) throws {
        guard source.shape.count > 0 else { return }
        let compute: ComputeClass = ComputeClass(source.dtype)
        var loop = FusedLoop(space: source.shape, compute: compute)
        loop.store(loop.load(source, isRow: false), to: target)
        try emit(loop, step, "\(source.shape) copy")
    }

    private mutating func emitFill(_ value: Double, _ target: View, _ step: Int) throws {
        guard target.shape.count > 0 else { return }
        var loop = FusedLoop(space: target.shape, compute: ComputeClass(target.dtype))
        loop.store(loop.constant(value, isRow: false), to: target)
        try emit(loop, step, "\(target.shape) fill")
    }

    private mutating func emitAssembly(_ entry: Int, _ step: Int) throws {
        guard case .assemble(let background, let regions) = graph.entries[entry].role else { return }
        let output = located(lowering.places[entry])
        if let background { try emitFill(background, output, step) }
        let inputs = graph.entries[entry].inputs
        for (input, region) in zip(inputs, regions(output, inputs.map { graph.entries[$0].shape }))
        where lowering.embedded[input] != entry {
            try emitCopy(located(lowering.places[input]), region, step)
        }
    }

    private mutating func emitKernel(_ entry: Int, _ epilogue: ArgumentBlock?, _ rider: String, _ step: Int) throws {
        let node = graph.entries[entry]
        var inputs: [View] = []
        for (position, input) in node.inputs.enumerated() {
            let view = located(lowering.places[input])
            if node.operation.accepts(view, input: position) {
                inputs.append(view)
            } else {
                let dense = View(
                    buffer: newBuffer(view.shape.count * view.dtype.size, at: step), shape: view.shape,
                    dtype: view.dtype)
                try emitCopy(view, dense, step)
                inputs.append(dense)
            }
        }
        // The emitter asks for temporaries through a closure; they are entered here afterwards.
        let firstTemporary = externalCount + requests.count
        final class Temporaries { var sizes: [Int] = [] }
        let temporaries = Temporaries()
        var output = located(lowering.places[entry])
        output.shape = node.shape
        let held = Set(inputs.indices.filter { heldLeaves.contains(inputs[$0].buffer) })
        var emitter = KernelEmitter(
            inputs: inputs, output: output, epilogue: epilogue, precision: lowering.precision, heldInputs: held
        ) { size in
            temporaries.sizes.append(size)
            return firstTemporary + temporaries.sizes.count - 1
        }
        try node.operation.emit(&emitter)
        for size in temporaries.sizes { _ = newBuffer(size, at: step) }
        checks += emitter.checks
        for var call in emitter.calls {
            // What the first phases leave is there in all further runs.
            if call.plan.first_phases > 0 {
                for pointer in call.arguments.pointers where pointer.buffer >= firstTemporary {
                    pinned.insert(pointer.buffer - externalCount)
                }
            }
            if call.detail.isEmpty {
                let shapes = node.inputs.map { "\(graph.entries[$0].shape)" }.joined(separator: " ")
                call.detail = "\(name(of: entry)) \(shapes) -> \(node.shape)\(rider)"
            }
            calls.append((step, call))
        }
    }
}
